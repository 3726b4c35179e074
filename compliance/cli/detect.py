"""``compliance detect``: findings in text or a transcript, as JSON lines or shown in place."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from rich.console import Console

from compliance.bootstrap import engines, profiles
from compliance.cli.explained import explained
from compliance.cli.process import quiet
from compliance.errors import ArgumentInvalid, TranscriptInvalid
from compliance.redact.profile import choose
from compliance.redact.texts import transcript
from compliance.redact.texts.hits import Hit
from compliance.redact.texts.lines import decoded, dialogue, lines
from compliance.redact.texts.said import Utterance
from compliance.redact.texts.scan import Scanned, finder, scan
from compliance.settings import load

SCHEMA = "compliance/detect/1"
CHUNK = 1 << 16
"""Bytes that are read at once."""


def detect(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="[FILE]", help="Text in UTF-8, or a transcript in JSON.  [default: standard input]"
        ),
    ] = Path("-"),
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Redaction profile; compliance policy check lists them.  [default: COMPLIANCE_PROFILE]",
            show_default=False,
        ),
    ] = None,
    turns: Annotated[
        bool,
        typer.Option(
            "--turns", help='Lines are turns of a dialogue: "Agent: …", or two speakers line by line.'
        ),
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the conversation, findings marked, each with its why.")
    ] = False,
) -> None:
    """Find what must not be kept, as JSON lines: place, kind, score, rule and what the profile does.

    The values themselves are never printed, save by --explain, which shows the text.  Text is read
    piece by piece, so its length does not matter.  A transcript is one of ours, or a list of turns
    with speaker, text and, if known, words with start_ms and end_ms.
    """
    settings = load()
    treatment = choose(profiles(settings), profile or settings.profile).treatment
    find = finder(engines(settings).runner, treatment)
    tell = _shown if explain else _written
    with opened(file) as stream, quiet(), suppress(BrokenPipeError):
        for each in scan(said(stream, turns=turns), find, treatment):
            tell(each)
        sys.stdout.flush()
        return
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  # nobody reads on, as after "| head"


def _written(each: Scanned) -> None:
    """Its findings as JSON lines."""
    sys.stdout.write("".join(f"{json.dumps(line(hit, each.said))}\n" for hit in each.hits))


def _shown(each: Scanned) -> None:
    """The text, with its findings marked."""
    Console().print(explained(each), highlight=False)


def line(hit: Hit, said: Utterance) -> dict[str, Any]:
    """A hit as one JSON document; with times where the words had some, with its turn in a transcript."""
    times = {} if hit.start_ms is None else {"start_ms": hit.start_ms, "end_ms": hit.end_ms}
    return {
        "schema": SCHEMA,
        **({} if said.turn is None else {"turn": said.turn}),
        "start": hit.start,
        "end": hit.end,
        **times,
        "entity": str(hit.entity),
        "score": hit.score,
        "detector": hit.detector,
        "why": hit.why,
        "action": str(hit.action),
    }


@contextmanager
def opened(file: Path) -> Iterator[IO[bytes]]:
    """A file's bytes, or those of standard input for ``-``.

    Raises:
        ArgumentInvalid: it cannot be opened.
    """
    if str(file) == "-":
        yield typer.get_binary_stream("stdin")
        return
    try:
        stream = file.open("rb")
    except OSError as error:
        raise ArgumentInvalid(f"{file} cannot be read: {error.strerror}") from error
    with stream:
        yield stream


def said(stream: IO[bytes], *, turns: bool) -> Iterator[Utterance]:
    """What a text or a transcript says; which of them it is shows at its beginning.

    Raises:
        TextInvalid, TranscriptInvalid: it cannot be read.
    """
    chunks = decoded(iter(lambda: stream.read(CHUNK), b""))
    head = next((chunk for chunk in chunks if chunk.strip()), "")
    whole = chain((head,), chunks)
    if transcript.is_json(head):
        return transcript.utterances(_within(whole))
    return dialogue(whole) if turns else lines(whole)


def _within(chunks: Iterator[str]) -> str:
    """A document in one piece.

    Raises:
        TranscriptInvalid: it is larger than one that is read whole.
    """
    body = ""
    for chunk in chunks:
        body += chunk
        if len(body) > transcript.LARGEST:
            raise TranscriptInvalid(f"the transcript is over {transcript.LARGEST} characters")
    return body

"""What the files of a recording say: lines of the call, and sentences of ours; no times, no ids."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_MARK = re.compile(r"\[[A-Z][A-Z0-9_ ]*\]")
"""A label in place of a finding, with the digits of it that may stay."""
_OPAQUE = re.compile(r"[0-9a-f]{32,}|[a-z]{2,4}_[0-9a-f]{32}|f\d+")
"""Digests and ids of ours, in which a value can stand only by chance."""


def lines(file: str, body: bytes) -> list[list[str]]:
    """The lines of the call in a transcript or in captions; each list says the call once.

    Raises:
        ValueError: it is none of the files that say what was said.
    """
    made: Callable[[str], list[list[str]]] | None = _LINES.get(file.rpartition(".")[2])
    if made is None:
        raise ValueError("not a file that says what was said")
    return [[_MARK.sub(" / ", line) for line in each] for each in made(body.decode())]


def _of_json(text: str) -> list[list[str]]:
    turns = json.loads(text)["turns"]
    words = [" ".join(word.get("text", "[X]") for word in turn["words"]) for turn in turns]
    return [[turn["text"] for turn in turns], words]


def _of_txt(text: str) -> list[list[str]]:
    return [[re.sub(r"^\[[\d:]+\] [^:]+: ", "", line) for line in text.splitlines()]]


def _of_vtt(text: str) -> list[list[str]]:
    spoken = [line for line in text.splitlines() if line.startswith("<v ")]
    return [[html.unescape(line.partition(">")[2]) for line in spoken]]


def _of_srt(text: str) -> list[list[str]]:
    blocks = [block.splitlines()[2:] for block in text.split("\n\n")]
    return [[re.sub(r"^[^:]+: ", "", " ".join(block)) for block in blocks]]


def _of_m3u8(text: str) -> list[list[str]]:
    """What is neither a tag of a playlist nor numbers behind one: names, titles, remarks."""
    said = (re.sub(r"^#EXT[A-Z0-9-]*(:[\d.@]*)?,?", "", line) for line in text.splitlines())
    return [[line for line in said if line]]


_LINES: Mapping[str, Callable[[str], list[list[str]]]] = {
    "json": _of_json,
    "txt": _of_txt,
    "vtt": _of_vtt,
    "srt": _of_srt,
    "m3u8": _of_m3u8,
}


def sentences(document: Any) -> Iterator[str]:
    """Every text in a JSON document but digests and ids; names of fields and numbers are no texts."""
    if isinstance(document, str):
        if not _OPAQUE.fullmatch(document):
            yield document
    elif isinstance(document, list):
        for each in document:
            yield from sentences(each)
    elif isinstance(document, dict):
        for each in document.values():
            yield from sentences(each)

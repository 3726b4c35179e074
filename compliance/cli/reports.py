"""``compliance audit report``: the log as a law wants to see it, in files for people and for programs."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from compliance import embedded
from compliance.audit.reports.make import Name, Wanted, record
from compliance.audit.reports.values import Report
from compliance.audit.reports.written import document, files
from compliance.bootstrap import build
from compliance.cli.individuals import number_of
from compliance.cli.periods import From, To, period
from compliance.cli.process import operator
from compliance.cli.summary import safe
from compliance.errors import IndividualUnknown
from compliance.keeping.reports import made
from compliance.parts import Parts
from compliance.results import require_writable
from compliance.settings import load
from compliance.store import individuals, recordings
from compliance.store.disk import refusals

YEAR, SIX_YEARS = 365, 2192
"""Days of a report where no first day is given; an accounting goes back six years."""


def report(
    name: Annotated[Name, typer.Argument(help="Which report.")],
    first: From = None,
    last: To = None,
    recording: Annotated[
        str | None, typer.Option(help="The trace of this recording alone (ai-act).", show_default=False)
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            help="The accounting of this person alone, by their number (hipaa).", show_default=False
        ),
    ] = None,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Folder for the files.")] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print the document; write no files.")] = False,
) -> None:
    """Make a report from the log: HTML for people, a CSV for each table, JSON for programs.

    It states its period, the log's size and root, and the key. That it was made is in the log, with the
    digests of its files, before they are written.
    """
    parts = build(load(), seals=True)
    if not as_json:
        require_writable(out)
    embedded.seal(parts)
    days = SIX_YEARS if person is not None else YEAR
    from_ms, to_ms = period(first, last, parts.now_ms(), days=days)
    wanted, made_ = _made(parts, name, from_ms, to_ms, recording, person)
    body = files(made_)
    with parts.database.begin() as connection:
        record(connection, wanted, made_, body, operator())
    embedded.seal(parts)
    if as_json:
        sys.stdout.write(json.dumps(document(made_), ensure_ascii=False, indent=2) + "\n")
        return
    console = Console()
    for path in _written(body, out):
        console.print(safe(path), soft_wrap=True)


def _made(
    parts: Parts, name: Name, from_ms: int, to_ms: int, recording: str | None, person: str | None
) -> tuple[Wanted, Report]:
    """The report, and what it is of.

    Raises:
        IndividualUnknown, RecordingUnknown: nothing is known of them.
    """
    with parts.database.read() as connection:
        if recording is not None:
            recordings.get(connection, recording)
        individual = None if person is None else individuals.known(connection, parts.key, number_of(person))
        if person is not None and individual is None:
            raise IndividualUnknown("nothing is known of that person, or it was erased")
        wanted = Wanted(
            name=name, from_ms=from_ms, to_ms=to_ms, recording_id=recording, individual=individual
        )
        return wanted, made(connection, parts, wanted)


def _written(body: dict[str, bytes], folder: Path) -> list[Path]:
    """The files, each whole or not at all."""
    with refusals("the output folder"):
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in body.items():
            draft = folder / f".{name}.{secrets.token_hex(4)}"
            draft.write_bytes(data)
            draft.replace(folder / name)
    return [folder / name for name in body]

"""``compliance audit list``: questions to the audit log."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console

from compliance import embedded
from compliance.audit import answer, cursor, search
from compliance.audit.events import EventKind
from compliance.audit.formats import WRITERS, Format, blocks
from compliance.audit.indexing import catch_up
from compliance.audit.question import FILTERS, Question, asked
from compliance.audit.search import Hit, Page
from compliance.bootstrap import build
from compliance.cli.events_table import events_table, line
from compliance.cli.printable import printable
from compliance.cli.read_events import told
from compliance.errors import ArgumentInvalid
from compliance.parts import Parts
from compliance.records import Purpose
from compliance.settings import load
from compliance.store import event_index

FOLLOW_S = 1.0


class Shape(StrEnum):
    """How the answer is written."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


class Order(StrEnum):
    """Which events come first."""

    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is asked, and how the answer is wanted."""

    question: Question
    purpose: Purpose | None
    is_oldest_first: bool
    limit: int


def _help(name: str) -> str:
    return FILTERS[name].replace("`", "")


def list_events(
    since: Annotated[str | None, typer.Option(metavar="TIME", help=_help("since"))] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help=_help("until"))] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help=_help("kind"))] = None,
    actor: Annotated[str | None, typer.Option(metavar="ID", help=_help("actor"))] = None,
    object_: Annotated[str | None, typer.Option("--object", metavar="OBJECT", help=_help("object"))] = None,
    recording: Annotated[str | None, typer.Option(metavar="ID", help=_help("recording"))] = None,
    egress: Annotated[str | None, typer.Option(metavar="ID", help=_help("egress"))] = None,
    outcome: Annotated[str | None, typer.Option(metavar="WORD", help=_help("outcome"))] = None,
    purpose: Annotated[str | None, typer.Option(metavar="WORD", help=_help("purpose"))] = None,
    policy: Annotated[str | None, typer.Option(metavar="FILE", help=_help("policy"))] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help=_help("model"))] = None,
    order: Annotated[Order, typer.Option(help="Which events come first.")] = Order.NEWEST,
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, help="At most so many; ndjson and csv hold every event.")
    ] = 50,
    after: Annotated[
        str | None, typer.Option("--cursor", metavar="WORD", help="Go on behind a page: its next.")
    ] = None,
    shape: Annotated[
        Shape,
        typer.Option("--format", help="ndjson gives the stored bytes, one event a line; csv times in UTC."),
    ] = Shape.TABLE,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    is_followed: Annotated[
        bool, typer.Option("--follow", help="Show what comes in, until Ctrl-C; a table or ndjson.")
    ] = False,
    why: Annotated[
        Purpose | None, typer.Option("--for", help="What it is read for; stands in the event of this read.")
    ] = None,
) -> None:
    """Ask the log: the sealed events that fit every option, by time.  The question is an event of its own.

    Times are dates (UTC) or times with their offset, such as 2026-11-27T09:30:00Z; what occurred at
    --until itself is left out.
    """
    given = {
        "since": since,
        "until": until,
        "kind": kind,
        "actor": actor,
        "object": object_,
        "recording": recording,
        "egress": egress,
        "outcome": outcome,
        "purpose": purpose,
        "policy": policy,
        "model": model,
    }
    call = Call(question=asked(given), purpose=why, is_oldest_first=order is Order.OLDEST, limit=limit)
    shape = Shape.JSON if as_json else shape
    _check(shape, is_followed, after)
    parts = build(load(), seals=True)
    catch_up(parts.database)
    if is_followed:
        _follow(parts, call, shape)
    elif shape in (Shape.TABLE, Shape.JSON):
        _page(parts, call, shape, after)
    else:
        _file(parts, call, Format(shape))


def _check(shape: Shape, is_followed: bool, after: str | None) -> None:
    """Refuse options that do not go together.

    Raises:
        ArgumentInvalid: they do not.
    """
    if is_followed and (shape not in (Shape.TABLE, Shape.NDJSON) or after is not None):
        raise ArgumentInvalid("--follow goes with --format table or ndjson, and without --cursor")
    if after is not None and shape in (Shape.NDJSON, Shape.CSV):
        raise ArgumentInvalid("--cursor is for pages; ndjson and csv hold every event that fits")


def _page(parts: Parts, call: Call, shape: Shape, after: str | None) -> None:
    """One page, as full as the log allows."""
    with parts.database.read() as connection:
        walk = search.begin(connection, is_oldest_first=call.is_oldest_first)
        if after is not None:
            walk = cursor.read(parts.key, call.question, after, is_oldest_first=call.is_oldest_first)
        page = search.page(connection, call.question, walk, call.limit)
        document = answer.document(connection, parts.key, call.question, walk, page)
    _tell(parts, EventKind.ACCESS_LIST, call, len(page.hits), page.size)
    if shape is Shape.JSON:
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return
    console = Console()
    console.print(events_table(page.hits, console.width))
    console.print(printable(_remark(document, len(page.hits)), "dim"), soft_wrap=True)


def _remark(document: dict[str, Any], shown: int) -> str:
    """How much of the log this is of, and how to go on."""
    of = f"{shown} shown, of a log of {document['size']} sealed events"
    waiting = f"; {document['waiting']} more are not covered yet" if document["waiting"] else ""
    more = f". More: --cursor {document['next']}" if document["next"] else "."
    return of + waiting + more


def _file(parts: Parts, call: Call, form: Format) -> None:
    """Everything that fits to stdout; how much that is, is on record first."""
    with parts.database.read() as connection:
        walk = search.begin(connection, is_oldest_first=call.is_oldest_first)
        entries = search.count(connection, call.question, walk)
    _tell(parts, EventKind.ACCESS_EXPORT, call, entries, walk.size, format=form)
    for block in blocks(WRITERS[form](search.everything(parts.database, call.question, walk))):
        sys.stdout.buffer.write(block)
    sys.stdout.buffer.flush()


def _follow(parts: Parts, call: Call, shape: Shape) -> None:
    """The newest that fit, then whatever else does as it is sealed, in the order of the log, until Ctrl-C."""
    with parts.database.read() as connection:
        walk = search.begin(connection)
        page = search.page(connection, call.question, walk, call.limit)
    _tell(parts, EventKind.ACCESS_LIST, call, len(page.hits), page.size)
    console = Console(soft_wrap=True, highlight=False)
    for hits in _batches(parts, call, page):
        for hit in hits:
            if shape is Shape.NDJSON:
                sys.stdout.buffer.write(b"".join(WRITERS[Format.NDJSON]((hit,))))
                sys.stdout.buffer.flush()
            else:
                console.print(line(hit))


def _batches(parts: Parts, call: Call, page: Page) -> Iterator[tuple[Hit, ...]]:
    """The page, oldest first, then whatever is sealed behind it."""
    yield page.hits[::-1]
    seen = page.size
    while True:
        embedded.seal(parts)
        catch_up(parts.database)
        with parts.database.read() as connection:
            size = event_index.size(connection)
            hits = search.added(connection, call.question, seen, size)
        yield hits
        seen = size
        time.sleep(FOLLOW_S)


def _tell(parts: Parts, kind: EventKind, call: Call, entries: int, size: int, **more: Any) -> None:
    facts = {"entries": entries, "filters": call.question.filters, "size": size, "purpose": call.purpose}
    told(parts, kind, call.question.recording, object="audit_events", **facts, **more)

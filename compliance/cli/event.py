"""``compliance audit show``: one event, and the proof that the log has it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from sqlalchemy import Connection

from compliance.audit import proofs
from compliance.audit.events import EventKind
from compliance.audit.formats import utc
from compliance.audit.merkle import leaf_hash
from compliance.audit.proof import Proof
from compliance.audit.search import Hit
from compliance.bootstrap import build
from compliance.cli.printable import printable
from compliance.cli.read_events import told
from compliance.errors import ArgumentInvalid
from compliance.records import Purpose
from compliance.results import require_writable
from compliance.settings import load
from compliance.store import events, tree
from compliance.store.events import EventRow

SCHEMA = "compliance/audit-event/2"


def show(
    event_id: Annotated[
        str,
        typer.Argument(metavar="ID", help="The event's id, ev_ and 32 hex digits, or its number in the log."),
    ],
    has_proof: Annotated[
        bool, typer.Option("--proof", help="Show that the newest signed checkpoint covers it.")
    ] = False,
    tlog_proof: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the proof as C2SP tlog-proof, which others' tools check."),
    ] = None,
    reason: Annotated[
        Purpose | None, typer.Option("--for", help="What it is read for; stands in the event of this read.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """One event with all its fields, and its place in the log.  That it was read is an event of its own."""
    parts = build(load(), seals=True)
    with parts.database.read() as connection:
        row, leaf = _found(connection, event_id)
        is_wanted = has_proof or tlog_proof is not None
        proof = proofs.inclusion(connection, row.id) if is_wanted else None
    if tlog_proof is not None:
        require_writable(tlog_proof)
    facts = {"object": "audit_event", "event_id": row.id, "purpose": reason}
    told(parts, EventKind.ACCESS_READ, row.recording_id, **facts)
    if tlog_proof is not None and proof is not None:
        tlog_proof.write_text(proof.text, encoding="utf-8")
    if as_json:
        sys.stdout.write(json.dumps(document(row, leaf, proof), indent=2, ensure_ascii=False) + "\n")
    else:
        _print(row, leaf, proof)


def _found(connection: Connection, named: str) -> tuple[EventRow, int | None]:
    """The event and its number, by either.

    Raises:
        ArgumentInvalid: there is none.
    """
    if named.isascii() and named.isdigit() and len(named) < 16:
        leaf = int(named)
        row = next((each.event for each in tree.leaves(connection, leaf, leaf + 1)), None)
    else:
        row = events.get(connection, named)
    if row is None:
        raise ArgumentInvalid("there is no event of that id or number")
    return row, tree.leaf_of(connection, row.id)


def document(row: EventRow, leaf: int | None, proof: Proof | None) -> dict[str, Any]:
    """The event as a document, schema compliance/audit-event/2."""
    return {
        "schema": SCHEMA,
        "event": _hit(row, leaf).document(),
        "leaf_index": leaf,
        "leaf_hash": row.leaf_hash.hex(),
        "proof": None
        if proof is None
        else {
            "size": proof.size,
            "hashes": [each.hex() for each in proof.hashes],
            "checkpoint": proof.note,
        },
    }


def _hit(row: EventRow, leaf: int | None) -> Hit:
    is_whole = leaf_hash(row.body) == row.leaf_hash
    return Hit(leaf_index=-1 if leaf is None else leaf, event_id=row.id, body=row.body, is_whole=is_whole)


def _print(row: EventRow, leaf: int | None, proof: Proof | None) -> None:
    """The event for people."""
    # No line is broken: a digest in two pieces cannot be copied.
    console, read, said = Console(soft_wrap=True), _hit(row, leaf).document(), ""
    for name, value in _facts(read, row, leaf):
        console.print(printable(f"{'' if name == said else name:<18}", "bold"), printable(value))
        said = name
    if proof is not None:
        console.print(*_proof(proof), sep="\n")


def _facts(read: dict[str, Any], row: EventRow, leaf: int | None) -> list[tuple[str, str]]:
    actor, fields = read.get("actor") or {}, read.get("fields") or {}
    reason = f" ({read['reason']})" if read.get("reason") else ""
    facts = [
        ("id", row.id),
        ("number", "not sealed yet" if leaf is None else str(leaf)),
        ("time", f"{utc(row.occurred_at_ms)} ({row.occurred_at_ms})"),
        ("kind", row.kind),
        ("recording", row.recording_id or "none"),
        ("actor", f"{actor.get('type')} {actor.get('id')}, {actor.get('role')}"),
        ("outcome", f"{read.get('outcome')}{reason}"),
        *((f"  {name}", each) for name, value in fields.items() for each in _values(value)),
        ("leaf hash", row.leaf_hash.hex()),
    ]
    return [("unreadable", str(read["unreadable"])), *facts] if "unreadable" in read else facts


def _values(value: object) -> list[str]:
    """A field's value, a line for each entry of a map."""
    if isinstance(value, dict):
        return [f"{name}: {each}" for name, each in value.items()]
    return [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)]


def _proof(proof: Proof) -> list[Any]:
    """The proof for people, as somebody else could check it."""
    return [
        "",
        printable(f"In the log of {proof.size} events, by {len(proof.hashes)} hashes from the leaf up:"),
        *(printable(f"  {each.hex()}", "dim") for each in proof.hashes),
        printable("Signed checkpoint:"),
        *(printable(f"  {line}", "dim") for line in proof.note.rstrip("\n").split("\n")),
    ]

"""What goes into a bundle: the files of each recording, its events with their proofs, the policies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from compliance.audit import canonical
from compliance.audit.events import EventKind
from compliance.audit.proofs import inclusion
from compliance.errors import RecordingUnverified, SealBroken, SourceMissing, StateConflict
from compliance.evidence.bag import DATA, Bag
from compliance.parts import Parts
from compliance.records import RecordingId, State
from compliance.release import MANIFEST
from compliance.results import open_
from compliance.store import events, recordings, tree
from compliance.store.checkpoints import CheckpointRow
from compliance.store.events import EventRow
from compliance.store.recordings import RecordingRow

_NOT_YET = {
    State.HELD: "is held for a person: release it before it is handed to others",
    State.DESTROYED: "was destroyed; there is nothing to hand over",
    State.ABSENT: "never came; there is nothing to hand over",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event in the bundle."""

    row: EventRow
    body: dict[str, Any]
    leaf_index: int
    path: str
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy that was used, and where it lies in the bundle; None if that version was not at hand."""

    file: str
    sha256: str
    path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """One recording in the bundle."""

    id: RecordingId
    manifest: dict[str, Any]
    released: Event
    files: tuple[str, ...]
    """Paths in the bundle."""
    events: tuple[Event, ...]


def admitted(connection: Connection, ids: Iterable[RecordingId]) -> list[RecordingRow]:
    """The recordings, each released.

    Raises:
        RecordingUnknown: there is none of an id.
        StateConflict: one is held, destroyed or not done.
    """
    rows = [recordings.get(connection, each) for each in ids]
    for row in rows:
        if row.state is not State.RELEASED:
            why = _NOT_YET.get(row.state, f"is {row.state}; wait until it is released")
            raise StateConflict(f"recording {row.id} {why}")
    return rows


def held_still(connection: Connection, ids: Sequence[RecordingId]) -> None:
    """See that each is released, and that nobody moves one before this transaction ends.

    Raises:
        RecordingUnknown, StateConflict: as ``admitted``.
    """
    for each in sorted(ids):  # in one order, so that two exports never wait for each other
        recordings.hold_still(connection, each, State.RELEASED)
    admitted(connection, ids)


def gather(parts: Parts, row: RecordingRow, told: Sequence[Event], bag: Bag) -> Gathered:
    """Put the files of one recording into the bag, and look at them beside its events.

    Raises:
        SealBroken: a file is not the one that the log says was released.
        SourceMissing: a file is gone.
        RecordingUnverified: it was not found clean.
    """
    released = next((e for e in reversed(told) if e.row.kind == EventKind.RECORDING_RELEASED), None)
    if released is None:
        raise RecordingUnverified(f"the log does not say that {row.id} was released")
    files = tuple(_file(parts, row, name, sha256, bag) for name, sha256 in sorted(_outputs(released).items()))
    manifest: dict[str, Any] = json.loads((bag.folder / DATA / row.id / MANIFEST).read_bytes())
    if not (manifest["verification"] or {}).get("is_clean"):
        raise RecordingUnverified(f"{row.id} was not found clean when it was listened to again")
    return Gathered(id=row.id, manifest=manifest, released=released, files=files, events=tuple(told))


def _outputs(released: Event) -> dict[str, str]:
    return dict(released.body["fields"]["outputs"])


def _file(parts: Parts, row: RecordingRow, name: str, sha256: str, bag: Bag) -> str:
    """Copy one released file; its path in the bag."""
    path = f"{DATA}{row.id}/{name}"
    try:
        found = bag.add(path, open_(parts, row, name))
    except SourceMissing:
        raise SourceMissing(f"{name} of {row.id} is gone from the outputs") from None
    if found != sha256:
        raise SealBroken(f"{name} of {row.id} is not the one that the log says was released")
    return path


def history(
    connection: Connection, recording_id: RecordingId, checkpoint: CheckpointRow, bag: Bag
) -> list[Event]:
    """Put every event of the recording that the checkpoint covers into the bag, in the order of the log.

    Raises:
        AuditInvalid: the stored log does not lead to its checkpoint.
    """
    placed = [
        (leaf, each)
        for each in events.of_recording(connection, recording_id)
        if (leaf := tree.leaf_of(connection, each.id)) is not None and leaf < checkpoint.size
    ]
    start = f"{DATA}{recording_id}/events/"
    return [
        _event(connection, each, checkpoint, bag, f"{start}{number:04d}-{each.kind}")
        for number, (_, each) in enumerate(sorted(placed, key=lambda pair: pair[0]), 1)
    ]


def _event(connection: Connection, row: EventRow, checkpoint: CheckpointRow, bag: Bag, stem: str) -> Event:
    """One event, its bytes as they were hashed, with its proof beside it."""
    proof = inclusion(connection, row.id, checkpoint.size)
    body = canonical.decode(row.body)
    bag.add(f"{stem}.json", [row.body])
    bag.add_text(f"{stem}.tlog-proof", proof.text)
    return Event(
        row=row,
        body=dict(body),
        leaf_index=proof.leaf_index,
        path=f"{stem}.json",
        proof=f"{stem}.tlog-proof",
    )


def policies(gathered: Iterable[Gathered], folder: Path, bag: Bag) -> tuple[Policy, ...]:
    """Every policy that a manifest names, with the file where this deployment still has that version."""
    named = {(p["file"], p["sha256"]) for each in gathered for p in each.manifest["policies"]}
    return tuple(_policy(file, sha256, folder, bag) for file, sha256 in sorted(named))


def _policy(file: str, sha256: str, folder: Path, bag: Bag) -> Policy:
    path = folder / file
    body = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(body).hexdigest() != sha256:
        return Policy(file=file, sha256=sha256, path=None)
    place = f"{DATA}policies/{file}"
    bag.add(place, [body])
    return Policy(file=file, sha256=sha256, path=place)

"""An export from request to file: on record first, then gathered, sealed by the log, packed and checked."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from compliance.audit import log
from compliance.audit.events import Actor, AuditEvent, EventKind, event
from compliance.audit.keyring import trusted
from compliance.audit.note import Verifier
from compliance.audit.proofs import inclusion
from compliance.errors import ArgumentInvalid, AuditInvalid, EventUnsealed
from compliance.evidence import gather, index, readme, verify_alone
from compliance.evidence.bag import Bag, pack
from compliance.evidence.request import Request
from compliance.evidence.verify_alone import (
    CHECKPOINT,
    INDEX,
    KEY,
    SEAL_EVENT,
    SEAL_GROWTH,
    SEAL_PROOF,
    STATEMENT,
)
from compliance.evidence.witnessed import grown, witnessed
from compliance.parts import Parts
from compliance.people import STATEMENTS
from compliance.store import checkpoints, events, tree
from compliance.store.checkpoints import CheckpointRow
from compliance.store.disk import refusals

PATIENCE_S = 20.0
"""How long a checkpoint is waited for; a sequencer signs one within a second."""
_PAUSE_S = 0.2
_PLACE = "the folder of the bundle"
_SCRIPTS = {"verify/verify.py": "verify_alone.py", "verify/compare_alone.py": "compare_alone.py"}

Seal = Callable[[], None]
"""Has pending events sealed, where this process may; elsewhere the sequencer does it by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A bundle that was made."""

    index: dict[str, Any]
    event_id: str
    """The event that seals it."""
    key_fingerprint: str
    verifier_sha256: str
    """Of verify.py: the other side should know both by another way than the bundle."""


def export(
    parts: Parts, request: Request, target: Path, *, actor: Actor, policies: Path, seal: Seal
) -> Exported:
    """Make a bundle of released recordings.

    (1) That each is read is put on record.  (2) The bag is filled, in scratch.  (3) The digest
    of its list of lists goes into the log, if all are still released then.  (4) The event and its
    proof are laid beside the lists.  (5) The ZIP is written, checked as its receiver will check it,
    and only then appears under its name.

    Raises:
        ArgumentInvalid: there is a file of that name, or no folder for it.
        RecordingUnknown, StateConflict, RecordingUnverified, SealBroken, SourceMissing: see ``gather``.
        EventUnsealed: no sequencer signed a checkpoint in time; nothing was handed over.
        AuditInvalid: the log, or the bundle made from it, does not verify.
        DiskFull, StorageUnavailable: there was no room.
    """
    _check_place(target)
    parts.vault.put(STATEMENTS, request.statement_sha256, request.statement)
    # (1) On record before the first byte is read.
    checkpoint = _sealed(parts, _announce(parts, request, actor), seal)
    with parts.home.scratch() as scratch:
        # (2) Everything but the seal.
        bag = Bag(folder=scratch / request.id)
        contents, key = _fill(parts, request, checkpoint, bag, policies)
        # (3) The digest of it all into the log.
        created = _created(request, actor, bag, bag.close(), checkpoint)
        with parts.database.begin() as connection:
            gather.held_still(connection, request.recordings)
            log.record(connection, created)
        # (4) The log's answer beside it.
        _lay_seal(parts, created, checkpoint, _sealed(parts, [created.id], seal), bag)
        # (5) One file, whole and checked, or none.
        with _appearing(target) as draft:
            pack(bag, draft, base=request.id, created_at_ms=request.created_at_ms)
            _check(draft, key.fingerprint)
    return Exported(
        index=contents,
        event_id=created.id,
        key_fingerprint=key.fingerprint,
        verifier_sha256=verify_alone.sha256_of_this(),
    )


def _check_place(target: Path) -> None:
    """Find out before anything is on record that the bundle could not be written there.

    Raises:
        ArgumentInvalid: it could not.
    """
    if target.exists():
        raise ArgumentInvalid(f"{target} is there already; nothing is written over")
    if not target.parent.is_dir() or not os.access(target.parent, os.W_OK | os.X_OK):
        raise ArgumentInvalid(f"{target.parent} is no folder that may be written to")


def _announce(parts: Parts, request: Request, actor: Actor) -> list[str]:
    """An event of each recording that it is read for this export; their ids."""
    told = [
        event(
            EventKind.EXPORT_READ,
            recording_id=each,
            key=request.id,
            occurred_at_ms=request.created_at_ms,
            actor=actor,
            export_id=request.id,
            statement_sha256=request.statement_sha256,
        )
        for each in request.recordings
    ]
    with parts.database.begin() as connection:
        gather.held_still(connection, request.recordings)
        for each in told:
            log.record(connection, each)
    return [each.id for each in told]


def _sealed(parts: Parts, event_ids: Iterable[str], seal: Seal) -> CheckpointRow:
    """The first checkpoint that covers all of the events: the same whenever it is asked for.

    Raises:
        EventUnsealed: there was none in time.
    """
    wanted, patience = list(event_ids), time.monotonic() + PATIENCE_S
    while True:
        seal()
        with parts.database.read() as connection:
            leaves = [leaf for each in wanted if (leaf := tree.leaf_of(connection, each)) is not None]
            found = checkpoints.covering(connection, max(leaves)) if len(leaves) == len(wanted) else None
        if found is not None:
            return found
        if time.monotonic() > patience:
            raise EventUnsealed("no sequencer signed a checkpoint; is the service running?")
        time.sleep(_PAUSE_S)


def _fill(
    parts: Parts, request: Request, checkpoint: CheckpointRow, bag: Bag, policies: Path
) -> tuple[dict[str, Any], Verifier]:
    """Payload and tag files; the index, and the key that signs."""
    with parts.database.read() as connection:
        ring = trusted(connection, parts.pin)
        rows = gather.admitted(connection, request.recordings)
        told = {row.id: gather.history(connection, row.id, checkpoint, bag) for row in rows}
    gathered = [gather.gather(parts, row, told[row.id], bag) for row in rows]
    with parts.database.read() as connection:
        leaves = [each.released.leaf_index for each in gathered]
        seen = witnessed(connection, checkpoint, leaves, request.created_at_ms, bag)
    keys = ring.required(checkpoint.size)[::-1]
    contents = index.document(
        request,
        gathered,
        gather.policies(gathered, policies, bag),
        bag,
        checkpoint=ring.checkpoint_of(checkpoint.note),
        key=keys[0],
        witnessed=seen,
    )
    bag.add_text(CHECKPOINT, checkpoint.note)
    bag.add_text(KEY, "".join(f"{each}\n" for each in keys))
    _describe(request, contents, bag)
    return contents, keys[0]


def _describe(request: Request, contents: dict[str, Any], bag: Bag) -> None:
    """What tells people and programs what the bundle is."""
    bag.add(STATEMENT, [request.statement])
    for path, name in _SCRIPTS.items():
        bag.add(path, [resources.files(__package__).joinpath(name).read_bytes()])
    bag.add_text(INDEX, json.dumps(contents, ensure_ascii=False, indent=1) + "\n")
    bag.add_text("index.csv", index.table(contents, bag))
    bag.add_text("README.txt", readme.text(contents))
    bag.describe(request.id, request.created_at_ms, request.matter)


def _created(
    request: Request, actor: Actor, bag: Bag, bag_sha256: str, checkpoint: CheckpointRow
) -> AuditEvent:
    """The event that seals the bag."""
    octets, count = bag.payload
    return event(
        EventKind.EXPORT_CREATED,
        recording_id=None,
        key=request.id,
        occurred_at_ms=request.created_at_ms,
        actor=actor,
        export_id=request.id,
        recordings=list(request.recordings),
        bag_sha256=bag_sha256,
        statement_sha256=request.statement_sha256,
        files=count,
        size_bytes=octets,
        checkpoint_size=checkpoint.size,
    )


def _lay_seal(
    parts: Parts, created: AuditEvent, checkpoint: CheckpointRow, newer: CheckpointRow, bag: Bag
) -> None:
    """The event's exact bytes, its proof, and the proof that the log only grew since the others."""
    with parts.database.read() as connection:
        row = events.get(connection, created.id)
        proof = inclusion(connection, created.id, newer.size)
        growth = grown(connection, checkpoint, newer)
    assert row is not None, "it has a leaf"
    bag.add(SEAL_EVENT, [row.body])
    bag.add_text(SEAL_PROOF, proof.text)
    bag.add_text(SEAL_GROWTH, growth)


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """A draft beside the target that takes its name when all went well."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        yield draft
        with refusals(_PLACE):
            draft.replace(target)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _check(draft: Path, fingerprint: str) -> None:
    """Check a bundle as its receiver will.

    Raises:
        AuditInvalid: it would be refused; nothing is handed over.
    """
    refused = verify_alone.check(draft, fingerprint).refused
    if refused is not None:
        raise AuditInvalid(f"the bundle would not verify: {refused}")

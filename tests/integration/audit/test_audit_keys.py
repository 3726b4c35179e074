"""The keys that sign the log: made once, passed on under two signatures, retired, lost; and by whom."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from logevents import numbered

from compliance.audit import keyring, keys, log, rotation
from compliance.audit.events import Actor, EventKind, event
from compliance.audit.keyring import ORIGIN, Keyring
from compliance.audit.note import SeedSigner, Verifier
from compliance.audit.opening import opened, opened_here
from compliance.audit.sequencer import Sequencer
from compliance.audit.verify import Check, verify
from compliance.errors import AuditInvalid, KeyMissing, StateConflict
from compliance.store import checkpoints, events
from compliance.store.database import Database

PERSON = Actor(type="person", id="tok_officer", role="officer")
OVERLAP = 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the keys lie."""
    return tmp_path / "keys"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database."""
    database = Database(f"sqlite:///{tmp_path / 'audit.db'}")
    database.migrate()
    yield database
    database.close()


def open_log(database: Database, folder: Path) -> Sequencer:
    """The sequencer with the keys of the folder."""
    return opened(database, folder, owner="test", now_ms=0)


def grow(database: Database, sequencer: Sequencer, *numbers: int) -> None:
    """A checkpoint over each of these events."""
    for number in numbers:
        with database.begin() as connection:
            log.record(connection, numbered(number))
        sequencer.seal(number)


def rotate(database: Database, folder: Path) -> Verifier:
    """Bring in a new key, as the command does."""
    with database.begin() as connection:
        old = rotation.in_office(connection, keys.held(folder))
        new = keys.make(folder).verifier
        rotation.rotate(connection, old, new, actor=PERSON, overlap=OVERLAP, now_ms=5)
    return new


def ring_of(database: Database) -> Keyring:
    """The keys as the log tells of them."""
    with database.read() as connection:
        return keyring.read(connection)


def signatures(database: Database) -> list[int]:
    """How many keys signed each checkpoint."""
    with database.read() as connection:
        return [row.note.count("— ") for row in checkpoints.every(connection)]


def is_valid(database: Database) -> bool:
    """Whether the log is whole, by the keys it names."""
    with database.read() as connection:
        return verify(connection, keyring.trusted(connection, None)).is_valid


def test_the_first_key_is_made_once_and_for_its_owner_only(folder: Path, database: Database) -> None:
    """The key is made with mode 0600, told to the log as an event, and is the same at the next start."""
    first = open_log(database, folder)
    first.seal(0)
    again = open_log(database, folder)

    assert stat.S_IMODE((folder / keys.NAME).stat().st_mode) == 0o600
    assert first.fingerprint == again.fingerprint == ring_of(database).fingerprint
    with database.read() as connection:
        told = events.of_keys(connection)
    assert [row.kind for row in told] == [EventKind.KEY_CREATED]
    assert first.fingerprint.encode() in told[0].body
    assert keys.published(folder) == ring_of(database).terms[0].key


@pytest.mark.parametrize("harm", ["readable", "short"])
def test_a_key_that_others_read_or_that_is_cut_is_refused(folder: Path, harm: str) -> None:
    """A key that may be known to others, or is not whole, signs nothing."""
    made = keys.make(folder)
    file = folder / keys.NAME
    assert keys.held(folder) == (made,)
    if harm == "readable":
        file.chmod(0o640)
    else:
        file.write_bytes(b"short")

    with pytest.raises(KeyMissing):
        keys.held(folder)


def test_a_lost_key_is_not_replaced_in_silence(folder: Path, database: Database) -> None:
    """A log that is signed is not opened with a new key of its own accord, and elsewhere not at all."""
    grow(database, open_log(database, folder), 1)
    elsewhere = folder.parent / "elsewhere"

    with pytest.raises(KeyMissing, match="rotate-key --lost"):
        open_log(database, elsewhere)
    assert opened_here(database, elsewhere, owner="", now_ms=0) is None
    assert not list(elsewhere.glob("*"))


def test_a_rotation_overlaps_and_trust_follows_it(folder: Path, database: Database) -> None:
    """Both keys sign for as many checkpoints as was told, then the new one; the log is valid throughout."""
    sequencer = open_log(database, folder)
    grow(database, sequencer, 1, 2)
    old = ring_of(database).fingerprint
    new = rotate(database, folder)
    sequencer = open_log(database, folder)
    grow(database, sequencer, 3, 4, 5, 6, 7)
    ring = ring_of(database)

    assert signatures(database) == [1, 1, 2, 2, 2, 1, 1, 1]
    assert [term.key.fingerprint for term in ring.terms] == [old, new.fingerprint]
    assert ring.trusts(old)
    assert ring.trusts(new.fingerprint)
    assert not ring.trusts("0" * 64)
    assert is_valid(database)
    with database.read() as connection:
        kinds = [row.kind for row in events.of_keys(connection)]
    assert kinds == [EventKind.KEY_CREATED, EventKind.KEY_ROTATED, EventKind.KEY_RETIRED]


def test_the_old_key_may_go_once_it_is_retired(folder: Path, database: Database) -> None:
    """After the overlap the new key seals alone, also for a process that has never seen the old one."""
    grow(database, open_log(database, folder), 1)
    rotate(database, folder)
    grow(database, open_log(database, folder), 2, 3, 4, 5)
    (folder / keys.NAME).unlink()

    grow(database, open_log(database, folder), 6)

    assert signatures(database)[-1] == 1
    assert is_valid(database)


def test_during_a_rotation_both_keys_are_needed(folder: Path, database: Database) -> None:
    """A process that holds only one of the two signs nothing."""
    grow(database, open_log(database, folder), 1)
    old = keys.held(folder)[0]
    rotate(database, folder)

    with pytest.raises(KeyMissing):
        grow(database, Sequencer(database, old), 2)


def test_one_rotation_at_a_time(folder: Path, database: Database) -> None:
    """Before the first checkpoint, and while one key takes over, no other is brought in."""
    sequencer = open_log(database, folder)
    with pytest.raises(StateConflict):
        rotate(database, folder)
    grow(database, sequencer, 1)
    rotate(database, folder)
    grow(database, open_log(database, folder), 2)

    with pytest.raises(StateConflict):
        rotate(database, folder)


def test_a_retired_key_cannot_sign_on(folder: Path, database: Database) -> None:
    """A checkpoint that only the retired key signed is not believed, nor one of the overlap without it."""
    grow(database, open_log(database, folder), 1)
    rotate(database, folder)
    old, new = keys.held(folder)
    grow(database, Sequencer(database, old, new), 2, 3, 4, 5)
    ring = ring_of(database)
    with database.read() as connection:
        last = checkpoints.latest(connection)
        overlapping = checkpoints.every(connection)[1]
    assert last is not None

    from compliance.audit.note import sign, text_of

    assert ring.checkpoint_of(last.note).size == last.size
    with pytest.raises(AuditInvalid):
        ring.checkpoint_of(sign(text_of(last.note), old))
    for alone in (old, new):
        with pytest.raises(AuditInvalid):
            ring.checkpoint_of(sign(text_of(overlapping.note), alone))


def test_a_lost_key_is_replaced_by_a_person_and_breaks_trust(folder: Path, database: Database) -> None:
    """The new key seals on; who trusts the old one is told that nothing leads to the new one."""
    grow(database, open_log(database, folder), 1)
    old = ring_of(database).fingerprint
    (folder / keys.NAME).unlink()
    new = keys.make(folder)
    with database.begin() as connection:
        rotation.replace_lost(connection, new.verifier, actor=PERSON, now_ms=5)
    grow(database, open_log(database, folder), 2, 3)
    ring = ring_of(database)

    assert ring.fingerprint == new.verifier.fingerprint != old
    assert is_valid(database)
    assert ring.trusts(new.verifier.fingerprint)
    with database.read() as connection, pytest.raises(AuditInvalid, match=old):
        keyring.trusted(connection, old)


STRANGER = SeedSigner(name=ORIGIN, seed=bytes(32))


@pytest.mark.parametrize("kind", [EventKind.KEY_ROTATED, EventKind.KEY_LOST, EventKind.KEY_RETIRED])
def test_who_may_only_write_events_cannot_bring_in_a_key(
    folder: Path, database: Database, kind: EventKind
) -> None:
    """Events that name a key, without the signature of the one in office, change nothing and stop nothing."""
    sequencer = open_log(database, folder)
    grow(database, sequencer, 1)
    before = ring_of(database)
    in_office = before.terms[0].key
    named = in_office if kind is EventKind.KEY_RETIRED else STRANGER.verifier
    fields: dict[str, object] = {"fingerprint": named.fingerprint, "public_key": named.public.hex()}
    if kind is not EventKind.KEY_RETIRED:
        fields["previous"] = in_office.fingerprint
    if kind is EventKind.KEY_ROTATED:
        fields["overlap"] = 1
    if kind is not EventKind.KEY_LOST:
        passing = keyring.passing(in_office.fingerprint, named.public.hex())
        fields["signature"] = STRANGER.sign(passing).hex()
    forged = event(
        kind, recording_id=None, key="f", occurred_at_ms=0, actor=PERSON, purpose="audit", **fields
    )  # type: ignore[arg-type]
    with database.begin() as connection:
        log.record(connection, forged)
    grow(database, sequencer, 2, 3)

    assert ring_of(database) == before
    assert is_valid(database)


def test_a_stolen_database_cannot_change_hands(folder: Path, database: Database) -> None:
    """A history signed anew by a stranger, his key named as the first, is not the trusted one's."""
    grow(database, open_log(database, folder), 1)
    pin = ring_of(database).fingerprint
    forged = Database(f"sqlite:///{folder.parent / 'forged.db'}")
    forged.migrate()
    grow(forged, open_log(forged, folder.parent / "others"), 1)

    assert is_valid(forged)
    with forged.read() as connection, pytest.raises(AuditInvalid, match=pin):
        keyring.trusted(connection, pin)
    forged.close()


def test_a_log_from_before_keys_were_told_of_is_taken_over(folder: Path, database: Database) -> None:
    """A log signed by a key that no event names goes on with it, and names it from then on."""
    signer = keys.make(folder)
    grow(database, Sequencer(database, signer), 1, 2)
    with database.read() as connection, pytest.raises(KeyMissing):
        keyring.trusted(connection, None)

    grow(database, open_log(database, folder), 3)

    assert ring_of(database).fingerprint == signer.verifier.fingerprint
    assert is_valid(database)
    with database.read() as connection:
        assert verify(connection, ring_of(database)).findings[0].check is Check.CHECKPOINTS

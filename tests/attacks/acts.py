"""The attacks: each by the database alone, and with the key as well where the key helps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from attacks.forger import Entry, Story, insert, renumber, rewrite, run, story
from attacks.world import BEGAN_MS, MINUTE_MS, MINUTES, World, kind_of, released
from compliance.audit import canonical
from compliance.audit.anchors.sink import NOTES, size_of
from compliance.audit.events import EventKind
from compliance.audit.merkle import leaf_hash
from compliance.audit.note import SeedSigner

DAY_MS = 86_400_000
LATER = range(MINUTES + 1, MINUTES + 11)
"""The minutes for which the service writes on after an attack that lets it."""
TARGET = released(50, 0).id
"""The event that somebody would be rid of: of minute 25."""
RECENT = released(2 * MINUTES - 2, 0).id
"""One of the last minute, younger than the last time stamp and older than the last copy."""
OTHERS_KEY = SeedSigner(name="compliance/audit", seed=bytes(32))
TOLD = "UPDATE audit_events SET body = :body, leaf_hash = :hash WHERE id = :id"

SIGNED_ANEW = (
    "everything above the event was computed and signed anew, "
    "and nothing on this machine remembers what was there"
)

Act = Callable[[World], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One attack, in both ways."""

    name: str
    does: str
    """What is done, in plain words."""
    by_database: Act
    by_key: Act | None = None
    """The same with every checkpoint signed anew; None where the key is of no help."""
    why_missed: str = ""
    """In plain words, why it goes unseen where it does."""
    key: SeedSigner | None = None
    """The key that lies on the machine afterwards, if it is another."""
    reads_local: bool = field(default=False)
    """Whether the folder on the same machine is compared as well."""


def place(world: World, event_id: str = TARGET) -> int:
    """Where an event stands."""
    return next(n for n, each in enumerate(story(world.database).entries) if each.id == event_id)


def altered(world: World, event_id: str = TARGET) -> Entry:
    """The event, with another person as its actor."""
    entry = story(world.database).entries[place(world, event_id)]
    return entry.changed(actor={"type": "person", "id": "officer-2", "role": "officer"})


def edit_body(world: World, event_id: str = TARGET) -> None:
    """Change what was said to have been done."""
    values = {"id": event_id, "body": altered(world, event_id).body}
    run(world.database, [("UPDATE audit_events SET body = :body WHERE id = :id", values)])


def edit_both(world: World) -> None:
    """Change it, and the digest beside it."""
    changed = altered(world)
    run(world.database, [(TOLD, {"id": TARGET, "body": changed.body, "hash": leaf_hash(changed.body)})])


def delete_event(world: World) -> None:
    """Take the event, and leave its leaf."""
    run(world.database, [("DELETE FROM audit_events WHERE id = :id", {"id": TARGET})])


def delete_and_renumber(world: World) -> None:
    """Take the event and its leaf, and close the gap."""
    ids = [each.id for each in story(world.database).entries if each.id != TARGET]
    delete_event(world)
    renumber(world.database, ids)


def swap(world: World) -> None:
    """Let the event and the next change places."""
    ids, at = [each.id for each in story(world.database).entries], place(world)
    ids[at], ids[at + 1] = ids[at + 1], ids[at]
    renumber(world.database, ids)


def insert_one(world: World) -> None:
    """Put an event in that never happened."""
    told, at = story(world.database), place(world)
    forged = _forged(world)
    with world.database.begin() as connection:
        insert(connection, forged)
    ids = [each.id for each in told.entries]
    renumber(world.database, [*ids[:at], forged.id, *ids[at:]])


def truncate(world: World, *, to_minute: int = 80) -> None:
    """Cut the log back to an earlier checkpoint, with everything that came after."""
    told = story(world.database)
    size = next(cut for cut in told.cuts if cut > place(world, released(2 * to_minute, 0).id))
    _cut(world, size)


def truncate_newest(world: World) -> None:
    """Cut off what no copy has yet."""
    anchored = max(size_of(each.name) or 0 for each in world.elsewhere.read(NOTES) or ())
    _cut(world, anchored)


def backdate(world: World, *, by_ms: int = DAY_MS) -> None:
    """Let it have happened earlier, in the row and in the bytes."""
    entry = story(world.database).entries[place(world)]
    earlier = entry.changed(occurred_at_ms=int(entry.told["occurred_at_ms"]) - by_ms)
    values = {"id": TARGET, "body": earlier.body, "hash": leaf_hash(earlier.body)}
    at = (
        f"UPDATE audit_events SET occurred_at_ms = occurred_at_ms - {by_ms} WHERE id = :id",
        {"id": TARGET},
    )
    run(world.database, [(TOLD, values), at])


def drop_heartbeats(world: World) -> None:
    """Take ten minutes of heartbeats, so that nobody sees how long nothing was written."""
    beats = _beats(world, 20, 30)
    told = story(world.database)
    ids = [each.id for n, each in enumerate(told.entries) if n not in beats]
    gone = [("DELETE FROM audit_events WHERE id = :id", {"id": told.entries[n].id}) for n in beats]
    run(world.database, gone)
    renumber(world.database, ids)


def delete_pending(world: World) -> None:
    """Take an event before the sequencer comes for it, which is within a second."""
    world.write(999)
    gone = {"id": released(999, 0).id}
    pending = "DELETE FROM audit_pending WHERE seq IN (SELECT seq FROM audit_events WHERE id = :id)"
    run(world.database, [(pending, gone), ("DELETE FROM audit_events WHERE id = :id", gone)])


def roll_back(world: World) -> None:
    """Restore the backup of minute 40, and let the service write on: its sequencer signs."""
    truncate(world, to_minute=40)
    world.restart()
    world.go_on(LATER)


def fork_unsigned(world: World) -> None:
    """Tell the second half otherwise; the checkpoints are left as they were."""
    edit_both(world)


def fork(world: World) -> None:
    """Tell the second half otherwise, and sign it."""
    _by_key(world, _edited(TARGET))


def with_own_key(world: World) -> None:
    """Tell it otherwise, and sign everything with another key."""
    told = story(world.database).told_otherwise(place(world), altered(world)).unstamped(0)
    rewrite(world.database, told, OTHERS_KEY, stamped=0)


def edit_folder(world: World) -> None:
    """Change the event, and take from the folder on the same machine what contradicts it."""
    edit_both(world)
    for path in (world.folder / "local" / NOTES).iterdir():
        if (size_of(path.name) or 0) > place(world):
            path.unlink()


def edit_folder_signed(world: World) -> None:
    """The same, and give the folder what the new log signs."""
    fork(world)
    for path in (world.folder / "local" / NOTES).iterdir():
        path.unlink()
    world.restart()
    world.anchor()


def false_clock(world: World) -> None:
    """Set the machine's clock back by a day, and let the service write on."""
    world.clock.back_ms = DAY_MS
    world.go_on(LATER)
    world.clock.back_ms = 0


def _by_key(world: World, change: Callable[[Story, int], Story], event_id: str = TARGET) -> None:
    """Rewrite the log from the event on, without the stamps that come later."""
    at = place(world, event_id)
    told = change(story(world.database), at).unstamped(at)
    rewrite(world.database, told, world.signer, stamped=max(cut for cut in told.cuts if cut <= at))


def _edited(event_id: str) -> Callable[[Story, int], Story]:
    def change(told: Story, at: int) -> Story:
        assert told.entries[at].id == event_id
        actor = {"type": "person", "id": "officer-2", "role": "officer"}
        return told.told_otherwise(at, told.entries[at].changed(actor=actor))

    return change


def _inserted(world: World) -> Callable[[Story, int], Story]:
    def change(told: Story, at: int) -> Story:
        entries = (*told.entries[:at], _forged(world), *told.entries[at:])
        return Story(entries=entries, cuts=tuple(cut + (cut > at) for cut in told.cuts))

    return change


def _swapped(told: Story, at: int) -> Story:
    first, second = told.entries[at], told.entries[at + 1]
    return told.told_otherwise(at, second).told_otherwise(at + 1, first)


def _backdated(told: Story, at: int, *, by_ms: int = DAY_MS) -> Story:
    entry = told.entries[at]
    return told.told_otherwise(at, entry.changed(occurred_at_ms=int(entry.told["occurred_at_ms"]) - by_ms))


def _without_beats(world: World) -> None:
    beats = _beats(world, 20, 30)
    told = story(world.database).without(*beats)
    rewrite(world.database, told.unstamped(min(beats)), world.signer, stamped=min(beats))


def _beats(world: World, first: int, last: int) -> list[int]:
    """Where the heartbeats of some minutes stand."""
    start, stop = (BEGAN_MS + minute * MINUTE_MS for minute in (first, last))
    entries = enumerate(story(world.database).entries)
    return [
        n
        for n, each in entries
        if kind_of(each.body) == EventKind.LOG_HEARTBEAT and start <= each.told["occurred_at_ms"] < stop
    ]


def _forged(world: World) -> Entry:
    at_ms = int(story(world.database).entries[place(world)].told["occurred_at_ms"])
    forged = released(777, at_ms)
    return Entry(id=forged.id, body=canonical.encode(forged))


def _cut(world: World, size: int) -> None:
    """Leave the first events and their checkpoints, and nothing that tells of more."""
    kind = EventKind.LOG_TIMESTAMPED.value
    told = [each.told for each in story(world.database).entries[:size]]
    stamped = max((each["fields"]["size"] for each in told if each["kind"] == kind), default=0)
    run(
        world.database,
        [
            ("DELETE FROM audit_pending", {}),
            (f"DELETE FROM audit_leaves WHERE leaf_index >= {size}", {}),
            ("DELETE FROM audit_events WHERE id NOT IN (SELECT event_id FROM audit_leaves)", {}),
            (f"DELETE FROM audit_checkpoints WHERE size > {size}", {}),
            (f"DELETE FROM audit_tiles WHERE level > 0 OR (tile_index + 1) * 256 > {size}", {}),
            (f"DELETE FROM audit_anchors WHERE size > {size}", {}),
            (f"DELETE FROM audit_timestamps WHERE size > {stamped}", {}),
        ],
    )


ATTACKS = (
    Attack(
        name="edit an event",
        does="the stored bytes of one event are changed",
        by_database=edit_body,
        by_key=lambda world: _by_key(world, _edited(TARGET)),
        why_missed=SIGNED_ANEW,
    ),
    Attack(
        name="edit an event of the last minutes",
        does="the same with an event that is younger than the last time stamp",
        by_database=lambda world: edit_body(world, RECENT),
        by_key=lambda world: _by_key(world, _edited(RECENT), RECENT),
        why_missed="everything was signed anew, as above; and what came after the last time stamp, "
        "an hour ago or less, only an anchor can show",
    ),
    Attack(
        name="edit an event and its digest",
        does="the same, and the digest beside it is made to fit",
        by_database=edit_both,
        by_key=lambda world: _by_key(world, _edited(TARGET)),
        why_missed=SIGNED_ANEW,
    ),
    Attack(
        name="delete an event",
        does="its row is deleted",
        by_database=delete_event,
        by_key=lambda world: _by_key(world, lambda told, at: told.without(at)),
        why_missed=SIGNED_ANEW,
    ),
    Attack(
        name="delete a leaf and renumber",
        does="the event goes with its leaf, and the leaves after it move up",
        by_database=delete_and_renumber,
        by_key=lambda world: _by_key(world, lambda told, at: told.without(at)),
        why_missed=SIGNED_ANEW,
    ),
    Attack(
        name="swap two events",
        does="two neighbours change places",
        by_database=swap,
        by_key=lambda world: _by_key(world, _swapped),
        why_missed=SIGNED_ANEW,
    ),
    Attack(
        name="insert an event",
        does="an event that never happened is put among the others",
        by_database=insert_one,
        by_key=lambda world: _by_key(world, _inserted(world)),
        why_missed=SIGNED_ANEW,
    ),
    Attack(
        name="truncate the log",
        does="the last twenty minutes go, with their checkpoints and all books of copies",
        by_database=truncate,
        by_key=None,
    ),
    Attack(
        name="truncate what no copy has yet",
        does="what was written since the newest copy, less than a minute ago, goes with its checkpoint",
        by_database=truncate_newest,
        by_key=None,
        why_missed="no copy of it ever left the machine; a running sequencer remembers the checkpoint and "
        "refuses to go on, but one that is started anew does not. A shorter `COMPLIANCE_ANCHOR_S` makes the "
        "stretch shorter",
    ),
    Attack(
        name="backdate an event",
        does="one event is made to have happened a day earlier",
        by_database=backdate,
        by_key=lambda world: _by_key(world, _backdated),
    ),
    Attack(
        name="backdate an event by ten minutes",
        does="the same, by no more than clocks may differ",
        by_database=lambda world: backdate(world, by_ms=10 * MINUTE_MS),
        by_key=lambda world: _by_key(world, lambda told, at: _backdated(told, at, by_ms=10 * MINUTE_MS)),
        why_missed="the stated time still fits its neighbours, within the quarter of an hour that clocks and "
        "long transactions are given",
    ),
    Attack(
        name="fork with the stolen key",
        does="the history from one event on is told otherwise, and signed",
        by_database=fork_unsigned,
        by_key=fork,
        why_missed="both histories are signed by the true key; only a copy of the first can contradict the "
        "second",
    ),
    Attack(
        name="replace the key",
        does="everything is told otherwise and signed by a key of the attacker's own",
        by_database=with_own_key,
        by_key=with_own_key,
        key=OTHERS_KEY,
        why_missed="the public key is read from the same machine and was replaced too. "
        "`compliance audit verify --key FINGERPRINT`, with the fingerprint from somewhere else, sees it",
    ),
    Attack(
        name="roll back to a backup",
        does="the database of minute 40 is restored, and the service writes on",
        by_database=roll_back,
        by_key=None,
    ),
    Attack(
        name="delete what is pending",
        does="an event is deleted before the sequencer has taken it",
        by_database=delete_pending,
        why_missed="it was never in the tree. It can only be done within the second before it is sealed, by "
        "whoever may delete from the database, which the service's own role may not. What is left is the "
        "act itself, which was written in the same transaction",
    ),
    Attack(
        name="drop heartbeats",
        does="ten minutes of heartbeats are deleted, and the leaves renumbered",
        by_database=drop_heartbeats,
        by_key=_without_beats,
    ),
    Attack(
        name="edit a folder of anchors",
        does="an event is changed, and so is the folder on the same machine that holds checkpoints",
        by_database=edit_folder,
        by_key=edit_folder_signed,
        reads_local=True,
        why_missed="a folder on the same machine is within the same reach: it is a copy, and no witness",
    ),
    Attack(
        name="set the clock back",
        does="the machine's clock is a day behind while the service writes on for ten minutes",
        by_database=false_clock,
        by_key=None,
    ),
)

"""Questions on real databases: every answer is the log's, whole and once, whatever is written meanwhile."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as listener
from sqlalchemy import text

from compliance.audit import canonical, indexing, log, search
from compliance.audit.events import Actor, AuditEvent, EventKind, event
from compliance.audit.facts import named
from compliance.audit.indexing import catch_up
from compliance.audit.keyring import ORIGIN
from compliance.audit.note import SeedSigner
from compliance.audit.question import Question, asked
from compliance.audit.sequencer import Sequencer
from compliance.errors import StateConflict
from compliance.records import AgentKind, RecordingId, Stage, State
from compliance.store import event_index, events, recordings, tree
from compliance.store.database import Database
from compliance.store.event_scan import Walk
from compliance.store.recordings import RecordingRow

SIGNER = SeedSigner(name=ORIGIN, seed=bytes(range(32)))
NOW = 1_700_000_000_000
CALLS = ["rec_" + digit * 32 for digit in "abc"]
ACTORS = ["t0123456789ab", "pipeline", "uid:1000"]
LAW, PROFILE = "consent/us/ca.yaml", "redaction/default.yaml"
DIGESTS = [digit * 64 for digit in "ab"]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of either kind."""
    is_sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'log.db'}" if is_sqlite else request.getfixturevalue("postgres_database")
    database = Database(url)
    database.migrate()
    yield database
    database.close()


def made(number: int) -> AuditEvent:
    """One of many events, of all sorts; several share each time."""
    chance = random.Random(number)
    reason = chance.choice([None, None, None, "storage_unavailable"])
    common: dict[str, Any] = {
        "recording_id": chance.choice([None, *CALLS]),
        "key": str(number),
        "occurred_at_ms": NOW + chance.randrange(40) * 1000,
        "actor": Actor(type="person", id=chance.choice(ACTORS), role="officer"),
        "outcome": "failure" if reason else "success",
        "reason": reason,
    }
    sorts: list[Callable[[], AuditEvent]] = [
        lambda: event(
            EventKind.ACCESS_READ, **common, object="recording", purpose=chance.choice(["audit", None])
        ),
        lambda: event(EventKind.ACCESS_LIST, **common, object="recordings", entries=3),
        lambda: event(
            EventKind.CONSENT_EVALUATED,
            **common,
            verdict="late",
            rule="all-party",
            jurisdiction="US-CA",
            policies={LAW: DIGESTS[0]},
        ),
        lambda: event(
            EventKind.REDACTION_APPLIED,
            **common,
            cuts=1,
            cut_ms=5,
            policies={PROFILE: DIGESTS[1]},
            input_sha256=[DIGESTS[0]],
            output_sha256=[DIGESTS[1]],
        ),
        lambda: event(
            EventKind.TRANSCRIPT_CREATED,
            **common,
            models={"whisper-base": DIGESTS[0]},
            words=1,
            turns=1,
            output_sha256=DIGESTS[1],
        ),
        lambda: event(
            EventKind.WEBHOOK_ACCEPTED, **common, event="egress_ended", event_id="EV_1", egress_id="EG_9"
        ),
    ]
    return chance.choice(sorts)()


def write(database: Database, numbers: range) -> None:
    """Write events, seal them and make them findable."""
    with database.begin() as connection:
        for number in numbers:
            log.record(connection, made(number))
    Sequencer(database, SIGNER).seal(NOW)
    catch_up(database)


def whole(
    database: Database,
    question: Question,
    limit: int,
    *,
    is_oldest_first: bool = False,
    most: int | None = None,
) -> list[str]:
    """Every page of an answer: the ids of its events."""
    with database.read() as connection:
        walk: Walk | None = search.begin(connection, is_oldest_first=is_oldest_first)
    found: list[str] = []
    while walk is not None:
        with database.read() as connection:
            page = search.page(connection, question, walk, limit, most=most)
        assert len(page.hits) <= limit
        found += [hit.event_id for hit in page.hits]
        walk = None if page.after is None else replace(walk, after=page.after)
    return found


def naive(database: Database, question: Question) -> list[str]:
    """The same, by reading every event of the log and looking at it."""
    with database.read() as connection:
        leaves = tree.leaves(connection, 0, tree.size(connection))
    fitting = [leaf for leaf in leaves if leaf.event is not None and fits(leaf.event, question)]
    by_time = [
        ((leaf.event.occurred_at_ms, leaf.leaf_index), leaf.event_id) for leaf in fitting if leaf.event
    ]
    return [event_id for _, event_id in sorted(by_time, reverse=True)]


def fits(row: events.EventRow, question: Question) -> bool:
    """Whether an event is one of those asked for, by its bytes alone."""
    told: Any = canonical.decode(row.body)
    names = {(str(about), value) for about, value in named(told["fields"])}
    asked_for = {
        ("object", question.object),
        ("purpose", question.purpose),
        ("policy", question.policy),
        ("model", question.model),
    }
    return (
        (question.since_ms is None or told["occurred_at_ms"] >= question.since_ms)
        and (question.until_ms is None or told["occurred_at_ms"] < question.until_ms)
        and told["kind"].startswith(question.kind or "")
        and question.actor in (None, told["actor"]["id"])
        and question.recording in (None, told["recording_id"])
        and question.egress in (None, told["fields"].get("egress_id"))
        and question.outcome in (None, told["outcome"])
        and all(value is None or (about, value) in names for about, value in asked_for)
    )


SECONDS = {"since": "2023-11-14T22:13:30Z", "until": "2023-11-14T22:13:50.001Z"}
ASKED = [
    {},
    SECONDS,
    {"kind": "access.read"},
    {"kind": "access."},
    {"kind": "re"},
    {"actor": ACTORS[0]},
    {"object": "recording"},
    {"object": DIGESTS[1]},
    {"recording": CALLS[1]},
    {"egress": "EG_9"},
    {"outcome": "failure"},
    {"outcome": "success"},
    {"purpose": "audit"},
    {"policy": LAW},
    {"policy": DIGESTS[1]},
    {"model": "whisper-base"},
    {"actor": ACTORS[0], "kind": "access.", "outcome": "failure"},
    {"recording": CALLS[0], "policy": LAW, **SECONDS},
    {"object": DIGESTS[0], "policy": PROFILE, "kind": "redaction.applied", "actor": "pipeline"},
    {"kind": "re", "outcome": "failure", **SECONDS},
    {"policy": LAW, "kind": "redaction.applied"},
    {"actor": "t000000000000"},
]


def test_every_question_is_answered_as_by_reading_the_whole_log(database: Database) -> None:
    """Each filter and each mixture of them, in pages of any size, in both orders, and by count."""
    write(database, range(400))
    for given in ASKED:
        question = asked(given)
        expected = naive(database, question)
        for limit in (1, 7, 1000):
            if limit > 1 or len(expected) < 60:
                assert whole(database, question, limit) == expected, given
        assert whole(database, question, 9, is_oldest_first=True) == expected[::-1], given
        with database.read() as connection:
            assert search.count(connection, question, search.begin(connection)) == len(expected), given
    assert sum(bool(naive(database, asked(each))) for each in ASKED) == len(ASKED) - 2


def test_a_page_that_looks_at_little_goes_on_where_it_stopped(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page may be short or empty with more to come; all of them together are the answer."""
    write(database, range(300))
    monkeypatch.setattr(search, "FIRST_LOOK", 3)
    for given in ASKED:
        question = asked(given)
        assert whole(database, question, 4, most=5) == naive(database, question), given
    with database.read() as connection:
        never = asked({"policy": LAW, "kind": "redaction.applied"})
        page = search.page(connection, never, search.begin(connection), 4, most=5)
    assert page.hits == ()
    assert page.after is not None


def test_an_answer_under_way_does_not_change(database: Database) -> None:
    """What is sealed between two pages is in neither; the next answer has it."""
    write(database, range(60))
    question = Question()
    before = naive(database, question)
    with database.read() as connection:
        walk = search.begin(connection)
        first = search.page(connection, question, walk, 20)
    write(database, range(60, 120))
    assert first.after is not None
    with database.read() as connection:
        rest = search.page(connection, question, replace(walk, after=first.after), 1000)

    assert [hit.event_id for hit in (*first.hits, *rest.hits)] == before
    assert set(before) < set(whole(database, question, 50))


def test_late_commits_are_neither_lost_nor_shown_twice(database: Database) -> None:
    """While writers commit late and out of turn, answers are whole, and following shows each event once."""
    over = threading.Event()
    sequencer = Sequencer(database, SIGNER)
    errors: list[BaseException] = []

    def seal() -> None:
        while not over.is_set():
            sequencer.seal(NOW)
            catch_up(database)
            time.sleep(0.005)

    def writer(share: int) -> None:
        chance = random.Random(share)
        for number in range(share, 160, 4):
            with database.begin() as connection:
                log.record(connection, made(number))
                time.sleep(chance.random() * 0.01)  # others begin later and commit earlier

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                errors.append(error)

        return run

    sealing = threading.Thread(target=guarded(seal))
    writers = [threading.Thread(target=guarded(lambda share=share: writer(share))) for share in range(4)]
    followed: list[str] = []
    seen = 0
    for thread in (sealing, *writers):
        thread.start()
    while any(thread.is_alive() for thread in writers):
        with database.read() as connection:
            size = event_index.size(connection)
            followed += [hit.event_id for hit in search.added(connection, Question(), seen, size)]
            walk = Walk(size=size)
        pages = whole_of(database, walk)
        assert len(pages) == len(set(pages)) == size
        seen = size
    over.set()
    sealing.join()
    sequencer.seal(NOW)
    catch_up(database)
    with database.read() as connection:
        size = event_index.size(connection)
        followed += [hit.event_id for hit in search.added(connection, Question(), seen, size)]

    assert errors == []
    assert sorted(followed) == sorted(made(number).id for number in range(160))
    assert sorted(whole(database, Question(), 13)) == sorted(followed)


def whole_of(database: Database, walk: Walk) -> list[str]:
    """Every event of a walk, in small pages, each of a snapshot of its own."""
    found: list[str] = []
    place: Walk | None = walk
    while place is not None:
        with database.read() as connection:
            page = search.page(connection, Question(), place, 11)
        found += [hit.event_id for hit in page.hits]
        place = None if page.after is None else replace(walk, after=page.after)
    return found


def test_an_event_is_found_by_the_egress_of_its_recording(database: Database) -> None:
    """Its webhook names the egress, and what became of it only the recording."""
    row = RecordingRow(
        id=RecordingId(CALLS[0]),
        state=State.PROCESSING,
        stage=Stage.INTAKE,
        profile="default",
        agent_kind=AgentKind.AI,
        egress_id="EG_7",
        created_at_ms=NOW,
        updated_at_ms=NOW,
    )
    with database.begin() as connection:
        recordings.insert(connection, row)
    write(database, range(80))

    found = whole(database, Question(egress="EG_7"), 10)

    ours = naive(database, Question(recording=CALLS[0]))
    other_egress = naive(database, Question(recording=CALLS[0], egress="EG_9"))
    assert set(found) == set(ours) - set(other_egress)
    assert found


def test_what_was_sealed_before_the_index_is_found_after_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catching up goes on where it stopped, and two that do it at once do it once."""
    monkeypatch.setattr(indexing, "STEP", 7)
    with database.begin() as connection:
        for number in range(100):
            log.record(connection, made(number))
    Sequencer(database, SIGNER).seal(NOW)
    assert catch_up(database, 10) == 10
    threads = [threading.Thread(target=catch_up, args=(database,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert catch_up(database) == 100
    assert whole(database, Question(), 40) == naive(database, Question())


def test_events_that_are_not_sealed_yet_are_told(database: Database) -> None:
    """They are in no answer, and how many there are is said."""
    write(database, range(10))
    with database.begin() as connection:
        for number in range(10, 15):
            log.record(connection, made(number))

    with database.read() as connection:
        assert tree.unsealed(connection) == 5
    assert len(whole(database, Question(), 50)) == 10


@pytest.mark.parametrize("table", ["audit_index", "audit_terms"])
@pytest.mark.parametrize("statement", ["UPDATE {0} SET leaf_index = leaf_index", "DELETE FROM {0}"])
def test_nobody_is_hidden_by_changing_the_index(database: Database, table: str, statement: str) -> None:
    """The database refuses to update or delete a row by which an event is found."""
    write(database, range(20))

    with pytest.raises(StateConflict), database.begin() as connection:
        connection.execute(text(statement.format(table)))


HIDING = {
    "a row is gone": "DELETE FROM audit_index WHERE event_id = '{0}'",
    "of another actor": "UPDATE audit_index SET actor = 'nobody' WHERE event_id = '{0}'",
    "of another time": "UPDATE audit_index SET occurred_at_ms = 5 WHERE event_id = '{0}'",
    "of another recording": "UPDATE audit_index SET recording_id = 'rec_x' WHERE event_id = '{0}'",
    "a term is gone": "DELETE FROM audit_terms WHERE leaf_index = "
    "(SELECT leaf_index FROM audit_index WHERE event_id = '{0}')",
}


@pytest.mark.parametrize("how", HIDING)
def test_an_event_that_was_hidden_is_named(database: Database, how: str) -> None:
    """Whoever gets round the triggers is found out by looking up each event of the log."""
    write(database, range(40))
    hidden = next(made(number).id for number in range(40) if "policies" in made(number).fields)
    with database.read() as connection:
        assert indexing.compare(connection).is_right
    with database.begin() as connection:
        for table in ("audit_index", "audit_terms"):
            for verb in ("update", "delete"):
                on = "" if database.is_sqlite else f" ON {table}"
                connection.execute(text(f"DROP TRIGGER {table}_no_{verb}{on}"))
        connection.execute(text(HIDING[how].format(hidden)))

    with database.read() as connection:
        report = indexing.compare(connection)

    assert not report.is_right
    assert report.hidden == (hidden,)


def test_entries_of_which_the_log_knows_nothing_are_counted(database: Database) -> None:
    """A term that no event has would show an event that does not fit."""
    write(database, range(40))
    with database.begin() as connection:
        connection.execute(text("INSERT INTO audit_terms VALUES (1, 2, 3)"))

    with database.read() as connection:
        report = indexing.compare(connection)

    assert (report.is_right, report.hidden, report.surplus) == (False, (), 1)


def test_events_that_were_altered_or_removed_are_shown_as_such(tmp_path: Path) -> None:
    """An answer goes on behind them, and says of each what is wrong."""
    database = Database(f"sqlite:///{tmp_path / 'log.db'}")
    database.migrate()
    with database.begin() as connection:
        for number in range(6):
            log.record(connection, made(number))
    Sequencer(database, SIGNER).seal(NOW)
    altered, removed = made(2).id, made(4).id
    with database.begin() as connection:
        for verb in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER audit_events_no_{verb}"))
        connection.execute(text(f"UPDATE audit_events SET body = x'0a7b' WHERE id = '{altered}'"))
        connection.execute(text(f"DELETE FROM audit_events WHERE id = '{removed}'"))

    assert catch_up(database) == 6
    with database.read() as connection:
        page = search.page(connection, Question(), search.begin(connection), 50)
    wrong = {hit.event_id: hit.document() for hit in page.hits if not hit.is_whole}
    database.close()

    assert len(page.hits) == 6
    assert wrong.keys() == {altered, removed}
    assert all("unreadable" in document for document in wrong.values())


@pytest.mark.parametrize("given", ASKED, ids=str)
def test_no_question_reads_the_whole_table(given: dict[str, str], tmp_path: Path) -> None:
    """By SQLite's own account each statement of a page goes by an index, and none through a table."""
    database = Database(f"sqlite:///{tmp_path / 'log.db'}")
    database.migrate()
    write(database, range(50))
    statements: list[tuple[str, Any]] = []
    listener.listen(
        database._engine,
        "before_cursor_execute",
        lambda _c, _k, statement, parameters, *_: statements.append((statement, parameters)),
    )
    with database.read() as connection:
        search.page(connection, asked(given), search.begin(connection), 5)
        asked_of = [each for each in statements if "audit_index" in each[0] or "audit_terms" in each[0]]
        plans = [
            str(row[3])
            for statement, parameters in asked_of
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    database.close()

    assert asked_of
    tables = [plan for plan in plans if plan.startswith(("SCAN audit", "SEARCH audit"))]
    assert tables
    assert [plan for plan in tables if plan.startswith("SCAN") and "USING" not in plan] == []

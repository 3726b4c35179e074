"""Whatever happens to writers and sequencers: each committed event is in the log once, which only grows."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import pairwise
from typing import Any, ClassVar

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, event, select, text

from compliance.audit import keys, log, proofs, rotation
from compliance.audit.canonical import encode
from compliance.audit.events import AuditEvent, EventKind
from compliance.audit.events import event as made
from compliance.audit.merkle import leaf_hash, verify_consistency
from compliance.audit.note import SeedSigner
from compliance.audit.sequencer import Sequencer
from compliance.audit.verify import verify
from compliance.errors import DatabaseUnavailable
from compliance.store import checkpoints, tree
from compliance.store.database import Database
from compliance.store.schema import audit_events, audit_leaves, audit_pending

SIGNER = SeedSigner(name=keys.ORIGIN, seed=bytes(range(32)))
LAST_STATEMENT = 20
"""A batch is sealed in fewer statements than this."""


class Killed(Exception):
    """The process is no more."""


class Mortal(Database):
    """A database whose user may die before any statement, at the commit, or before hearing of it."""

    def __init__(self, url: str) -> None:
        """Nothing dies until it is told to."""
        super().__init__(url)
        self.statements_left: int | None = None
        self.dies_before_commit = False
        self.dies_after_commit = False
        self.meanwhile: tuple[int, Callable[[], None]] | None = None
        """What others do before the statement of that number."""
        event.listen(self._engine, "before_cursor_execute", self._count)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction."""
        with super().begin() as connection:
            yield connection
            if self.dies_before_commit:
                raise Killed
        if self.dies_after_commit:
            raise Killed

    def _count(self, *_: Any) -> None:
        if self.statements_left is not None:
            self.statements_left -= 1
            if self.statements_left < 0:
                raise Killed
        if self.meanwhile is not None:
            statements, others = self.meanwhile
            self.meanwhile = None if statements == 0 else (statements - 1, others)
            if statements == 0:
                others()


def numbered(number: int) -> AuditEvent:
    """An event that differs from others by its number."""
    return made(
        EventKind.LOG_STARTED,
        recording_id=None,
        key=str(number),
        occurred_at_ms=number,
        actor=rotation.SEQUENCER,
        component="test",
        version="1",
    )


def row_of(event: AuditEvent) -> dict[str, Any]:
    """The row that ``log.record`` writes, to write many at once."""
    body = encode(event)
    named = {"id": event.id, "kind": event.kind.value, "occurred_at_ms": event.occurred_at_ms}
    return {**named, "recording_id": event.recording_id, "body": body, "leaf_hash": leaf_hash(body)}


class Log(RuleBasedStateMachine):
    """Writers that commit late or never, and two sequencers that die, sleep and get in each other's way."""

    server: ClassVar[str]
    """The URL of PostgreSQL's superuser."""
    template: ClassVar[str]
    """A database with the tables, of which each run gets a copy."""

    @initialize()
    def begin(self) -> None:
        """An empty log."""
        self.name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self.server.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {self.name} TEMPLATE {self.template}")  # type: ignore[call-overload]
        url = f"{self.server.rpartition('/')[0]}/{self.name}"
        self.database = Database(url)
        self.mortals = [Mortal(url), Mortal(url)]
        self.sequencers = [Sequencer(each, SIGNER, owner=str(n)) for n, each in enumerate(self.mortals)]
        self.open: list[tuple[ExitStack, Connection, set[int]]] = []
        self.committed: set[int] = set()
        self.now_ms = 1_700_000_000_000
        self.next = 0

    def teardown(self) -> None:
        """Let everything end, seal the rest, and look at all of it."""
        if not hasattr(self, "database"):
            return
        for _ in list(self.open):
            self.commit(0)
        self.sequencers[0].seal(self.now_ms)
        with self.database.read() as connection:
            report = verify(connection, SIGNER.verifier)
        for each in (self.database, *self.mortals):
            each.close()
        with psycopg.connect(self.server.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {self.name} WITH (FORCE)")  # type: ignore[call-overload]
        assert report.first is None
        assert (report.size, report.unsealed) == (len(self.committed), 0)

    @rule(count=st.integers(1, 3))
    def write(self, count: int) -> None:
        """A transaction begins and writes; it is open until another rule ends it."""
        if len(self.open) < 4:
            stack = ExitStack()
            connection = stack.enter_context(self.database.begin())
            numbers = set(range(self.next, self.next + count))
            for number in sorted(numbers):
                log.record(connection, numbered(number))
            self.next += count
            self.open.append((stack, connection, numbers))

    @rule(count=st.sampled_from([1, 2, 255, 256, 300]))
    def write_many(self, count: int) -> None:
        """A transaction that fills tiles, committed at once."""
        numbers = range(self.next, self.next + count)
        with self.database.begin() as connection:
            connection.execute(audit_events.insert(), [row_of(numbered(number)) for number in numbers])
        self.committed |= set(numbers)
        self.next += count

    @precondition(lambda self: self.open)
    @rule(place=st.integers(0, 3))
    def commit(self, place: int) -> None:
        """One that is open commits, later perhaps than others with higher numbers."""
        stack, _, numbers = self.open.pop(place % len(self.open))
        stack.close()
        self.committed |= numbers

    @precondition(lambda self: self.open)
    @rule(place=st.integers(0, 3))
    def roll_back(self, place: int) -> None:
        """One that is open comes to nothing; its numbers are gaps for ever."""
        stack, connection, _ = self.open.pop(place % len(self.open))
        connection.rollback()
        with suppress(Exception):
            stack.close()

    @precondition(lambda self: self.committed)
    @rule(place=st.integers(0, 10**6))
    def try_again(self, place: int) -> None:
        """A step that was done is done again."""
        number = sorted(self.committed)[place % len(self.committed)]
        with self.database.begin() as connection:
            log.record(connection, numbered(number))

    @rule(who=st.integers(0, 1))
    def seal(self, who: int) -> None:
        """A sequencer seals what is pending."""
        self.sequencers[who].seal(self.now_ms)

    @precondition(lambda self: self.open)
    @rule(who=st.integers(0, 1), statements=st.integers(0, LAST_STATEMENT), place=st.integers(0, 3))
    def seal_while_one_commits(self, who: int, statements: int, place: int) -> None:
        """Between two statements of a sequencer a writer commits, with lower numbers than are taken."""
        self.mortals[who].meanwhile = (statements, lambda: self.commit(place))
        self.sequencers[who].seal(self.now_ms)
        self.mortals[who].meanwhile = None

    @rule(who=st.integers(0, 1), statements=st.integers(0, LAST_STATEMENT), is_reborn=st.booleans())
    def seal_and_die(self, who: int, statements: int, is_reborn: bool) -> None:
        """One dies before a statement; it is started again, or was but cut off and goes on from memory."""
        self.mortals[who].statements_left = statements
        self._die(who, is_reborn=is_reborn)

    @rule(who=st.integers(0, 1), is_reborn=st.booleans())
    def seal_and_never_hear(self, who: int, is_reborn: bool) -> None:
        """One commits and is cut off before it hears of it."""
        self.mortals[who].dies_after_commit = True
        self._die(who, is_reborn=is_reborn)

    @rule(who=st.integers(0, 1), is_reborn=st.booleans())
    def seal_and_fail_to_commit(self, who: int, is_reborn: bool) -> None:
        """One has signed and done everything, and the commit fails."""
        self.mortals[who].dies_before_commit = True
        self._die(who, is_reborn=is_reborn)

    def _die(self, who: int, *, is_reborn: bool) -> None:
        mortal = self.mortals[who]
        with suppress(Killed):
            self.sequencers[who].seal(self.now_ms)
        mortal.statements_left = None
        mortal.dies_before_commit = mortal.dies_after_commit = False
        if is_reborn:
            self.sequencers[who] = Sequencer(mortal, SIGNER, owner=f"{who} again")

    @rule()
    def seal_together(self) -> None:
        """Both seal at the same moment."""
        threads = [threading.Thread(target=each.seal, args=(self.now_ms,)) for each in self.sequencers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @rule()
    def lose_connections(self) -> None:
        """The server ends every connection of the sequencers; they find out at the next statement."""
        with self.mortals[0].begin() as first, self.mortals[1].begin() as second:
            pids = [each.execute(text("SELECT pg_backend_pid()")).scalar() for each in (first, second)]
        with psycopg.connect(self.server.replace("+psycopg", ""), autocommit=True) as connection:
            for pid in pids:
                connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
        for each in self.sequencers:
            with suppress(DatabaseUnavailable):
                each.seal(self.now_ms)

    @rule(by_ms=st.integers(-86_400_000, 86_400_000))
    def turn_the_clock(self, by_ms: int) -> None:
        """The clock jumps, back as well."""
        self.now_ms += by_ms

    @invariant()
    def each_committed_event_is_there_once(self) -> None:
        """What is committed is sealed or waits, nothing is both or neither, and leaves have no gaps."""
        if not hasattr(self, "database"):
            return
        with self.database.read() as connection:
            ids = set(connection.execute(select(audit_events.c.id)).scalars())
            leaves = connection.execute(select(audit_leaves).order_by(audit_leaves.c.leaf_index)).all()
            join = audit_events.join(audit_pending, audit_pending.c.seq == audit_events.c.seq)
            waiting = set(connection.execute(select(audit_events.c.id).select_from(join)).scalars())
            newest = checkpoints.latest(connection)
        sealed = [each.event_id for each in leaves]
        assert ids == {numbered(number).id for number in self.committed}
        assert [each.leaf_index for each in leaves] == list(range(len(leaves)))
        assert len(set(sealed)) == len(sealed)
        assert set(sealed) | waiting == ids
        assert not set(sealed) & waiting
        assert len(leaves) == (newest.size if newest else 0)

    @invariant()
    def every_checkpoint_continues_the_one_before(self) -> None:
        """Each two that follow each other are shown to be consistent, and both are signed."""
        if not hasattr(self, "database"):
            return
        with self.database.read() as connection:
            rows = checkpoints.every(connection)[-3:]
            for before, after in pairwise(rows):
                hashes = proofs.consistency(connection, before.size, after.size)
                assert verify_consistency(before.size, after.size, hashes, before.root, after.root)
        assert all(SIGNER.verifier.checkpoint_of(row.note).root == row.root for row in rows)


@pytest.fixture(scope="module")
def template(postgres_url: str) -> Iterator[str]:
    """The name of a database that has the tables."""
    name = f"template_{secrets.token_hex(6)}"
    plain = postgres_url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        database = Database(f"{postgres_url.rpartition('/')[0]}/{name}")
        database.migrate()
        database.close()
        yield name
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_log_holds_whatever_happens(postgres_url: str, template: str) -> None:
    """Late commits, rollbacks, retries, deaths at each statement, two sequencers, clocks that jump back."""
    Log.server, Log.template = postgres_url, template
    machine = Log.TestCase
    machine.settings = settings(
        max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    machine().runTest()


def test_a_batch_is_whole_or_not_at_all(postgres_database: str) -> None:
    """Killed before each of its statements in turn, a sequencer loses and repeats nothing."""
    mortal = Mortal(postgres_database)
    mortal.migrate()
    died_at: list[int] = []
    for statement in range(LAST_STATEMENT + 1):
        with mortal.begin() as connection:
            rows = [row_of(numbered(1_000 * statement + number)) for number in range(100)]
            connection.execute(audit_events.insert(), rows)
        mortal.statements_left = statement
        try:
            Sequencer(mortal, SIGNER).seal(statement)
        except Killed:
            died_at.append(statement)
        mortal.statements_left = None
        with mortal.read() as connection:
            size = tree.size(connection)
            assert tree.unsealed(connection) == 100 * (statement + 1) - size
            assert size == getattr(checkpoints.latest(connection), "size", 0)
    Sequencer(mortal, SIGNER).seal(99)
    with mortal.read() as connection:
        report = verify(connection, SIGNER.verifier)
    mortal.close()

    assert died_at == list(range(len(died_at)))
    assert 12 < len(died_at) <= LAST_STATEMENT
    assert report.first is None
    assert (report.size, report.unsealed) == (100 * (LAST_STATEMENT + 1), 0)


def test_a_commit_between_any_two_statements_is_not_passed_over(postgres_database: str) -> None:
    """Whenever a writer with a lower number commits while a batch is sealed, its event gets its leaf."""
    mortal, late = Mortal(postgres_database), Database(postgres_database)
    mortal.migrate()
    sequencer = Sequencer(mortal, SIGNER)
    for statement in range(LAST_STATEMENT + 1):
        stack = ExitStack()
        log.record(stack.enter_context(late.begin()), numbered(2 * statement))
        with mortal.begin() as connection:
            log.record(connection, numbered(2 * statement + 1))
        mortal.meanwhile = (statement, stack.close)
        sequencer.seal(statement)
        mortal.meanwhile = None
        stack.close()
        sequencer.seal(statement)
        with mortal.read() as connection:
            assert tree.size(connection) == 2 * (statement + 1)
    with mortal.read() as connection:
        report = verify(connection, SIGNER.verifier)
    for each in (mortal, late):
        each.close()

    assert report.first is None
    assert report.unsealed == 0

"""The sequencer's own process: it alone reads the key, and it is there whatever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from logevents import numbered
from processes import until
from typer.testing import CliRunner

from compliance.api.sequencing import SequencerProcess
from compliance.audit import keyring, keys, log
from compliance.audit.opening import opened
from compliance.audit.sealing import Sealing
from compliance.audit.verify import verify
from compliance.cli.audit import app
from compliance.errors import KeyMissing
from compliance.sequencing import command
from compliance.settings import Settings, load
from compliance.store import checkpoints, tree
from compliance.store.database import Database

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, for this process and those it starts."""
    monkeypatch.setenv("COMPLIANCE_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    """The home's database."""
    database = Database(load().database)
    database.migrate()
    yield database
    database.close()


def write(database: Database, number: int) -> None:
    """Record an event."""
    with database.begin() as connection:
        log.record(connection, numbered(number))


def is_sealed(database: Database, number: int) -> bool:
    """Whether the event has its leaf."""
    with database.read() as connection:
        return tree.leaf_of(connection, numbered(number).id) is not None


@contextmanager
def running(home: Path) -> Iterator[SequencerProcess]:
    """The process beside a service."""
    process = SequencerProcess(Settings(home=home))
    process.start()
    try:
        yield process
    finally:
        process.stop()


def test_it_is_started_again_and_ends_with_everything_sealed(home: Path, database: Database) -> None:
    """Killed, it comes back and goes on; told to end, it seals what was written last."""
    with running(home) as process:
        write(database, 1)
        until(lambda: is_sealed(database, 1))
        first = process.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        write(database, 2)
        until(lambda: is_sealed(database, 2))
        assert process.pid != first
        write(database, 3)

    assert is_sealed(database, 3)
    with database.read() as connection:
        assert verify(connection, keyring.trusted(connection, None)).is_valid
        assert tree.fence(connection) == 2


def test_it_ends_with_the_service_that_was_killed(home: Path, database: Database) -> None:
    """No sequencer is left behind by a service that had no time to end it."""
    program = (
        "import sys, time; from compliance.api.sequencing import SequencerProcess;"
        "from compliance.settings import load; process = SequencerProcess(load()); process.start();"
        "time.sleep(1); print(process.pid, flush=True); time.sleep(600)"
    )
    service = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    pid = int(service.stdout.readline())
    write(database, 1)
    until(lambda: is_sealed(database, 1))
    service.kill()
    service.wait()
    service.stdout.close()

    until(lambda: not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes())


def test_one_look_is_enough(home: Path, database: Database) -> None:
    """With --once it seals what is pending, tells the key's fingerprint, and ends."""
    write(database, 1)
    typed = [sys.executable, "-m", "compliance.cli.main", "audit", "sequence", "--once"]
    result = subprocess.run(typed, capture_output=True, text=True, check=True)

    assert is_sealed(database, 1)
    assert keys.held(home / "keys")[0].verifier.fingerprint in result.stderr


def test_one_look_that_fails_says_why(home: Path, database: Database) -> None:
    """Without the key of a log that is signed it ends as other commands do, and makes no key."""
    write(database, 1)
    opened(database, home / "keys", owner="", now_ms=0).seal(0)
    (home / "keys" / keys.NAME).unlink()
    write(database, 2)
    result = subprocess.run(command(is_once=True), capture_output=True, text=True, check=False)

    assert result.returncode == KeyMissing.exit_code
    assert "[key_missing]" in result.stderr
    assert not keys.held(home / "keys")


def test_the_process_with_the_key_has_little_else(home: Path) -> None:
    """What reads recordings, listens to the network or runs models is not loaded where the key is."""
    program = (
        "import sys, compliance.sequencing; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    loaded = set(run.stdout.split())
    assert "sqlalchemy" in loaded
    assert not loaded & {"av", "fastapi", "uvicorn", "celery", "spacy", "presidio_analyzer", "numpy"}


def test_a_service_never_opens_the_key(home: Path, database: Database) -> None:
    """Neither the API nor a worker opens a key that signs the log; who seals in its own process does."""
    write(database, 1)
    opened(database, home / "keys", owner="", now_ms=0).seal(0)
    program = (
        "import sys; opened = []; sys.addaudithook(lambda name, a: opened.append(str(a[0])) if name == 'open'"
        " else None); from compliance.bootstrap import build; from compliance.settings import load;"
        "build(load(), seals='seals' in sys.argv); print([o for o in opened if o.endswith('.key')])"
    )

    def keys_opened(*arguments: str) -> str:
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert "vault.key" in keys_opened()
    assert "audit.key" not in keys_opened()
    assert "audit.key" in keys_opened("seals")


def test_a_new_key_is_taken_up_while_it_runs(home: Path, database: Database) -> None:
    """A rotation needs no restart: the process reads the keys anew when one that signs is not known to it."""
    write(database, 1)
    sealing = Sealing(lambda: opened(database, home / "keys", owner="", now_ms=0), lambda: 0)
    sealing.seal()
    result = CliRunner().invoke(app, ["rotate-key", "--overlap", "1"])
    for number in range(2, 6):
        write(database, number)
        sealing.seal()

    fingerprints = [each.verifier.fingerprint for each in keys.held(home / "keys")]
    assert result.exit_code == 0
    assert fingerprints[1] in result.stdout
    with database.read() as connection:
        ring = keyring.trusted(connection, fingerprints[0])
        assert verify(connection, ring).is_valid
        assert [each.fingerprint for each in ring.required(10**6)] == fingerprints[1:]


def test_a_key_that_is_here_is_not_lost(home: Path, database: Database) -> None:
    """A key is not given up while it can still vouch for the next; once it is gone, a new one begins."""
    write(database, 1)
    opened(database, home / "keys", owner="", now_ms=0).seal(0)
    refused = CliRunner().invoke(app, ["rotate-key", "--lost"])
    (home / "keys" / keys.NAME).unlink()
    held = CliRunner().invoke(app, ["rotate-key"])
    done = CliRunner().invoke(app, ["rotate-key", "--lost"])
    opened(database, home / "keys", owner="", now_ms=0).seal(1)

    assert "not lost" in str(refused.exception)
    assert isinstance(held.exception, KeyMissing)
    assert done.exit_code == 0
    with database.read() as connection:
        assert keyring.trusted(connection, None).fingerprint in done.stdout


def test_what_fails_is_told_once_and_tried_again(
    home: Path, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """A log that cannot be sealed says so once, and is sealed when it can be."""
    write(database, 1)
    opened(database, home / "keys", owner="", now_ms=0).seal(0)
    key = home / "keys" / keys.NAME
    key.rename(home / "aside")
    sealing = Sealing(lambda: opened(database, home / "keys", owner="", now_ms=0), lambda: 0, pause_s=0.01)
    over = threading.Event()
    thread = threading.Thread(target=sealing.run, args=(over,))
    thread.start()
    write(database, 2)
    time.sleep(0.3)
    assert not is_sealed(database, 2)
    (home / "aside").rename(key)
    until(lambda: is_sealed(database, 2))
    write(database, 3)
    over.set()
    thread.join()

    assert is_sealed(database, 3)
    assert [record.levelname for record in caplog.records if "not sealed" in record.message] == ["ERROR"]
    with database.read() as connection:
        assert checkpoints.latest(connection) is not None

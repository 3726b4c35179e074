"""The first decoding, in a process of its own: what it finds, and what becomes of one that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import dying
import pytest

from compliance.errors import ComplianceError, DecoderCrashed, MediaError
from compliance.redact import apart
from compliance.redact.apart import Limits, probe_apart
from compliance.redact.media import probe

LIMITS = Limits(seconds=60, memory_mb=1024)


def test_apart_the_same_is_found(calls, kind, channels):
    """Every field of every kind of recording comes through."""
    path = calls(kind, channels)

    assert probe_apart(path, limits=LIMITS) == probe(path)


@pytest.mark.parametrize("content", [b"", b"text\n" * 99, b"OggS" + bytes(100), b"fLaC" + bytes(100)])
def test_apart_the_same_is_refused(content, tmp_path):
    """The error is of the same kind and says the same."""
    path = tmp_path / "call"
    path.write_bytes(content)

    with pytest.raises(MediaError) as here:
        probe(path)
    with pytest.raises(MediaError) as apart:
        probe_apart(path, limits=LIMITS)

    assert (type(apart.value), str(apart.value)) == (type(here.value), str(here.value))


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("crashes", "SIGSEGV"),
        ("is_killed", "SIGKILL"),
        ("aborts", "SIGABRT"),
        ("hangs", "longer than 3 s"),
        ("spins", "longer than 3 s"),
        ("eats_memory", "more than 1024 MB"),
    ],
)
def test_a_decoder_that_dies_is_an_error_and_no_more(act, said, maker, calls):
    """Whatever it does to its own process, this one goes on and says what happened."""
    seconds = 3 if said.endswith("3 s") else 60  # on a busy machine it takes a while to start
    started = time.monotonic()

    with pytest.raises(DecoderCrashed, match=said):
        probe_apart(
            calls(maker.kind("ogg"), 2),
            limits=Limits(seconds=seconds, memory_mb=1024),
            command=dying.command(act),
        )

    assert time.monotonic() - started < seconds + 20


def test_what_else_fails_tells_type_and_place_only(maker, calls):
    """An error of nobody's making may hold something of the file in its text."""
    program = dying.command("crashes")[2].replace("ctypes.string_at(0)", "raise ValueError('4111 1111')")

    with pytest.raises(ComplianceError, match=r"^ValueError \(<string>:\d+\)$") as caught:
        probe_apart(calls(maker.kind("ogg"), 2), limits=LIMITS, command=(sys.executable, "-c", program))

    assert type(caught.value) is ComplianceError


def test_no_setting_reaches_it_and_it_writes_no_file(maker, calls, tmp_path, monkeypatch):
    """Secrets stay here; and what goes wrong there can leave nothing on the disk."""
    monkeypatch.setenv("COMPLIANCE_S3_SECRET_KEY", "hunter2")
    program = f"""
import os, sys
from pathlib import Path
from compliance.redact import apart
Path({str(tmp_path / "names")!r}).write_text(" ".join(os.environ))
apart._confine(60, 1024)
try:
    Path({str(tmp_path / "more")!r}).write_text("x")
except OSError:
    pass
apart.main()
"""

    probe_apart(calls(maker.kind("ogg"), 1), limits=LIMITS, command=(sys.executable, "-c", program))

    assert "COMPLIANCE" not in (tmp_path / "names").read_text()
    assert (tmp_path / "more").stat().st_size == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_it_ends_with_the_process_that_asked(maker, calls, tmp_path):
    """Nobody is left decoding for a worker that was killed."""
    mark = tmp_path / "pid"
    hanging = dying.command("hangs", before=f"open({str(mark)!r}, 'w').write(str(os.getpid()))")
    program = (
        "import sys; from pathlib import Path; from compliance.redact.apart import Limits, probe_apart;"
        f"probe_apart(Path(sys.argv[1]), limits=Limits(seconds=120, memory_mb=1024), command={hanging!r})"
    )
    asking = subprocess.Popen(
        [sys.executable, "-c", program, str(calls(maker.kind("ogg"), 2))],
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(each for each in (str(Path.cwd()), *sys.path) if each)},
    )
    _until(lambda: mark.exists() and mark.read_text())
    _until(lambda: _is_confined(int(mark.read_text())))

    asking.send_signal(signal.SIGKILL)
    asking.wait()

    _until(lambda: not Path(f"/proc/{mark.read_text()}").exists())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_it_ends_at_once_if_who_asked_is_gone_already(maker, calls):
    """A worker that was killed before the other process had begun is told of by nobody."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    done = subprocess.run(
        [*apart.COMMAND, "60", "1024", str(calls(maker.kind("ogg"), 2)), str(gone.pid)],
        stdout=subprocess.PIPE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (apart.ORPHANED, b"")


def _is_confined(pid):
    """Whether it has come past its limits, and will hang in the middle of the recording."""
    return "Max file size             0 " in Path(f"/proc/{pid}/limits").read_text()


def _until(what, seconds=30):
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.05)

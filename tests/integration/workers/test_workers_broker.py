"""The broker may be away, silent or back: webhooks are taken, nothing waits, nothing is lost."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
import uvicorn
from processes import until
from pydantic import SecretStr
from sqlalchemy import select

from compliance.api.app import create_app
from compliance.api.service import service
from compliance.cli.serve import configured, listening
from compliance.cli.worker import queues_of, worker
from compliance.errors import ArgumentInvalid, BrokerUnavailable, SettingInvalid
from compliance.intake.livekit import sign
from compliance.records import RecordingId, Stage
from compliance.settings import Settings
from compliance.store import schema
from compliance.store.database import Database
from workers.dispatch import Dispatcher
from workers.options import options, queue_of
from workers.tasks import TASKS

FIXTURES = Path(__file__).parents[2] / "fixtures" / "livekit"
KEY, SECRET = "APItestKey0001", SecretStr("a-secret-made-up-for-the-tests-0123456789")
QUICK_S = 6
"""Two tries of two seconds, on a machine that has much to do."""


def settings(home: Path, broker_url: str | None) -> Settings:
    """A deployment with that broker."""
    return Settings(
        home=home,
        broker_url=broker_url,
        livekit_keys={KEY: SECRET},
        source_buckets=("northwind-calls",),
        s3_access_key=SecretStr("unused"),
        s3_secret_key=SecretStr("unused"),
        webhook_max_age_s=10**9,
        lease_s=2,
        sweep_s=1,
    )


@contextmanager
def door(port: int, behind: str) -> Iterator[None]:
    """A broker's address that answers only inside the block, passing everything on to the real one."""
    target = urlsplit(behind)
    with socket.create_server(("127.0.0.1", port), reuse_port=True) as listener:

        def pump(one: socket.socket, other: socket.socket) -> None:
            with suppress(OSError):
                while chunk := one.recv(65_536):
                    other.sendall(chunk)
            for each in (one, other):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

        def accept() -> None:
            while True:
                try:
                    near, _ = listener.accept()
                except OSError:
                    return
                far = socket.create_connection((target.hostname, target.port))
                sockets.extend((near, far))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

        sockets: list[socket.socket] = []
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            for each in sockets:
                each.close()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


def rows(home: Path, table: object) -> list[object]:
    """A table of the deployment."""
    with closing(Database(f"sqlite:///{home / 'compliance.db'}")) as database, database.read() as connection:
        return list(connection.execute(select(table)))


def test_webhooks_are_taken_while_the_broker_is_away_and_sent_when_it_is_back(
    tmp_path: Path, valkey_url: str
) -> None:
    """Each is answered 200 at once; the inbox is handled; the first stage is sent once the broker answers."""
    port = free_port()
    url = f"redis://:{urlsplit(valkey_url).password}@127.0.0.1:{port}/7"
    with service(settings(tmp_path, url)) as parts, listening("127.0.0.1", 0) as listener:
        server = uvicorn.Server(configured(create_app(parts)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        until(lambda: server.started, 20)
        try:
            for name in ("egress_started", "ended_complete"):
                body = (FIXTURES / f"{name}.json").read_bytes()
                started = time.monotonic()
                with closing(http.client.HTTPConnection(*listener.getsockname(), timeout=20)) as connection:
                    connection.request(
                        "POST", "/webhooks/livekit", body, {"Authorization": sign(body, KEY, SECRET)}
                    )
                    assert connection.getresponse().status == 200
                assert time.monotonic() - started < 2
            until(lambda: rows(tmp_path, schema.work), 20)
            assert [each.sent_at_ms for each in rows(tmp_path, schema.work)] == [None]
            with door(port, valkey_url):
                until(lambda: rows(tmp_path, schema.work)[0].sent_at_ms, 20)
        finally:
            server.should_exit = True
            thread.join(20)
    with closing(redis.Redis.from_url(valkey_url.rpartition("/")[0] + "/7")) as client:
        message = json.loads(client.lrange("stages", 0, 0)[0])
    assert message["headers"]["task"] == "compliance.intake"


@pytest.mark.parametrize("is_silent", [False, True])
def test_sending_to_a_broker_that_does_not_answer_fails_quickly(tmp_path: Path, is_silent: bool) -> None:
    """Nobody listens, or somebody does and says nothing: seconds, then an error without the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        if not is_silent:
            listener.close()
        dispatcher = Dispatcher(settings(tmp_path, f"redis://:hunter2@127.0.0.1:{port}/0"))
        for ask in (lambda: dispatcher.send(RecordingId("rec_1"), Stage.INTAKE), dispatcher.waiting):
            started = time.monotonic()
            with pytest.raises(BrokerUnavailable) as caught:
                ask()
            assert time.monotonic() - started < QUICK_S
            assert "hunter2" not in str(caught.value)
            assert str(port) not in str(caught.value)
    dispatcher.close()


def test_a_message_holds_the_id_and_nothing_else(tmp_path: Path, valkey_url: str) -> None:
    """One argument, no answer asked for, on the stage's own queue; what waits is counted."""
    dispatcher = Dispatcher(settings(tmp_path, valkey_url.rpartition("/")[0] + "/8"))
    assert dispatcher.waiting() == 0
    dispatcher.send(RecordingId("rec_1"), Stage.VERIFY)
    dispatcher.send(RecordingId("rec_1"), Stage.DETECT)
    assert dispatcher.waiting() == 2
    dispatcher.close()

    with closing(redis.Redis.from_url(valkey_url.rpartition("/")[0] + "/8")) as client:
        headers = [json.loads(client.lrange(queue, 0, 0)[0])["headers"] for queue in ("transcribe", "stages")]
    assert [each["task"] for each in headers] == ["compliance.verify", "compliance.detect"]
    assert all(each["argsrepr"] == "('rec_1',)" and each["kwargsrepr"] == "{}" for each in headers)
    assert all(each["ignore_result"] for each in headers)


def test_every_stage_has_a_task_and_a_queue() -> None:
    """What uses the speech model is kept apart from the rest."""
    assert {task.name for task in TASKS.values()} == {f"compliance.{stage}" for stage in Stage}
    assert {stage for stage in Stage if queue_of(stage) == "transcribe"} == {Stage.TRANSCRIBE, Stage.VERIFY}


def test_celery_is_told_to_lose_nothing_and_to_keep_nothing(tmp_path: Path) -> None:
    """Late acknowledgement, one message at a time, JSON, no results; back only after the longest task."""
    told = options(settings(tmp_path, "redis://127.0.0.1/0"))

    assert told["task_acks_late"]
    assert told["task_reject_on_worker_lost"]
    assert told["worker_prefetch_multiplier"] == 1
    assert told["accept_content"] == ["json"]
    assert told["result_backend"] is None
    assert told["task_ignore_result"]
    assert told["broker_transport_options"]["visibility_timeout"] > told["task_time_limit"]
    assert not told["worker_enable_remote_control"]


def test_a_worker_without_a_broker_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the embedded default and the setting."""
    monkeypatch.setenv("COMPLIANCE_HOME", str(tmp_path))
    monkeypatch.delenv("COMPLIANCE_BROKER_URL", raising=False)
    with pytest.raises(SettingInvalid, match=r"embedded default.*COMPLIANCE_BROKER_URL"):
        worker()


def test_only_queues_that_there_are_can_be_named() -> None:
    """All by default; an unknown one is refused by name."""
    assert queues_of(None) == ("transcribe", "stages")
    assert queues_of(["stages"]) == ("stages",)
    with pytest.raises(ArgumentInvalid, match="rest"):
        queues_of(["rest"])

"""The webhook endpoint: what LiveKit is answered, and what is kept."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import replace

import pytest
from pydantic import SecretStr

from compliance.errors import DatabaseUnavailable, DiskFull
from compliance.intake.livekit import sign

KEY = "APItestKey0001"
SECRET = SecretStr("a-secret-made-up-for-the-tests-0123456789")


def error(response) -> tuple[int, str]:
    body = response.json()
    assert set(body) == {"schema", "reason", "message"}
    assert body["schema"] == "compliance/error/1"
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, body["reason"]


def test_a_signed_webhook_is_kept_and_a_worker_is_told(post, sample, world):
    """200, one row, and the wake-up call after it."""
    response = post(sample("ended_complete"))
    assert (response.status_code, response.json()["receipt"]) == (200, "accepted")
    assert len(world.inbox()) == 1
    assert world.woken == [1]


def test_a_replay_is_answered_well_and_does_nothing(post, sample, world):
    """200 again, no second row, nobody woken."""
    for receipt in ("accepted", "replayed"):
        response = post(sample("ended_complete"))
        assert (response.status_code, response.json()["receipt"]) == (200, receipt)
    assert len(world.inbox()) == 1
    assert world.woken == [1]


@pytest.mark.parametrize("name", ["track_published", "recorder_joined"])
def test_unknown_events_are_answered_well(post, sample, world, name):
    """200, and nothing is kept: a 4xx would be no better, and a 5xx would bring it again."""
    response = post(sample(name))
    assert (response.status_code, response.json()["receipt"]) == (200, "ignored")
    assert world.inbox() == []


def test_the_usual_word_before_the_token_does_no_harm(post, sample):
    """`Bearer` is taken off."""
    body = sample("ended_complete")
    assert post(body, "Bearer " + sign(body, KEY, SECRET)).status_code == 200


def test_a_trailing_slash_loses_nothing(post, sample):
    """No redirect, after which a client may leave the body out."""
    assert post(sample("ended_complete"), path="/webhooks/livekit/").status_code == 200


@pytest.mark.parametrize(
    "token", [None, "garbled", sign(b"another body", KEY, SECRET), sign(b"", KEY, SecretStr("x" * 40))]
)
def test_a_wrong_signature_is_401(post, sample, world, token):
    """Nothing is kept but the fact, and LiveKit does not send it again."""
    assert error(post(sample("ended_complete"), token)) == (401, "signature_invalid")
    assert world.inbox() == []
    assert [each["reason"] for each in world.told("webhook.rejected")] == ["signature_invalid"]


def test_strangers_cannot_make_the_log_grow(post, world):
    """Each reason is recorded once a minute, however many are sent."""
    for _ in range(20):
        post(b"{}", None)
    assert len(world.told("webhook.rejected")) == 1
    world.now_ms += 60_000
    post(b"{}", None)
    assert len(world.told("webhook.rejected")) == 2


@pytest.mark.parametrize("body", [b"[]", b"{}", b"not json", b'{"event": "x"}', b"\xff"])
def test_signed_but_no_event_is_422(post, world, body):
    """It can never be accepted, so it is not asked for again."""
    assert error(post(body)) == (422, "body_invalid")
    assert world.inbox() == []


def test_an_old_event_is_refused(post, sample, world):
    """Signed anew or not, yesterday's event is not taken."""
    world.now_ms += 90_000_000
    assert error(post(sample("ended_complete"))) == (401, "signature_invalid")


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (DatabaseUnavailable("no answer from db.example.org"), "database_unavailable"),
        (DiskFull("no space in /somewhere"), "disk_full"),
        (RuntimeError("number +12125550142"), "internal_error"),
    ],
)
def test_any_trouble_of_ours_is_503(post, sample, world, monkeypatch, caplog, trouble, reason):
    """LiveKit sends it again, after the time we ask for; neither answer nor log says what was in it."""

    def fail(*_args: object) -> None:
        raise trouble

    with monkeypatch.context() as patched:
        patched.setattr("compliance.intake.receive.inbox.put", fail)
        response = post(sample("ended_complete"))
    assert error(response) == (503, reason)
    assert response.headers["retry-after"] == "2"
    assert "5550142" not in response.text + caplog.text
    assert world.inbox() == []
    assert post(sample("ended_complete")).json()["receipt"] == "accepted"


def test_a_database_that_is_gone_is_503(post, sample, world, tmp_path):
    """The real thing: the tables are not there any more."""
    with world.database.begin() as connection:
        connection.exec_driver_sql("DROP TABLE inbox")
    assert error(post(sample("ended_complete"))) == (503, "database_unavailable")


def test_a_worker_that_cannot_be_told_costs_nothing(client, post, sample, world, caplog):
    """The row is committed and the answer is 200; the sweeper will find it."""

    def refuse() -> None:
        raise ConnectionError("broker:6379")

    client.app.state.hook = replace(client.app.state.hook, wake=refuse)
    assert post(sample("ended_complete")).status_code == 200
    assert len(world.inbox()) == 1
    assert "ConnectionError" in caplog.text


class TestSize:
    """The body's limit, over real HTTP."""

    def test_fifty_megabytes_are_refused_unread(self, server, world):
        """The answer comes before the body is sent, and the connection is closed."""
        with socket.create_connection(server, timeout=10) as connection:
            connection.sendall(_head(f"Content-Length: {50 << 20}") + b"{" * 10)
            answer = _read(connection)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b'"reason":"body_too_large"' in answer
        assert b"connection: close" in answer.lower()
        assert world.inbox() == []

    def test_a_body_without_a_length_is_counted(self, server, world):
        """Chunks are read until they are over the limit, and no further."""
        with socket.create_connection(server, timeout=10) as connection:
            connection.sendall(_head("Transfer-Encoding: chunked"))
            chunk = b"2710\r\n" + b"x" * 10_000 + b"\r\n"
            sent = 0
            try:
                for _ in range(5_000):
                    connection.sendall(chunk)
                    sent += 1
            except OSError:
                pass  # the service has hung up
            answer = _read(connection)
        assert sent < 5_000
        assert not answer or answer.startswith(b"HTTP/1.1 413 ")
        assert world.inbox() == []

    def test_just_over_and_just_under(self, post):
        """The limit itself is allowed; one byte more is not."""
        event = {"event": "room_started", "createdAt": "1795500080", "pad": ""}
        room = 50_000 - len(json.dumps(event))
        assert post(json.dumps({**event, "pad": "x" * room}).encode()).status_code == 200
        assert error(post(json.dumps({**event, "pad": "x" * (room + 1)}).encode())) == (413, "body_too_large")

    def test_a_body_that_does_not_come_is_not_waited_for(self, server, world, monkeypatch):
        """Whoever sends a header and then nothing does not keep the service busy."""
        monkeypatch.setattr("compliance.api.webhooks.BODY_S", 0.2)
        with socket.create_connection(server, timeout=10) as connection:
            connection.sendall(_head("Content-Length: 100") + b"{")
            assert _read(connection).startswith(b"HTTP/1.1 503 ")

    def test_a_length_that_is_none_is_refused(self, server):
        """The server's parser answers 400; the service never sees it."""
        with socket.create_connection(server, timeout=10) as connection:
            connection.sendall(_head("Content-Length: -1"))
            assert _read(connection).startswith(b"HTTP/1.1 400 ")

    def test_a_webhook_passes_over_the_wire(self, server, sample, world):
        """The same bytes that were signed arrive, and the answer takes milliseconds."""
        body = sample("ended_complete")
        token = sign(body, KEY, SECRET)
        with socket.create_connection(server, timeout=10) as connection:
            started = time.perf_counter()
            connection.sendall(_head(f"Content-Length: {len(body)}", f"Authorization: {token}") + body)
            answer = _read(connection)
            took = time.perf_counter() - started
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"server:" not in answer.lower()
        assert len(world.inbox()) == 1
        assert took < 1


def _head(*headers: str) -> bytes:
    lines = ("POST /webhooks/livekit HTTP/1.1", "Host: localhost", "Connection: close", *headers)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _read(connection: socket.socket) -> bytes:
    found = b""
    try:
        while chunk := connection.recv(65536):
            found += chunk
    except ConnectionResetError:
        pass
    return found

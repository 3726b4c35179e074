"""The query API: who may read, what is shown, and that each read is on record first."""

from __future__ import annotations

import json
import logging
import socket
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from compliance.api.app import create_app
from compliance.errors import DatabaseUnavailable, ModelMissing
from compliance.intake.handle import drain
from compliance.store import recordings, tokens

DAY_MS = 86_400_000
PRIVATE = ("5550142", "5550177", "support-_", "054005", "sip_", "northwind")


@pytest.fixture
def recording_id(post, sample, world) -> str:
    """A recording that came by webhook."""
    for name in ("caller_joined", "ended_complete"):
        assert post(sample(name)).status_code == 200
    drain(world.parts.intake, now_ms=world.now_ms)
    with world.database.read() as connection:
        [row] = recordings.page(connection)
    return row.id


def many(world, post, sample, count: int) -> None:
    """So many recordings."""
    for number in range(count):
        body = json.loads(sample("ended_complete"))
        body["id"] = f"EV_many{number:04}"
        body["egressInfo"]["egressId"] = f"EG_many{number:04}"
        post(json.dumps(body).encode())
    drain(world.parts.intake, now_ms=world.now_ms)


class TestReading:
    """What is shown."""

    @pytest.mark.parametrize("role", ["engineer", "officer", "legal"])
    def test_a_recording_is_shown_without_anything_private(self, client, world, recording_id, role):
        """State, roles and ids are there; numbers, names, paths and buckets are not."""
        response = client.get(f"/v1/recordings/{recording_id}", headers=world.token(role))
        assert response.status_code == 200
        shown = response.json()
        assert shown["schema"] == "compliance/recording/1"
        assert shown["recording"]["state"] == "processing"
        assert shown["recording"]["roles"] == ["agent", "caller"]
        assert not any(each in response.text for each in PRIVATE)
        assert response.headers["cache-control"] == "no-store"

    def test_the_trail_is_shown_to_those_who_may(self, client, world, recording_id):
        """The events of the recording, in order, with the reads before this one."""
        headers = world.token("legal")
        client.get(f"/v1/recordings/{recording_id}", headers=headers)
        shown = client.get(f"/v1/recordings/{recording_id}/audit", headers=headers)
        kinds = [each["kind"] for each in shown.json()["events"]]
        assert kinds == ["recording.received", "access.read"]
        assert not any(each in shown.text for each in PRIVATE)

    def test_pages_hold_every_recording_once(self, client, post, sample, world):
        """Following `after` to the end gives each recording once, newest first."""
        many(world, post, sample, 7)
        headers, after, found = world.token(), None, []
        for size in (3, 3, 1):
            query = {"limit": "3"} | ({"after": after} if after else {})
            page = client.get("/v1/recordings", params=query, headers=headers).json()
            assert len(page["recordings"]) == size
            found += [each["id"] for each in page["recordings"]]
            after = page["after"]
        assert after is None
        assert len(set(found)) == 7

    def test_states_are_told_apart(self, client, world, recording_id):
        """The filter keeps those of one state."""
        headers = world.token()
        for state, count in (("processing", 1), ("held", 0)):
            page = client.get("/v1/recordings", params={"state": state}, headers=headers).json()
            assert len(page["recordings"]) == count

    def test_an_unknown_recording_is_404(self, client, world):
        """There is none of that id, which is not repeated."""
        unknown = "rec_" + "0" * 32
        for path in (unknown, f"{unknown}/audit"):
            response = client.get(f"/v1/recordings/{path}", headers=world.token())
            assert (response.status_code, response.json()["reason"]) == (404, "recording_unknown")
            assert unknown not in response.text


class TestRecord:
    """That reads and refusals are on record."""

    def test_a_read_is_on_record(self, client, world, recording_id):
        """Who read which recording, by the token's id and role."""
        client.get(f"/v1/recordings/{recording_id}", headers=world.token("legal"))
        [event] = world.told("access.read")
        assert event["recording_id"] == recording_id
        assert (event["actor"]["type"], event["actor"]["role"]) == ("person", "legal")

    def test_every_read_is_an_event_of_its_own(self, client, world, recording_id):
        """Reading twice is two reads, also within one millisecond."""
        headers = world.token()
        for _ in range(3):
            client.get(f"/v1/recordings/{recording_id}", headers=headers)
        assert len(world.told("access.read")) == 3

    def test_a_list_is_on_record(self, client, world, recording_id):
        """With how many entries left."""
        client.get("/v1/recordings", headers=world.token())
        [event] = world.told("access.list")
        assert event["outcome"] == "success"

    @pytest.mark.parametrize("path", ["", "/{}", "/{}/audit"])
    def test_what_cannot_be_recorded_is_not_read(self, client, world, recording_id, monkeypatch, path):
        """If the event cannot be committed, nothing leaves."""

        def refuse(*_args: object) -> None:
            raise DatabaseUnavailable("no answer")

        headers = world.token()
        monkeypatch.setattr("compliance.api.access.log.record", refuse)
        response = client.get("/v1/recordings" + path.format(recording_id), headers=headers)
        assert (response.status_code, response.json()["reason"]) == (503, "database_unavailable")
        assert "recordings" not in response.text
        assert "events" not in response.text

    def test_a_role_that_may_not_is_403_and_on_record(self, client, world, recording_id):
        """An engineer asks for an audit trail: each time is recorded, with the recording."""
        headers = world.token("engineer")
        for _ in range(2):
            response = client.get(f"/v1/recordings/{recording_id}/audit", headers=headers)
            assert (response.status_code, response.json()["reason"]) == (403, "role_insufficient")
        denied = world.told("access.denied")
        assert [(each["recording_id"], each["reason"]) for each in denied] == [
            (recording_id, "role_insufficient")
        ] * 2


class TestTokens:
    """Which tokens hold."""

    @pytest.mark.parametrize(
        "path", ["/v1/recordings", "/v1/recordings/rec_" + "0" * 32, "/v1/recordings/x/audit"]
    )
    @pytest.mark.parametrize("header", [None, "", "Bearer ", "Basic dTpw", "cpl_x_y"])
    def test_no_token_is_401(self, client, world, path, header):
        """Before anything else of the request is looked at, and on record once."""
        response = client.get(path, headers={"Authorization": header} if header is not None else {})
        assert (response.status_code, response.json()["reason"]) == (401, "token_missing")
        assert response.headers["www-authenticate"] == "Bearer"
        assert len(world.told("auth.failed")) == 1

    @pytest.mark.parametrize("change", ["other", "secret", "id", "longer", "upper", "é"])
    def test_a_token_that_is_not_ours_is_401(self, client, world, change):
        """One character more or another, in id or secret."""
        headers = world.token()
        right = headers["Authorization"]
        wrong = {
            "other": "Bearer cpl_t000000000000_" + "0" * 64,
            "secret": right[:-1] + ("0" if right[-1] != "0" else "1"),
            "id": right.replace("cpl_t", "cpl_t0", 1)[: len(right)],
            "longer": right + "0",
            "upper": right[:7] + right[7:].upper(),
            "é": "Bearer cpl_\xe9",
        }[change]
        assert client.get("/v1/recordings", headers=headers).status_code == 200
        response = client.get("/v1/recordings", headers={"Authorization": wrong.encode("latin-1")})
        assert (response.status_code, response.json()["reason"]) == (401, "token_invalid")
        assert wrong.removeprefix("Bearer ") not in response.text

    def test_an_expired_token_is_401_and_known(self, client, world):
        """The record names the token, which whoever owns it may want to know."""
        headers = world.token(days=1)
        world.now_ms += DAY_MS - 1
        assert client.get("/v1/recordings", headers=headers).status_code == 200
        world.now_ms += 1
        assert client.get("/v1/recordings", headers=headers).json()["reason"] == "token_invalid"
        [event] = world.told("auth.failed")
        assert event["actor"]["id"] in headers["Authorization"]

    def test_a_revoked_token_is_401(self, client, world):
        """At once."""
        headers = world.token()
        with world.database.begin() as connection:
            tokens.revoke(connection, headers["Authorization"].split("_")[1], world.now_ms)
        assert client.get("/v1/recordings", headers=headers).json()["reason"] == "token_invalid"

    def test_only_digests_are_kept(self, world, tmp_path):
        """The token's secret is not in the database's files."""
        secret = world.token()["Authorization"].rpartition("_")[2]
        world.database.close()
        kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*.db*") if path.is_file())
        assert b"tests" in kept
        assert secret.encode() not in kept


class TestAnswers:
    """What errors say, and what they do not."""

    @pytest.mark.parametrize(
        ("query", "named"),
        [
            ("limit=5550142", "limit"),
            ("limit=five5550142", "limit"),
            ("state=5550142", "state"),
            ("after=5550142", "after"),
            ("after=rec_5550142&limit=0", "after, limit"),
        ],
    )
    def test_a_wrong_parameter_is_named_and_not_repeated(self, client, world, query, named):
        """FastAPI would answer with the input; here only the parameter's own name comes back."""
        response = client.get(f"/v1/recordings?{query}", headers=world.token())
        assert (response.status_code, response.json()["reason"]) == (422, "argument_invalid")
        assert response.json()["message"] == f"not acceptable: {named}"
        assert "5550142" not in response.text

    @pytest.mark.parametrize("path", ["/v1/recordings/5550142", "/v1/recordings/5550142/audit"])
    def test_a_wrong_path_is_not_repeated(self, client, world, path):
        """Nor the part of a path."""
        response = client.get(path, headers=world.token())
        assert response.status_code == 422
        assert "5550142" not in response.text

    @pytest.mark.parametrize(
        ("method", "path", "status", "reason"),
        [
            ("GET", "/5550142", 404, "not_found"),
            ("GET", "/docs", 404, "not_found"),
            ("GET", "/redoc", 404, "not_found"),
            ("DELETE", "/v1/recordings", 405, "method_not_allowed"),
            ("GET", "/webhooks/livekit", 405, "method_not_allowed"),
        ],
    )
    def test_every_error_has_the_same_form(self, client, method, path, status, reason):
        """Also those that no route of ours gives."""
        response = client.request(method, path)
        assert (response.status_code, response.json()["reason"]) == (status, reason)
        assert response.json()["schema"] == "compliance/error/1"
        assert "5550142" not in response.text

    def test_the_unexpected_is_500_without_a_word(self, client, world, monkeypatch, caplog):
        """An error that nobody foresaw shows neither its message nor its input, here or in the log."""

        def fail(*_args: object, **_kwargs: object) -> None:
            raise RuntimeError("caller +12125550142")

        monkeypatch.setattr("compliance.api.recordings.recordings.page", fail)
        response = client.get("/v1/recordings", headers=world.token())
        assert (response.status_code, response.json()["reason"]) == (500, "internal_error")
        assert "5550142" not in response.text + caplog.text
        assert "RuntimeError" in caplog.text

    def test_the_description_is_served_and_needs_nothing_from_elsewhere(self, client):
        """OpenAPI names every route, and each body by its schema."""
        paths = client.get("/openapi.json").json()["paths"]
        assert set(paths) == {
            "/webhooks/livekit",
            "/healthz",
            "/readyz",
            "/v1/recordings",
            "/v1/recordings/{recording_id}",
            "/v1/recordings/{recording_id}/audit",
            "/v1/consent/requirements",
            "/v1/audit/events",
            "/v1/audit/reports/{name}",
        }


class TestHealth:
    """Whether the service lives and can work."""

    def test_it_lives(self, client):
        """Without asking anything else."""
        assert client.get("/healthz").json()["ok"] is True

    def test_it_is_ready(self, client):
        """Database, keys and models are asked."""
        response = client.get("/readyz")
        assert (response.status_code, response.json()["checks"]) == (
            200,
            {"database": "ok", "keys": "ok", "models": "ok"},
        )

    def test_what_is_missing_is_named(self, world):
        """503, with the reason's word and no path."""

        def missing() -> None:
            raise ModelMissing("/home/somebody/models/whisper-base is not there")

        with TestClient(create_app(replace(world.parts, checks={"models": missing}))) as client:
            response = client.get("/readyz")
        assert (response.status_code, response.json()["checks"]["models"]) == (503, "model_missing")
        assert "somebody" not in response.text

    def test_a_database_that_does_not_answer_is_told(self, world, monkeypatch):
        """It lives, but is not ready."""

        def refuse() -> None:
            raise DatabaseUnavailable("no answer")

        with TestClient(create_app(world.parts)) as client:
            monkeypatch.setattr(type(world.database), "read", lambda _self: refuse())
            assert client.get("/healthz").status_code == 200
            response = client.get("/readyz")
        assert (response.status_code, response.json()["checks"]["database"]) == (503, "database_unavailable")


class TestLog:
    """What a request leaves in the service's log."""

    def test_one_line_without_path_or_query(self, client, world, recording_id, caplog):
        """Method, route, status and milliseconds, as JSON."""
        headers = world.token()
        caplog.clear()
        with caplog.at_level(logging.INFO, "compliance.access"):
            client.get(f"/v1/recordings/{recording_id}?number=%2B12125550142", headers=headers)
            client.get("/calls/12125550142")
        lines = [json.loads(each.message) for each in caplog.records if each.name == "compliance.access"]
        assert [(each["route"], each["status"]) for each in lines] == [
            ("/v1/recordings/{recording_id}", 200),
            ("unmatched", 404),
        ]
        assert all(set(each) == {"method", "route", "status", "ms"} for each in lines)
        assert "5550142" not in "".join(
            each.message for each in caplog.records if each.name.startswith("compliance")
        )

    def test_the_server_itself_logs_no_request(self, server, caplog):
        """uvicorn's access log, which has the query, is off."""
        with caplog.at_level(logging.DEBUG), socket.create_connection(server, timeout=10) as connection:
            connection.sendall(
                b"GET /healthz?number=12125550142 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            while connection.recv(65536):
                pass
        assert "/healthz" in caplog.text
        assert "5550142" not in caplog.text

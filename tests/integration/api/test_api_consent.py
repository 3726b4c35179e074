"""What a voice agent is told before a call: over the API, on record, and without a number anywhere."""

from __future__ import annotations

import importlib.util
import json
import logging
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from compliance.api.app import create_app
from compliance.api.consent import MAX_BYTES
from compliance.errors import DatabaseUnavailable
from compliance.schemas.check import faults

PATH = "/v1/consent/requirements"
EXAMPLE = Path(__file__).parents[3] / "examples" / "livekit_agent.py"
CALIFORNIA, TEXAS, OHIO = "+14155550121", "+12145550188", "+16145550164"
PRIVATE = ("5550121", "5550188", "5550164", "Ottoline")


@pytest.fixture
def ask(client, world):
    """Ask with a voice agent's token."""
    headers = world.token("agent")

    def send(body: Any) -> Any:
        if isinstance(body, bytes):
            return client.post(PATH, content=body, headers=headers)
        return client.post(PATH, json=body, headers=headers)

    return send


def _call(*callers: dict[str, Any], business: str | None = TEXAS, **more: Any) -> dict[str, Any]:
    return {"callers": list(callers), "business": {"number": business}, **more}


def _jurisdictions(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.text
    assert faults(answer.json()) == []
    return {place["jurisdiction"] for place in answer.json()["places"]}


class TestAnswers:
    """What is told."""

    @pytest.mark.parametrize("role", ["agent", "engineer", "officer", "legal"])
    def test_every_role_may_ask(self, client, world, role):
        """There is nothing of anybody's in the answer."""
        answer = client.post(PATH, json=_call({"number": CALIFORNIA}), headers=world.token(role))
        assert _jurisdictions(answer) == {"US-CA", "US-TX"}
        assert answer.json()["jurisdiction"] == "US-CA"
        assert "is being recorded" in answer.json()["script"]["text"]

    def test_a_call_of_which_nothing_is_said_is_the_strictest(self, ask):
        """An empty object is a call between strangers."""
        answer = ask({})
        assert _jurisdictions(answer) == {"unknown"}
        assert answer.json()["consent"]["all_parties_must_agree"]

    def test_the_day_is_the_services_own_unless_it_is_given(self, ask):
        """The clock's day in UTC; a day given stands."""
        assert ask({}).json()["date"] == "2026-11-24"
        assert ask({"date": "2026-01-31"}).json()["date"] == "2026-01-31"

    def test_attributes_may_be_handed_on_as_livekit_has_them(self, ask):
        """Number and trunk are read from them, and the attributes that the settings name; no other."""
        attributes = {
            "sip.phoneNumber": OHIO,
            "sip.trunkPhoneNumber": TEXAS,
            "compliance.place": "US-CA",
            "somebody.else": "US-WA",
        }
        answer = ask({"callers": [{"attributes": attributes}]})
        assert _jurisdictions(answer) == {"US-OH", "US-TX", "US-CA"}

    def test_what_the_business_says_stands_in_for_a_number_withheld(self, ask):
        """And stands beside one that is there."""
        assert _jurisdictions(ask(_call({"places": ["US-OH"]}))) == {"US-OH", "US-TX"}
        assert _jurisdictions(ask(_call({"number": CALIFORNIA, "places": ["US-OH"]}))) == {
            "US-CA",
            "US-OH",
            "US-TX",
        }

    @pytest.mark.parametrize("side", [{"number": "+1415"}, {"number": "Ottoline"}, {"places": ["the moon"]}])
    def test_what_cannot_be_read_is_the_strictest_and_no_error(self, ask, side):
        """A live call waits for the answer; it gets one, and is told why it is strict."""
        answer = ask(_call(side))
        assert "unknown" in _jurisdictions(answer)
        assert "counts as the strictest" in " ".join(answer.json()["reasoning"])

    @pytest.mark.parametrize(("agent", "is_told"), [("ai", True), ("human", False), (None, True)])
    def test_the_agent_is_as_it_is_said_or_as_it_is_set(self, ask, agent, is_told):
        """Settings say what is not said."""
        answer = ask(_call({"number": CALIFORNIA}, agent=agent)).json()
        assert (answer["if_asked_whether_machine"] is not None) is is_told

    def test_a_request_may_ask_for_more_consent_and_not_for_less(self, world):
        """A deployment that wants a yes is not talked out of it by one agent."""
        for setting, asked, must_ask in ((False, False, False), (False, True, True), (True, False, True)):
            settings = world.parts.settings.model_copy(update={"explicit_consent": setting})
            parts = replace(world.parts, settings=settings)
            with TestClient(create_app(parts)) as client:
                body = _call({"number": CALIFORNIA}, ask=asked)
                answer = client.post(PATH, json=body, headers=world.token("agent")).json()
            assert answer["consent"]["must_ask"] is must_ask

    def test_the_business_and_the_recorder_are_where_the_settings_say(self, world):
        """Declared places count in every call."""
        settings = world.parts.settings.model_copy(
            update={"business_places": ("US-FL",), "recorder_region": "US-VA", "business_number": TEXAS}
        )
        with TestClient(create_app(replace(world.parts, settings=settings))) as client:
            answer = client.post(PATH, json={"callers": [{"number": OHIO}]}, headers=world.token("agent"))
        assert _jurisdictions(answer) == {"US-OH", "US-TX", "US-FL", "US-VA"}


class TestRecord:
    """What is kept of it."""

    def test_that_somebody_was_told_is_on_record_without_a_number(self, ask, world):
        """By whom, by which rule, from which files."""
        body = _call({"number": CALIFORNIA, "attributes": {"compliance.place": OHIO, "name": "Ottoline"}})
        answer = ask(body).json()
        [event] = world.told("consent.advised")
        assert (event["actor"]["type"], event["actor"]["role"]) == ("service", "agent")
        assert (event["fields"]["jurisdiction"], event["fields"]["rule"]) == ("US-CA", "all-party")
        assert event["fields"]["jurisdictions"] == ["US-CA", "US-OH", "US-TX"]
        assert event["fields"]["policies"] == {each["file"]: each["sha256"] for each in answer["policies"]}
        assert not any(each in json.dumps([event, answer]) for each in PRIVATE)

    def test_what_cannot_be_recorded_is_not_told(self, ask, monkeypatch):
        """If the event cannot be committed, no answer leaves."""

        def refuse(*_args: object) -> None:
            raise DatabaseUnavailable("no answer")

        monkeypatch.setattr("compliance.api.access.log.record", refuse)
        answer = ask(_call({"number": CALIFORNIA}))
        assert (answer.status_code, answer.json()["reason"]) == (503, "database_unavailable")
        assert "script" not in answer.text

    def test_the_log_has_no_number(self, ask, caplog):
        """Neither from the body nor from attributes."""
        with caplog.at_level(logging.DEBUG):
            ask(_call({"number": CALIFORNIA, "attributes": {"sip.phoneNumber": OHIO}}))
        ours = "".join(each.getMessage() for each in caplog.records if each.name.startswith("compliance"))
        assert PATH in ours
        assert not any(each in ours for each in PRIVATE)


class TestRefusals:
    """Who is sent away, and how."""

    def test_nobody_is_told_without_a_token_whatever_they_send(self, client):
        """The token is looked at before the body is."""
        for body in (b"", b"{", b"x" * (MAX_BYTES + 1), b'{"number": "+14155550121"}'):
            answer = client.post(PATH, content=body)
            assert (answer.status_code, answer.json()["reason"]) == (401, "token_missing")
            assert "5550121" not in answer.text

    @pytest.mark.parametrize("path", ["", "/rec_" + "0" * 32, "/rec_" + "0" * 32 + "/audit"])
    def test_a_voice_agents_token_reads_nothing(self, client, world, path):
        """It lies on many machines, so it opens no recording."""
        answer = client.get(f"/v1/recordings{path}", headers=world.token("agent"))
        assert (answer.status_code, answer.json()["reason"]) == (403, "role_insufficient")

    @pytest.mark.parametrize(
        ("body", "named"),
        [
            ({"callers": [{"number": 14155550121}]}, "callers.0.number"),
            ({"callers": [{"number": "+1" + "5550121" * 60}]}, "callers.0.number"),
            ({"callers": [{"places": "US-CA"}]}, "callers.0.places"),
            ({"callers": {"number": CALIFORNIA}}, "callers"),
            ({"callers": [{}] * 33}, "callers"),
            ({"callers": [{"attributes": {"+14155550121": 1}}]}, "callers.0.attributes"),
            ({"callers": [{"attributes": [CALIFORNIA]}]}, "callers.0.attributes"),
            ({"agent": "5550121"}, "agent"),
            ({"date": "5550121"}, "date"),
            ({"date": "2026-02-30"}, "date"),
            ({"date": 1795500081}, "date"),
            ({"ask": "yes"}, "ask"),
            ({"5550121": 1}, "the body"),
            ({"callers": [{"Ottoline": 1}]}, "the body"),
            ([], "the body"),
            (b"", "the body"),
            (b"{", "the body"),
            (b"\xff", "the body"),
            (b'{"callers": [{"number": "+14155550121"}', "the body"),
        ],
    )
    def test_a_wrong_body_is_told_by_its_place_and_not_repeated(self, ask, world, body, named):
        """As a problem of the same form as every other; nothing is put on record as told."""
        answer = ask(body)
        assert (answer.status_code, answer.json()["reason"]) == (422, "argument_invalid")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["message"] == f"not acceptable: {named}"
        assert not any(each in answer.text for each in PRIVATE)
        assert world.told("consent.advised") == []

    def test_a_body_that_is_too_large_is_not_read(self, ask):
        """By what its length is said to be."""
        answer = ask(json.dumps(_call({"number": " " * MAX_BYTES})).encode())
        assert (answer.status_code, answer.json()["reason"]) == (413, "body_too_large")

    def test_a_number_in_the_address_is_not_looked_at(self, client, world):
        """There is no such way to ask, since addresses end in logs; the body alone counts."""
        answer = client.post(f"{PATH}?caller=%2B14155550121", json={}, headers=world.token("agent"))
        assert _jurisdictions(answer) == {"unknown"}
        assert client.get(PATH, headers=world.token("agent")).status_code == 405


def test_the_description_of_the_body_stands_by_itself(client):
    """Its references are found inside it."""
    page = client.get("/openapi.json").json()
    schema = page["paths"][PATH]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema["$id"].startswith("urn:")
    assert set(schema["properties"]) == {"callers", "business", "agent", "date", "ask"}
    assert schema["$defs"]["Side"]["additionalProperties"] is False


@pytest.fixture
def example():
    """The example of a voice agent, which needs no LiveKit to ask."""
    spec = importlib.util.spec_from_file_location("livekit_agent_asking", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_example_of_a_voice_agent_asks_this_service(example, server, world):
    """Over real HTTP: it gets the script of the places, and says the strictest if it is sent away."""
    url = "http://{}:{}".format(*server)
    call = example.call_of([{"sip.phoneNumber": OHIO, "sip.trunkPhoneNumber": TEXAS}])
    token = world.token("agent")["Authorization"].removeprefix("Bearer ")

    advice = example.advised(url, token, call)
    assert advice.script.startswith("Hello, I am an AI assistant")
    assert not advice.must_ask
    assert world.told("consent.advised")[0]["fields"]["jurisdictions"] == ["US-OH", "US-TX"]
    assert example.advised(url, "cpl_wrong", call) == example.STRICTEST
    assert example.advised("http://127.0.0.1:9", token, call) == example.STRICTEST

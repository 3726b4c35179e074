"""``GET /v1/audit/events``: who may ask, that each question is on record first, and that nothing leaks."""

from __future__ import annotations

import csv
import io
import json
import logging
from typing import Any

import pytest

from compliance.audit.indexing import catch_up
from compliance.audit.keyring import ORIGIN
from compliance.audit.merkle import leaf_hash
from compliance.audit.note import SeedSigner
from compliance.audit.question import FILTERS
from compliance.audit.sequencer import Sequencer
from compliance.errors import DatabaseUnavailable
from compliance.records import Purpose
from compliance.schemas.check import faults
from compliance.store import tree

URL = "/v1/audit/events"
PLANTED = ["4111111111111111", "+14155550142", "415-555-0142", "Jane Roe", "jane.roe@example.org"]
PIECES = ("411111", "5550142", "555-0142", "Jane", "Roe", "roe@")
"""What a card, a telephone number, a name or an address would show by."""


def seal(world: Any) -> None:
    """Seal what was written, as the service does each second."""
    Sequencer(world.database, SeedSigner(name=ORIGIN, seed=bytes(32))).seal(world.now_ms)
    catch_up(world.database)


@pytest.fixture
def some(client: Any, world: Any) -> dict[str, str]:
    """A log of thirty reads by an officer, whose header this is; some had a purpose."""
    headers: dict[str, str] = world.token("officer")
    for number in range(30):
        world.now_ms += 1000
        purpose = {"X-Purpose": "complaint"} if number % 3 == 0 else {}
        assert client.get("/v1/recordings", headers=headers | purpose).status_code == 200
    seal(world)
    return headers


def ask(client: Any, headers: dict[str, str], **parameters: str) -> Any:
    """The answer."""
    return client.get(URL, params=parameters, headers=headers)


class TestAnswers:
    """What comes back."""

    def test_pages_hold_each_event_once(self, client: Any, world: Any, some: dict[str, str]) -> None:
        """Following `next` to the end, while others write: each of the first page's log, newest first."""
        found, parameters = [], {"kind": "access.list", "limit": "7"}
        for size in (7, 7, 7, 7, 2):
            page = ask(client, some, **parameters).json()
            seal(world)
            assert faults(page) == []
            assert len(page["events"]) == size
            found += page["events"]
            parameters["cursor"] = page["next"]
        assert page["next"] is None
        times = [each["event"]["occurred_at_ms"] for each in found]
        assert times == sorted(times, reverse=True)
        assert len({each["leaf_index"] for each in found}) == 30

    def test_purposes_are_found(self, client: Any, some: dict[str, str]) -> None:
        """What was said of a read in X-Purpose stands in its event."""
        page = ask(client, some, purpose="complaint", order="oldest").json()
        assert [each["event"]["fields"]["purpose"] for each in page["events"]] == ["complaint"] * 10

    def test_lines_are_the_stored_bytes(self, client: Any, world: Any, some: dict[str, str]) -> None:
        """NDJSON gives every event to the byte; each line's hash is a leaf of the tree."""
        response = ask(client, some, format="ndjson", order="oldest")
        with world.database.read() as connection:
            leaves = [each.event for each in tree.leaves(connection, 0, tree.size(connection))]
        assert response.headers["content-type"] == "application/x-ndjson"
        assert "audit-events.ndjson" in response.headers["content-disposition"]
        assert {leaf_hash(line) for line in response.content.splitlines()} == {
            each.leaf_hash for each in leaves if each is not None
        }

    def test_rows_are_for_spreadsheets(self, client: Any, some: dict[str, str]) -> None:
        """CSV has a header that names the zone, and a row for each event."""
        response = ask(client, some, format="csv", kind="access.list")
        rows = list(csv.reader(io.StringIO(response.text, newline="")))
        assert response.headers["content-type"].startswith("text/csv; charset=utf-8")
        assert rows[0][0] == "time (UTC)"
        assert len(rows) == 31

    def test_what_an_answer_does_not_cover_is_told(
        self, client: Any, world: Any, some: dict[str, str]
    ) -> None:
        """What is written and not sealed yet; of an answer under way, also what was sealed since."""
        first = ask(client, some, limit="5").json()
        assert ask(client, some).json()["waiting"] == 1
        seal(world)
        assert ask(client, some, limit="5", cursor=first["next"]).json()["waiting"] == 2
        assert ask(client, some).json()["waiting"] == 1

    def test_every_filter_can_be_given(self, client: Any, some: dict[str, str]) -> None:
        """Each parameter of the description is one that the service takes, and there are no others."""
        values = {
            "since": "2026-01-01",
            "until": "2027-01-01T00:00:00Z",
            "kind": "access.",
            "actor": "pipeline",
            "object": "ab" * 32,
            "recording": "rec_" + "0" * 32,
            "egress": "EG_1",
            "outcome": "failure",
            "purpose": "audit",
            "policy": "consent/us/ca.yaml",
            "model": "whisper-base",
        }
        assert set(values) == set(FILTERS)
        response = ask(client, some, **values)
        assert (response.status_code, response.json()["events"]) == (200, [])
        described = client.get("/openapi.json").json()["paths"][URL]["get"]["parameters"]
        assert {each["name"] for each in described} == {*FILTERS, "order", "format", "cursor", "limit"}


class TestRecord:
    """That it was asked is an event, first of all."""

    def test_a_question_is_on_record_without_its_values(
        self, client: Any, world: Any, some: dict[str, str]
    ) -> None:
        """Who, by what, how many, of a log of which size, and what for."""
        actor = some["Authorization"].split("_")[1]
        response = client.get(
            URL, params={"actor": actor, "kind": "access."}, headers=some | {"X-Purpose": "audit"}
        )
        told = world.told("access.list")[-1]
        assert told["actor"] == {"type": "person", "id": actor, "role": "officer"}
        assert told["fields"] == {
            "object": "audit_events",
            "token_id": actor,
            "entries": len(response.json()["events"]),
            "filters": ["kind", "actor"],
            "purpose": "audit",
            "size": response.json()["size"],
        }

    @pytest.mark.parametrize("form", ["csv", "ndjson"])
    def test_an_export_is_on_record_with_its_number(
        self, client: Any, world: Any, some: dict[str, str], form: str
    ) -> None:
        """Counted beforehand, and just so many leave."""
        lines = ask(client, some, format=form, kind="access.list").content.splitlines()
        [told] = world.told("access.export")
        assert told["fields"]["entries"] == len(lines) - (form == "csv") == 30
        assert told["fields"]["format"] == form

    @pytest.mark.parametrize("form", ["json", "csv", "ndjson"])
    def test_what_cannot_be_recorded_does_not_leave(
        self, client: Any, some: dict[str, str], monkeypatch: pytest.MonkeyPatch, form: str
    ) -> None:
        """If the event cannot be committed, the answer is 503 and holds nothing."""

        def refuse(*_: object) -> None:
            raise DatabaseUnavailable("no answer")

        monkeypatch.setattr("compliance.api.access.log.record", refuse)
        response = ask(client, some, format=form)
        assert (response.status_code, response.json()["reason"]) == (503, "database_unavailable")
        assert "ev_" not in response.text

    def test_an_engineer_may_not(self, client: Any, world: Any, some: dict[str, str]) -> None:
        """The log tells who read what; the refusal is on record."""
        response = ask(client, world.token("engineer"))
        assert (response.status_code, response.json()["reason"]) == (403, "role_insufficient")
        assert [each["fields"]["object"] for each in world.told("access.denied")] == ["audit_events"]

    def test_nobody_without_a_token_learns_what_may_be_asked(self, client: Any, some: dict[str, str]) -> None:
        """The token is looked at before the question."""
        assert ask(client, {}, nonsense="1").json()["reason"] == "token_missing"


class TestBadInput:
    """400, with what is allowed, and never what was given."""

    @pytest.mark.parametrize(
        ("parameters", "reason", "named"),
        [
            ({"speaker": "x"}, "query_invalid", "since, until, kind"),
            ({"kind": "consnet."}, "query_invalid", "consent."),
            ({"since": "2026-12-01", "until": "2026-11-01"}, "query_invalid", "until must lie behind since"),
            ({"since": "12/01/2026"}, "query_invalid", "2026-11-27"),
            ({"order": "random"}, "query_invalid", "newest, oldest"),
            ({"format": "xml"}, "query_invalid", "json, ndjson, csv"),
            ({"limit": "0"}, "query_invalid", "1 to 1000"),
            ({"limit": "1e3"}, "query_invalid", "1 to 1000"),
            ({"limit": "５"}, "query_invalid", "1 to 1000"),
            ({"limit": "5", "format": "csv"}, "query_invalid", "every event"),
            ({"cursor": "x", "format": "ndjson"}, "query_invalid", "every event"),
            ({"cursor": "x"}, "cursor_invalid", "begin again"),
        ],
    )
    def test_it_is_named(
        self,
        client: Any,
        world: Any,
        some: dict[str, str],
        parameters: dict[str, str],
        reason: str,
        named: str,
    ) -> None:
        """And nothing was read: there is no event of it."""
        before = len(world.told("access.list"))
        response = ask(client, some, **parameters)
        assert (response.status_code, response.json()["reason"]) == (400, reason)
        assert response.headers["content-type"] == "application/problem+json"
        assert named in response.json()["message"]
        assert len(world.told("access.list")) == before

    def test_a_parameter_is_given_once(self, client: Any, some: dict[str, str]) -> None:
        """Of two values one would be passed over in silence."""
        response = client.get(f"{URL}?kind=access.&kind=auth.", headers=some)
        assert (response.status_code, response.json()["message"]) == (400, "given twice: kind")

    def test_a_cursor_is_for_its_own_question(self, client: Any, some: dict[str, str]) -> None:
        """With another filter, another order, or altered, it is refused."""
        made = ask(client, some, kind="access.", limit="5").json()["next"]
        for parameters in (
            {"kind": "auth.", "cursor": made},
            {"cursor": made},
            {"kind": "access.", "order": "oldest", "cursor": made},
            {"kind": "access.", "cursor": made[:-1]},
            {"kind": "access.", "cursor": made.swapcase()},
        ):
            assert ask(client, some, **parameters).json()["reason"] == "cursor_invalid"
        assert ask(client, some, kind="access.", cursor=made).status_code == 200

    def test_a_purpose_is_one_of_the_list(self, client: Any, world: Any, some: dict[str, str]) -> None:
        """On every route; free words could name people."""
        for path in (URL, "/v1/recordings"):
            response = client.get(path, headers=some | {"X-Purpose": "because Jane Roe asked"})
            assert (response.status_code, response.json()["reason"]) == (400, "query_invalid")
            assert all(each in response.json()["message"] for each in Purpose)
            assert "Jane" not in response.text

    @pytest.mark.parametrize("planted", PLANTED)
    def test_what_is_planted_shows_nowhere(
        self, client: Any, world: Any, some: dict[str, str], caplog: pytest.LogCaptureFixture, planted: str
    ) -> None:
        """A card, number or name, given as anything at all: in no answer, leaf, file or log line."""
        with caplog.at_level(logging.DEBUG):
            answers = [
                ask(client, some, **{name: planted}) for name in (*FILTERS, "cursor", "limit", planted)
            ]
            answers.append(client.get(URL, headers=some | {"X-Purpose": planted}))
        assert {each.status_code for each in answers} == {400}
        seal(world)
        files = [ask(client, some, format=form).text for form in ("csv", "ndjson")]
        shown = "".join([*files, *(each.text for each in answers)])
        ours = "".join(each.getMessage() for each in caplog.records if each.name.startswith("compliance"))
        assert files[0].count("\n") > 30
        assert [piece for piece in PIECES if piece in shown + ours] == []


def test_an_answer_is_made_of_events_and_their_places(client: Any, some: dict[str, str]) -> None:
    """Each event of a page keeps the contract of events."""
    for each in ask(client, some, limit="1000").json()["events"]:
        assert faults(json.loads(json.dumps(each["event"]))) == []

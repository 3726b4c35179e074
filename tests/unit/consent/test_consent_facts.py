"""What is kept of a call for replay: the same facts after the way there and back, and not a word of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from test_consent_decide import LAW, any_facts, facts

from compliance.audit import canonical
from compliance.consent import facts_file, law, notice, verdict_file
from compliance.consent.decide import decide
from compliance.consent.facts import OBJECTION_MS, Facts, facts_of
from compliance.consent.jurisdiction import Whereabouts
from compliance.errors import FactsAltered
from compliance.records import AgentKind, Outcome, Party, Recording, RecordingId, Role
from compliance.schemas.check import faults


@given(any_facts())
def test_facts_come_back_as_they_were(given_: Facts) -> None:
    """Stored and read they are equal, keep their contract and give the same verdict, byte for byte."""
    body = facts_file.encode(given_)
    back = facts_file.decode(body, facts_file.digest(given_))

    assert back == given_
    assert facts_file.encode(back) == body
    assert faults(json.loads(body)) == []
    one, other = (verdict_file.document(decide(each, LAW)) for each in (given_, back))
    assert verdict_file.encode(one) == verdict_file.encode(other)


@pytest.mark.parametrize("place", [0, 100, -2])
def test_altered_facts_are_refused(place: int) -> None:
    """One byte of another value, and the digest in the log does not match."""
    body = bytearray(facts_file.encode(facts()))
    sha256 = facts_file.digest(facts())
    body[place] ^= 1

    with pytest.raises(FactsAltered):
        facts_file.decode(bytes(body), sha256)


@pytest.mark.parametrize("change", [{"schema": "compliance/consent-facts/9"}, {"heard": {}}, {"day": "soon"}])
def test_facts_of_another_shape_are_refused(change: dict[str, Any]) -> None:
    """What a digest vouches for may still be of no schema that is known here; nothing is guessed."""
    body = canonical.dumps({**facts_file.document(facts()), **change})
    with pytest.raises(FactsAltered):
        facts_file.decode(body, facts_file.hashlib.sha256(body).hexdigest())


def strings(value: Any) -> Iterator[str]:
    """Every string inside a document, its keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def _recording() -> Recording:
    return Recording(
        id=RecordingId("rec_0"),
        profile="default",
        agent_kind=AgentKind.AI,
        roles=(Role.AGENT, Role.CALLER),
        parties=(
            Party(role=Role.AGENT, number="US-TX", channel=0, joined_ms=None),
            Party(role=Role.CALLER, number="US-CA", channel=1, joined_ms=4_000),
        ),
        started_at_ms=None,
    )


def _locate(number: str) -> Whereabouts:
    return Whereabouts(jurisdiction=number, evidence="area_code", is_weak=True)


def made(conversation: Any) -> Facts:
    """The facts of a conversation between Texas and California."""
    return facts_of(conversation, _recording(), LAW, on_date=date(2026, 11, 27), locate=_locate)


def test_facts_hold_words_of_closed_lists_only(say: Any) -> None:
    """Of everything that was said, by whom and from which number, they hold nothing."""
    call = say(
        "A: This is Nova, an automated assistant. This call is being recorded.",
        "C: I am Ottoline Marsh and I would like a hedgehog. Are you a real person?",
        "A: No, I am an automated assistant.",
        "C: Please stop recording.",
    )
    enums = [
        each
        for module in (notice, law)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, StrEnum)
    ]
    known = {word.value for kind in (*enums, AgentKind, Role) for word in kind}
    known |= {"US-TX", "US-CA", "area_code", "2026-11-27", facts_file.SCHEMA}
    found = made(call)

    assert found.heard.notices
    assert found.heard.objections
    assert set(strings(facts_file.document(found))) <= known


def test_an_objection_ends_with_its_turn(say: Any) -> None:
    """A recogniser may write no full stop, and the sentence then runs on over the reply."""
    call = say(
        "A: This call is being recorded.",
        "C: please do not record this",
        "A: as you wish",
        "C: my name is Ottoline Marsh and here goes the rest of my story",
    )
    (objection,) = made(call).heard.objections
    turn = call.turns[1]

    assert (objection.start_ms, objection.end_ms) == (turn.start_ms, turn.end_ms)


def test_an_objection_takes_no_longer_than_it_can(say: Any) -> None:
    """In one breath without a stop it ends after some seconds."""
    call = say("A: Hello.", "C: please do not record this " + "and another thing " * 20)
    (objection,) = made(call).heard.objections

    assert objection.end_ms - objection.start_ms == OBJECTION_MS


def test_a_late_joiner_has_a_substance_of_their_own(say: Any) -> None:
    """What was said before they joined is not counted against a notice to them."""
    call = say(
        "C: I ordered six bags of potting mix and they have never arrived.",
        "A: One moment.",
        "C: I ordered nine bags of gravel and they never arrived either, you see.",
    )
    found = made(call)

    assert found.substance_ms is not None
    assert found.substance_ms < 4_000
    assert found.arrivals[0].substance_ms is not None
    assert found.arrivals[0].substance_ms > 4_000


def test_another_day_and_other_rules_show_as_differences() -> None:
    """Field by field, nested ones by their path; equal verdicts have none."""
    one = verdict_file.document(decide(facts("US-TX", "US-TX"), LAW))
    other = verdict_file.document(decide(facts("US-TX", "US-CA", agent_kind=AgentKind.AI), LAW))
    found = {each.field: (each.was, each.now) for each in verdict_file.differences(one, other)}

    assert found["outcome"] == (Outcome.SATISFIED.value, Outcome.MISSING.value)
    assert found["ai.outcome"] == ("not_required", "missing")
    assert "day" not in found
    assert list(verdict_file.differences(one, one)) == []


def test_a_digest_that_is_kept_stays_in_the_verdict() -> None:
    """A later version may spell facts otherwise; the verdict names the digest under which they were kept."""
    assert decide(facts(), LAW, facts_sha256="a" * 64).facts_sha256 == "a" * 64
    assert decide(facts(), LAW).facts_sha256 == facts_file.digest(facts())
    assert decide(replace(facts(), day=date(2026, 1, 1)), LAW).facts_sha256 != facts_file.digest(facts())

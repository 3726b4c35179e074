"""Questions: what may be asked, and places in an answer that nobody can make up."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.audit import cursor, registry
from compliance.audit.facts import About, named, term
from compliance.audit.question import FILTERS, Question, asked
from compliance.errors import CursorInvalid, InputError, QueryInvalid
from compliance.store.event_scan import Walk

DIGEST = "ab" * 32
KEY = bytes(range(32))
PLANTED = ["4111111111111111", "+14155550142", "415 555 0142", "Jane Roe", "jane.roe@example.org", "a\nb", ""]
"""A card, telephone numbers, a name and an address, as somebody might paste them."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-27", datetime(2026, 11, 27, tzinfo=UTC)),
        ("2026-11-27T09:30:00Z", datetime(2026, 11, 27, 9, 30, tzinfo=UTC)),
        ("2026-11-27T09:30:00+02:00", datetime(2026, 11, 27, 7, 30, tzinfo=UTC)),
        ("2026-11-27T09:30:00.250Z", datetime(2026, 11, 27, 9, 30, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_a_date_begins_in_utc_and_a_time_names_its_offset(text: str, expected: datetime) -> None:
    """Both become Unix milliseconds."""
    assert asked({"since": text}).since_ms == expected.timestamp() * 1000


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"since": "2026-11-27T09:30:00"}, "offset"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-13-01"}, "since"),
        ({"until": "0001-01-01"}, "until"),
        ({"since": "2026-12-01", "until": "2026-11-01"}, "until must lie behind since"),
        ({"since": "2026-12-01", "until": "2026-12-01"}, "until must lie behind since"),
        ({"kind": "consnet."}, "consent."),
        ({"kind": ""}, "consent."),
        ({"recording": "rec_1"}, "rec_"),
        ({"outcome": "maybe"}, "success or failure"),
        ({"purpose": "curiosity"}, "litigation"),
        ({"policy": "../../etc/passwd"}, "policy"),
        ({"speaker": "x"}, "there are since, until, kind"),
    ],
)
def test_what_cannot_be_asked_is_told_with_what_can(given: dict[str, str], named: str) -> None:
    """The error names the filter and what it takes."""
    with pytest.raises(QueryInvalid) as refused:
        asked(given)

    assert named in str(refused.value)
    assert (refused.value.http_status, refused.value.exit_code) == (400, 2)


@pytest.mark.parametrize("planted", [*PLANTED, "ev_" + "é" * 8])
@pytest.mark.parametrize("name", FILTERS)
def test_what_was_given_is_never_repeated(name: str, planted: str) -> None:
    """No filter takes a card, a number or a name, and the refusal does not show it."""
    with pytest.raises(QueryInvalid) as refused:
        asked({name: planted})

    assert not planted or planted not in str(refused.value)


@pytest.mark.parametrize("name", PLANTED)
def test_a_filter_that_does_not_exist_is_not_repeated_either(name: str) -> None:
    """A name nobody knows is input, too."""
    with pytest.raises(QueryInvalid) as refused:
        asked({name: "x"})

    assert not name or name not in str(refused.value)


def test_the_record_of_a_question_holds_names_and_no_values() -> None:
    """Names of filters are words that an event admits."""
    question = asked({"actor": "t0123456789ab", "since": "2026-11-27", "object": "audit_trail"})

    assert question.filters == ("since", "actor", "object")
    assert all(registry.is_word(each) for each in question.filters)


@pytest.mark.parametrize(
    ("kind", "kinds", "area"),
    [
        (None, (), None),
        ("consent.evaluated", ("consent.evaluated",), None),
        ("consent.", (), "consent"),
        ("source.delete", ("source.deleted", "source.delete_refused"), None),
        ("sourc", ("source.deleted", "source.delete_refused", "source.vaulted", "source.kept"), None),
    ],
)
def test_a_kind_is_asked_by_its_beginning(kind: str | None, kinds: tuple[str, ...], area: str | None) -> None:
    """In full, up to the dot, or anything that some kinds begin with."""
    wanted = asked({"kind": kind}).wanted

    assert (wanted.kinds, wanted.area) == (kinds, area)


def test_a_place_is_found_again() -> None:
    """A cursor gives the walk that it was made of."""
    question = asked({"kind": "access."})
    walk = Walk(size=900, is_oldest_first=False, after=(1_700_000_000_000, 411))

    read = cursor.read(KEY, question, cursor.write(KEY, question, walk), is_oldest_first=False)

    assert read == walk


@given(st.integers(0, 65), st.integers(1, 63))
def test_a_cursor_with_anything_changed_is_refused(place: int, step: int) -> None:
    """Each character counts."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    question = Question(outcome="failure")
    right = cursor.write(KEY, question, Walk(size=9, after=(5, 3)))
    place %= len(right)
    other = alphabet[(alphabet.index(right[place]) + step) % 64]
    wrong = right[:place] + other + right[place + 1 :]

    with pytest.raises(CursorInvalid):
        cursor.read(KEY, question, wrong, is_oldest_first=False)


@pytest.mark.parametrize("wrong", ["", "abc", "é" * 66, "=" * 66, "A" * 66, "A" * 10_000, *PLANTED])
def test_what_is_no_cursor_is_refused_and_not_repeated(wrong: str) -> None:
    """Anything else that may stand there."""
    with pytest.raises(CursorInvalid) as refused:
        cursor.read(KEY, Question(), wrong, is_oldest_first=False)

    assert not wrong or wrong not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "question", "is_oldest_first"),
    [
        (bytes(32), Question(kind="access."), False),
        (KEY, Question(kind="access.", outcome="failure"), False),
        (KEY, Question(), False),
        (KEY, Question(kind="access."), True),
    ],
)
def test_a_cursor_of_another_question_is_refused(
    key: bytes, question: Question, is_oldest_first: bool
) -> None:
    """It belongs to its question, its order and its deployment."""
    made = cursor.write(KEY, Question(kind="access."), Walk(size=9, after=(5, 3)))

    with pytest.raises(CursorInvalid):
        cursor.read(key, question, made, is_oldest_first=is_oldest_first)


def test_a_cursor_shows_no_filter() -> None:
    """Of the question it holds a digest only."""
    made = cursor.write(KEY, Question(actor="t0123456789ab"), Walk(size=9, after=(5, 3)))

    assert b"t0123456789ab" not in base64.urlsafe_b64decode(made + "==")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"object": "audit_trail", "token_id": "t1"}, {("object", "audit_trail"), ("object", "t1")}),
        (
            {"policies": {"a.yaml": DIGEST}},
            {("policy", "a.yaml"), ("policy", DIGEST)},
        ),
        ({"models": {"whisper-base": DIGEST}}, {("model", "whisper-base"), ("model", DIGEST)}),
        ({"source_sha256": [DIGEST], "size_bytes": 5}, {("object", DIGEST)}),
        ({"outputs": {"redacted.ogg": DIGEST}}, {("object", DIGEST)}),
        ({"statement_sha256": DIGEST, "reasons": ["consent_late"]}, {("object", DIGEST)}),
        ({"purpose": "audit"}, {("purpose", "audit")}),
        ({"participant_sid": "PA_1", "egress_id": "EG_1"}, {("object", "PA_1"), ("object", "EG_1")}),
        ({"settings": {"lease_s": DIGEST}}, set()),
        ({"policies": ["nonsense"], "object": 5, "purpose": None, "notice": [[0, 1, 2]]}, set()),
    ],
)
def test_what_an_event_names_follows_from_its_fields(
    fields: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    """Policies and models by name and digest; objects by word, id and digest; of anything else nothing."""
    assert set(named(fields)) == expected


def test_a_term_tells_what_it_is_about() -> None:
    """The same word as a policy and as a model is two terms, each of 63 bits."""
    terms = {term(about, "same") for about in About}

    assert len(terms) == len(About)
    assert all(0 <= each < 2**63 for each in terms)


def test_every_refusal_is_bad_input() -> None:
    """Exit code 2 and a 4xx, as of every other input."""
    assert all(issubclass(each, InputError) for each in (QueryInvalid, CursorInvalid))

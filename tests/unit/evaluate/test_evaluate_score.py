"""The scorer: what it counts as leaked, open and cut for nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.evaluate import score as scoring
from compliance.evaluate.calls import call_of
from compliance.evaluate.counts import Score
from compliance.evaluate.score import NEAR_MS
from compliance.evaluate.stretches import covered, merged
from compliance.evaluate.truth import CutSpan

CARD = "4539148862817037"
intervals = st.lists(
    st.tuples(st.integers(0, 500), st.integers(1, 200)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    max_size=12,
)


def span(label: str, start: float, digits: str, **more: Any) -> dict[str, Any]:
    """A phrase of digits, one a second, each said for the whole second."""
    words = [
        {"w": "digit", "digits": digit, "start": start + place, "end": start + place + 1}
        for place, digit in enumerate(digits)
    ]
    end = start + len(digits)
    return {"label": label, "text": "", "value": digits, "start": start, "end": end, "words": words, **more}


def call(*spans: dict[str, Any], channel: str = "caller", end: float = 60.0, **more: Any) -> dict[str, Any]:
    """A call of one utterance."""
    utterance = {"channel": channel, "start": 0.0, "end": end, "text": "", "spans": list(spans)}
    utterance["controls"] = more.pop("controls", [])
    return {"id": "a-call", "duration": end, "utterances": [utterance], **more}


def cut(start_ms: int, end_ms: int, channel: int | None = 1) -> CutSpan:
    """A cut, on the caller's channel unless told otherwise."""
    return CutSpan(channel=channel, start_ms=start_ms, end_ms=end_ms)


def score(told: dict[str, Any], cuts: list[CutSpan]) -> Score:
    """The counts of a call that is told as truth.json tells it."""
    return scoring.score(call_of(told), cuts)


@pytest.mark.parametrize(("end_ms", "leaked"), [(1000, 0), (800, 0), (799, 1), (0, 1)])
def test_a_word_is_leaked_when_more_than_a_fifth_stays(end_ms, leaked):
    """A fifth exactly is not yet a leak."""
    result = score(call(span("PIN", 0, "7")), [cut(0, end_ms)])

    assert (result.words, result.leaked, result.calls_leaking) == (1, leaked, leaked)
    assert result.leaked_by_label["PIN"] == leaked


@pytest.mark.parametrize(("channel", "leaked"), [(1, 0), (None, 0), (0, 1)])
def test_a_cut_counts_on_its_own_channel(channel, leaked):
    """One that names no channel counts on every channel."""
    assert score(call(span("PIN", 0, "7")), [cut(0, 1000, channel)]).leaked == leaked


def test_in_a_mono_call_a_cut_counts_whatever_channel_it_names():
    """There is only one channel to cut."""
    assert score(call(span("PIN", 0, "7"), layout="mono"), [cut(0, 1000, 0)]).leaked == 0


@pytest.mark.parametrize(
    ("first", "last", "is_open"),
    [
        (6, 12, False),  # first six and last four stay
        (0, 16, False),
        (7, 12, True),  # the seventh digit stays
        (6, 11, True),  # the fifth from the end stays
        (16, 16, True),
    ],
)
def test_a_card_is_open_when_a_middle_digit_stays(first, last, is_open):
    """The first six and the last four may be known."""
    result = score(call(span("CREDIT_CARD", 0, CARD)), [cut(1000 * first, 1000 * last)])

    assert (result.cards, result.open_cards) == (1, int(is_open))


def test_the_readings_of_one_card_are_taken_together():
    """A digit that is cut once and heard the second time is known."""
    halves = {"label": "CREDIT_CARD", "entity": "card"}
    first = span(start=0, digits=CARD[:8], offset=0, **halves)
    second = span(start=10, digits=CARD[8:], offset=8, **halves)
    again = span(start=20, digits=CARD, offset=0, **halves)
    told = call(first, second, again, entities={"card": {"label": "CREDIT_CARD", "value": CARD}})

    assert score(told, [cut(0, 18_000), cut(20_000, 36_000)]).open_cards == 0
    assert score(told, [cut(0, 18_000)]).open_cards == 1
    assert score(told, [cut(0, 18_000)]).cards == 1


def test_a_misspoken_digit_gives_no_digit_of_the_card_away():
    """It is sensitive all the same."""
    wrong = span("CREDIT_CARD", 20, "621", entity="card", misspoken=True)
    told = call(
        wrong, span("CREDIT_CARD", 0, CARD, entity="card", offset=0), entities={"card": {"value": CARD}}
    )
    result = score(told, [cut(0, 16_000)])

    assert (result.leaked, result.open_cards) == (3, 0)


def test_the_last_four_digits_alone_are_no_card():
    """They may be known."""
    assert score(call(span("CREDIT_CARD", 0, CARD[-4:], last_four_only=True)), []).cards == 0


@pytest.mark.parametrize(("keyed", "cards"), [(CARD, 1), ("1234", 0)])
def test_keyed_digits_are_a_card_when_they_are_long_enough(keyed, cards):
    """A menu choice is none."""
    assert score(call(span("DTMF", 0, keyed)), []).cards == cards


def test_a_word_without_digits_stands_for_one():
    """Where the truth names no digits, the words are counted."""
    said = span("CREDIT_CARD", 0, CARD)
    for word in said["words"]:
        del word["digits"]

    assert score(call(said), [cut(6000, 12_000)]).open_cards == 0
    assert score(call(said), [cut(7000, 12_000)]).open_cards == 1


def test_cutting_near_something_sensitive_is_no_over_cut():
    """300 ms on either side are allowed; what lies beyond counts once, however many cuts hold it."""
    told = call(span("PIN", 10, "7"), end=21.0)

    assert score(told, [cut(10_000 - NEAR_MS, 11_000 + NEAR_MS)]).over_ms == 0
    result = score(told, [cut(9_000, 12_000), cut(9_500, 12_000)])
    assert (result.over_ms, result.other_ms, result.cut_ms) == (1400, 20_000, 3000)


def test_a_cut_on_the_other_channel_is_over_cut():
    """Nothing sensitive is said there, unless the caller is heard through it."""
    told = call(span("PIN", 10, "7"))

    assert score(told, [cut(10_000, 11_000, 0)]).over_ms == 1000
    assert score(told | {"line": {"crosstalk": -30}}, [cut(10_000, 11_000, 0)]).over_ms == 0


def test_what_is_optional_is_neither_asked_for_nor_held_against_a_cut():
    """An agent's own name may stay or go."""
    told = call(span("PERSON", 10, "7", optional=True))

    assert score(told, []).leaked == 0
    assert score(told, [cut(10_000, 11_000)]).over_ms == 0


@pytest.mark.parametrize(("end_ms", "is_cut"), [(500, 0), (501, 1)])
def test_a_harmless_number_counts_when_more_than_half_is_cut(end_ms, is_cut):
    """Half exactly is not yet lost."""
    told = call(controls=[{"kind": "price", "text": "ten dollars", "start": 0.0, "end": 1.0}])
    result = score(told, [cut(0, end_ms)])

    assert (result.harmless, result.harmless_cut) == (1, is_cut)


def test_the_caller_must_be_cut_where_the_caller_is_heard_through_the_agents_channel():
    """Crosstalk: a word that is silent on one channel and audible on the other is open."""
    told = call(span("PIN", 10, "77"), line={"crosstalk": -30})
    one, both = [cut(10_000, 12_000)], [cut(10_000, 12_000), cut(10_000, 11_000, 0)]

    assert (score(told, one).leaked, score(told, one).crosstalk_open) == (0, 2)
    assert (score(told, both).crosstalk_words, score(told, both).crosstalk_open) == (2, 1)
    assert score(call(span("PIN", 10, "77")), one).crosstalk_words == 0


def test_time_is_counted_beside_words():
    """Of two seconds of digits half a second stays: no word is saved by that, and the time is told."""
    result = score(call(span("PIN", 0, "77")), [cut(500, 2000)])

    assert (result.sensitive_ms, result.leaked_ms, result.leaked) == (2000, 500, 1)
    assert (result.phrases_by_label["PIN"], result.leaking_by_label["PIN"]) == (1, 1)


def test_harmless_numbers_are_counted_by_kind():
    """Which kinds are mistaken for something sensitive can be told."""
    told = call(
        controls=[
            {"kind": kind, "start": n, "end": n + 1} for n, kind in enumerate(("price", "price", "year"))
        ]
    )

    result = score(told, [cut(0, 1000)])
    assert result.harmless_by_kind == {"price": 2, "year": 1}
    assert result.harmless_cut_by_kind == {"price": 1}


def test_a_file_of_one_number_is_scored_as_one_channel():
    """Its kind is its label; the pauses between its digits are a part of it, and there is no other speech."""
    words = [{"w": "x", "start": 2.0 * n, "end": 2.0 * n + 1, "src": "a.wav"} for n in range(1, 17)]
    told = {"file": "card16_a.wav", "kind": "card16", "duration": 40.0, "digits": CARD, "words": words}

    whole = score(told, [cut(2000, 33_000, None)])
    assert (whole.words, whole.leaked, whole.cards, whole.open_cards) == (16, 0, 1, 0)
    assert (whole.over_ms, whole.other_ms) == (0, 0)
    assert score(told, [cut(2000, 14_000, 0)]).open_cards == 1
    assert score(told, []).leaked_by_label == {"CREDIT_CARD": 16}


def test_cutting_the_notice_is_told():
    """The span in which notice was given must stay."""
    notice = {"channel": "agent", "start": 1.0, "end": 3.0, "text": ""}
    told = call(legal={"notice": notice, "objection": None, "consent_answer": {"kind": "none"}})

    assert score(told, [cut(0, 2000, 0)]).protected_cut_ms == 1000
    assert score(told, [cut(0, 2000, 1)]).protected_cut_ms == 0


def test_figures_add_up_over_calls():
    """Counts and labels alike."""
    one, two = score(call(span("PIN", 0, "77")), []), score(call(span("US_SSN", 0, "777")), [])
    both = sum([one, two], start=Score())

    assert (both.calls, both.calls_leaking, both.words, both.leaked) == (2, 2, 5, 5)
    assert both.leaked_by_label == {"PIN": 2, "US_SSN": 3}


@given(intervals, intervals)
def test_merging_covers_the_same_milliseconds(first, second):
    """No more, no fewer, and none twice."""
    union = {place for start, end in first for place in range(start, end)}

    assert sum(end - start for start, end in merged(first)) == len(union)
    for start, end in second:
        assert covered((start, end), merged(first)) == len(union & set(range(start, end)))


def test_the_older_form_of_truth_labels_the_utterance():
    """Its words, or the phrase within it, are what must go; near is what is near its words."""
    words = [{"w": "one", "start": 10.0, "end": 11.0}, {"w": "two", "start": 14.0, "end": 15.0}]
    said = {"channel": "caller", "start": 0.0, "end": 20.0, "text": "", "label": "PIN", "digits": "12"}
    plain = {"channel": "agent", "start": 20.0, "end": 30.0, "text": ""}
    told = {"id": "a-call", "duration": 30.0, "utterances": [said | {"words": words}, plain]}

    result = score(told, [cut(10_000, 15_000)])
    assert (result.words, result.leaked, result.over_ms) == (2, 0, 3000 - 2 * NEAR_MS)
    assert score(told, []).leaked_by_label == {"PIN": 2}
    whole = told | {"utterances": [said | {"pii_start": 10.0, "pii_end": 15.0}]}
    assert (score(whole, []).words, score(whole, [cut(10_000, 15_000)]).over_ms) == (1, 0)


def test_a_card_in_the_older_form_is_one_digit_a_word():
    """Its words carry no digits of their own."""
    words = [{"w": "x", "start": float(n), "end": n + 1.0} for n in range(16)]
    said = {
        "channel": "caller",
        "start": 0.0,
        "end": 16.0,
        "label": "CREDIT_CARD",
        "digits": CARD,
        "words": words,
    }
    told = {"id": "a-call", "duration": 16.0, "utterances": [said]}

    assert score(told, [cut(6000, 12_000)]).open_cards == 0
    assert score(told, [cut(7000, 12_000)]).open_cards == 1

"""Whatever is said, the number reader keeps to the words: it never fails, and each digit has its place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from compliance.records import Channel, Conversation, Role, Turn, Word
from compliance.redact.speech.numbers import passes_luhn, runs, value, words_of
from compliance.redact.speech.tokens import (
    DIGIT_WORDS,
    HOMOPHONES,
    REPEATS,
    SCALES,
    TEENS,
    TENS,
    Kind,
    tokens,
)

SPOKEN = sorted({*DIGIT_WORDS, *TEENS, *TENS, *SCALES, *REPEATS, *HOMOPHONES})
ODD = ("uh", "sorry,", "the", "A419", "4-5-4-6", "$4.546", "twenty-", "-", "²", "٣٤", "½", "5th", "12%")
said = st.sampled_from(SPOKEN) | st.sampled_from(ODD) | st.text(max_size=6) | st.integers(0, 10**20).map(str)


@st.composite
def calls(draw: st.DrawFn, word: st.SearchStrategy[str] = said) -> Conversation:
    """Turns of two channels, with times that may overlap, stand still or run backwards."""
    turns = []
    for _ in range(draw(st.integers(0, 6))):
        channel = draw(st.integers(0, 1))
        words = []
        for text in draw(st.lists(word, min_size=1, max_size=8)):
            start_ms = draw(st.integers(0, 60_000))
            end_ms = start_ms + draw(st.integers(0, 3_000))
            words.append(Word(start_ms=start_ms, end_ms=end_ms, channel=channel, confidence=0.5, text=text))
        turns.append(Turn(channel=channel, words=tuple(words)))
    channels = tuple(
        Channel(index=n, role=Role.UNKNOWN, language="en", language_probability=1.0, voiced=())
        for n in (0, 1)
    )
    return Conversation(duration_ms=70_000, channels=channels, turns=tuple(turns))


@given(calls())
def test_every_digit_keeps_its_word(call: Conversation) -> None:
    """A run names tokens of one channel, in order, that carry its digits, and no other run has them."""
    read = tokens(call)
    taken: list[int] = []
    for run in runs(read):
        assert (run.first, run.last) == (run.places[0], run.places[-1])
        assert list(run.places) == sorted(set(run.places))
        assert 0 <= run.first <= run.last < len(read)
        assert len({read[place].channel for place in run.places}) == 1
        assert run.digits == value([read[place] for place in run.places])
        assert {read[place].ref for place in run.places} <= set(words_of(read, run))
        taken += run.places
    assert len(taken) == len(set(taken))


@given(calls())
def test_runs_stand_in_order(call: Conversation) -> None:
    """Runs come in the order of their first words, and what they read is digits."""
    found = runs(tokens(call))

    assert [run.first for run in found] == sorted(run.first for run in found)
    assert all(run.digits == "" or run.digits.isdigit() for run in found)
    assert all(passes_luhn(run.digits) in (True, False) for run in found)


@given(calls())
def test_no_written_digit_is_left_out(call: Conversation) -> None:
    """Every token of digits alone belongs to a run."""
    read = tokens(call)
    taken = {place for run in runs(read) for place in run.places}

    assert all(i in taken for i, token in enumerate(read) if token.kind in (Kind.DIGITS, Kind.MIXED))


@given(
    st.lists(st.sampled_from(sorted(DIGIT_WORDS)) | st.integers(0, 9999).map(str), min_size=1, max_size=20)
)
def test_single_digits_are_read_in_the_order_said(listed: list[str]) -> None:
    """Digits said one by one, or written in groups, are those digits in that order."""
    words = tuple(
        Word(start_ms=n * 300, end_ms=n * 300 + 280, channel=0, confidence=1.0, text=text)
        for n, text in enumerate(listed)
    )
    read = tokens(Conversation(duration_ms=9_000, channels=(), turns=(Turn(channel=0, words=words),)))

    assert value(read) == "".join(DIGIT_WORDS.get(text, text) for text in listed)


@given(st.text(alphabet="0123456789", max_size=30))
def test_one_wrong_digit_never_passes(digits: str) -> None:
    """Luhn's check sees every single digit that is wrong."""
    if passes_luhn(digits):
        for place, digit in enumerate(digits):
            other = str((int(digit) + 1) % 10)
            assert not passes_luhn(digits[:place] + other + digits[place + 1 :])

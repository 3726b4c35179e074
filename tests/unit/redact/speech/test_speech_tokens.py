"""Words are read by their signs, in whatever way a recogniser wrote them."""

from __future__ import annotations

import pytest

from compliance.redact.speech.numbers import passes_luhn, runs, value
from compliance.redact.speech.tokens import Kind, kind_of, tokens
from tests.unit.redact.speech.scripts import script


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("4546", Kind.DIGITS),
        ("4-5-4-6", Kind.DIGITS),
        ("0.9507668051", Kind.DIGITS),
        ("545-2334", Kind.DIGITS),
        ("$4.0886", Kind.DIGITS),
        ("$15.99", Kind.AMOUNT),
        ("20%", Kind.AMOUNT),
        ("3:30", Kind.AMOUNT),
        ("5th", Kind.AMOUNT),
        ("60-month", Kind.AMOUNT),
        ("58cm", Kind.AMOUNT),
        ("1,200", Kind.AMOUNT),
        ("a419", Kind.MIXED),
        ("kx402918", Kind.MIXED),
        ("forty-two", Kind.NUMBER_WORD),
        ("triple", Kind.NUMBER_WORD),
        ("b", Kind.LETTERS),
        ("t-a-m", Kind.LETTERS),
        ("a", Kind.WORD),
        ("p.m", Kind.WORD),
        ("twenty-something", Kind.WORD),
    ],
)
def test_a_word_is_what_its_signs_say(text: str, kind: Kind) -> None:
    """Digits, amounts, codes, letters and words are told apart by their form."""
    assert kind_of(text) is kind


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("four one two two", "4122"),
        ("forty-two seventeen", "4217"),
        ("forty two seventeen", "4217"),
        ("double five one", "551"),
        ("triple zero", "000"),
        ("oh seven twenty-two fifty-nine", "072259"),
        ("nineteen eighty-four", "1984"),
        ("4-5-4-6, 8848", "45468848"),
        ("one for two", "142"),
    ],
)
def test_numbers_are_read_as_they_are_said(said: str, digits: str) -> None:
    """Single digits, pairs, multipliers and homophones give the digits that were meant."""
    assert value(tokens(script(f"C: {said}", "probe").conversation)) == digits


@pytest.mark.parametrize(
    ("call", "lengths"),
    [
        ("C: four five\nA: mm-hm\nC: six seven", [4]),
        ("C: four five, sorry, six seven", [4]),
        ("C: four five uh let me see six", [3]),
        ("C: four five is what I said before and six", [2, 1]),
        ("C: four five\nA: no that is another thing entirely\nC: six", [2, 1]),
        ("C: Oh, I see", []),
        ("C: I want to go for a walk", []),
        ("C: two nights at 159 for 318 total", [1, 3, 3]),
    ],
)
def test_a_run_goes_on_through_fillers_and_ends_with_other_words(call: str, lengths: list[int]) -> None:
    """Groups of one number are one run; other words and other talk end it."""
    assert [len(run) for run in runs(tokens(script(call, "probe").conversation))] == lengths


@pytest.mark.parametrize(
    ("digits", "passes"),
    [("4111111111111111", True), ("4111111111111112", False), ("378282246310005", True), ("", False)],
)
def test_check_digits_follow_luhn(digits: str, passes: bool) -> None:
    """The published test numbers pass; one changed digit fails."""
    assert passes_luhn(digits) is passes

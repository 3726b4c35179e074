"""A conversation in windows: every word stands in one, with those round it and who says it."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.records import Channel, Conversation, Role, Turn, Word
from compliance.redact.detect.windows import KINDS, LONGEST, NO_WORD, STEP, Pieces, Window, windows


class Letters:
    """A tokeniser whose pieces are letters; it knows no signs."""

    def encode(self, word: str, *, add_special_tokens: bool) -> Any:
        """Numbers from 10 on."""
        assert not add_special_tokens
        return type("Encoded", (), {"ids": [10 + ord(c) for c in word if c.isalpha()]})

    def token_to_id(self, name: str) -> int:
        """The marks."""
        return {"[CLS]": 1, "[SEP]": 2, "[UNK]": 3}[name]


def call(*turns: tuple[int, str], roles: tuple[Role, ...] = (Role.AGENT, Role.CALLER)) -> Conversation:
    """Turns, each with its channel and its words."""
    channels = tuple(
        Channel(index=n, role=role, language="en", language_probability=1.0, voiced=())
        for n, role in enumerate(roles)
    )
    said = tuple(
        Turn(
            channel=channel,
            words=tuple(
                Word(start_ms=0, end_ms=1, channel=channel, confidence=1.0, text=word)
                for word in text.split()
            ),
        )
        for channel, text in turns
    )
    return Conversation(duration_ms=1, channels=channels, turns=said)


def made(conversation: Conversation) -> list[Window]:
    """Its windows."""
    return list(windows(conversation, Pieces(Letters())))


def test_a_short_call_is_one_window_with_marks_between_turns() -> None:
    """Each piece knows its word and who says it; what has no pieces is unknown."""
    (window,) = made(call((0, "a bc"), (1, "...")))
    a = 10 + ord("a")

    assert window.pieces == (1, a, a + 1, a + 2, 2, 3, 2)
    assert window.words == (NO_WORD, 0, 1, 1, NO_WORD, 2, NO_WORD)
    assert window.kinds == (0, 0, 0, 0, 0, 1, 1)


@pytest.mark.parametrize(
    ("roles", "kinds"),
    [
        ((Role.AGENT, Role.CALLER), {0, 1}),
        ((Role.CALLER, Role.AGENT), {1, 0}),
        ((Role.UNKNOWN, Role.UNKNOWN), {0, 1}),
    ],
)
def test_who_speaks_is_told_by_role(roles: tuple[Role, ...], kinds: set[int]) -> None:
    """The caller is 1, on whichever channel; where nobody is known, the channel tells them apart."""
    (window,) = made(call((0, "a"), (1, "b"), roles=roles))

    assert set(window.kinds) == kinds
    assert window.kinds[1] == int(roles[0] is Role.CALLER)


def test_in_mono_there_is_one_speaker() -> None:
    """Nothing tells them apart."""
    (window,) = made(call((0, "a b"), roles=(Role.UNKNOWN,)))

    assert set(window.kinds) == {0}


@pytest.mark.parametrize(
    ("confidence", "steps"), [(1.0, 0), (0.9, 0), (0.89, 1), (0.7, 1), (0.5, 2), (0.39, 3), (0.0, 3)]
)
def test_how_surely_a_word_was_read_is_told_with_its_speaker(confidence: float, steps: int) -> None:
    """Two kinds more for each step of doubt; marks between turns are in no doubt."""
    (conversation,) = [call((1, "ab"))]
    (turn,) = conversation.turns
    doubted = replace(turn, words=tuple(replace(word, confidence=confidence) for word in turn.words))
    (window,) = made(replace(conversation, turns=(doubted,)))

    assert window.kinds == (1, 1 + 2 * steps, 1 + 2 * steps, 1)
    assert max(window.kinds) < KINDS


def test_a_call_without_words_is_one_window_without_any() -> None:
    """Nothing is read in it."""
    (window,) = made(call())

    assert window.words == (NO_WORD,)


@given(st.lists(st.integers(1, 90), min_size=1, max_size=30), st.integers(1, 9))
def test_every_word_stands_in_a_window_with_talk_on_both_sides(lengths: list[int], letters: int) -> None:
    """No window is longer than the model reads, and each piece stands well inside one of them."""
    turns = [(n % 2, " ".join(["a" * letters] * count)) for n, count in enumerate(lengths)]
    listed = made(call(*turns))
    words = sum(lengths)

    assert {at for window in listed for at in window.words} - {NO_WORD} == set(range(words))
    assert max(map(len, listed)) <= LONGEST
    assert all(len(window) == LONGEST for window in listed[:-1])
    for one, other in pairwise(listed):
        assert one.words[1 + STEP :] == other.words[1 : LONGEST - STEP]


def test_windows_may_begin_later_and_lie_side_by_side() -> None:
    """As they are learnt from: each piece once, but for the marks at the seams."""
    rng = random.Random(5)
    conversation = call((0, " ".join(rng.choice("abc") for _ in range(1_000))))
    listed = list(windows(conversation, Pieces(Letters()), first=100, step=LONGEST - 2))
    seen = [at for window in listed for at in window.words if at != NO_WORD]

    assert set(seen) == set(range(100, 1_000))
    assert len(seen) <= 900 + len(listed)

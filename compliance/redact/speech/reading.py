"""A conversation read once, in order: what every word was said under.

An expectation lasts over several turns: a card read in four slow groups is one
answer.  It ends when the one who asked, having been answered, speaks of something
else.  One pass over the sentences, so an hour's call costs what sixty minutes cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compliance.redact.speech.cues import ASKS, CONTINUES, HARMLESS
from compliance.redact.speech.questions import (
    Act,
    Expectation,
    Sentence,
    expectation,
    is_content,
    is_number,
    sentences,
)
from compliance.redact.speech.tokens import Token

UNANSWERED_TURNS = 3
"""So many sentences may the asker add before a question without an answer is given up."""
OWN_SENTENCES = 2
"""A statement covers so many further sentences of its speaker: "I'll read you my card. Four five …"."""
ANSWER_MS = 60_000
"""Longest wait from the last word that belonged to a question to the next."""
MOVES_ON = 3
"""With so many words of its own a sentence of the asker's turns to something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One sentence, or what is left of it after its cue, said under an expectation."""

    asked: Expectation
    first: int
    end: int
    is_own: bool
    """Whether the one who speaks also named the kind."""
    is_first: bool
    """Whether nothing was said under the expectation before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A conversation with what each token was said under."""

    sentences: tuple[Sentence, ...]
    place_of: tuple[int, ...]
    """For each token, the place of its sentence."""
    under: tuple[Expectation | None, ...]
    """For each token, the expectation under which it is heard."""
    answers: tuple[Answer, ...]
    own: tuple[Expectation | None, ...]
    """For each sentence, what it asks or announces itself."""
    waits: tuple[tuple[Expectation | None, ...], ...]
    """After each sentence, what is still asked of each channel, by channel index."""


@dataclass(slots=True)
class _Open:
    """An expectation that waits on a channel, and what has come of it."""

    asked: Expectation
    is_own: bool
    last_ms: int
    answered: bool = False
    added: int = 0
    """Sentences that the asker added without an answer, or the speaker after a statement."""


def reading(read: Sequence[Token], *, channels: int) -> Reading:
    """Read a conversation once, sentence by sentence."""
    listed = tuple(sentences(read))
    waits: dict[int, _Open] = {}
    under: list[Expectation | None] = [None] * len(read)
    answers: list[Answer] = []
    owned: list[Expectation | None] = []
    place_of: list[int] = []
    states: list[tuple[Expectation | None, ...]] = []
    for n, sentence in enumerate(listed):
        place_of += [n] * (sentence.end - sentence.first)
        own = expectation(read, sentence)
        owned.append(own)
        answers += _heard(read, sentence, own, waits, under)
        _update(read, sentence, own, waits, channels)
        states.append(
            tuple(w.asked if (w := waits.get(c)) and not w.is_own else None for c in range(channels))
        )
    return Reading(
        sentences=listed,
        place_of=tuple(place_of),
        under=tuple(under),
        answers=tuple(answers),
        own=tuple(owned),
        waits=tuple(states),
    )


def _heard(
    read: Sequence[Token],
    sentence: Sentence,
    own: Expectation | None,
    waits: dict[int, _Open],
    under: list[Expectation | None],
) -> Iterator[Answer]:
    """The answers within a sentence: to what waits for its speaker, and to its own cue."""
    waiting = waits.get(sentence.channel)
    if waiting and read[sentence.first].start_ms - waiting.last_ms > ANSWER_MS:
        del waits[sentence.channel]
        waiting = None
    for i in range(sentence.first, sentence.end):
        under[i] = own or (waiting.asked if waiting else None)
    if waiting:
        yield Answer(
            asked=waiting.asked,
            first=sentence.first,
            end=sentence.end,
            is_own=waiting.is_own,
            is_first=not waiting.answered,
        )
        _note(read, sentence, waiting)
        for channel in [c for c, other in waits.items() if other.is_own and c != sentence.channel]:
            del waits[channel]  # Answered: what the asker says next is no longer about it.
    if own and own.cue_end < sentence.end:
        yield Answer(asked=own, first=own.cue_end, end=sentence.end, is_own=True, is_first=True)


def _note(read: Sequence[Token], sentence: Sentence, waiting: _Open) -> None:
    """What a sentence said under an expectation does to it."""
    said = read[sentence.first : sentence.end]
    waiting.last_ms = said[-1].end_ms
    waiting.answered = waiting.answered or any(is_content(token) or is_number(token) for token in said)


def _update(
    read: Sequence[Token], sentence: Sentence, own: Expectation | None, waits: dict[int, _Open], channels: int
) -> None:
    """What a sentence opens, and what it brings to an end."""
    said = read[sentence.first : sentence.end]
    others = [c for c in range(channels) if c != sentence.channel] or [sentence.channel]
    for channel in others:
        waiting = waits.get(channel)
        opened = own if own and Act.ASKS in own.acts else None if own else _harmless(read, sentence)
        if opened:
            waits[channel] = _Open(asked=opened, is_own=False, last_ms=said[-1].end_ms)
        elif waiting and not own and _ends(said, sentence, waiting):
            del waits[channel]
    if channels > 1:
        _update_own(said, sentence, own, waits)


def _harmless(read: Sequence[Token], sentence: Sentence) -> Expectation | None:
    """A question for an order number or the like: an expectation of nothing that must be cut."""
    asks = read[sentence.end - 1].is_question or ASKS.search(sentence.text)
    if not asks or not HARMLESS.search(sentence.text) or CONTINUES.search(sentence.text):
        return None
    return Expectation(
        sentence=sentence, entities=(), cue_end=sentence.end, cues=(), acts=frozenset({Act.ASKS})
    )


def _ends(said: Sequence[Token], sentence: Sentence, waiting: _Open) -> bool:
    """Whether the asker, speaking on, has left the question behind."""
    if waiting.is_own:
        return False
    content = sum(is_content(token) and not is_number(token) for token in said)
    if content < MOVES_ON or CONTINUES.search(sentence.text):
        return HARMLESS.search(sentence.text) is not None and waiting.answered and content > 1
    waiting.added += 1
    return waiting.answered or waiting.added > UNANSWERED_TURNS


def _update_own(
    said: Sequence[Token], sentence: Sentence, own: Expectation | None, waits: dict[int, _Open]
) -> None:
    """Let a statement last over the speaker's next sentences, unless a question waits for them."""
    waiting = waits.get(sentence.channel)
    if own and not (waiting and not waiting.is_own):
        waits[sentence.channel] = _Open(asked=own, is_own=True, last_ms=said[-1].end_ms)
    elif waiting and waiting.is_own:
        waiting.added += 1
        if waiting.added >= OWN_SENTENCES:
            del waits[sentence.channel]

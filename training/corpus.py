"""Fragments as conversations, each written in several ways."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, repeat

from compliance.records import Channel, Conversation, Role, Turn, Word
from training.fragments import NOTHING, Line
from training.written import written

WORD_MS, PAUSE_MS = 300, 400
LOST = 0.012
"""So many words are never written."""
PLAIN = 0.15
"""So many calls are written in lower case and without punctuation."""
MONO = 0.15
"""In so many both parties share a channel."""
WITH_ROLES = 0.95
"""In so many of the others it is known who the agent is."""
TYPED = 0.4
"""In so many every word is sure, as in what somebody typed."""
SURE = 1.0
Sureness = Mapping[str, Sequence[int]]
"""How surely words of each label are read, in tenths."""
Labelled = tuple[str, str]
"""A word as written, and what it is."""
Said = tuple[str, list[Labelled]]
"""Who speaks, and the words."""


def sureness(read: Iterable[Line]) -> dict[str, list[int]]:
    """How surely words of each label were read in calls."""
    found: dict[str, list[int]] = {}
    for line in read:
        for (_, label), sure in zip(line.words, line.sure, strict=False):
            found.setdefault(label, []).append(sure)
    return found


def conversations(
    fragment: Sequence[Line], rng: random.Random, *, times: int, sure: Sureness | None = None
) -> Iterator[tuple[Conversation, list[str]]]:
    """The fragment so many times, each time written otherwise; with the label of every word.

    Words are doubted as those of their labels are in ``sure``; without it none is.
    """
    for _ in range(times):
        said = [(line.who, _labelled(line, rng)) for line in fragment]
        if rng.random() < PLAIN:
            said = [(who, [(_plain(word), label) for word, label in part]) for who, part in said]
        is_mono, has_roles = rng.random() < MONO, rng.random() < WITH_ROLES
        spoken = [each for each in said if each[1]]
        labels = [label for _, part in spoken for _, label in part]
        is_sure = not sure or rng.random() < TYPED
        confidence = repeat(SURE) if is_sure else _drawn(labels, sure or {}, rng)
        yield _conversation(spoken, _roles(is_mono=is_mono, has_roles=has_roles), confidence), labels


def as_read(fragment: Sequence[Line]) -> tuple[Conversation, list[str]]:
    """A call as a recogniser wrote it, word for word; where one party alone has lines, the call is mono."""
    said = [(line.who, list(line.words)) for line in fragment]
    labels = [label for _, part in said for _, label in part]
    is_mono = len({who for who, _ in said}) < 2
    read = [_confidence(each) for line in fragment for each in line.sure] or repeat(SURE)
    return _conversation(said, _roles(is_mono=is_mono, has_roles=True), read), labels


def _drawn(labels: Sequence[str], sure: Sureness, rng: random.Random) -> Iterator[float]:
    """How surely a recogniser may have read words of these labels."""
    for label in labels:
        yield _confidence(rng.choice(sure.get(label) or sure[NOTHING]))


def _confidence(tenths: int) -> float:
    """The middle of a tenth."""
    return (tenths + 0.5) / 10


def _labelled(line: Line, rng: random.Random) -> list[Labelled]:
    """A line's words with their labels; now and then one is lost."""
    return [
        (word, phrase.label)
        for phrase in line.phrases
        for word in written(phrase, rng)
        if rng.random() > LOST
    ]


def _plain(word: str) -> str:
    """A word in lower case without punctuation, unless it is nothing else."""
    return word.lower().strip(".,?!;:") or word


def _roles(*, is_mono: bool, has_roles: bool) -> tuple[Role, ...]:
    """What is known of each channel."""
    if is_mono:
        return (Role.UNKNOWN,)
    return (Role.AGENT, Role.CALLER) if has_roles else (Role.UNKNOWN, Role.UNKNOWN)


def _conversation(said: Sequence[Said], roles: Sequence[Role], confidence: Iterable[float]) -> Conversation:
    """Turns at an even pace, each word with its confidence; in mono there is one."""
    words, at_ms, sure = [], 0, iter(confidence)
    for who, part in said:
        channel = 0 if len(roles) < 2 or who == "A" else 1
        for n, (text, _) in enumerate(part):
            words.append(_word(text, at_ms + n * WORD_MS, channel, next(sure)))
        at_ms += len(part) * WORD_MS + PAUSE_MS
    parts = groupby(words, key=lambda word: word.channel)
    turns = tuple(Turn(channel=channel, words=tuple(part)) for channel, part in parts)
    return Conversation(duration_ms=at_ms, channels=tuple(_channels(roles)), turns=turns)


def _word(text: str, at_ms: int, channel: int, confidence: float) -> Word:
    """A word where it was said."""
    return Word(start_ms=at_ms, end_ms=at_ms + WORD_MS, channel=channel, confidence=confidence, text=text)


def _channels(roles: Sequence[Role]) -> Iterator[Channel]:
    """English channels; that is all that is known of them."""
    for n, role in enumerate(roles):
        yield Channel(index=n, role=role, language="en", language_probability=1.0, voiced=())

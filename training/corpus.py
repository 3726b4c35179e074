"""Fragments as conversations, each written in several ways."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from compliance.records import Channel, Conversation, Role, Turn, Word
from training.fragments import Line
from training.written import written

WORD_MS, PAUSE_MS = 300, 400
Labelled = tuple[str, str]
"""A word as written, and what it is."""


def conversations(
    fragment: Sequence[Line], rng: random.Random, *, times: int
) -> Iterator[tuple[Conversation, list[str]]]:
    """The fragment so many times, each time written otherwise; with the label of every word."""
    for _ in range(times):
        said = [(line.who, _labelled(line, rng)) for line in fragment]
        if rng.random() < 0.15:
            said = [
                (who, [(word.lower().strip(".,?!;:") or word, label) for word, label in part])
                for who, part in said
            ]
        is_mono = rng.random() < 0.15
        yield _conversation([each for each in said if each[1]], is_mono=is_mono, roles=rng.random() < 0.95)


def _labelled(line: Line, rng: random.Random) -> list[Labelled]:
    """A line's words with their labels; now and then one is lost."""
    return [
        (word, phrase.label)
        for phrase in line.phrases
        for word in written(phrase, rng)
        if rng.random() > 0.012
    ]


def _conversation(
    said: Sequence[tuple[str, list[Labelled]]], *, is_mono: bool, roles: bool
) -> tuple[Conversation, list[str]]:
    """Turns at an even pace."""
    turns: list[list[Word]] = []
    labels: list[str] = []
    at_ms, last = 0, ""
    for who, part in said:
        channel = 0 if is_mono or who == "A" else 1
        if not (turns and (is_mono or who == last)):
            turns.append([])
        for text, label in part:
            turns[-1].append(
                Word(start_ms=at_ms, end_ms=at_ms + WORD_MS, channel=channel, confidence=0.9, text=text)
            )
            labels.append(label)
            at_ms += WORD_MS
        at_ms += PAUSE_MS
        last = who
    names = (
        (Role.UNKNOWN,) if is_mono else (Role.AGENT, Role.CALLER) if roles else (Role.UNKNOWN, Role.UNKNOWN)
    )
    channels = tuple(
        Channel(index=n, role=role, language="en", language_probability=1.0, voiced=())
        for n, role in enumerate(names)
    )
    listed = tuple(Turn(channel=each[0].channel, words=tuple(each)) for each in turns)
    return Conversation(duration_ms=at_ms, channels=channels, turns=listed), labels

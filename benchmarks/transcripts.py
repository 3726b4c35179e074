"""Transcripts with the truth about them, as conversations: what the text benchmarks read.

A word is what stands between spaces, since that is what a cut can take; its time is made up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from compliance.records import Channel, Conversation, Role, Span, Turn, Word

WORD_MS = 300
PAUSE_MS = 600
"""Between turns."""

Stretch = tuple[int, int]
"""Characters of a text, half-open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """A stretch that is to be found."""

    kind: str
    places: frozenset[int]
    """The words that it touches, counted through the whole transcript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """One text, as it stands for a reader of strings, and as a conversation for ours."""

    name: str
    text: str = field(repr=False)
    bounds: tuple[Stretch, ...]
    """Where each word stands in the text."""
    conversation: Conversation = field(repr=False)
    truths: tuple[Truth, ...]

    def touched(self, start: int, end: int) -> frozenset[int]:
        """The words that a stretch of the text touches."""
        return touched(self.bounds, start, end)

    def said(self, places: Iterable[int]) -> str:
        """Words by their places."""
        return " ".join(self.text[slice(*self.bounds[n])] for n in sorted(places))


def spoken_numbers(data: Path) -> list[Transcript]:
    """Lines with one number each, or with none that is to be found."""
    return [line(each["id"], each["text"], _number(each)) for each in _lines(data / "spoken-numbers")]


def _number(line: dict[str, Any]) -> list[tuple[int, int, str]]:
    return [(*line["span"], line["label"])] if line["span"] else []


def presidio_synth(data: Path) -> list[Transcript]:
    """Sentences in written form, one speaker of whom nothing is known."""
    path = data / "presidio-synth" / "synth_dataset_v2.json"
    made = enumerate(json.loads(path.read_text(encoding="utf-8")))
    return [line(f"sentence {n}", each["full_text"], _marked(each["spans"])) for n, each in made]


def _marked(spans: Iterable[dict[str, Any]]) -> list[tuple[int, int, str]]:
    return [(each["start_position"], each["end_position"], each["entity_type"]) for each in spans]


def line(name: str, text: str, spans: Sequence[tuple[int, int, str]]) -> Transcript:
    """A text of one turn."""
    return transcript(name, text, [((0, len(text)), Role.UNKNOWN)], spans)


def vcon_transcripts(data: Path) -> list[Transcript]:
    """Calls in spoken form, a paragraph a turn, the agent first; the labels were made by pattern."""
    made = []
    for each in _lines(data / "vcon-transcripts"):
        text = each["transcript"]
        paragraphs = [match.span() for match in re.finditer(r".+", text)]
        turns = list(zip(paragraphs, cycle((Role.AGENT, Role.CALLER)), strict=False))
        made.append(
            transcript(each["id"], text, turns, [(a, b, kind) for a, b, kind, _ in each["silver_spans"]])
        )
    return made


def sgd_dialogues(data: Path) -> list[Transcript]:
    """Dialogues of a customer with a system; not everything that is to be found is labelled."""
    return [_dialogue(each) for each in _lines(data / "sgd-dialogues")]


def _dialogue(told: dict[str, Any]) -> Transcript:
    turns, spans, at = [], [], 0
    for turn in told["turns"]:
        role = Role.AGENT if turn["speaker"] == "SYSTEM" else Role.CALLER
        turns.append(((at, at + len(turn["text"])), role))
        spans += [(at + start, at + end, kind) for start, end, kind, _ in turn["spans"]]
        at += len(turn["text"]) + 1
    return transcript(told["id"], "\n".join(turn["text"] for turn in told["turns"]), turns, spans)


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    """The values of a folder's only file of JSON lines."""
    (path,) = folder.glob("*.jsonl")
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


def transcript(
    name: str, text: str, turns: Sequence[tuple[Stretch, Role]], spans: Iterable[tuple[int, int, str]]
) -> Transcript:
    """A text and its turns as a conversation: agent and caller on channels of their own, if both are there."""
    roles = (Role.UNKNOWN,) if turns[0][1] is Role.UNKNOWN else (Role.AGENT, Role.CALLER)
    bounds: list[Stretch] = []
    said: list[Turn] = []
    at_ms = 0
    for (start, end), role in turns:
        stretches = [match.span() for match in re.compile(r"\S+").finditer(text, start, end)]
        if not stretches:
            continue
        bounds += stretches
        said.append(_turn([text[a:b] for a, b in stretches], roles.index(role), at_ms))
        at_ms = said[-1].end_ms + PAUSE_MS
    return Transcript(
        name=name,
        text=text,
        bounds=tuple(bounds),
        conversation=Conversation(duration_ms=at_ms, channels=_channels(roles, said), turns=tuple(said)),
        truths=tuple(_truths(text, bounds, spans)),
    )


def _truths(text: str, bounds: Sequence[Stretch], spans: Iterable[tuple[int, int, str]]) -> Iterator[Truth]:
    """Spans as words; a lone dash or "#" between them is nobody's secret."""
    for start, end, kind in spans:
        places = frozenset(
            n for n in touched(bounds, start, end) if any(map(str.isalnum, text[slice(*bounds[n])]))
        )
        if places:
            yield Truth(kind=kind, places=places)


def _turn(texts: Sequence[str], channel: int, at_ms: int) -> Turn:
    """Words one after another."""
    words = (
        Word(start_ms=start, end_ms=start + WORD_MS, channel=channel, confidence=1.0, text=text)
        for start, text in zip(range(at_ms, at_ms + WORD_MS * len(texts), WORD_MS), texts, strict=True)
    )
    return Turn(channel=channel, words=tuple(words))


def _channels(roles: Sequence[Role], turns: Sequence[Turn]) -> tuple[Channel, ...]:
    """A channel for each role, voiced where it has words."""
    return tuple(
        Channel(
            index=index,
            role=role,
            language="en",
            language_probability=1.0,
            voiced=tuple(Span(start_ms=t.start_ms, end_ms=t.end_ms) for t in turns if t.channel == index),
        )
        for index, role in enumerate(roles)
    )


def touched(bounds: Sequence[Stretch], start: int, end: int) -> frozenset[int]:
    """The words that a stretch of characters touches."""
    return frozenset(n for n, (a, b) in enumerate(bounds) if a < end and start < b)

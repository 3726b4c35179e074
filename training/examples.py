"""Conversations as windows with the label of every piece; some fragments are held out."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from compliance.records import Conversation
from compliance.redact.detect.windows import LONGEST, NO_WORD, STEP, Pieces, Window, windows
from training.corpus import as_read, conversations, sureness
from training.fragments import HARMLESS, NOTHING, PUBLIC, Line

HELD_OUT = 6
"""Each sixth fragment is held out, of every file."""
HEARD_TIMES = 3
"""Each call that a recogniser read counts so often."""
SAFE = (NOTHING, HARMLESS, PUBLIC)
"""Labels of what stays; they come first."""
UNLABELLED = -1
"""Of the marks between turns."""
Fragments = Mapping[str, Sequence[Sequence[Line]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A fragment with its place, which seeds how it is written."""

    name: str
    lines: Sequence[Line] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A window, and for each of its pieces the number of a label."""

    window: Window
    labels: tuple[int, ...] = field(repr=False)


def parts(files: Fragments, *, holds_out: bool) -> tuple[list[Part], list[Part]]:
    """What is fitted, and what is held out."""
    fitted, held = list[Part](), list[Part]()
    for name, fragments in files.items():
        for n, lines in enumerate(fragments):
            into = held if holds_out and n % HELD_OUT == 0 else fitted
            into.append(Part(name=f"{name}{n}", lines=lines))
    return fitted, held


def label_names(files: Fragments) -> tuple[str, ...]:
    """Every label that occurs; those that stay first."""
    listed = (each for fragments in files.values() for lines in fragments for each in lines)
    kinds = {phrase.label for line in listed for phrase in line.phrases}
    return (*SAFE, *sorted(kinds - set(SAFE)))


def epoch(
    fitted: Iterable[Part], heard: Fragments, pieces: Pieces, names: Sequence[str], number: int
) -> Iterator[Labelled]:
    """Everything once, fragments written otherwise than in other epochs, long calls cut elsewhere."""
    rng = random.Random(number)
    sure = sureness(line for fragments in heard.values() for lines in fragments for line in lines)
    for part in fitted:
        for conversation, labels in conversations(part.lines, seed(part, number), times=1, sure=sure):
            yield from _cut(conversation, labels, pieces, names, rng)
    for fragments in heard.values():
        for lines in fragments:
            for _ in range(HEARD_TIMES):
                yield from _cut(*as_read(lines), pieces, names, rng)


def seed(part: Part, number: int) -> random.Random:
    """How a fragment is written: alike whatever lies beside it."""
    return random.Random(f"{part.name}-{number}")


def _cut(
    conversation: Conversation,
    labels: Sequence[str],
    pieces: Pieces,
    names: Sequence[str],
    rng: random.Random,
) -> Iterator[Labelled]:
    """Windows side by side, from somewhere near the beginning on."""
    first = rng.randrange(STEP)
    if sum(len(pieces(word.text)) for turn in conversation.turns for word in turn.words) < LONGEST:
        first = 0
    for window in windows(conversation, pieces, first=first, step=LONGEST - 2):
        yield labelled(window, labels, names)


def labelled(window: Window, labels: Sequence[str], names: Sequence[str]) -> Labelled:
    """A window with the numbers of its words' labels; what no list names stays."""
    known = {name: n for n, name in enumerate(names)}
    numbers = (UNLABELLED if at == NO_WORD else known.get(labels[at], 0) for at in window.words)
    return Labelled(window=window, labels=tuple(numbers))

"""Short conversations written as text, with what must be cut marked, and how they score.

A case is a few lines, "A:" the agent and "C:" the caller.  ``[words]`` must be
cut, ``(words)`` may be, everything else must stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from compliance.records import Channel, Conversation, Finding, Role, Span, Turn, Word, WordRef
from compliance.redact.detect.document import Document, Recognised
from compliance.redact.detect.stage import FINDERS

WORD_MS, TURN_MS = 300, 400
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One conversation with its marks."""

    name: str
    text: str
    conversation: Conversation
    sensitive: frozenset[WordRef]
    neutral: frozenset[WordRef]


class Rules:
    """Runs our finders alone, without any model."""

    def recognise(self, document: Document) -> list[Recognised]:
        """Everything that the finders find."""
        return [
            Recognised(found=each, detector=name) for name, finder in FINDERS for each in finder(document)
        ]


def scripts() -> list[Script]:
    """Every case of every file beside this one."""
    return [
        script(text, f"{path.stem}-{n}")
        for path in sorted(HERE.glob("*.yaml"))
        for n, text in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), 1)
    ]


def script(text: str, name: str) -> Script:
    """One case as a conversation: a word lasts 300 ms, and 400 ms lie between two turns."""
    turns, sensitive, neutral, at = [], set(), set(), 0
    for t, line in enumerate(text.strip().splitlines()):
        channel, words, mark = (0 if line.startswith("A:") else 1), [], ""
        for w, (word, mark) in enumerate(_marked(line[2:])):
            words.append(
                Word(start_ms=at, end_ms=at + WORD_MS - 20, channel=channel, confidence=0.9, text=word)
            )
            {"[": sensitive, "(": neutral}.get(mark, set()).add(WordRef(turn=t, word=w))
            at += WORD_MS
        turns.append(Turn(channel=channel, words=tuple(words)))
        at += TURN_MS
    conversation = Conversation(duration_ms=at, channels=tuple(_channels(turns)), turns=tuple(turns))
    return Script(
        name=name,
        text=text,
        conversation=conversation,
        sensitive=frozenset(sensitive),
        neutral=frozenset(neutral),
    )


def _marked(line: str) -> Iterable[tuple[str, str]]:
    """The words of a line, each with the bracket that it stands in."""
    mark = ""
    for piece in line.split():
        if piece[0] in "[(":
            mark = piece[0]
        yield re.sub(r"[\[\]()]", "", piece), mark
        if re.search(r"[\])]", piece):
            mark = ""


def _channels(turns: Sequence[Turn]) -> Iterable[Channel]:
    for index, role in enumerate((Role.AGENT, Role.CALLER)):
        yield Channel(
            index=index,
            role=role,
            language="en",
            language_probability=1.0,
            voiced=tuple(Span(start_ms=t.start_ms, end_ms=t.end_ms) for t in turns if t.channel == index),
        )


def leaked(case: Script, findings: Iterable[Finding]) -> set[WordRef]:
    """Sensitive words that no finding takes away."""
    return set(case.sensitive) - {ref for each in findings if each.action.cuts for ref in each.words}


def overcut(case: Script, findings: Iterable[Finding]) -> set[WordRef]:
    """Words cut that are neither sensitive nor neutral."""
    cut = {ref for finding in findings if finding.action.cuts for ref in finding.words}
    return cut - case.sensitive - case.neutral

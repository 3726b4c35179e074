"""The detect stage: a conversation to findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from compliance.records import Action, Conversation, Entity, Finding, FindingId, Role
from compliance.redact.detect.answers import answers
from compliance.redact.detect.digits import digits
from compliance.redact.detect.document import Document, Finder, Recognised
from compliance.redact.detect.hunted import hunted
from compliance.redact.detect.keyed import keyed
from compliance.redact.detect.medical import medical
from compliance.redact.detect.names import names
from compliance.redact.detect.postal import postal
from compliance.redact.detect.spelled import addresses, letters
from compliance.redact.detect.unread import unread
from compliance.redact.detect.values import values

FINDERS: tuple[tuple[str, Finder], ...] = (
    ("spoken_digits", digits),
    ("spoken_answers", answers),
    ("spoken_addresses", addresses),
    ("spoken_letters", letters),
    ("spoken_values", values),
    ("spoken_names", names),
    ("street_addresses", postal),
    ("medical_words", medical),
)
"""Our recognisers, by the name under which findings cite them."""
OURS = frozenset(name for name, _ in FINDERS)
GREETING = re.compile(
    r"\b(calling|welcome to|i'm|i am|this is|my name is|record\w*|monitor\w*|assistant|on behalf of)\b"
)
"""Sentences of the agent in which names are the company's and the agent's own."""


class Runner(Protocol):
    """Runs every recogniser over a conversation."""

    def recognise(self, document: Document) -> list[Recognised]:
        """Everything that is found."""
        ...


def detect(
    conversation: Conversation, runner: Runner, actions: Mapping[Entity, Action], *, source: int = 0
) -> tuple[Finding, ...]:
    """Every stretch of speech that may have to go, in time order."""
    document = Document(conversation)
    known = [each for each in runner.recognise(document) if not _is_own_name(document, each)]
    known += [
        Recognised(found=found, detector="spoken_again")
        for found in hunted(document, [each.found for each in known if each.found.score >= 0.5])
    ]
    findings = [_finding(document, each, actions, source) for each in _outermost(document, known)]
    findings += [
        Finding(
            id=FindingId(""),
            source=source,
            entity=Entity.UNREAD_SPEECH,
            channel=each.channel,
            start_ms=each.span.start_ms,
            end_ms=each.span.end_ms,
            score=0.5,
            detector="unread_speech",
            why="voice with no word to it while an answer was awaited",
            action=actions.get(Entity.UNREAD_SPEECH, Action.CUT),
        )
        for each in unread(document)
    ]
    findings += [
        Finding(
            id=FindingId(""),
            source=source,
            entity=Entity.DTMF,
            channel=each.channel,
            start_ms=each.span.start_ms,
            end_ms=each.span.end_ms,
            score=0.95,
            detector="keypad_tones",
            why=f"{each.count} keypad tones",
            action=actions.get(Entity.DTMF, Action.CUT),
        )
        for each in keyed(conversation)
    ]
    return numbered(findings)


def numbered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in time order, named f1, f2 and so on."""
    ordered = sorted(findings, key=lambda f: (f.start_ms, f.end_ms, f.channel, f.entity))
    return tuple(
        Finding(
            id=FindingId(f"f{n}"), source=f.source, entity=f.entity, channel=f.channel, start_ms=f.start_ms,
            end_ms=f.end_ms, score=f.score, detector=f.detector, why=f.why, action=f.action, words=f.words,
        )
        for n, f in enumerate(ordered, 1)
    )  # fmt: skip


def _is_own_name(document: Document, each: Recognised) -> bool:
    """Whether a stock find is the company's or the agent's name in the agent's own greeting."""
    token = document.tokens[each.found.first]
    if each.detector in OURS or token.role is not Role.AGENT:
        return False
    if each.found.entity not in (Entity.PERSON, Entity.LOCATION):
        return False
    return bool(GREETING.search(document.sentence(each.found.first).text))


def _outermost(document: Document, known: Sequence[Recognised]) -> list[Recognised]:
    """Finds that are not wholly inside another; of equals, ours, then the surer."""
    kept: list[tuple[frozenset[int], Recognised]] = []

    def weight(each: Recognised) -> tuple[int, bool, float]:
        return (len(document.own(each.found)), each.detector in OURS, each.found.score)

    for each in sorted(known, key=weight, reverse=True):
        own = frozenset(document.own(each.found))
        if not any(own <= other for other, _ in kept):
            kept.append((own, each))
    return [each for _, each in kept]


def _finding(document: Document, each: Recognised, actions: Mapping[Entity, Action], source: int) -> Finding:
    """A find with its times."""
    own = [document.tokens[i] for i in document.own(each.found)]
    return Finding(
        id=FindingId(""),
        source=source,
        entity=each.found.entity,
        channel=own[0].channel,
        start_ms=min(token.start_ms for token in own),
        end_ms=max(token.end_ms for token in own),
        score=each.found.score,
        detector=each.detector,
        why=each.found.why,
        action=actions.get(each.found.entity, Action.CUT),
        words=tuple(token.ref for token in own),
    )

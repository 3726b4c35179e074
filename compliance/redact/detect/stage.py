"""The detect stage: a conversation to findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from compliance.records import Action, Conversation, Entity, Finding, FindingId, Span
from compliance.redact.detect.ages import ages
from compliance.redact.detect.answers import answers
from compliance.redact.detect.companions import companions
from compliance.redact.detect.completed import completed
from compliance.redact.detect.custom import PATTERNS, WORDS, custom
from compliance.redact.detect.digits import digits, endings
from compliance.redact.detect.document import Document, Finder, Recognised
from compliance.redact.detect.hunted import NAME as AGAIN
from compliance.redact.detect.hunted import hunted
from compliance.redact.detect.judged import believed
from compliance.redact.detect.keyed import keyed
from compliance.redact.detect.lone import lone
from compliance.redact.detect.medical import medical
from compliance.redact.detect.misread import misread
from compliance.redact.detect.names import names
from compliance.redact.detect.postal import postal
from compliance.redact.detect.spelled import addresses, letters
from compliance.redact.detect.unread import unread
from compliance.redact.detect.values import values
from compliance.redact.treatment import Treatment, rank

FINDERS: tuple[tuple[str, Finder], ...] = (
    ("spoken_digits", digits),
    ("last_digits", endings),
    ("spoken_ages", ages),
    ("lone_numbers", lone),
    ("spoken_answers", answers),
    ("spoken_addresses", addresses),
    ("spoken_letters", letters),
    ("spoken_values", values),
    ("spoken_names", names),
    ("street_addresses", postal),
    ("medical_words", medical),
    ("misread_answers", misread),
)
"""Our recognisers, by the name under which findings cite them."""
OURS = frozenset(name for name, _ in FINDERS) | {"tagger"}


CHECKED = frozenset(
    {
        "CreditCardRecognizer",
        "CryptoRecognizer",
        "EmailRecognizer",
        "IbanRecognizer",
        "IpRecognizer",
        "UsSsnRecognizer",
    }
)
"""Recognisers of forms that are hardly ever met by chance."""


class Runner(Protocol):
    """Runs every recogniser over a conversation."""

    def recognise(self, document: Document) -> list[Recognised]:
        """Everything that is found."""
        ...


WORDLESS = {
    Entity.UNREAD_SPEECH: (0.5, "unread_speech", "voice with no word to it while an answer was awaited"),
    Entity.DTMF: (0.95, "keypad_tones", "tones of a keypad"),
}
"""What is found in the sound alone: score, detector, reason."""


def detect(
    conversation: Conversation,
    runner: Runner,
    actions: Mapping[Entity, Action] | Treatment,
    *,
    source: int = 0,
) -> tuple[Finding, ...]:
    """Every stretch of speech that may have to go, in time order."""
    treatment = actions if isinstance(actions, Treatment) else Treatment(actions=actions)
    document = Document(conversation)
    known = believed(document, runner.recognise(document), OURS)
    known += custom(document, treatment.rules)
    known += filter(document.stands, list(companions(document, known)))
    known = [completed(document, each) for each in known if treatment.of(document, each.found)]
    values = [each.found for each in known if _is_hunted(document, each, treatment)]
    again = [Recognised(found=found, detector=AGAIN) for found in hunted(document, values)]
    known += filter(document.stands, again)
    findings = [
        _finding(document, each, action, source)
        for each in _outermost(document, known, treatment)
        if (action := treatment.of(document, each.found))
    ]
    numbers = [each.found for each in known]
    wordless = [(Entity.UNREAD_SPEECH, u.channel, u.span) for u in unread(document, numbers)]
    wordless += [(Entity.DTMF, k.channel, k.span) for k in keyed(conversation)]
    findings += [
        _wordless(entity, channel, span, action, source)
        for entity, channel, span in wordless
        if (action := treatment.action(entity, WORDLESS[entity][0]))
    ]
    return numbered(findings)


def numbered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in time order, named f1, f2 and so on."""
    ordered = sorted(findings, key=lambda f: (f.start_ms, f.end_ms, f.channel, f.entity))
    return tuple(replace(finding, id=FindingId(f"f{n}")) for n, finding in enumerate(ordered, 1))


def _wordless(entity: Entity, channel: int, span: Span, action: Action, source: int) -> Finding:
    """A find in the sound alone.  How many keys were pressed is not told: it is the number of digits."""
    score, detector, why = WORDLESS[entity]
    return Finding(
        id=FindingId(""),
        source=source,
        entity=entity,
        channel=channel,
        start_ms=span.start_ms,
        end_ms=span.end_ms,
        score=score,
        detector=detector,
        why=why,
        action=action,
    )


def _is_hunted(document: Document, each: Recognised, treatment: Treatment) -> bool:
    """Whether a value is looked for in the whole call: what stays where it was found may stay elsewhere.

    What was only guessed is no value.
    """
    if each.detector == "SpacyRecognizer" or each.found.entity is Entity.UNREAD_SPEECH:
        return False
    return rank(treatment.of(document, each.found)) > 0


def _outermost(document: Document, known: Sequence[Recognised], treatment: Treatment) -> list[Recognised]:
    """Finds that are not inside one that takes as much away; of equals, the profile's, ours, the surer."""
    kept: list[tuple[frozenset[int], Recognised]] = []

    def weight(each: Recognised) -> tuple[int, int, bool, bool, float]:
        found, by = each.found, each.detector
        takes = rank(treatment.of(document, found))
        return (takes, len(document.own(found)), by in (PATTERNS, WORDS), by in OURS, found.score)

    for each in sorted(known, key=weight, reverse=True):
        own = frozenset(document.own(each.found))
        covering = [other for other, _ in kept if own <= other]
        is_lost = each.detector in CHECKED and all(2 * len(own) <= len(other) for other in covering)
        if is_lost or not covering:
            kept.append((own, each))
    return [_checked(document, own, each, known) for own, each in kept]


def _checked(
    document: Document, own: frozenset[int], each: Recognised, known: Sequence[Recognised]
) -> Recognised:
    """A find under the name of a form with check digits or own rules, where that makes up most of it."""
    for other in known:
        inside = own.intersection(document.own(other.found)) if other.detector in CHECKED else ()
        if other.found.entity is not each.found.entity and 2 * len(inside) > len(own):
            return replace(each, found=replace(each.found, entity=other.found.entity))
    return each


def _finding(document: Document, each: Recognised, action: Action, source: int) -> Finding:
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
        action=action,
        words=tuple(token.ref for token in own),
    )

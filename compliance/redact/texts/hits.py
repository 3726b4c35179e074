"""Findings as stretches of the text that was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compliance.records import Action, Entity, Finding
from compliance.redact.texts.said import Piece, Utterance
from compliance.redact.treatment import Treatment

LABEL_SCORE, LABEL = 0.5, "speaker_label"
_OPENING, _CLOSING = "([{\"'“‘<", ".,;:!?)]}\"'”’>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A finding, or the part of it that one utterance holds."""

    start: int
    """Characters of the text or, in a transcript, of its turn; half-open."""
    end: int
    start_ms: int | None
    end_ms: int | None
    entity: Entity
    score: float
    detector: str
    why: str
    action: Action


def hit(finding: Finding, turn: int, words: Sequence[Piece]) -> Hit:
    """The part of a finding in one utterance, without the punctuation at its ends."""
    own = [words[ref.word] for ref in finding.words if ref.turn == turn]
    first, last = own[0], own[-1]
    return Hit(
        start=first.start + _outside(first.text, first.text.lstrip(_OPENING)),
        end=last.end - _outside(last.text, last.text.rstrip(_CLOSING)),
        start_ms=first.start_ms,
        end_ms=last.end_ms,
        entity=finding.entity,
        score=finding.score,
        detector=finding.detector,
        why=finding.why,
        action=finding.action,
    )


def _outside(text: str, bare: str) -> int:
    """How much punctuation was left out; none of what is nothing else."""
    return len(text) - len(bare) if bare else 0


def labelled(said: Utterance, treatment: Treatment) -> Iterator[Hit]:
    """A label that may be a person's name."""
    action = treatment.action(Entity.PERSON, LABEL_SCORE)
    if said.label and action:
        yield Hit(
            start=said.label.start,
            end=said.label.end,
            start_ms=None,
            end_ms=None,
            entity=Entity.PERSON,
            score=LABEL_SCORE,
            detector=LABEL,
            why="a speaker's label that names no role",
            action=action,
        )


def merged(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Hits in order, those left out that an earlier one of the same effect covers."""
    kept: list[Hit] = []
    for hit in hits:
        if not any(k.start <= hit.start and hit.end <= k.end and k.action is hit.action for k in kept):
            kept.append(hit)
    return tuple(sorted(kept, key=lambda each: (each.start, each.end, each.entity)))

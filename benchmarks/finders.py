"""Who finds: ours and stock Presidio, over the same transcripts, with finds in the same shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from presidio_analyzer import AnalyzerEngine

from benchmarks.transcripts import Transcript
from compliance.evaluate.stock import stock_presidio
from compliance.records import Action, Entity, WordRef
from compliance.redact.detect.document import Document, Recognised
from compliance.redact.detect.stage import FINDERS, Runner, detect

STOCK = (
    "CREDIT_CARD", "US_SSN", "PHONE_NUMBER", "EMAIL_ADDRESS", "PERSON", "LOCATION", "DATE_TIME",
    "US_BANK_NUMBER", "US_DRIVER_LICENSE", "US_ITIN", "US_PASSPORT", "IBAN_CODE", "IP_ADDRESS", "URL",
    "CRYPTO", "MEDICAL_LICENSE",
)  # fmt: skip
"""What stock Presidio is asked for: the plain chain's kinds, and those of ours that it knows besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A find: its kind, its words, and who made it."""

    kind: str
    places: frozenset[int]
    detector: str
    score: float


Finds = Callable[[Transcript], list[Hit]]


def ours(runner: Runner, actions: Mapping[Entity, Action]) -> Finds:
    """Our detection, of which what the profile keeps is no find."""

    def finds(transcript: Transcript) -> list[Hit]:
        place = _places(transcript)
        return [
            Hit(
                kind=str(each.entity),
                places=frozenset(place[ref] for ref in each.words),
                detector=each.detector,
                score=each.score,
            )
            for each in detect(transcript.conversation, runner, actions)
            if each.words and each.action is not Action.KEEP
        ]

    return finds


def _places(transcript: Transcript) -> dict[WordRef, int]:
    """Each word's place in the whole transcript."""
    turns = enumerate(transcript.conversation.turns)
    refs = (WordRef(turn=t, word=w) for t, turn in turns for w in range(len(turn.words)))
    return {ref: n for n, ref in enumerate(refs)}


def stock(spacy: Path) -> Finds:
    """Presidio as it comes, over the text as it stands."""
    engine = stock_presidio(spacy)
    return lambda transcript: _stock_hits(engine, transcript)


def _stock_hits(engine: AnalyzerEngine, transcript: Transcript) -> list[Hit]:
    """What Presidio finds in one text."""
    found = engine.analyze(transcript.text, language="en", entities=list(STOCK))
    return [
        Hit(
            kind=str(each.entity_type),
            places=transcript.touched(each.start, each.end),
            detector=str(each.recognition_metadata["recognizer_name"]),
            score=float(each.score),
        )
        for each in found
    ]


class Rules:
    """Our finders with no model beside them, as a runner."""

    def recognise(self, document: Document) -> list[Recognised]:
        """What each of them finds."""
        return [
            Recognised(found=found, detector=name) for name, finder in FINDERS for found in finder(document)
        ]

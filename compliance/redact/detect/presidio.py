"""Presidio as registry and runner.  The only module that imports presidio-analyzer.

Our recognisers read the conversation (tokens, turns, open questions) rather than
a string; here each is dressed as a Presidio recogniser, so that stock and own
ones are listed, run, scored and explained in one way.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import tldextract
from presidio_analyzer import (
    AnalysisExplanation,
    AnalyzerEngine,
    EntityRecognizer,
    LocalRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    CryptoRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    MedicalLicenseRecognizer,
    PhoneRecognizer,
    SpacyRecognizer,
    UrlRecognizer,
    UsItinRecognizer,
    UsSsnRecognizer,
)

from compliance.errors import ModelAltered
from compliance.records import Entity
from compliance.redact.detect.document import Document, Finder, Found, Recognised

logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)

SURE = 0.4
"""Presidio results under this score are dropped."""
_WHY = "why"
"""Where a find of ours keeps its reason among a result's metadata."""
_BUNDLED_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
"""The public suffix list inside the package; the library would otherwise fetch it at first use."""


class _Email(EmailRecognizer):
    """Presidio's e-mail recogniser without its call to the internet."""

    def validate_result(self, pattern_text: str) -> bool:
        """Whether the domain ends in a public suffix."""
        return bool(_BUNDLED_SUFFIXES(pattern_text).fqdn)


class _Spoken(LocalRecognizer):
    """One of our finders, over one document, as a Presidio recogniser."""

    def __init__(self, name: str, finder: Finder, document: Document) -> None:
        self._name, self._finder, self._document = name, finder, document
        super().__init__(supported_entities=[str(e) for e in Entity], supported_language="en", name=name)

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        """What the finder finds, as stretches of the document's text."""
        return [self._result(found) for found in self._finder(self._document)]

    def _result(self, found: Found) -> RecognizerResult:
        """A find as Presidio's result, its reason as the explanation."""
        offsets = self._document.offsets(found)
        why = AnalysisExplanation(
            recognizer=self._name, original_score=found.score, textual_explanation=found.why
        )
        return RecognizerResult(
            entity_type=str(found.entity),
            start=offsets[0][0],
            end=offsets[-1][1],
            score=found.score,
            analysis_explanation=why,
            recognition_metadata={
                RecognizerResult.RECOGNIZER_NAME_KEY: self._name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                _WHY: found.why,
            },
        )


class Presidio:
    """The analyzer over one spaCy model and a fixed list of our finders."""

    def __init__(self, spacy_folder: Path, finders: Sequence[tuple[str, Finder]]) -> None:
        """Nothing is loaded yet."""
        self._folder = spacy_folder
        self._finders = finders

    @cached_property
    def _engine(self) -> AnalyzerEngine:
        """The engine, loaded at first use.

        Raises:
            ModelAltered: the folder holds no spaCy model.
        """
        try:
            configuration = NerModelConfiguration(
                labels_to_ignore=["CARDINAL", "ORDINAL", "QUANTITY", "MONEY", "PERCENT"]
            )
            nlp = SpacyNlpEngine([{"lang_code": "en", "model_name": str(self._folder)}], configuration)
            nlp.load()
        except (OSError, ValueError) as error:
            raise ModelAltered(f"the language model in {self._folder.name} cannot be loaded") from error
        registry = RecognizerRegistry(recognizers=_stock(), supported_languages=["en"])
        return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["en"])

    def load(self) -> None:
        """Load the model now."""
        _ = self._engine

    def recognise(self, document: Document) -> list[Recognised]:
        """Everything that stock recognisers and ours find in a conversation."""
        if not document.text.strip():
            return []
        ours: list[EntityRecognizer] = [_Spoken(name, finder, document) for name, finder in self._finders]
        results = self._engine.analyze(
            text=document.text,
            language="en",
            entities=[str(entity) for entity in Entity],
            ad_hoc_recognizers=ours,
            score_threshold=SURE,
            return_decision_process=True,
        )
        return [each for result in results for each in _recognised(document, result)]


def _stock() -> list[Any]:
    """Presidio's recognisers that earn their place on speech.

    Left out: dates and times (appointments are no secret; a date of birth is
    found by its cue) and the patterns for licences, passports and accounts, which
    match any number of their length.
    """
    return [
        CreditCardRecognizer(),
        UsSsnRecognizer(),
        UsItinRecognizer(),
        PhoneRecognizer(supported_regions=("US",)),
        _Email(),
        IbanRecognizer(),
        IpRecognizer(),
        UrlRecognizer(),
        CryptoRecognizer(),
        MedicalLicenseRecognizer(),
        SpacyRecognizer(supported_entities=["PERSON", "LOCATION"]),
    ]


def _recognised(document: Document, result: RecognizerResult) -> Iterator[Recognised]:
    """A result as a find over tokens; nothing when it touches none."""
    covered = document.covered(result.start, result.end)
    if not covered:
        return
    ours = result.recognition_metadata.get(_WHY)
    detector = result.recognition_metadata[RecognizerResult.RECOGNIZER_NAME_KEY]
    found = Found(
        entity=Entity(result.entity_type),
        first=covered[0],
        last=covered[-1],
        score=round(float(result.score), 3),
        why=ours or f"{detector} of presidio-analyzer",
    )
    yield Recognised(found=found, detector=detector)

"""Presidio as registry and runner of recognisers of text.  The only module that imports presidio-analyzer.

Our finders read the conversation (tokens, turns, open questions) rather than a
string, and are run beside it: put into one list with equal finds of the stock
recognisers, Presidio keeps whichever comes first from a set, and the same call would
be judged one way today and another tomorrow.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import tldextract
from presidio_analyzer import (
    AnalyzerEngine,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    CryptoRecognizer,
    DateRecognizer,
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
PIECE = 12_000
"""Characters that are analysed at once, a quarter of an hour of talk: memory does not grow with the call."""
SEAM = 200
"""Characters read with the piece before and the one after, where a turn is longer than a piece."""
_BUNDLED_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
"""The public suffix list inside the package; the library would otherwise fetch it at first use."""


class _Email(EmailRecognizer):
    """Presidio's e-mail recogniser without its call to the internet."""

    def validate_result(self, pattern_text: str) -> bool:
        """Whether the domain ends in a public suffix."""
        return bool(_BUNDLED_SUFFIXES(pattern_text).fqdn)


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
            loaded: Any = nlp.nlp
            loaded["en"].disable_pipe("parser")  # nobody asks how a sentence is built
        except (OSError, ValueError) as error:
            raise ModelAltered(f"the language model in {self._folder.name} cannot be loaded") from error
        registry = RecognizerRegistry(recognizers=_stock(), supported_languages=["en"])
        return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["en"])

    def load(self) -> None:
        """Load the model now."""
        _ = self._engine

    def recognise(self, document: Document) -> list[Recognised]:
        """Everything that stock recognisers and ours find in a conversation."""
        stock = [
            each
            for start, piece in pieces(document.text)
            for result in self._results(piece)
            for each in _recognised(document, result, start)
        ]
        ours = [
            Recognised(found=found, detector=name)
            for name, finder in self._finders
            for found in finder(document)
        ]
        return ours + sorted(
            dict.fromkeys(stock), key=lambda each: (each.found.first, each.found.last, each.found.entity)
        )

    def _results(self, text: str) -> list[RecognizerResult]:
        """What Presidio finds in a piece of text."""
        if not text.strip():
            return []
        return self._engine.analyze(
            text=text,
            language="en",
            entities=[str(entity) for entity in Entity],
            score_threshold=SURE,
            return_decision_process=True,
        )


def pieces(text: str, most: int = PIECE, seam: int = SEAM) -> Iterator[tuple[int, str]]:
    """A text in pieces, each with where it starts: whole turns, or parts of one that share some words."""
    start = 0
    while len(text) - start > most:
        ends = (text.rfind(mark, start, start + most) + 1 for mark in "\n ")
        end = next((each for each in ends if each > start), start + most)
        yield start, text[start:end]
        shared = max(start + 1, text.rfind(" ", start, max(start, end - seam)) + 1)
        start = end if text[end - 1] == "\n" else shared
    yield start, text[start:]


def _stock() -> list[Any]:
    """Presidio's recognisers that earn their place on speech.

    Dates and times are found, and kept by most profiles: appointments are no secret,
    and a date of birth is found by its cue.  Left out: the patterns for licences,
    passports and accounts, which match any number of their length.
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
        DateRecognizer(),
        SpacyRecognizer(supported_entities=["PERSON", "LOCATION", "DATE_TIME"]),
    ]


def _recognised(document: Document, result: RecognizerResult, start: int) -> Iterator[Recognised]:
    """A result in the piece from ``start`` on as a find over tokens; nothing when it touches none."""
    covered = document.covered(start + result.start, start + result.end)
    if not covered:
        return
    detector = result.recognition_metadata[RecognizerResult.RECOGNIZER_NAME_KEY]
    found = Found(
        entity=Entity(result.entity_type),
        first=covered[0],
        last=covered[-1],
        score=round(float(result.score), 3),
        why=f"{detector} of presidio-analyzer",
    )
    yield Recognised(found=found, detector=detector)

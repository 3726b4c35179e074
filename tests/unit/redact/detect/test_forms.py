"""What the form of words tells of their kind."""

from __future__ import annotations

import pytest

from compliance.records import Entity
from compliance.redact.detect.document import Document
from compliance.redact.detect.forms import fits, written
from tests.unit.redact.speech.scripts import script


@pytest.mark.parametrize(
    ("word", "entity"),
    [
        ("ann@example.org", Entity.EMAIL_ADDRESS),
        ("https://example.org/a", Entity.URL),
        ("www.example.org", Entity.URL),
        ("@example.org", None),
        ("ann@", None),
        ("ann@work", None),
        ("example.org", None),
        ("GB42NAWI04454264788619", Entity.IBAN_CODE),
        ("GB42NAWI0445", None),
        ("www.", None),
    ],
)
def test_one_word_may_name_itself(word: str, entity: Entity | None) -> None:
    """A name, an at and a domain; a scheme; an IBAN. Half of one is nothing by itself."""
    (token,) = Document(script(f"C: {word}", "probe").conversation).tokens
    assert written(token) is entity


@pytest.mark.parametrize(
    ("entity", "words", "is_possible"),
    [
        (Entity.IP_ADDRESS, "10 dot 4 dot 0 dot 7", True),
        (Entity.IP_ADDRESS, "10.4.0.7", True),
        (Entity.IP_ADDRESS, "unit 822", False),
        (Entity.IBAN_CODE, "G E 09 T V", True),
        (Entity.IBAN_CODE, "7036 14 20", False),
        (Entity.IBAN_CODE, "cc", False),
        (Entity.IBAN_CODE, "G E", True),
        (Entity.IBAN_CODE, "TV", True),
        (Entity.US_SSN, "770-04", True),
        (Entity.US_SSN, "770 04", True),
        (Entity.US_SSN, "08615", False),
        (Entity.EMAIL_ADDRESS, "marlo at work", True),
        (Entity.EMAIL_ADDRESS, "ann@example.org", True),
        (Entity.EMAIL_ADDRESS, "hackers", False),
        (Entity.URL, "tipple log dot net", True),
        (Entity.URL, "tipplelog.net", True),
        (Entity.URL, "zombie kleist", False),
        (Entity.CREDIT_CARD, "four four", True),
        (Entity.CREDIT_CARD, "cc", False),
        (Entity.US_DRIVER_LICENSE, "K 77", True),
        (Entity.US_DRIVER_LICENSE, "FPO AP", False),
        (Entity.US_DRIVER_LICENSE, "93757", False),
        (Entity.PERSON, "08615", True),
    ],
)
def test_a_kind_needs_its_form(entity: Entity, words: str, is_possible: bool) -> None:
    """Dots for a network address, digits for a licence; kinds without a form may be anything."""
    assert fits(entity, Document(script(f"C: {words}", "probe").conversation).tokens) is is_possible

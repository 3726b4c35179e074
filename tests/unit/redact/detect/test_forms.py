"""What the form of words tells of their kind."""

from __future__ import annotations

import pytest

from compliance.records import Entity
from compliance.redact.detect.document import Document
from compliance.redact.detect.forms import address, fits
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
        ("www.", None),
    ],
)
def test_an_address_in_one_word_names_itself(word: str, entity: Entity | None) -> None:
    """An at with a name before it and a domain behind, or a scheme; half of one is nothing by itself."""
    (token,) = Document(script(f"C: {word}", "probe").conversation).tokens
    assert address(token) is entity


@pytest.mark.parametrize(
    ("entity", "words", "is_possible"),
    [
        (Entity.IP_ADDRESS, "10 dot 4 dot 0 dot 7", True),
        (Entity.IP_ADDRESS, "10.4.0.7", True),
        (Entity.IP_ADDRESS, "unit 822", False),
        (Entity.IBAN_CODE, "G E 09 T V", True),
        (Entity.IBAN_CODE, "7036 14 20", False),
        (Entity.IBAN_CODE, "cc", False),
        (Entity.US_SSN, "770-04", True),
        (Entity.US_SSN, "770 04", True),
        (Entity.US_SSN, "08615", False),
        (Entity.EMAIL_ADDRESS, "marlo at work", True),
        (Entity.EMAIL_ADDRESS, "ann@example.org", True),
        (Entity.EMAIL_ADDRESS, "hackers", False),
        (Entity.PERSON, "08615", True),
    ],
)
def test_a_kind_needs_its_form(entity: Entity, words: str, is_possible: bool) -> None:
    """Dots for a network address, letters and digits for an IBAN; kinds without a form may be anything."""
    assert fits(entity, Document(script(f"C: {words}", "probe").conversation).tokens) is is_possible

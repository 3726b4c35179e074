"""What the form of words tells of their kind: a network address has dots, an IBAN has letters and digits.

It chooses the name of a find, but of a number whose name the tagger is sure of, and what stands by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from compliance.records import Entity
from compliance.redact.speech.numbers import Run
from compliance.redact.speech.tokens import Kind, Token

ZIP = 5
"""Digits of a ZIP code; no social security number is told as one number of five."""
THREES = (3, 3, 3)
"""So telephone numbers of nine digits are grouped; social security numbers go 3, 2, 4 (POMS RM 10201.030)."""


_IBAN = re.compile(r"[a-z]{2}\d{2}[a-z0-9]{11,30}")
"""Country, check digits and account in one (ISO 13616-1)."""


def written(token: Token) -> Entity | None:
    """What a word is by its form alone: "ann@example.org", "https://example.org", an IBAN; none is None."""
    text = token.text
    if "://" in text or (text.startswith("www.") and text.count(".") > 1):
        return Entity.URL
    if _IBAN.fullmatch(text):
        return Entity.IBAN_CODE
    local, at, domain = text.partition("@")
    return Entity.EMAIL_ADDRESS if local and at and "." in domain else None


def fits(entity: Entity, read: Sequence[Token]) -> bool:
    """Whether words can be of a kind by their form."""
    return entity not in _FORMS or _FORMS[entity](read)


def is_in_threes(read: Sequence[Token], run: Run) -> bool:
    """Whether the digits of a run were written three by three."""
    return tuple(len(read[i].digits) for i in run.places) == THREES


def _is_network(read: Sequence[Token]) -> bool:
    """Dots, said or written, or colons."""
    return any(token.text in ("dot", "point", "colon") or set(".:") & set(token.text) for token in read)


def _is_address(read: Sequence[Token]) -> bool:
    """Several words, or one with the marks of an address in it."""
    return len(read) > 1 or bool(set(".@") & set(read[0].text))


def _is_site(read: Sequence[Token]) -> bool:
    """Dots or slashes, said or written."""
    return any(token.text in ("dot", "slash", "com", "www") or set("./") & set(token.text) for token in read)


def is_number(read: Sequence[Token]) -> bool:
    """Whether there are digits, or words for them."""
    return any(token.digits or token.kind is Kind.NUMBER_WORD for token in read)


def _is_mixed(read: Sequence[Token]) -> bool:
    """Letters, with digits or one by one."""
    is_told = any(token.digits or token.kind is Kind.LETTERS or token.is_shouted for token in read)
    return is_told and any(char.isalpha() for token in read for char in token.text)


def _is_identity(read: Sequence[Token]) -> bool:
    """A number, and not one of five digits by itself."""
    is_zip = len(read) == 1 and read[0].text.isdigit() and len(read[0].text) == ZIP
    return is_number(read) and not is_zip


_FORMS: Mapping[Entity, Callable[[Sequence[Token]], bool]] = {
    Entity.EMAIL_ADDRESS: _is_address,
    Entity.URL: _is_site,
    Entity.IP_ADDRESS: _is_network,
    Entity.IBAN_CODE: _is_mixed,
    Entity.CREDIT_CARD: is_number,
    Entity.US_SSN: _is_identity,
    Entity.US_DRIVER_LICENSE: _is_identity,
}

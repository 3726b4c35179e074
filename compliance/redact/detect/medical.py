"""Conditions, symptoms, procedures and medicines: word lists, and the endings that medicine gives its words.

Some words speak of health only in a call that does ("cold", "pain"); they count
once a doctor, a clinic or one of the unmistakable words has been named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from compliance.records import Entity
from compliance.redact.detect.document import Document, Found
from compliance.redact.speech.questions import is_number
from compliance.redact.speech.tokens import Kind, Token
from compliance.redact.words import named, phrases

LONGEST_PHRASE = 4
_DRUG = re.compile(
    r"^[a-z]{3,}(pril|sartan|olol|statin|dipine|azole|prazole|oxacin|cillin|mycin|cycline|profen|oxetine|azepam|zolam|gliptin|gliflozin"
    r"|glutide|formin|thiazide|semide|tidine|triptan|setron|vir|mab|tinib|parin|xaban|caine|codone|barbital|azine|triptyline|afil|terol|sone|solone|dronate|lukast|phylline|racetam)$"
)
_CONDITION = re.compile(
    r"^[a-z]{3,}(itis|osis|emia|aemia|pathy|algia|ectomy|plasty|oscopy|plegia|phobia|uria|rrhea|penia|carcinoma|sarcoma|myeloma|lymphoma|thyroidism|tension)$"
)
_NOT_MEDICAL = named("medical.not_medical")
_CONTEXT = named("medical.context")
_DOSE = named("medical.dose")


@cache
def _listed() -> dict[str, Entity]:
    """Every listed phrase that stands by itself, with its kind."""
    return dict.fromkeys(phrases("conditions"), Entity.MEDICAL_CONDITION) | dict.fromkeys(
        phrases("medications"), Entity.MEDICATION
    )


def medical(document: Document) -> Iterator[Found]:
    """Everything said of somebody's health."""
    read = document.tokens
    has_context = any(token.text in _CONTEXT or kind_of(token.text) for token in read)
    at = 0
    while at < len(read):
        length, entity = _phrase(read, at, has_context=has_context)
        if entity:
            last = _dosed(read, at + length - 1)
            yield Found(entity=entity, first=at, last=last, score=0.85, why=f"a word for a {entity}")
            at = last
        at += 1


def kind_of(word: str) -> Entity | None:
    """What a single word is by itself, by the lists or by its ending."""
    plain = word.removesuffix("'s")
    if plain in _listed():
        return _listed()[plain]
    if plain in _NOT_MEDICAL or plain.endswith("son"):
        return None
    if _DRUG.match(plain):
        return Entity.MEDICATION
    return Entity.MEDICAL_CONDITION if _CONDITION.match(plain) else None


def _phrase(read: tuple[Token, ...], at: int, *, has_context: bool) -> tuple[int, Entity | None]:
    """The longest phrase that begins at a token, and what it is."""
    same = [t.text for t in read[at : at + LONGEST_PHRASE] if t.channel == read[at].channel]
    for length in range(len(same), 0, -1):
        phrase = " ".join(same[:length])
        entity = _listed().get(phrase) or (kind_of(phrase) if length == 1 else None)
        if entity:
            return length, entity
        if has_context and phrase in phrases("symptoms"):
            return length, Entity.MEDICAL_CONDITION
    return 0, None


def _dosed(read: tuple[Token, ...], last: int) -> int:
    """The end of a medicine with its dose: "500 milligrams"."""
    if last + 2 < len(read) and is_number(read[last + 1]) and read[last + 2].text in _DOSE:
        return last + 2
    has_dose = (
        last + 1 < len(read)
        and read[last + 1].kind is Kind.AMOUNT
        and read[last + 1].text.endswith(("mg", "ml", "g"))
    )
    return last + 1 if has_dose else last

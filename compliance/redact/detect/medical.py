"""Conditions, symptoms, procedures and medicines: word lists, and the endings that medicine gives its words.

Some words speak of health only in a call that does ("cold", "pain"); they count
once a doctor, a clinic or anything that speaks of health by itself has been named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from compliance.records import Entity
from compliance.redact.detect.bodies import Bodies, bodies
from compliance.redact.detect.document import Document, Found
from compliance.redact.detect.health import Sort, key, longest, spelled, table
from compliance.redact.speech.questions import is_number
from compliance.redact.speech.tokens import Token
from compliance.redact.words import named

ENOUGH_HINTS = 2
"""So many different words that doctors share with other trades ("appointment") make a call one of health."""
_DRUG = re.compile(
    r"^[a-z]{3,}(pril|sartan|olol|statin|dipine|azole|prazole|oxacin|cillin|mycin|cycline|profen|oxetine|azepam|zolam|gliptin|gliflozin"
    r"|glutide|formin|thiazide|semide|tidine|triptan|setron|vir|mab|tinib|parin|xaban|caine|codone|barbital|azine|triptyline|afil|terol|sone|solone|dronate|lukast|phylline|racetam)$"
)
_CONDITION = re.compile(
    r"^[a-z]{3,}(itis|osis|emia|aemia|pathy|algia|ectomy|plasty|oscopy|plegia|phobia|uria|rrhea|penia|carcinoma|sarcoma|myeloma|lymphoma|thyroidism|tension)$"
)
_NOT_MEDICAL = named("medical.not_medical")
_CONTEXT = named("medical.context")
_HINTS = named("medical.hints")
_ENTITIES = {
    Sort.CONDITION: Entity.MEDICAL_CONDITION,
    Sort.SYMPTOM: Entity.MEDICAL_CONDITION,
    Sort.MEDICATION: Entity.MEDICATION,
}


def medical(document: Document) -> Iterator[Found]:
    """Everything said of somebody's health."""
    read = document.tokens
    said = [spelled(token.text) for token in read]
    told = _Told(read=read, said=said, bodies=bodies(read, said))
    found = tuple(told.found(has_context=False))
    has_context = found or _CONTEXT.intersection(said) or len(_HINTS.intersection(said)) >= ENOUGH_HINTS
    if not has_context:
        yield from found
        return
    found = tuple(told.found(has_context=True))
    yield from found
    yield from _doses(document, {i for each in found for i in range(each.first, each.last + 1)})


def _doses(document: Document, known: AbstractSet[int]) -> Iterator[Found]:
    """A dose with its medicine; what was read as "listen up all 10mg" is one all the same.

    A dose that nothing is told before stays: by itself it is a number of milligrams and no more.
    """
    read = document.tokens
    for i, token in enumerate(read):
        is_dose = token.digits and token.text.endswith(("mg", "mcg"))
        if not (is_dose or (token.text in _WEIGHTS and i and is_number(read[i - 1]))):
            continue
        dose = i
        while dose and is_number(read[dose - 1]) and read[dose - 1].ref.turn == token.ref.turn:
            dose -= 1
        first = dose
        while first > max(0, dose - NAME_WORDS) and _goes_before(read, first, token):
            first -= 1
        if dose - 1 in known:
            why = "the dose of a medicine"
            yield Found(entity=Entity.MEDICATION, first=dose, last=i, score=0.7, why=why)
        elif first < dose and known.isdisjoint(range(first, dose)):
            why = "the words before a dose, and the dose"
            yield Found(entity=Entity.MEDICATION, first=first, last=i, score=0.7, why=why)


def kind_of(word: str) -> Entity | None:
    """What a single word is by itself, by the lists or by its ending."""
    right = spelled(word)
    sort = table().get(key(right)) or table().get(right.removesuffix("'s"))
    if sort is not None and sort is not Sort.SYMPTOM:
        return _ENTITIES.get(sort)
    plain = right.removesuffix("'s")
    if plain in _NOT_MEDICAL or plain.endswith("son"):
        return None
    if _DRUG.match(plain):
        return Entity.MEDICATION
    return Entity.MEDICAL_CONDITION if _CONDITION.match(plain) else None


def _goes_before(read: Sequence[Token], first: int, token: Token) -> bool:
    """Whether the word before may name the medicine, rather than lead into it."""
    before = read[first - 1]
    return before.ref.turn == token.ref.turn and before.text not in _LEADS and not before.ends_sentence


_LEADS = frozenset(
    {"take", "takes", "taking", "i", "my", "she", "he", "of", "about", "yes", "still", "on", "and", "to"}
)
_WEIGHTS = frozenset({"milligram", "milligrams", "mg", "microgram", "micrograms", "mcg"})
NAME_WORDS = 3
"""So many words before a dose may be its medicine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A conversation with what it tells of bodies."""

    read: Sequence[Token]
    said: Sequence[str]
    """Its words, with rare ones spelled right."""
    bodies: Bodies

    def found(self, *, has_context: bool) -> Iterator[Found]:
        """Everything said of health, with or without the words that need a context."""
        at = 0
        while at < len(self.read):
            length, entity = self._longest(at, has_context=has_context)
            last = self._end(at + length - 1, entity)
            if entity:
                yield Found(entity=entity, first=at, last=last, score=0.85, why=f"a word for a {entity}")
            at = max(at, last) + 1

    def _longest(self, at: int, *, has_context: bool) -> tuple[int, Entity | None]:
        """How far a phrase or what is told of a body reaches; a saying is passed over."""
        length, sort = self._listed(at, has_context=has_context)
        if sort is Sort.HARMLESS:
            return length, None
        entity = _ENTITIES[sort] if sort else kind_of(self.said[at])
        stretch = self.bodies.stretches.get(at)
        if stretch and (has_context or stretch.is_sure) and stretch.last - at >= length:
            return stretch.last - at + 1, Entity.MEDICAL_CONDITION
        return length, entity

    def _listed(self, at: int, *, has_context: bool) -> tuple[int, Sort | None]:
        """The longest listed phrase that begins at a token: how many words, and what it is."""
        most = longest().get(key(self.said[at]), 0)
        same = [i for i in range(at, min(at + most, len(self.read))) if self._is_beside(at, i)]
        for length in range(len(same), 0, -1):
            sort = table().get(" ".join(key(self.said[i]) for i in same[:length]))
            if sort and (has_context or sort is not Sort.SYMPTOM):
                return length, sort
        return 1, None

    def _is_beside(self, at: int, other: int) -> bool:
        """Whether two tokens are one speaker's."""
        return self.read[at].channel == self.read[other].channel

    def _end(self, last: int, entity: Entity | None) -> int:
        """The end of a find with the place of the pain that follows."""
        return self.bodies.places.get(last + 1, last) if entity is Entity.MEDICAL_CONDITION else last

"""Words of an answer that were hardly understood: a recogniser that guesses writes common words over a name.

"All the way from a dead girl" was a name and a spelling.  What such words say is not
known, and they stand where something sensitive was asked for; so they are cut, like
voice for which nothing was written at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compliance.records import Entity, Role
from compliance.redact.detect.answers import dodges
from compliance.redact.detect.document import Document, Found
from compliance.redact.speech.questions import Act
from compliance.redact.speech.reading import Answer

UNSURE = 0.4
"""Words whose confidence, averaged with their neighbours', lies below this were guessed."""
HEARD_WELL = 0.75
"""A reply with less confidence on average was not understood as a whole."""
_WORDS = frozenset(
    {
        Entity.PERSON,
        Entity.STREET_ADDRESS,
        Entity.EMAIL_ADDRESS,
        Entity.PASSWORD,
        Entity.USERNAME,
        Entity.CITY,
    }
)
AROUND = 1
"""So many neighbours on each side are averaged."""
LONGEST = 14
"""So many words into an answer at most."""


def misread(document: Document) -> Iterator[Found]:
    """Stretches of answers by others than the agent that were guessed."""
    for answer in document.reading.answers:
        if not _is_reply(document, answer):
            continue
        own = list(range(answer.first, min(answer.end, answer.first + LONGEST)))
        for group in [own] if _is_guessed(document, answer, own) else _unsure(document, own):
            why = f"words hardly understood, in answer to a question for {answer.asked.entities[0]}"
            yield Found(entity=Entity.UNREAD_SPEECH, first=group[0], last=group[-1], score=0.5, why=why)


def _is_reply(document: Document, answer: Answer) -> bool:
    """Whether something sensitive was asked, and somebody other than an agent replies."""
    is_asked = bool(answer.asked.entities) and Act.ASKS in answer.asked.acts and not answer.is_own
    return is_asked and document.tokens[answer.first].role is not Role.AGENT


def _is_guessed(document: Document, answer: Answer, own: Sequence[int]) -> bool:
    """Whether a whole reply goes: a spelling, or a name, an address or a secret that was heard badly."""
    asked = answer.asked
    if not answer.is_first or dodges(document.tokens[answer.first : answer.end]):
        return False
    if Entity.PERSON in asked.entities and "spell" in asked.sentence.text:
        return True
    mean = sum(_confidence(document, i) for i in own) / len(own)
    return asked.entities[0] in _WORDS and answer.end - answer.first <= LONGEST and mean < HEARD_WELL


def _unsure(document: Document, own: Sequence[int]) -> Iterator[list[int]]:
    """Words that follow each other and were guessed."""
    sure = [_confidence(document, i) for i in own]
    group: list[int] = []
    for n, i in enumerate(own):
        near = sure[max(0, n - AROUND) : n + AROUND + 1]
        if sum(near) / len(near) < UNSURE:
            group.append(i)
        elif group:
            yield group
            group = []
    if group:
        yield group


def _confidence(document: Document, place: int) -> float:
    """What the recogniser thinks of its own word."""
    ref = document.tokens[place].ref
    return document.conversation.turns[ref.turn].words[ref.word].confidence

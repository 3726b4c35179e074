"""Answers in words: the name, the address, the e-mail or the password that was asked for.

Names are misheard and misspelt, so an answer to a question is cut whole; what
leads into it ("sure, it's") stays, and so does a sentence that puts the question off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compliance.records import Entity, Role
from compliance.redact.detect.document import Document, Found
from compliance.redact.detect.medical import kind_of
from compliance.redact.speech.cues import DODGES
from compliance.redact.speech.numbers import BACKCHANNELS, FILLERS
from compliance.redact.speech.questions import Act, Expectation, is_number
from compliance.redact.speech.reading import Answer
from compliance.redact.speech.shapes import is_shouted, name_of
from compliance.redact.speech.tokens import Kind, Token
from compliance.redact.words import named, words

LONGEST: dict[Entity, int] = {
    Entity.PERSON: 6,
    Entity.STREET_ADDRESS: 24,
    Entity.EMAIL_ADDRESS: 24,
    Entity.USERNAME: 12,
    Entity.PASSWORD: 16,
    Entity.PIN: 8,
    Entity.MEDICATION: 10,
    Entity.MEDICAL_CONDITION: 10,
}
"""Kinds whose answers are words, and the most words one takes."""
SHORT = 4
"""A reply of no more words is the whole answer."""
NEAR = 16
"""A cue so many words before its sentence's end is an aside, unless the sentence is a question."""
_HANDED_OUT = {Entity.PASSWORD, Entity.USERNAME}
"""What an agent may give to a caller: "your temporary password is …"."""
_HEALTH = {Entity.MEDICATION, Entity.MEDICAL_CONDITION}
_LEAD_IN = BACKCHANNELS | FILLERS | named("answers.lead_in")
_INTERROGATIVES = named("answers.interrogatives")
_CLAUSES = named("answers.clauses")
_PLACES = words("streets") | words("states") | named("answers.places")


def answers(document: Document) -> Iterator[Found]:
    """The words that answer a question, or follow an announcement, of a kind said in words."""
    given: set[int] = set()
    for answer in document.reading.answers:
        kinds = tuple(entity for entity in answer.asked.entities if entity in LONGEST)
        if not kinds or (id(answer.asked) in given and not _goes_on(document, answer, kinds)):
            continue
        own = _content(document, answer, kinds)
        if own:
            given.add(id(answer.asked))
            yield Found(
                entity=kinds[0],
                first=own[0],
                last=own[-1],
                score=0.85,
                why=f"answer to a question for {kinds[0]}",
            )


def _said(document: Document, answer: Answer) -> tuple[Token, ...]:
    """An answer's tokens."""
    return document.tokens[answer.first : answer.end]


def _goes_on(document: Document, answer: Answer, kinds: Sequence[Entity]) -> bool:
    """Whether a further sentence adds to an answer: letters, a house number, the rest of an address."""
    said = _said(document, answer)
    if Entity.STREET_ADDRESS in kinds and not dodges(said):
        return any(is_number(token) or token.text in _PLACES for token in said) or len(said) <= SHORT
    return any(is_letter(token) for token in said)


def _content(document: Document, answer: Answer, kinds: tuple[Entity, ...]) -> list[int]:
    """What of a sentence is the answer; empty when it is none."""
    if not (_announces(document, answer) if answer.is_own else _replies(document, answer)):
        return []
    if not _has_shape(_said(document, answer), answer, kinds):
        return []
    own = _without_lead_in(document.tokens, list(range(answer.first, answer.end)))
    if set(kinds) == {Entity.PERSON}:
        return _named(document.tokens, own, answer)
    if kinds[0] is Entity.STREET_ADDRESS:
        own = _place_in(document.tokens, _to_clause_end(document.tokens, own))
    return own[: sum(LONGEST[kind] for kind in kinds)]


def _named(read: Sequence[Token], own: list[int], answer: Answer) -> list[int]:
    """The name in a reply; words that are no one's name are one only when they are the whole reply."""
    kept = name_of(read, own, longest=LONGEST[Entity.PERSON])
    is_common = all(read[i].text in words("common") for i in kept)
    return [] if is_common and answer.end - answer.first >= SHORT else kept


def _place_in(read: Sequence[Token], own: list[int]) -> list[int]:
    """The place in a reply: all of a short one, else from the first word that tells a place to the last."""
    if len(own) <= SHORT:
        return own
    telling = [n for n, i in enumerate(own) if _tells(read[i])]
    return own[telling[0] : telling[-1] + 1] if telling else []


def _tells(token: Token) -> bool:
    """Whether a word by itself belongs to a place: a number, a street, a state, a proper name."""
    is_proper = token.is_capital and token.text not in words("common")
    return is_number(token) or is_letter(token) or token.text in _PLACES or is_proper


def _to_clause_end(read: Sequence[Token], own: list[int]) -> list[int]:
    """An address ends where a clause begins: "… Drive, but I'm at work"."""
    end = next((n for n, i in enumerate(own) if n and read[i].text in _CLAUSES), len(own))
    return own[:end]


def _replies(document: Document, answer: Answer) -> bool:
    """Whether a sentence replies to a question that was put directly, rather than putting it off."""
    asked = answer.asked
    if document.tokens[answer.first].role is Role.AGENT:
        return False  # What an agent tells of a caller has a shape, or was said before.
    if Act.ASKS not in asked.acts or not _is_direct(document, asked) or dodges(_said(document, answer)):
        return False
    own = document.reading.own[document.reading.place_of[answer.first]]
    asks_back = (
        own is not None and own != asked and Act.ASKS in own.acts and not _has_number(document, answer)
    )
    return not asks_back and not document.tokens[answer.end - 1].is_question


def _has_number(document: Document, answer: Answer) -> bool:
    """Whether digits are said, so that a cue in the answer names what they are."""
    return any(is_number(token) for token in _said(document, answer))


def _is_direct(document: Document, asked: Expectation) -> bool:
    """Whether the cue is what its sentence is about."""
    sentence = asked.sentence
    return document.tokens[sentence.end - 1].is_question or sentence.end - asked.cues[0].first <= NEAR


def dodges(said: Sequence[Token]) -> bool:
    """Whether a sentence begins by putting the question off."""
    return DODGES.match(" ".join(token.text for token in said)) is not None


def _announces(document: Document, answer: Answer) -> bool:
    """Whether a value follows its cue: "my name is …"; the agent's own name and address stay."""
    read, asked = document.tokens, answer.asked
    is_agent = document.conversation.role_of(asked.sentence.channel) is Role.AGENT
    if is_agent and not set(asked.entities) & _HANDED_OUT:
        return False
    if answer.first != asked.cue_end and asked.entities[0] is not Entity.STREET_ADDRESS:
        return False
    if asked.entities[0] is Entity.STREET_ADDRESS:
        return _tells_place(document, answer)
    if read[asked.sentence.first].text in _INTERROGATIVES or read[asked.sentence.end - 1].is_question:
        return False
    return bool(
        {"is", "it's", "was", "at", "under", "are", "that's"} & {t.text for t in _said(document, answer)[:2]}
    )


def _tells_place(document: Document, answer: Answer) -> bool:
    """Whether a statement names a place that has no shape of its own: "I'm over on Tamarind Place"."""
    said, sentence = _said(document, answer), answer.asked.sentence
    if (
        document.tokens[sentence.first].text in _INTERROGATIVES
        or document.tokens[sentence.end - 1].is_question
    ):
        return False
    is_shaped = any(is_number(t) for t in said) and any(t.text in words("streets") for t in said)
    return not is_shaped and _is_place(said, least=2 if answer.first == answer.asked.cue_end else 3)


def _has_shape(said: Sequence[Token], answer: Answer, kinds: Sequence[Entity]) -> bool:
    """Whether the words can be what was asked for; some kinds show what they are."""
    is_short = not answer.is_own and len(said) <= 2 * SHORT
    if kinds[0] is Entity.STREET_ADDRESS and len(kinds) == 1:
        return _is_place(said, least=1 if is_short else 2)
    if kinds[0] in (Entity.EMAIL_ADDRESS, Entity.USERNAME):
        is_plain = all(token.text in words("common") for token in said)
        return (is_short and not is_plain) or any(_is_address_part(token) for token in said)
    if kinds[0] is Entity.PIN:
        return sum(not is_number(token) for token in said) < SHORT
    if set(kinds) <= _HEALTH:
        return is_short and not answer.is_own and not any(kind_of(token.text) for token in said)
    return True


def _is_place(said: Sequence[Token], *, least: int) -> bool:
    """Whether words tell a place: numbers, streets, states, or in a short reply a proper name."""
    evidence = sum(is_number(t) and t.text != "one" for t in said) + 2 * sum(t.text in _PLACES for t in said)
    is_named = len(said) <= 2 * SHORT and any(t.is_capital and t.text not in words("common") for t in said)
    return evidence >= least or (is_named and least < 3)


def _is_address_part(token: Token) -> bool:
    """Whether a word shows that an address or a user name is being said."""
    return token.text in ("dot", "underscore") or "@" in token.text or is_letter(token)


def is_letter(token: Token) -> bool:
    """Whether a word is letters said one by one."""
    return token.kind is Kind.LETTERS or is_shouted(token)


def _without_lead_in(read: Sequence[Token], own: list[int]) -> list[int]:
    """Places from the first word that says something."""
    first = next((n for n, i in enumerate(own) if read[i].text not in _LEAD_IN), len(own))
    return own[first:]

"""Answers in words: the name, the address, the e-mail or the password that was asked for.

Names are misheard and misspelt, so an answer to a question is cut whole; what
leads into it ("sure, it's") stays, and so does a sentence that puts the question off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compliance.records import Entity, Role
from compliance.redact.detect.document import Document, Found
from compliance.redact.speech.cues import DODGES
from compliance.redact.speech.numbers import BACKCHANNELS, FILLERS
from compliance.redact.speech.questions import Act, Answer, Expectation, is_number
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
_LEAD_IN = (
    BACKCHANNELS
    | FILLERS
    | named("answers.lead_in")
)  # fmt: skip
_NAME_ENDS = named("answers.name_ends")
"""Words with which a sentence goes on after a name."""
_JOINS = frozenset({"and"})
_PLACES = words("streets") | words("states") | named("answers.places")
SHORT_ANSWER = 4
"""A reply of no more words is the whole answer, wherever it was asked."""


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
            yield _found(kinds[0], own)


def _found(entity: Entity, own: Sequence[int]) -> Found:
    """An answer's words as a find."""
    return Found(
        entity=entity, first=own[0], last=own[-1], score=0.85, why=f"answer to a question for {entity}"
    )


def _goes_on(document: Document, answer: Answer, kinds: Sequence[Entity]) -> bool:
    """Whether a further sentence adds to an answer: letters, a house number, the rest of an address."""
    said = document.tokens[answer.first : answer.end]
    if Entity.STREET_ADDRESS in kinds and not DODGES.match(_text(said)):
        return any(is_number(token) or token.text in _PLACES for token in said) or len(said) <= SHORT_ANSWER
    return sum(token.kind is Kind.LETTERS or token.is_shouted for token in said) > 0


def _content(document: Document, answer: Answer, kinds: tuple[Entity, ...]) -> list[int]:
    """What of a sentence is the answer; empty when it is none."""
    said = document.tokens[answer.first : answer.end]
    if not _counts(document, answer, kinds):
        return []
    own = list(range(answer.first, answer.end))
    own = _without_lead_in(document.tokens, own)
    if not own or (not answer.is_own and DODGES.match(_text(said))):
        return []
    if set(kinds) == {Entity.PERSON}:
        own = name_of(document.tokens, own)
    return own[: sum(LONGEST[kind] for kind in kinds)] if set(kinds) != {Entity.PERSON} else own


def _counts(document: Document, answer: Answer, kinds: tuple[Entity, ...]) -> bool:
    """Whether what is said can answer at all; kinds with a shape of their own must show it."""
    said = document.tokens[answer.first : answer.end]
    if answer.is_own and not _announces(document, answer):
        return False
    if not answer.is_own and Act.ASKS not in answer.asked.acts:
        return False
    if not answer.is_own and not _is_near(document, answer.asked):
        return False
    if kinds[0] is Entity.STREET_ADDRESS:
        return _is_place(said, answer) or set(kinds) != {Entity.STREET_ADDRESS}
    if kinds[0] in (Entity.EMAIL_ADDRESS, Entity.USERNAME) and answer.is_own:
        return any(
            t.text in ("at", "dot", "underscore") or "@" in t.text or t.kind is Kind.LETTERS for t in said
        )
    return True


def _is_near(document: Document, asked: Expectation) -> bool:
    """Whether the question itself is direct: its cue is no aside in a long statement."""
    sentence = asked.sentence
    return document.tokens[sentence.end - 1].is_question or sentence.end - asked.cues[0].first <= 16


def _is_place(said: Sequence[Token], answer: Answer) -> bool:
    """Whether words tell a place: a number, a street, a state, or a short reply with a proper name."""
    evidence = sum(is_number(t) or t.kind is Kind.MIXED for t in said) + 2 * sum(
        t.text in _PLACES for t in said
    )
    proper = sum(t.is_capital and t.text not in words("common") for t in said[1:])
    short = len(said) <= 2 * SHORT_ANSWER
    return (
        (evidence >= (2 if not short else 1) and not answer.is_own) or evidence >= 2 or (short and proper > 0)
    )


def _announces(document: Document, answer: Answer) -> bool:
    """Whether a statement's cue is followed by its value: "my name is …", "it's …"; the agent's own name stays."""
    read, asked = document.tokens, answer.asked
    if document.conversation.role_of(asked.sentence.channel) is Role.AGENT:
        return False
    if answer.first != asked.cue_end:
        return (
            answer.first > asked.sentence.end - 1
            and not DODGES.match(_text(read[answer.first : answer.end]))
            and _is_value(read[answer.first : answer.end], asked)
        )
    after = [token.text for token in read[answer.first : answer.first + 3]]
    begins_asking = read[asked.sentence.first].text in (
        [
            "why",
            "what",
            "who",
            "how",
            "when",
            "where",
            "could",
            "can",
            "do",
            "does",
            "did",
            "is",
            "are",
            "will",
            "would",
        ]
    )
    return (
        bool({"is", "it's", "was", "at", "under", "are", "that's"} & set(after[:2]))
        and not begins_asking
        and not read[asked.sentence.end - 1].is_question
    )


def _is_value(said: Sequence[Token], asked: Expectation) -> bool:
    """Whether a further sentence of a speaker has the value that the last one announced."""
    if asked.entities[0] is Entity.STREET_ADDRESS:
        return sum(is_number(t) for t in said) > 0 and any(t.text in _PLACES for t in said)
    return False


def _without_lead_in(read: Sequence[Token], own: list[int]) -> list[int]:
    """Places from the first word that says something; a capital inside a sentence is a name, whatever it reads."""
    for n, i in enumerate(own):
        if read[i].text not in _LEAD_IN:
            return own[n:]
    last = own[-1:]
    return (
        last if last and read[last[0]].is_capital and read[last[0]].text in ("will", "grace", "hope") else []
    )


def name_of(read: Sequence[Token], own: list[int]) -> list[int]:
    """The part of an answer that is a name: up to a word that goes on otherwise, with letters that spell it."""
    kept: list[int] = []
    for i in own:
        token = read[i]
        is_letter = token.kind is Kind.LETTERS or token.is_shouted
        if kept and token.text in _NAME_ENDS and not token.is_capital:
            break
        if kept and token.text in _JOINS and not (i + 1 < len(read) and read[i + 1].is_capital):
            break
        if (
            len([k for k in kept if read[k].kind is not Kind.LETTERS]) >= LONGEST[Entity.PERSON]
            and not is_letter
        ):
            break
        kept.append(i)
    return kept


def _text(said: Sequence[Token]) -> str:
    """Tokens as plain text."""
    return " ".join(token.text for token in said)

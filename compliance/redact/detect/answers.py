"""Answers in words: the name, the address, the e-mail or the password that was asked for.

Names are misheard and misspelt, so an answer to a question is cut whole; what
leads into it ("sure, it's") stays.
"""

from __future__ import annotations

from collections.abc import Iterator

from compliance.records import Entity, Role
from compliance.redact.detect.document import Document, Found
from compliance.redact.speech.numbers import BACKCHANNELS, FILLERS
from compliance.redact.speech.questions import Expectation
from compliance.redact.speech.tokens import Token

LONGEST: dict[Entity, int] = {
    Entity.PERSON: 6,
    Entity.STREET_ADDRESS: 24,
    Entity.EMAIL_ADDRESS: 24,
    Entity.USERNAME: 12,
    Entity.PASSWORD: 16,
    Entity.DATE_OF_BIRTH: 10,
    Entity.CARD_EXPIRY: 8,
    Entity.US_DRIVER_LICENSE: 20,
    Entity.US_PASSPORT: 16,
    Entity.VEHICLE_ID: 24,
    Entity.MEDICAL_RECORD_NUMBER: 20,
    Entity.HEALTH_PLAN_NUMBER: 20,
}
"""Kinds whose answers are words, and the most words one takes."""
SPELLED = frozenset({Entity.PERSON, Entity.EMAIL_ADDRESS, Entity.USERNAME, Entity.PASSWORD})

_LEAD_IN = BACKCHANNELS | FILLERS | frozenset(
    "my name full first last is i'm im this that's thats the a an address we're at on live lives here you're "
    "of course absolutely certainly well can will be it was born in under for to user username password "
    "number date birth card expires expiration code please hi hello there speaking with what i have by yours your "
    "same as one second just moment spell spelled spelling what's email e-mail mine would um".split()
)  # fmt: skip
_OTHER_TURN = frozenset("why what who how when where could can do does did is are will would".split())


def answers(document: Document) -> Iterator[Found]:
    """The words that answer a question, or follow an announcement, of a kind said in words."""
    for asked in document.asked:
        kinds = [entity for entity in asked.entities if entity in LONGEST]
        if not kinds:
            continue
        for found in (_own_words(document, asked, kinds), _reply(document, asked, kinds)):
            if found:
                yield found


def _own_words(document: Document, asked: Expectation, kinds: list[Entity]) -> Found | None:
    """What a speaker announces in the same sentence: "my name is …", "it's under …"."""
    if document.conversation.role_of(asked.sentence.channel) is Role.AGENT:
        return None
    tokens = document.tokens[asked.cue_end : asked.sentence.end]
    if not tokens or not _announces(tokens, document.tokens[asked.sentence.first : asked.cue_end]):
        return None
    return _content(document, asked.cue_end, asked.sentence.end, kinds)


def _announces(after: tuple[Token, ...], before: tuple[Token, ...]) -> bool:
    """Whether the cue is followed by "is …" or the like, rather than being a question."""
    return bool({"is", "it's", "was", "at", "under", "it"} & {t.text for t in after[:3]}) and not (
        before and before[0].text in _OTHER_TURN
    )


def _reply(document: Document, asked: Expectation, kinds: list[Entity]) -> Found | None:
    """The other party's next words; in mono, the next sentence's."""
    tokens = document.tokens
    first = next((i for i in range(asked.sentence.end, len(tokens)) if _answers(document, asked, i)), None)
    if first is None or document.open_at(first) is None:
        return None
    channel = tokens[first].channel
    end = first
    for i in range(first, len(tokens)):
        others = [t for t in tokens[end:i] if t.channel != channel and t.text not in BACKCHANNELS]
        if tokens[i].channel == channel and (others or tokens[i].start_ms - tokens[end].end_ms > 2_500):
            break
        if tokens[i].channel == channel:
            end = i
    return _content(document, first, end + 1, kinds)


def _answers(document: Document, asked: Expectation, place: int) -> bool:
    """Whether a token begins the answer: said by the other party, and saying something."""
    token = document.tokens[place]
    is_other = token.channel != asked.sentence.channel or document.is_mono
    return is_other and token.text not in _LEAD_IN


def _content(document: Document, first: int, end: int, kinds: list[Entity]) -> Found | None:
    """The answer between two places, without its lead-in and no longer than its kind takes."""
    channel = document.tokens[first].channel
    own = [i for i in range(first, end) if document.tokens[i].channel == channel]
    while own and document.tokens[own[0]].text in _LEAD_IN:
        own = own[1:]
    if not own:
        return None
    entity = kinds[0]
    limit = sum(LONGEST[kind] for kind in kinds)
    kept = own[:limit]
    if not set(kinds) - {Entity.PERSON}:
        kept = _to_sentence_end(document, kept)
    return Found(
        entity=entity, first=kept[0], last=kept[-1], score=0.85, why=f"answer to a question for {entity}"
    )


def _to_sentence_end(document: Document, own: list[int]) -> list[int]:
    """A name ends with its sentence, unless it goes on letter by letter."""
    for n, i in enumerate(own):
        if document.tokens[i].ends_sentence and len(document.tokens[i].text) > 1:
            return own[: n + 1]
    return own

"""Names by the words round them: "my name is", "this is … calling", "under", "Mrs.", "my husband".

Recognisers of names miss what is misspelt or in lower case; the frame round a
name survives better than the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from compliance.records import Entity, Role
from compliance.redact.detect.document import Document, Found
from compliance.redact.detect.judged import greets
from compliance.redact.speech.cues import way
from compliance.redact.speech.questions import Sentence
from compliance.redact.speech.shapes import name_of
from compliance.redact.speech.tokens import TITLES, Kind, Token
from compliance.redact.words import named, words

_SURE_FRAME, _LIKELY_FRAME = way("name_sure"), way("name_likely")
"""After the first a name follows whatever it looks like; after the second if it looks like one."""
_ASKS_FOR, _OWN = way("asks_for_person"), way("says_own_name")
_NOBODY = named("names.nobody")
LONGEST_NAME = 4
"""A sentence that goes on longer says something else besides."""
_AFTER_NAME = frozenset({"calling", "speaking", "here"})
_TO_YOU = named("names.to_you")
_TITLES = TITLES - {"sir", "madam", "officer"}


def names(document: Document) -> Iterator[Found]:
    """Names that a frame gives away."""
    for sentence in document.reading.sentences:
        yield from _framed(document, sentence, _SURE_FRAME, 0.85, is_sure=True)
        yield from _framed(document, sentence, _LIKELY_FRAME, 0.8, is_sure=False)
        yield from _titled(document, sentence)
        yield from _introduced(document, sentence)
        yield from _addressed(document, sentence)
        yield from _asked_for(document, sentence)


def _framed(
    document: Document, sentence: Sentence, frame: re.Pattern[str], score: float, *, is_sure: bool
) -> Iterator[Found]:
    """The name after a frame; the agent's own introduction is not one."""
    for match in frame.finditer(sentence.text):
        if sentence.text[match.end() : match.end() + 1] != " " or _is_introduction(
            document, sentence, match[0]
        ):
            continue
        first = sentence.first + sentence.text[: match.end()].count(" ") + 1
        own = _name(document, first, sentence.end, is_sure=is_sure)
        if own and (is_sure or not greets(document, first)):
            yield Found(
                entity=Entity.PERSON,
                first=own[0],
                last=own[-1],
                score=score,
                why="a name by the words before it",
            )


def _is_introduction(document: Document, sentence: Sentence, frame: str) -> bool:
    """Whether the agent says who the agent is."""
    is_self = frame in ("this is", "i'm", "i am", "it's", "call me") or frame.startswith("my ")
    return is_self and document.conversation.role_of(sentence.channel) is Role.AGENT


def _name(document: Document, first: int, end: int, *, is_sure: bool) -> list[int]:
    """Where a name stands from a place on; empty where what stands there reads as anything else."""
    read = document.tokens
    while first < end and read[first].text in _TITLES | {"uh", "um", "a", "the", "name"}:
        first += 1
    kept = name_of(read, list(range(first, min(end, first + 8))), longest=6)
    if not kept or not _begins_name(read[kept[0]], is_sure=is_sure):
        return []
    out = [kept[0]]
    for i in kept[1:]:
        if read[i - 1].has_pause or not _begins_name(
            read[i], is_sure=is_sure and read[i].text not in words("common")
        ):
            break
        out.append(i)
    return out


def _begins_name(token: Token, *, is_sure: bool) -> bool:
    """Whether a word can be part of a name."""
    if token.kind is not Kind.WORD or not token.text[:1].isalpha() or token.text.endswith(("ing", "n't")):
        return False
    if token.text in words("common"):
        return False
    return is_sure or token.is_capital


def _titled(document: Document, sentence: Sentence) -> Iterator[Found]:
    """The name after "Mr." or "Dr."."""
    read = document.tokens
    for i in range(sentence.first, sentence.end - 1):
        if read[i].text in _TITLES and _begins_name(
            read[i + 1], is_sure=read[i].text not in ("doctor", "miss")
        ):
            last = (
                i + 2
                if i + 2 < sentence.end and not read[i + 1].has_pause and _is_proper(read[i + 2])
                else i + 1
            )
            yield Found(entity=Entity.PERSON, first=i + 1, last=last, score=0.85, why="a name after a title")


def _is_proper(token: Token) -> bool:
    """Whether a word is written as a name and is no common word."""
    return token.is_capital and _begins_name(token, is_sure=False)


def _introduced(document: Document, sentence: Sentence) -> Iterator[Found]:
    """ "Ifeoma Nwosu here", "Rajesh calling": at the start of what somebody other than the agent says."""
    read = document.tokens
    if document.conversation.role_of(sentence.channel) is Role.AGENT:
        return
    for i in range(sentence.first + 1, min(sentence.end, sentence.first + 7)):
        if read[i].text in _AFTER_NAME and _is_proper(read[i - 1]):
            first = i - 1
            while first > sentence.first and _is_proper(read[first - 1]):
                first -= 1
            yield Found(entity=Entity.PERSON, first=first, last=i - 1, score=0.85, why="a name of who calls")


def _addressed(document: Document, sentence: Sentence) -> Iterator[Found]:
    """A name after a comma at the end of what is said to somebody: "I appreciate your help, Alex"."""
    read, last = document.tokens, sentence.end - 1
    if not _TO_YOU & set(sentence.text.split()) or not _is_proper(read[last]):
        return
    first = last - 1 if last - 1 > sentence.first and _is_proper(read[last - 1]) else last
    if read[last - 1].has_pause:
        first = last
    if first > sentence.first and read[first - 1].has_pause:
        yield Found(
            entity=Entity.PERSON, first=first, last=last, score=0.8, why="a name at the end of an address"
        )


def _asked_for(document: Document, sentence: Sentence) -> Iterator[Found]:
    """Whom somebody asks for, or says to be: the rest of a short sentence, however it was read."""
    is_agent = document.conversation.role_of(sentence.channel) is Role.AGENT
    frame = _ASKS_FOR if is_agent else _OWN
    match = frame.search(sentence.text)
    if match is None or sentence.text[match.end() : match.end() + 1] != " ":
        return
    first = sentence.first + sentence.text[: match.end()].count(" ") + 1
    named = document.tokens[first : sentence.end]
    if not 0 < len(named) <= LONGEST_NAME or named[0].text in _NOBODY:
        return
    # "I'm clicking on it" tells what somebody does; who is called Sterling is written with a capital.
    does = named[0].text.endswith("ing") and not named[0].is_capital
    if does or any(token.kind is not Kind.WORD for token in named):
        return
    why = "the rest of a sentence that asks for somebody, or says who it is"
    yield Found(entity=Entity.PERSON, first=first, last=sentence.end - 1, score=0.8, why=why)

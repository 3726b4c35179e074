"""What was said about recording: notice, request and answer, objection, and that the agent is a machine.

Found by meaning: patterns over plain words, with the near misses (another call,
a negation, a question, something else that is recorded) told apart.  What is
returned is times, never words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from compliance.consent.answered import (
    AI,
    BARE,
    MIND,
    NO,
    OBJECTIONS,
    OFFERS,
    STOPPED,
    STOPPED_NOT,
    UNSURE,
    YES,
)
from compliance.consent.law import Disclosure, Script, Wording
from compliance.consent.sentences import Sentence, sentences
from compliance.consent.told import (
    ASKS,
    CLAUSE,
    COURT,
    INVERTED,
    LEAD,
    NOT_AFTER,
    NOT_BEFORE,
    NOTICES,
    PERHAPS,
    PLURAL,
    TAIL,
    WANTS,
)
from compliance.records import ChannelSpan, Conversation, Role

_ANSWER_WITHIN_MS = 15_000
_QUESTION_WITHIN_MS = 6_000
_ALIKE = 0.8
"""Share of words that must agree for a script to count as said, misheard words and all."""


class Force(StrEnum):
    """How firmly the notice said it."""

    IS = "is"
    MAY = "may"
    ASKED = "asked"
    """Permission was asked, so without an answer nobody can tell."""


class Answer(StrEnum):
    """How the question for consent was answered."""

    NOT_ASKED = "not_asked"
    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice of recording: where, how firm, and by whom."""

    span: ChannelSpan
    force: Force
    role: Role


class Truth(StrEnum):
    """How a machine answered the question whether it is a person."""

    TRUE = "true"
    FALSE = "false"
    """It said that it is a person."""
    EVADED = "evaded"
    """Something was said that answers neither way."""
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanQuestion:
    """Where the caller asked whether a person or a machine speaks, and what the other side made of it."""

    span: ChannelSpan
    truth: Truth
    answer: ChannelSpan | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Everything found, each kind in time order."""

    notices: tuple[Notice, ...]
    ai_disclosures: tuple[ChannelSpan, ...]
    answer: Answer
    answers: tuple[ChannelSpan, ...]
    objections: tuple[ChannelSpan, ...]
    stops: tuple[ChannelSpan, ...]
    """Where the agent says that the recording is off."""
    is_court_said: bool
    human_questions: tuple[HumanQuestion, ...] = ()
    opt_outs: tuple[ChannelSpan, ...] = ()
    """Where the caller asks not to be called again."""
    tones: tuple[ChannelSpan, ...] = ()
    """Where a recorder's warning tone was heard, one span a series."""
    transfers: tuple[ChannelSpan, ...] = ()
    """Where the agent passes the caller on or brings somebody in, who has heard no notice yet."""


def hear(conversation: Conversation, disclosure: Disclosure) -> Heard:
    """What was said about recording, by whom and when.

    Only the agent's side can give notice and only the caller's can agree or
    object; on a channel of unknown people anyone can do either.
    """
    said = sentences(conversation)
    ours = [each for each in said if each.role is not Role.CALLER]
    theirs = [each for each in said if each.role is not Role.AGENT]
    notices = tuple(n for each in ours for n in _notices(each, disclosure.recording_scripts))
    answer, answers = _answer(_questions(ours, notices), said)
    return Heard(
        notices=notices,
        ai_disclosures=tuple(span for each in ours for span in _ai(each, disclosure.ai_scripts)),
        answer=answer,
        answers=answers,
        objections=tuple(span for each in theirs for span in _objection(each)),
        stops=tuple(s for each in ours if not STOPPED_NOT.search(each.text) for s in _spans(each, STOPPED)),
        is_court_said=any(COURT.search(each.text) for each in ours),
    )


def _notices(sentence: Sentence, scripts: Sequence[Script]) -> Iterator[Notice]:
    """At most one for a sentence: the script if it is one, else by meaning."""
    for script in scripts:
        place = _script(sentence, script)
        if place is not None:
            force = Force.IS if script.wording is Wording.IS else Force.MAY
            yield Notice(span=sentence.span(*place), force=force, role=sentence.role)
            return
    text = sentence.text
    told = (match for pattern in NOTICES for match in pattern.finditer(text) if _counts(match, sentence))
    match = ASKS.search(text) or next(told, None)
    if match is not None:
        first, last = _widened(sentence, match)
        yield Notice(span=sentence.span(first, last), force=_force(match.group(), text), role=sentence.role)


def _counts(match: re.Match[str], sentence: Sentence) -> bool:
    """Whether what stands around a match leaves it a notice of this call being recorded."""
    text = sentence.text
    before, after = text[: match.start()], text[match.end() :]
    is_line = match.group().startswith(("on ", "over ", "from ", "is ", "be ", "with "))
    if INVERTED.search(before) and not is_line:
        return False
    if PLURAL.match(match.group()) and not _heads_clause(sentence, sentence.index_at(match.start())):
        return False
    return not NOT_BEFORE.search(before) and not NOT_AFTER.match(after)


def _heads_clause(sentence: Sentence, place: int) -> bool:
    """Whether a clause may begin at a word: "..., calls are recorded", not "emergency calls are recorded"."""
    if place == 0:
        return True
    last = sentence.tokens[place - 1]
    return last.is_before_comma or last.text in CLAUSE


def _force(words: str, text: str) -> Force:
    if ASKS.search(text) or WANTS.search(words):
        return Force.ASKED
    return Force.MAY if PERHAPS.search(words) else Force.IS


def _widened(sentence: Sentence, match: re.Match[str]) -> tuple[int, int]:
    """The match with the set phrases round it ("please note that", "for quality and training").

    Only words of such phrases are taken in: what is protected as notice is
    never cut, so it must not reach over anything else that was said.
    """
    first, last = sentence.index_at(match.start()), sentence.index_at(match.end())
    while first > 0 and sentence.tokens[first - 1].text in LEAD:
        first -= 1
    while last + 1 < len(sentence.tokens) and sentence.tokens[last + 1].text in TAIL:
        last += 1
    return first, last


def _script(sentence: Sentence, script: Script) -> tuple[int, int] | None:
    """Where a script is said in a sentence, if most of its words are there in order."""
    wanted = re.findall(r"[a-z0-9']+", script.text.lower())
    have = [token.text for token in sentence.tokens]
    blocks = [b for b in SequenceMatcher(None, wanted, have, autojunk=False).get_matching_blocks() if b.size]
    if not wanted or sum(block.size for block in blocks) < _ALIKE * len(wanted):
        return None
    first, last = blocks[0].b, blocks[-1].b + blocks[-1].size - 1
    return (first, last) if last - first < 1.5 * len(wanted) + 2 else None


def _ai(sentence: Sentence, scripts: Sequence[Script]) -> Iterator[ChannelSpan]:
    places = [place for script in scripts if (place := _script(sentence, script))]
    if places:
        yield sentence.span(*places[0])
    else:
        yield from _spans(sentence, AI)


def _spans(sentence: Sentence, pattern: re.Pattern[str]) -> Iterator[ChannelSpan]:
    text = sentence.text
    for match in pattern.finditer(text):
        yield sentence.span(sentence.index_at(match.start()), sentence.index_at(match.end()))


def _objection(sentence: Sentence) -> Iterator[ChannelSpan]:
    """From the words of an objection to the end of its sentence, where its ground is often given."""
    found = (match for each in OBJECTIONS if (match := each.search(sentence.text)))
    match = min(found, key=lambda each: each.start(), default=None)
    if match is not None:
        yield sentence.span(sentence.index_at(match.start()), len(sentence.tokens) - 1)


def _questions(ours: Sequence[Sentence], notices: Sequence[Notice]) -> list[Sentence]:
    """Where consent is asked: a request for permission, or "is that all right?" upon a notice."""
    asked = [n.span for n in notices if n.force is Force.ASKED]
    told = [n.span for n in notices]
    return [
        each
        for each in ours
        if any(_holds(each, span) for span in asked)
        or (OFFERS.search(each.text) and any(_follows(each, span) for span in told))
    ]


def _holds(sentence: Sentence, span: ChannelSpan) -> bool:
    return sentence.channel == span.channel and sentence.start_ms <= span.start_ms < sentence.end_ms


def _follows(sentence: Sentence, span: ChannelSpan) -> bool:
    return (
        sentence.channel == span.channel
        and sentence.end_ms >= span.end_ms
        and sentence.start_ms - span.end_ms <= _QUESTION_WITHIN_MS
    )


def _answer(
    questions: Sequence[Sentence], said: Sequence[Sentence]
) -> tuple[Answer, tuple[ChannelSpan, ...]]:
    """The answer to the last question for consent, and the words that give it."""
    if not questions:
        return Answer.NOT_ASKED, ()
    is_turned = MIND.search(questions[-1].text) is not None
    for reply in _replies(questions[-1], said):
        answer, match = _read(reply.text, is_turned=is_turned)
        if match is not None:
            found = reply.span(reply.index_at(match.start()), reply.index_at(match.end()))
            return answer, (found,) if answer is Answer.YES else ()
    return Answer.NONE, ()


def _read(text: str, *, is_turned: bool) -> tuple[Answer, re.Match[str] | None]:
    """What a reply says; upon "do you mind?" a bare no agrees and a bare yes leaves doubt."""
    for answer, pattern in ((Answer.UNCLEAR, UNSURE), (Answer.NO, NO), (Answer.YES, YES)):
        match = pattern.search(text)
        if match is not None and is_turned and match.group() in BARE:
            return (Answer.YES if answer is Answer.NO else Answer.UNCLEAR), match
        if match is not None:
            return answer, match
    return Answer.NONE, None


def _replies(question: Sentence, said: Sequence[Sentence]) -> Iterator[Sentence]:
    """The other side's sentences upon a question, until ours has gone on at length."""
    for each in said:
        if each.start_ms <= question.start_ms or each.start_ms - question.end_ms > _ANSWER_WITHIN_MS:
            continue
        is_ours = each.role is Role.AGENT and each.start_ms >= question.end_ms
        if is_ours and not _is_short(each) and not OFFERS.search(each.text):
            return
        if each.role is not Role.AGENT:
            yield each


def _is_short(sentence: Sentence) -> bool:
    return len(sentence.tokens) <= 3

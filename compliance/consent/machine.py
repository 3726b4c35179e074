"""That the agent is a machine: said by itself, or asked by the caller and answered, truly or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from compliance.consent.clues import Act
from compliance.consent.heard import HumanQuestion, Truth
from compliance.consent.kinds import kind_of
from compliance.consent.law import Script
from compliance.consent.scripts import scripted
from compliance.consent.sentences import Sentence
from compliance.consent.weigher import Weighed, weighed
from compliance.consent.wording import pattern, patterns, words
from compliance.records import ChannelSpan, Role

_REPLY_WITHIN_MS = 12_000
"""A reply that begins later answers something else."""

_SHORT = 2
"""So few words of the caller's do not end an answer."""
_FAR = 10
"""So many words round the telling one may belong to a question or a disclosure."""
_HEADS = words("i this you it my the our an a no there as your")
"""Words with which a disclosure begins."""
_NAMES = words(
    """assistant agent system receptionist attendant bot program representative helper operator caller voice
    concierge model software service intelligence ai generated line robot computer machine not a an real
    actual live human being person virtual automated digital and or on this call end here"""
)
"""Words that may follow the telling one."""
CLAIMS = patterns(
    "human|person|real|robot|machine|bot|ai|computer|live|alive|breathing|flesh|last|born|pulse|heart|recording|kids",
    # "I'm a real person", "you've got a live one"
    r"""\b(?:i am|this is|you are (?:talking|speaking|chatting) (?:to|with)|you (?:have )?(?:got|reached)
    |you have)(?: (?:definitely|absolutely|really|very much|just|actually|indeed|a|an|one|certainly
    |of course|totally|quite|only|100|hundred|percent|fully|the|completely|every bit|all|truly
    |still))*[ ](?:<REAL>+(?:<PERSON>|employee|agent|representative|one|operator|voice|here)
    |<REAL>*<PERSON>|real|human|alive)\b""",
    # "I'm not a robot"
    r"""\b(?:i am|this is|you are|am|it is)(?: (?:definitely|certainly|absolutely|really|of course
    |actually))* not(?: (?:a|an|talking to an?|speaking (?:to|with) an?|some|one of those|any
    |any kind of|the))*[ ](?:<MACHINE>|recording)\b""",
    r"""\b(?:as real as|last time i checked|living and breathing|flesh and blood|(?:hundred percent
    |all) human|pulse|heart ?beat|born and raised|no (?:robots?|bots?|machine|computer|ai) here)\b""",
)
"""The agent says that it is a person."""
_LEADS = (
    r"^(?:(?:ha|haha|well|oh|um|actually|so|ok|hi|honestly|hey|unfortunately|sorry|why|and|that is right) )*"
)
YES = pattern(
    rf"""{_LEADS}(?:yes|yeah|yep|yup|correct|right|that is right|that is correct|i am|it is|you are|you do
    |you sure do|sure am|sure is|i sure am|indeed|absolutely|of course(?! not)|certainly(?! not)
    |you bet|you got it|guilty|exactly|true|definitely(?! not)|there is|you caught me|i am afraid
    [ ](?:you are|so|i am|it is))\b(?! (?:here to|here for|happy|able|how|not|sorry|calling|from|with
    |looking|part))"""
)
NO = pattern(
    rf"""{_LEADS}(?:no|nope|nah|not at all|of course not|absolutely not|definitely not|certainly not
    |not really|i am not|it is not|this is not|you are not|negative|never|not (?:a )?(?:person|human)
    |i am afraid not|afraid not|there is not|you do not|not exactly|not quite|
    (?:i )?promise you it is not)\b"""
)


WHICH = pattern(
    rf"""{_LEADS}(?:i am |it is |this is )?(?:just |only |definitely )?(?P<not>not )?(?:an? |the )?
    (?:real |actual |live )?(?P<what>machine|computer|robot|bot|ai|automatic|automated|program
    |software|person|human|real|living)\b"""
)
_NEAR = 3
"""A further word that names it may follow so closely."""
_TELLING = frozenset({"MACHINE", "AUTOMATED", "HELPER"})
_MACHINES = frozenset({"MACHINE", "AUTOMATED", "RECORDING", "RECORDED"})
_PEOPLE = frozenset({"PERSON", "REAL"})
LIKELY = 0.5
"""A disclosure, and a question, is taken from this sum of its clues on."""


def disclosures(
    ours: Sequence[Sentence], telling: Sequence[Sentence], known: Sequence[Script]
) -> Iterator[ChannelSpan]:
    """Where an agent says that it is a machine: by one of the tenant's wordings, else by meaning.

    ``telling`` are those of its sentences in which that may be at all.
    """
    certified = [each.span for each in scripted(ours, known)]
    yield from certified
    for sentence in telling:
        span = _disclosed(sentence)
        if span is not None and not any(each.overlaps(span) for each in certified):
            yield span


def _disclosed(sentence: Sentence) -> ChannelSpan | None:
    """From who is meant ("I am", "this is") to the words that name the machine."""
    found = weighed(sentence, Act.MACHINE)
    if found is None or found.sums[Act.MACHINE] <= LIKELY:
        return None
    texts = [token.text for token in sentence.tokens]
    first = last = found.place
    heads = [n for n in range(max(0, first - _FAR), first) if texts[n] in _HEADS]
    first = heads[0] if heads else first
    return sentence.span(first, _named(texts, last))


def _named(texts: Sequence[str], last: int) -> int:
    """Where the naming of the machine ends: "an AI, the automated assistant of" is one."""
    end = min(len(texts), last + _FAR)
    while last + 1 < end:
        near = range(last + 1, min(end, last + 1 + _NEAR))
        told = [n for n in near if kind_of(texts[n]) in _TELLING]
        if not told and texts[last + 1] not in _NAMES:
            break
        last = told[0] if told else last + 1
    return last


def human_questions(asking: Sequence[Sentence], every: Sequence[Sentence]) -> Iterator[HumanQuestion]:
    """Every time one of some sentences asks whether a machine speaks, with the answer among all."""
    for each in asking:
        if (found := _asked(each)) is not None:
            truth, answer = _answer(each, every[every.index(each) + 1 :])
            span = each.span(max(0, found.place - _FAR), min(found.place + _FAR, len(each.tokens) - 1))
            yield HumanQuestion(span=span, truth=truth, answer=answer)


def _asked(sentence: Sentence) -> Weighed | None:
    found = weighed(sentence, Act.QUESTION)
    return found if found is not None and found.sums[Act.QUESTION] > LIKELY else None


def _answer(question: Sentence, after: Sequence[Sentence]) -> tuple[Truth, ChannelSpan | None]:
    """What the other side made of it: a plain word first, else what yes and no mean to this question."""
    replies = [each for each in _replies(question, after) if each.tokens]
    for reply in replies:
        if (match := CLAIMS.first(reply.text)) is not None:
            return Truth.FALSE, reply.span_of(match)
        if (span := _disclosed(reply)) is not None:
            return Truth.TRUE, span
    for reply in replies[:1]:
        truth, said = _by_yes_or_no(question, reply)
        if said is not None:
            return truth, reply.span_of(said)
    return (Truth.EVADED, replies[0].whole) if replies else (Truth.NONE, None)


def _by_yes_or_no(question: Sentence, reply: Sentence) -> tuple[Truth, re.Match[str] | None]:
    """Yes to "are you a robot?" is true, and so is no to "are you a person?"; "which?" takes neither."""
    yes, no = YES.search(reply.text), NO.search(reply.text)
    said, is_yes = (yes, True) if no is None else (no, False)
    is_of_machine = _is_of_machine(question)
    if is_of_machine is None:
        return _which(reply)
    if said is None:
        return Truth.EVADED, None
    return (Truth.TRUE if is_yes is is_of_machine else Truth.FALSE), said


def _which(reply: Sentence) -> tuple[Truth, re.Match[str] | None]:
    """Asked which of the two, whichever is named first without a "not" is the answer."""
    match = WHICH.match(reply.text)
    if match is None:
        return Truth.EVADED, None
    is_machine = kind_of(match["what"]) in _MACHINES
    return (Truth.TRUE if is_machine is (match["not"] is None) else Truth.FALSE), match


def _is_of_machine(question: Sentence) -> bool | None:
    """Whether it was asked if a machine speaks, not if a person does; None where it was asked which."""
    kinds = [kind_of(token.text) for token in question.tokens]
    machines, people = _MACHINES & set(kinds), _PEOPLE & set(kinds)
    if machines and people and any(token.text == "or" for token in question.tokens):
        return None
    found = weighed(question, Act.QUESTION)
    if machines and people and found is not None:
        return kinds[found.place] in _MACHINES
    return not people


def _replies(question: Sentence, after: Sequence[Sentence]) -> Iterator[Sentence]:
    """The other side's sentences upon a question, until the caller speaks again at length."""
    is_answered = False
    for each in after:
        is_callers = each.channel == question.channel and question.role is Role.CALLER
        if each.start_ms - question.end_ms > _REPLY_WITHIN_MS:
            return
        if is_callers and is_answered and len(each.tokens) > _SHORT:
            return
        if not is_callers:
            is_answered = True
            yield each

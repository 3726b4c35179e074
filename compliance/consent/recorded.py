"""Whether the recording was lawful to make: from word-free facts and the demands of the places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from compliance.consent.demand import Demand
from compliance.consent.facts import Facts
from compliance.consent.notice import Answer, Force, Notice
from compliance.records import ChannelSpan, Outcome, Role

STOP_GRACE_MS = 10_000
"""Time to end the recording after an objection or a transfer: an answer and a click."""

TONE_LAPSE_MS = 45_000
"""How long a series of warning tones may not be heard: three beats of 15 s, as speech drowns them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """An outcome, and the sentence that gives its ground."""

    outcome: Outcome
    sentence: str


def recorded(facts: Facts, asked: Demand) -> Ground:
    """The outcome with its ground.

    (1) An objection decides, whatever the rule.  (2) Under a one-party rule the
    business agrees for itself.  (3) Under an all-party rule everyone must have
    been told in time and have agreed, by word or by going on.  (4) Where what the
    other side said could not be read, an objection may have been missed.
    """
    # (1) A recording that someone did not want is for a person to decide on, even where it is lawful.
    if is_objected(facts):
        return _objected(facts)
    # (2)
    if not asked.rule.is_all_party:
        ground = _satisfied("One party's agreement is enough, and the business that records gives it.")
    # (3)
    else:
        ground = _agreed(facts, asked)
    # (4)
    if ground.outcome is Outcome.SATISFIED and any(line.is_unread for line in facts.theirs):
        return _uncertain("A voice was heard on the other side and no word of it could be read.")
    return ground


def is_objected(facts: Facts) -> bool:
    """Whether somebody objected, or said no when asked."""
    return bool(facts.heard.objections) or facts.heard.answer is Answer.NO


def _objected(facts: Facts) -> Ground:
    """Withdrawn where the caller had let the recording go on first; else objected."""
    if not facts.heard.objections:
        return _ground(Outcome.OBJECTED, "Asked for consent to the recording, the caller said no.")
    objection = facts.heard.objections[0]
    if facts.substance_ms is None or objection.start_ms <= facts.substance_ms:
        return _ground(
            Outcome.OBJECTED, "The caller objected to the recording before anything of substance was said."
        )
    return _ground(Outcome.WITHDRAWN, "The caller objected to the recording after the talk had begun.")


def _agreed(facts: Facts, asked: Demand) -> Ground:
    """Under an all-party rule: (1) what can be told at all, (2) whether everyone was told, (3) and agreed."""
    # (1)
    if not facts.has_words:
        return _uncertain("No speech could be read, so nobody can tell whether notice was given.")
    if not facts.ours:
        return _uncertain("The business has no channel in the recording, so its notice cannot be heard.")
    # (2)
    given = notices(facts, asked)
    if not given:
        return _not_noticed(facts)
    timely = [each for each in given if facts.is_in_time(each.span)]
    if not timely:
        return _ground(Outcome.LATE, "The notice came only after the caller had said something of substance.")
    untold = _untold(facts, given)
    return untold or _answered(timely, facts, asked)


def notices(facts: Facts, asked: Demand) -> tuple[Notice, ...]:
    """The notices that count, in time order; a tone is one where every rule that applies admits it."""
    tones = _kept_up(facts) if asked.tone_is_notice else ()
    # That it is recorded is told once the first of the tones was heard.
    told = [Notice(span=_begin(tone), force=Force.IS, role=Role.UNKNOWN) for tone in tones]
    return tuple(sorted((*facts.heard.notices, *told), key=lambda each: each.span.start_ms))


def _kept_up(facts: Facts) -> tuple[ChannelSpan, ...]:
    """The series of tones that were repeated for as long as somebody spoke.

    A tone that falls silent while the recording goes on is no notice of it: Conn.
    Gen. Stat. § 52-570d(a)(3) asks for one at intervals of about fifteen seconds
    while the recorder is in use.
    """
    until_ms, kept = facts.last_word_ms, list[ChannelSpan]()
    # From the last to end on: another, on the other channel, may begin later and be over sooner.
    for tone in sorted(facts.heard.tones, key=lambda each: each.end_ms, reverse=True):
        if tone.end_ms + TONE_LAPSE_MS < until_ms:
            break
        until_ms = min(until_ms, tone.start_ms)
        kept.append(tone)
    return tuple(kept)


def _begin(span: ChannelSpan) -> ChannelSpan:
    return ChannelSpan(channel=span.channel, start_ms=span.start_ms, end_ms=span.start_ms)


def _not_noticed(facts: Facts) -> Ground:
    """No notice was heard; where our own voice could not be read, it may have been there."""
    if facts.is_deaf:
        return _uncertain("The business's voice was heard and no word of it could be read.")
    return _ground(Outcome.MISSING, "All parties must agree, and no notice of recording was heard.")


def _untold(facts: Facts, given: Sequence[Notice]) -> Ground | None:
    """Whether somebody who joined later was left without a notice in time; None if everyone was told."""
    if len(facts.arrivals) > 1 and any(each.joined_ms is None for each in facts.arrivals):
        return _uncertain("When each of several parties joined is not known, nor so who heard the notice.")
    for arrival in (each for each in facts.arrivals if each.is_late):
        joined_ms = arrival.joined_ms or 0
        since = [each for each in given if each.span.start_ms >= joined_ms]
        if not since:
            return _uncertain("A party joined after the last notice and cannot have heard it.")
        if arrival.substance_ms is not None and since[0].span.end_ms > arrival.substance_ms:
            return _uncertain("A party joined, and their notice came only after more of substance was said.")
    for transfer in facts.heard.transfers:
        goes_on = facts.last_word_ms > transfer.end_ms + STOP_GRACE_MS
        if goes_on and not any(each.span.start_ms >= transfer.start_ms for each in given):
            return _uncertain("Somebody was brought in after the last notice and cannot have heard it.")
    return None


def _answered(timely: Sequence[Notice], facts: Facts, asked: Demand) -> Ground:
    """Notice in time: what was answered to it, if anything was asked."""
    if facts.heard.answer is Answer.YES:
        return _satisfied("Asked for consent to the recording, the caller said yes.")
    if facts.heard.answer is Answer.UNCLEAR:
        return _uncertain("Asked for consent, the caller answered neither clearly yes nor clearly no.")
    told = [each for each in timely if each.force is not Force.ASKED]
    firm = [each for each in told if each.force is Force.IS]
    if not told:
        return _uncertain("Permission to record was asked, and no answer was heard.")
    if asked.needs_is and not firm:
        return _uncertain(
            "The notice said only that the call may be recorded; the rule asks for a statement that it is."
        )
    if asked.needs_answer:
        return _uncertain("Notice was given, but the rule asks for a yes in words, and none was heard.")
    return _went_on((firm or told)[0].span, facts, asked)


def _went_on(notice: ChannelSpan, facts: Facts, asked: Demand) -> Ground:
    """Notice in time and no answer in words: what going on is worth, and what the notice alone."""
    if goes_on_after(notice, facts):
        return _satisfied(
            "Notice was given before anything of substance, and the caller went on, which counts as consent."
        )
    if not asked.is_notice_enough:
        return _uncertain("Notice was given, but the caller was not heard to go on after it.")
    if not _is_there(notice, facts):
        return _uncertain("Notice was given, but nobody was heard or known to be there to hear it.")
    return _satisfied("Notice was given in time, and under this rule the notice is enough.")


def goes_on_after(notice: ChannelSpan, facts: Facts) -> bool:
    """Whether another party is heard after a notice.

    On a channel that holds everybody, what follows may be the one who gave the
    notice: there the talk must have come to substance.
    """
    for line in facts.theirs:
        if line.last_ms is None or line.last_ms < notice.end_ms:
            continue
        if line.channel != notice.channel or facts.substance_ms is not None:
            return True
    return False


def _is_there(notice: ChannelSpan, facts: Facts) -> bool:
    """Whether another party is known to have been there: by when they joined, or by their voice."""
    joined = any(each.joined_ms is not None and each.joined_ms <= notice.start_ms for each in facts.arrivals)
    return joined or any(line.is_read and line.channel != notice.channel for line in facts.theirs)


def is_recorded_on(facts: Facts) -> bool:
    """Whether talk is still recorded well after an objection: the recording itself is the proof."""
    objections = facts.heard.objections
    return bool(objections) and facts.last_word_ms > objections[0].end_ms + STOP_GRACE_MS


def agrees_again(facts: Facts) -> ChannelSpan | None:
    """Where the caller, asked anew, said yes after the last objection."""
    objections = facts.heard.objections
    if not objections or facts.heard.answer is not Answer.YES:
        return None
    return first_from(facts.heard.answers, objections[-1].end_ms)


def first_from(spans: Iterable[ChannelSpan], moment_ms: int) -> ChannelSpan | None:
    """The first span that begins at or after a moment."""
    return next((span for span in spans if span.start_ms >= moment_ms), None)


def _ground(outcome: Outcome, sentence: str) -> Ground:
    return Ground(outcome=outcome, sentence=sentence)


def _satisfied(sentence: str) -> Ground:
    return _ground(Outcome.SATISFIED, sentence)


def _uncertain(sentence: str) -> Ground:
    return _ground(Outcome.UNCERTAIN, sentence)

"""What cuts leave audible of a call, and what they take that should have stayed.

leaked word     a sensitive word of which more than a fifth of the time stays audible
open card       a card number of which more than the first six and last four digits
                can be recovered from the whole call
over-cut        time cut that is neither sensitive nor within 300 ms of it
harmless cut    prices, order numbers and the like that are more than half cut
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from compliance.evaluate.counts import Score
from compliance.evaluate.stretches import Interval, covered, length, merged
from compliance.evaluate.truth import AGENT, CALLER, Call, CutSpan, Phrase

NEAR_MS = 300
"""Cutting this close to something sensitive is not held against a redactor."""
FIRST, LAST = 6, 4
"""Digits of a card that may stay readable (PCI DSS 4.0.1, requirement 3.4.1)."""
Heard = Mapping[int, Sequence[Interval]]
"""The cuts by channel, merged."""


def score(call: Call, cuts: Iterable[CutSpan]) -> Score:
    """The counts of one call.

    In a mono call every cut counts for both parties, whatever channel it names.
    Time that several cuts cover counts once.
    """
    heard = _by_channel(call, list(cuts))
    asked = [each for each in call.phrases if not each.is_optional]
    found = [_words(asked, heard), _cards(asked, heard), _harmless(call, heard), _cut(call, heard)]
    if call.has_crosstalk:
        found.append(_crosstalk(asked, heard[AGENT]))
    whole = sum(found, start=Score(calls=1))
    return whole + Score(calls_leaking=int(whole.leaked > 0))


def is_audible(word: Interval, cuts: Iterable[Interval]) -> bool:
    """Whether more than a fifth of it stays; in whole numbers, less than four fifths is covered."""
    return covered(word, cuts) * 5 < length(word) * 4


def is_open(readings: Iterable[Phrase], heard: Heard) -> bool:
    """Whether a middle digit of the card can be heard in any of the times it was read.

    A misspoken reading gives no digit of the card away.
    """
    return any(
        is_audible(word, heard[reading.channel])
        and any(each in range(FIRST, reading.length - LAST) for each in places)
        for reading in readings
        if not (reading.is_misspoken and reading.digits is not None)
        for word, places in zip(reading.words, _places(reading), strict=True)
    )


def _places(phrase: Phrase) -> Iterable[range]:
    """For each word, the places in the number of the digits it stands for; a word of no digits, one."""
    place = phrase.offset if phrase.digits is not None else 0
    for count in phrase.digits if phrase.digits is not None else [1] * len(phrase.words):
        yield range(place, place + count)
        place += count


def _by_channel(call: Call, cuts: Sequence[CutSpan]) -> Heard:
    return {
        channel: merged(
            (cut.start_ms, cut.end_ms) for cut in cuts if call.is_mono or cut.channel in (None, channel)
        )
        for channel in (AGENT, CALLER)
    }


def _words(asked: Sequence[Phrase], heard: Heard) -> Score:
    """Words, phrases and their time, by label too."""
    each = [(phrase.label, word, heard[phrase.channel]) for phrase in asked for word in phrase.words]
    leaks = Counter(label for label, word, cuts in each if is_audible(word, cuts))
    leaking = [
        phrase for phrase in asked if any(is_audible(word, heard[phrase.channel]) for word in phrase.words)
    ]
    return Score(
        words=len(each),
        leaked=leaks.total(),
        sensitive_ms=sum(length(word) for _, word, _ in each),
        leaked_ms=sum(length(word) - covered(word, cuts) for _, word, cuts in each),
        words_by_label=Counter(label for label, _, _ in each),
        leaked_by_label=leaks,
        phrases_by_label=Counter(phrase.label for phrase in asked),
        leaking_by_label=Counter(phrase.label for phrase in leaking),
    )


def _cards(asked: Iterable[Phrase], heard: Heard) -> Score:
    """Card numbers, phrases that give parts of one taken together."""
    cards: defaultdict[object, list[Phrase]] = defaultdict(list)
    for place, phrase in enumerate(asked):
        if phrase.is_card:
            cards[phrase.entity or place].append(phrase)
    return Score(cards=len(cards), open_cards=sum(is_open(each, heard) for each in cards.values()))


def _harmless(call: Call, heard: Heard) -> Score:
    gone = [
        each.kind
        for each in call.controls
        if covered(each.interval, heard[each.channel]) * 2 > length(each.interval)
    ]
    return Score(
        harmless=len(call.controls),
        harmless_cut=len(gone),
        harmless_by_kind=Counter(each.kind for each in call.controls),
        harmless_cut_by_kind=Counter(gone),
    )


def _crosstalk(asked: Iterable[Phrase], cuts: Sequence[Interval]) -> Score:
    words = [word for phrase in asked if phrase.channel == CALLER for word in phrase.words]
    return Score(crosstalk_words=len(words), crosstalk_open=sum(is_audible(word, cuts) for word in words))


def _cut(call: Call, heard: Heard) -> Score:
    """Time cut, for nothing, and of what may never be cut."""
    channels = [CALLER] if call.is_mono else [AGENT, CALLER]
    near = {channel: merged(_near(call, channel)) for channel in channels}
    cuts = [(cut, near[channel]) for channel in channels for cut in heard[channel]]
    return Score(
        cut_ms=sum(length(cut) for cut, _ in cuts),
        over_ms=sum(length(cut) - covered(cut, around) for cut, around in cuts),
        other_ms=call.other_ms,
        protected_ms=sum(length(span) for _, span in call.protected),
        protected_cut_ms=sum(covered(span, heard[channel]) for channel, span in call.protected),
    )


def _near(call: Call, channel: int) -> Iterable[Interval]:
    """What may be cut on a channel; where the caller is heard in the agent's, the caller's phrases too."""
    for phrase in call.phrases:
        is_heard_here = call.has_crosstalk and (phrase.channel, channel) == (CALLER, AGENT)
        if call.is_mono or phrase.channel == channel:
            yield from ((start - NEAR_MS, end + NEAR_MS) for start, end in phrase.near)
        if is_heard_here or (call.is_mono and call.has_crosstalk and phrase.channel == CALLER):
            yield phrase.start_ms - NEAR_MS, phrase.end_ms + NEAR_MS

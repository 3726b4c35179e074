"""How far a find is heard: its words' times with pads, without the long silences within.

A recogniser's times run early, and its voice detector's edges lie a frame or two off.
So the pads are what both, and the words round a find, tell of its true edges
(``edges``), or what the profile says; and a cut follows a voice on until it ends or
another word begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from compliance.records import Conversation, Finding, Span, Word, joined
from compliance.redact import edges
from compliance.redact.profile import Profile
from compliance.redact.sides import MARGIN_MS, Side, Sides

SOUND_BEFORE_MS, SOUND_AFTER_MS = 200, 300
"""Pads of what was found by its sound, whose edges the sound itself gave."""
LEAD_MS, TAIL_MS = 250, 250
"""Kept around a voice when a silence is left out: breath and consonants that a detector misses."""
FADES_MS = 200
"""So long a word is heard after its time: its last sound is too weak for recogniser and voice detector."""
UNHEARD_MS = 4_000
"""A word for which no voice was heard may have been said so long before the time that it was given."""
LONG_SILENCE_MS = 900
"""A silence this long is left as it is."""
LONGEST_WORD_MS, LONGEST_DIGIT_MS = 600, 450
"""A word takes no longer to say, and each further digit or letter of a number no longer than that."""


def padded(finding: Finding, conversation: Conversation, profile: Profile, sides: Sides) -> Span:
    """A finding with its pads, carried to the edge of its voice where no other word lies between."""
    before_ms, after_ms = _pads(profile, found := sides.of(finding))
    if found:
        before_ms = max(before_ms, _voiced_on(found[0], profile.reach_ms))
        after_ms = max(after_ms, _voiced_on(found[1], profile.reach_ms))
    # A last word may be timed past all the sound there is; it was said before that.
    start_ms = min(finding.start_ms, conversation.duration_ms - SOUND_BEFORE_MS)
    return Span(
        start_ms=max(0, start_ms - before_ms),
        end_ms=min(conversation.duration_ms, finding.end_ms + after_ms),
    )


def _pads(profile: Profile, found: tuple[Side, Side] | None) -> tuple[int, int]:
    """Before and after: as the profile says, or as fitted, and never less than the words' own time."""
    if profile.pads:
        return profile.pads.before_ms, profile.pads.after_ms
    if not found:
        return SOUND_BEFORE_MS, SOUND_AFTER_MS
    return max(0, edges.before_ms(found[0])), max(0, edges.after_ms(found[1]))


def _voiced_on(side: Side, reach_ms: int) -> int:
    """How far the voice at an edge goes on, no further than to the next word."""
    return min(reach_ms, side.gap_ms, side.voice_ms + MARGIN_MS)


def without_silences(finding: Finding, span: Span, conversation: Conversation) -> list[Span]:
    """A padded finding without its long silences.

    Weak sounds escape a detector of voice, so a word's own time stays, and a short
    silence goes.  What has no words was found by its sound, and is left as it is.
    """
    voiced = next((c.voiced for c in conversation.channels if c.index == finding.channel), ())
    heard = [v for v in voiced if v.end_ms + TAIL_MS > span.start_ms and v.start_ms - LEAD_MS < span.end_ms]
    near = [Span(start_ms=v.start_ms - LEAD_MS, end_ms=v.end_ms + TAIL_MS) for v in heard]
    if not finding.words or not near:
        return [span]
    words = [conversation.turns[ref.turn].words[ref.word] for ref in finding.words]
    near += [_fading(said(word)) for word in words]
    near += [_waited(one, other) for one, other in pairwise(words) if not _is_heard(said(other), heard)]
    inside = [
        Span(start_ms=max(each.start_ms, span.start_ms), end_ms=min(each.end_ms, span.end_ms))
        for each in joined(near, gap_ms=LONG_SILENCE_MS - LEAD_MS - TAIL_MS)
    ]
    return _opened([part for part in inside if part.length_ms > 0], span)


def _opened(parts: list[Span], span: Span) -> list[Span]:
    """The parts of a span, the first and the last carried to its ends unless a long silence lies there."""
    if parts[0].start_ms - span.start_ms < LONG_SILENCE_MS:
        parts[0] = replace(parts[0], start_ms=span.start_ms)
    if span.end_ms - parts[-1].end_ms < LONG_SILENCE_MS:
        parts[-1] = replace(parts[-1], end_ms=span.end_ms)
    return parts


def _fading(span: Span) -> Span:
    """A word's time with what may still be heard of it then."""
    return Span(start_ms=span.start_ms, end_ms=span.end_ms + FADES_MS)


def _is_heard(time: Span, voiced: Iterable[Span]) -> bool:
    """Whether there is voice at the time of a word."""
    return any(voice.overlaps(time) for voice in voiced)


def _waited(one: Word, other: Word) -> Span:
    """From a word to one without voice: a soft one, that may have been said any time between."""
    start_ms = max(one.end_ms, other.start_ms - UNHEARD_MS)
    return Span(start_ms=min(start_ms, other.start_ms), end_ms=other.end_ms)


def said(word: Word) -> Span:
    """When a word can have been said: recognisers stretch one back over the silence before it."""
    letters = sum(char.isalnum() for char in word.text)
    is_spelled = any(char.isdigit() for char in word.text) or "-" in word.text
    longest_ms = LONGEST_WORD_MS + LONGEST_DIGIT_MS * (letters - 1 if is_spelled else 0)
    return Span(start_ms=max(word.start_ms, word.end_ms - longest_ms), end_ms=word.end_ms)

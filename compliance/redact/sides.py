"""What lies round a find: the words and the voice on either side of it.

A find's words are known by their places; their times are a recogniser's, and are not
to be believed to the syllable.  What lies beside them tells how far they are off.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from compliance.records import Conversation, Finding, Span, Word, WordRef

GUESSED = 0.4
"""Words of less confidence end no cut: their times are guesses too, and may hide a code's last digit."""
REACH_WORDS = 40
"""The nearest word that was not guessed lies within so many words, or there is none."""
MARGIN_MS = 60
"""Beyond the edge of a voice, since detectors of voice are a frame or two late."""
FAR_MS, NOWHERE_MS = 1 << 20, -500
"""What stands for the way to what is not there, and for the length of a voice that is not there."""
_MARKS = frozenset(".,?!")


class Side(NamedTuple):
    """What lies round the beginning or the end of a find; outwards is away from it."""

    gap_ms: int
    """To the nearest word outwards that was not guessed."""
    neighbour_ms: int
    """How long the next word outwards lasts, -1 where there is none."""
    neighbour_confidence: float
    is_same_turn: bool
    """Whether that word belongs to the same turn."""
    voice_ms: int
    """How far the voice at the edge goes on outwards."""
    silence_ms: int
    """To the nearest other voice outwards."""
    within_ms: int
    """How far the voice at the edge goes on inwards."""
    word_ms: int
    """How long the word at the edge lasts."""
    letters: int
    digits: int
    confidence: float
    is_marked: bool
    """Whether a mark stands between it and the next word outwards."""
    far_confidence: float
    """Of the word at the other edge."""
    whole_ms: int
    whole_words: int
    whole_letters: int


class Way(NamedTuple):
    """What lies outwards of an edge, in time; as in ``Side``."""

    gap_ms: int
    voice_ms: int
    silence_ms: int
    within_ms: int
    is_marked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A channel's words in order, each with its turn, and where it is voiced."""

    words: Sequence[tuple[int, Word]] = field(repr=False)
    places: Mapping[WordRef, int]
    voiced: Sequence[Span]

    def sides(self, first: int, last: int) -> tuple[Side, Side]:
        """Both edges of the words from one place to another."""
        own = [word for _, word in self.words[first : last + 1]]
        start_ms, end_ms = min(word.start_ms for word in own), max(word.end_ms for word in own)
        earlier, later = self._voice_at(start_ms), self._voice_at(end_ms)
        is_marked = first > 0 and self.words[first - 1][1].text[-1:] in _MARKS
        before = Way(
            gap_ms=start_ms - self._end_before(first),
            voice_ms=start_ms - earlier.start_ms if earlier else NOWHERE_MS,
            silence_ms=start_ms - self._voice_before(start_ms),
            within_ms=earlier.end_ms - start_ms if earlier else NOWHERE_MS,
            is_marked=is_marked,
        )
        after = Way(
            gap_ms=self._start_after(last, end_ms) - end_ms,
            voice_ms=later.end_ms - end_ms if later else NOWHERE_MS,
            silence_ms=self._voice_after(end_ms) - end_ms,
            within_ms=end_ms - later.start_ms if later else NOWHERE_MS,
            is_marked=own[-1].text[-1:] in _MARKS,
        )
        return self._side(own, before, first, first - 1), self._side(own[::-1], after, last, last + 1)

    def _side(self, own: Sequence[Word], way: Way, edge: int, beyond: int) -> Side:
        """One side of words that are listed from its edge inwards."""
        word, far = own[0], own[-1]
        turn, other = self.words[beyond] if 0 <= beyond < len(self.words) else (-1, None)
        return Side(
            gap_ms=way.gap_ms,
            neighbour_ms=other.end_ms - other.start_ms if other else -1,
            neighbour_confidence=other.confidence if other else -1.0,
            is_same_turn=turn == self.words[edge][0],
            voice_ms=way.voice_ms,
            silence_ms=way.silence_ms,
            within_ms=way.within_ms,
            word_ms=word.end_ms - word.start_ms,
            letters=len(word.text),
            digits=sum(char.isdigit() for char in word.text),
            confidence=word.confidence,
            is_marked=way.is_marked,
            far_confidence=far.confidence,
            whole_ms=max(each.end_ms for each in own) - min(each.start_ms for each in own),
            whole_words=len(own),
            whole_letters=sum(len(each.text) for each in own),
        )

    def _end_before(self, first: int) -> int:
        near = reversed(self.words[max(0, first - REACH_WORDS) : first])
        return next((word.end_ms for _, word in near if word.confidence >= GUESSED), -FAR_MS)

    def _start_after(self, last: int, end_ms: int) -> int:
        near = self.words[last + 1 : last + 1 + REACH_WORDS]
        later = (word for _, word in near if word.confidence >= GUESSED and word.end_ms > end_ms)
        return next((word.start_ms for word in later), FAR_MS)

    def _voice_at(self, at_ms: int) -> Span | None:
        """The voice that is heard at a time, or nearly."""
        place = bisect_right(self.voiced, at_ms + MARGIN_MS, key=lambda each: each.start_ms) - 1
        voice = self.voiced[place] if place >= 0 else None
        return voice if voice and voice.end_ms + MARGIN_MS >= at_ms else None

    def _voice_before(self, at_ms: int) -> int:
        place = bisect_right(self.voiced, at_ms - 1, key=lambda each: each.end_ms) - 1
        return self.voiced[place].end_ms if place >= 0 else -FAR_MS

    def _voice_after(self, at_ms: int) -> int:
        place = bisect_right(self.voiced, at_ms, key=lambda each: each.start_ms)
        return self.voiced[place].start_ms if place < len(self.voiced) else FAR_MS


class Sides:
    """What lies round the finds of a conversation, found without reading the call again for each."""

    def __init__(self, conversation: Conversation) -> None:
        """List each channel's words in order."""
        self._spoken = {
            channel.index: spoken(conversation, channel.index) for channel in conversation.channels
        }

    def of(self, finding: Finding) -> tuple[Side, Side] | None:
        """Both sides of a finding; None where it has no words, but was found by its sound."""
        listed = self._spoken.get(finding.channel)
        places = [listed.places[ref] for ref in finding.words if ref in listed.places] if listed else []
        return listed.sides(min(places), max(places)) if listed and places else None


def spoken(conversation: Conversation, channel: int) -> Spoken:
    """What was said on a channel, in order."""
    listed = [
        (WordRef(turn=t, word=w), word)
        for t, turn in enumerate(conversation.turns)
        if turn.channel == channel
        for w, word in enumerate(turn.words)
    ]
    return Spoken(
        words=[(ref.turn, word) for ref, word in listed],
        places={ref: place for place, (ref, _) in enumerate(listed)},
        voiced=next((each.voiced for each in conversation.channels if each.index == channel), ()),
    )

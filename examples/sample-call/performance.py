"""A call as it is spoken: each breath of speech, and each word, at its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from callscript import PUNCTUATION, Aside, Call, Mark, Pause, Said, Side, Turn
from voices import RATE, Sound, Speaker

GAP_S = 0.45
"""Between two turns, where the script names no pause."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Words at their place in the call, in samples at ``RATE``."""

    start: int
    end: int
    text: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn, or something said over the other party."""

    side: Side
    words: tuple[Placed, ...]
    is_overlap: bool = False


@dataclass(slots=True)
class Performance:
    """The call as it is spoken: sounds at their places, and who said what when."""

    sounds: list[tuple[Side, int, Sound]] = field(default_factory=list)
    utterances: list[Utterance] = field(default_factory=list)
    end: int = 0
    """Where the last sound stops."""


class Stage:
    """Speaks a call, turn after turn."""

    def __init__(self, call: Call, speaker: Speaker) -> None:
        """Have the call spoken by this speaker, in the voices its header names."""
        self._call = call
        self._speaker = speaker
        self._performance = Performance(end=_samples(0.1))

    def perform(self) -> Performance:
        """The whole call."""
        for turn in self._call.turns:
            self._turn(turn)
        return self._performance

    def _turn(self, turn: Turn) -> None:
        at = self._performance.end
        words: list[Placed] = []
        asides: list[tuple[int, str]] = []
        if not isinstance(turn.parts[0], Pause):
            at += _samples(GAP_S)
        for kind, run in groupby(turn.parts, type):
            if kind is Said:
                spoken = self._breath(turn.side, at, [each for each in run if isinstance(each, Said)])
                words += spoken
                at = spoken[-1].end
                continue
            for part in run:
                at += _samples(part.seconds) if isinstance(part, Pause) else 0
                asides += [(at, part.text)] if isinstance(part, Aside) else []
        self._performance.utterances.append(Utterance(turn.side, tuple(words)))
        for place, text in asides:
            self._aside("agent" if turn.side == "caller" else "caller", place, text)
        self._performance.end = at

    def _aside(self, side: Side, at: int, text: str) -> None:
        words = self._breath(side, at, [Said(text, None)])
        self._performance.utterances.append(Utterance(side, tuple(words), is_overlap=True))

    def _breath(self, side: Side, at: int, said: Sequence[Said]) -> list[Placed]:
        """Speak words in one breath so that the first one begins at this sample."""
        units = list(_units(said))
        who = self._call.header[side]
        speech = self._speaker.say(who["voice"], [text for text, _ in units], speed=who["speed"])
        shift = at - speech.places[0][0]
        lead, tail = max(0, speech.places[0][0] - _samples(0.03)), speech.places[-1][1] + _samples(0.06)
        self._performance.sounds.append((side, shift + lead, speech.sound[lead:tail]))
        pairs = zip(speech.places, units, strict=True)
        return [Placed(shift + start, shift + end, text, mark) for (start, end), (text, mark) in pairs]


def _units(said: Iterable[Said]) -> Iterator[tuple[str, Mark | None]]:
    """Every sensitive word by itself, for its time is needed; others up to the next punctuation."""
    run: list[str] = []
    for word, following in _pairs(list(said)):
        run.append(word.text)
        alone = word.mark is not None and word.mark.kind == "span"
        if alone or word.text[-1] in PUNCTUATION or following is None or following.mark != word.mark:
            yield " ".join(run), word.mark
            run = []


def _pairs(said: list[Said]) -> Iterator[tuple[Said, Said | None]]:
    return zip(said, [*said[1:], None], strict=True)


def _samples(seconds: float) -> int:
    return round(seconds * RATE)

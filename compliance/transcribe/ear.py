"""What is heard of one channel: where voice is, which words, which language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from compliance.records import Channel, Role, Span, Word
from compliance.transcribe.heard import Heard, HeardWord, Recogniser
from compliance.transcribe.language import spoken_language
from compliance.transcribe.turns import joined
from compliance.transcribe.windows import Cutter, Packer, Stretch, Window

LONGEST_WORD_MS = 700
"""A word that lasts longer spans a silence; what was said is at its end."""
LONGEST_DIGIT_MS = 550
"""For every digit or letter of a number or a spelling, on top of that."""
SHORTEST_WORD_MS = 20


def placed(heard: HeardWord, window: Window, channel: int) -> Word:
    """A word in the recording's time, the silence before it taken off."""
    start_ms = window.recording_ms(heard.start_ms)
    end_ms = max(start_ms + SHORTEST_WORD_MS, window.recording_ms(heard.end_ms, is_end=True))
    return Word(
        start_ms=max(start_ms, end_ms - longest_ms(heard.text)),
        end_ms=end_ms,
        channel=channel,
        confidence=heard.confidence,
        text=heard.text,
    )


def longest_ms(text: str) -> int:
    """How long a word can have lasted: digits and single letters are said one by one, others in one go."""
    plain = [char for char in text if char.isalnum()]
    is_spelled = any(char.isdigit() for char in plain) or "-" in text
    return LONGEST_WORD_MS + (LONGEST_DIGIT_MS * len(plain) if is_spelled else 40 * len(plain))


@dataclass(slots=True)
class ChannelEar:
    """What has been heard of one channel so far."""

    index: int
    recogniser: Recogniser
    cutter: Cutter
    packer: Packer
    words: list[Word] = field(default_factory=list, repr=False)
    voice: list[Span] = field(default_factory=list)
    languages: list[tuple[str, float, int]] = field(default_factory=list)
    """Language, probability and milliseconds of voice of each window."""

    def add(self, stretches: Iterable[Stretch]) -> Iterator[Window]:
        """Note where voice is; give the windows that are full."""
        for stretch in stretches:
            start_ms = stretch.span.start_ms
            self.voice += [
                Span(start_ms=start_ms + each.start_ms, end_ms=start_ms + each.end_ms)
                for each in self.recogniser.voiced(stretch.samples)
            ]
            yield from self.packer.add(stretch)

    def note(self, window: Window, heard: Heard) -> None:
        """Take what was read in one of this channel's windows."""
        for each in heard.words:
            self.words.append(placed(each, window, self.index))
        self.languages.append((heard.language, heard.language_probability, self._voice_in(window)))

    def _voice_in(self, window: Window) -> int:
        """Milliseconds of voice in a window's pieces."""
        return sum(
            max(0, min(v.end_ms, p.span.end_ms) - max(v.start_ms, p.span.start_ms))
            for p in window.pieces
            for v in self.voice
            if v.overlaps(p.span)
        )

    def channel(self, role: Role, voice: Sequence[Span], hears: tuple[int, ...]) -> Channel:
        """This channel, all heard; ``voice`` is its own party's, ``hears`` whoever leaks into it."""
        language, probability = spoken_language(self.languages)
        return Channel(
            index=self.index,
            role=role,
            language=language,
            language_probability=round(probability, 3),
            voiced=joined(voice, gap_ms=0),
            hears=hears,
        )

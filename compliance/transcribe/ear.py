"""What is heard of one channel: where voice is, which words, which language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from compliance.records import Channel, Role, Span, Word, joined
from compliance.transcribe.heard import Heard, HeardWord, Recogniser
from compliance.transcribe.language import spoken_language
from compliance.transcribe.missed import missed
from compliance.transcribe.voice import carried, heard_out
from compliance.transcribe.windows import Cutter, Packer, Stretch, Window

LONGEST_WORD_MS = 700
"""A word that lasts longer spans a silence; what was said is at its end."""
LONGEST_DIGIT_MS = 550
"""For every digit or letter of a number or a spelling, on top of that."""
SHORTEST_WORD_MS = 20
_LOOP = re.compile(r"(.{1,6}?)\1{23,}")
"""The same piece so many times in one word; no number has more than nineteen digits."""
LONGEST_INNER_GAP_MS = 400
"""Pieces further apart than this are words of their own."""


def said(heard: Iterable[HeardWord], window: Window, channel: int) -> list[Word]:
    """Words in the recording's time, pieces of one word joined.

    The recogniser writes an e-mail's domain as `` Pinepost`` and ``.Example``, but
    also two answers ten seconds apart as ``317`` and ``-415``: only what was said
    in one go is one word.
    """
    words: list[Word] = []
    for each in heard:
        word = _placed(each, window, channel)
        if each.continues and words and word.start_ms - words[-1].end_ms <= LONGEST_INNER_GAP_MS:
            words[-1] = _and(words[-1], word)
        else:
            words.append(word)
    return [
        replace(w, start_ms=max(w.start_ms, w.end_ms - longest_ms(w.text)))
        for w in words
        if not is_loop(w.text)
    ]


def is_loop(text: str) -> bool:
    """Whether a recogniser fell into repeating itself; what was said there is read again by itself."""
    return _LOOP.search(text) is not None


def _placed(heard: HeardWord, window: Window, channel: int) -> Word:
    """A piece in the recording's time."""
    span = window.recording_span(heard.start_ms, heard.end_ms)
    return Word(
        start_ms=span.start_ms,
        end_ms=max(span.end_ms, span.start_ms + SHORTEST_WORD_MS),
        channel=channel,
        confidence=heard.confidence,
        text=heard.text,
    )


def _and(word: Word, piece: Word) -> Word:
    """A word with its next piece."""
    confidence = min(word.confidence, piece.confidence)
    return replace(word, end_ms=piece.end_ms, confidence=confidence, text=word.text + piece.text)


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
                for each in carried(self.recogniser.voiced(stretch.samples), stretch.samples)
            ]
            yield from self.packer.add(stretch)

    def note(self, window: Window, heard: Heard) -> Iterator[Window]:
        """Take what was read in one of this channel's windows; give what it missed, to be read again."""
        words = self._take(window, heard)
        self.languages.append((heard.language, heard.language_probability, self._voice_in(window)))
        return missed(window, self._voice_of(window), words)

    def note_again(self, window: Window, heard: Heard) -> None:
        """Take what was read where nothing had been read before."""
        self._take(window, heard)

    def _take(self, window: Window, heard: Heard) -> list[Word]:
        """The words of a window, with all of their sound, added to those of the channel."""
        words = heard_out(said(heard.words, window, self.index), self._voice_of(window), window)
        self.words += words
        return words

    def _voice_of(self, window: Window) -> list[Span]:
        """Where voice is in a window's pieces."""
        first, last = window.pieces[0].span.start_ms, window.pieces[-1].span.end_ms
        return [v for v in self.voice if v.end_ms > first and v.start_ms < last]

    def _voice_in(self, window: Window) -> int:
        """Milliseconds of voice in a window's pieces."""
        return sum(
            max(0, min(v.end_ms, p.span.end_ms) - max(v.start_ms, p.span.start_ms))
            for p in window.pieces
            for v in self._voice_of(window)
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
            voiced=joined(voice),
            hears=hears,
        )

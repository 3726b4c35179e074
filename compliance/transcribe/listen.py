"""The transcribe stage: the very file that will be redacted, to a conversation.

The recording is decoded once.  Each channel is cut and packed as it streams
by, and windows of all channels are read in batches, so memory does not grow
with the length of the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from compliance.errors import LanguageNotSupported
from compliance.records import Channel, Conversation, Role, Span, Word
from compliance.transcribe.turns import joined, turns
from compliance.transcribe.whisper import Heard, voiced
from compliance.transcribe.windows import RATE, Cutter, Packer, Packing, Samples, Stretch, Window

MEASURED_LANGUAGES = frozenset({"en"})
"""Languages in which the leak rate has been measured; all others are held."""
ENOUGH_SPEECH_MS = 5_000
"""Less voice than this on a channel does not tell a language."""
SURE = 0.6
"""A window in another language counts when the recogniser is at least this sure."""
FOREIGN_MS = 8_000
"""So much voice in windows of another language holds the recording."""


class Recogniser(Protocol):
    """Reads speech."""

    batch_size: int

    def read(self, windows: Sequence[Window]) -> list[Heard]:
        """The words of each window, in its own time."""
        ...


@dataclass(slots=True)
class _ChannelEar:
    """What has been heard of one channel so far."""

    index: int
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
                for each in voiced(stretch.samples)
            ]
            yield from self.packer.add(stretch)

    def note(self, window: Window, heard: Heard) -> None:
        """Take what was read in one of this channel's windows."""
        for each in heard.words:
            start_ms = window.recording_ms(each.start_ms)
            end_ms = max(start_ms + 20, window.recording_ms(each.end_ms, is_end=True))
            self.words.append(
                Word(start_ms=start_ms, end_ms=end_ms, channel=self.index, confidence=each.confidence, text=each.text)
            )
        self.languages.append((heard.language, heard.language_probability, self._voice_in(window)))

    def _voice_in(self, window: Window) -> int:
        """Milliseconds of voice in a window's pieces."""
        return sum(
            max(0, min(v.end_ms, p.span.end_ms) - max(v.start_ms, p.span.start_ms))
            for p in window.pieces
            for v in self.voice
            if v.overlaps(p.span)
        )

    def channel(self, role: Role) -> Channel:
        """This channel, all heard."""
        language, probability = spoken_language(self.languages)
        return Channel(
            index=self.index,
            role=role,
            language=language,
            language_probability=round(probability, 3),
            voiced=joined(self.voice, gap_ms=0),
        )


def spoken_language(windows: Sequence[tuple[str, float, int]]) -> tuple[str | None, float]:
    """The language of a channel from its windows' (language, probability, voice_ms).

    None where there was too little voice to tell.  A language that is not
    measured wins as soon as there is enough of it, since it takes only one
    sentence in it to leak.
    """
    voice_ms: dict[str, int] = {}
    surest: dict[str, float] = {}
    for language, probability, length_ms in windows:
        if probability >= SURE or language in MEASURED_LANGUAGES:
            voice_ms[language] = voice_ms.get(language, 0) + length_ms
            surest[language] = max(surest.get(language, 0.0), probability)
    foreign = [each for each in voice_ms if each not in MEASURED_LANGUAGES and voice_ms[each] >= FOREIGN_MS]
    if foreign:
        most = max(foreign, key=lambda each: voice_ms[each])
        return most, surest[most]
    if not voice_ms:
        return None, 0.0
    most = max(voice_ms, key=lambda each: voice_ms[each])
    return (most, surest[most]) if voice_ms[most] >= ENOUGH_SPEECH_MS else (None, 0.0)


def listen(
    blocks: Iterable[Samples],
    recogniser: Recogniser,
    *,
    roles: Sequence[Role],
    packing: Packing | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Conversation:
    """Read a recording, given as blocks of samples (channels, n) at 16 kHz.

    ``progress`` is told the milliseconds taken in so far.
    """
    packing = packing or Packing()
    ears = [_ChannelEar(i, Cutter(packing), Packer(packing)) for i in range(len(roles))]
    waiting: list[tuple[_ChannelEar, Window]] = []
    samples = 0
    for block in blocks:
        for ear, channel in zip(ears, block, strict=True):
            waiting += [(ear, window) for window in ear.add(ear.cutter.add(channel))]
        samples += block.shape[1]
        waiting = _read_full_batches(waiting, recogniser)
        progress(samples * 1000 // RATE)
    for ear in ears:
        waiting += [(ear, window) for window in ear.add(ear.cutter.finish())]
        waiting += [(ear, window) for window in ear.packer.finish()]
    _read(waiting, recogniser)
    return Conversation(
        duration_ms=samples * 1000 // RATE,
        channels=tuple(ear.channel(role) for ear, role in zip(ears, roles, strict=True)),
        turns=turns(word for ear in ears for word in ear.words),
    )


def _read_full_batches(
    waiting: list[tuple[_ChannelEar, Window]], recogniser: Recogniser
) -> list[tuple[_ChannelEar, Window]]:
    """Read as many whole batches as there are; give back the rest."""
    while len(waiting) >= recogniser.batch_size:
        _read(waiting[: recogniser.batch_size], recogniser)
        waiting = waiting[recogniser.batch_size :]
    return waiting


def _read(batch: Sequence[tuple[_ChannelEar, Window]], recogniser: Recogniser) -> None:
    """Read windows and hand each channel its words."""
    for (ear, window), heard in zip(batch, recogniser.read([window for _, window in batch]), strict=True):
        ear.note(window, heard)


def require_measured_language(conversation: Conversation) -> None:
    """Hold a call in a language for which nobody has measured what leaks.

    Raises:
        LanguageNotSupported: a channel is in such a language; names channel and language.
    """
    for channel in conversation.channels:
        if channel.language is not None and channel.language not in MEASURED_LANGUAGES:
            raise LanguageNotSupported(
                f"channel {channel.index} is in {channel.language!r}; detection is measured for English only"
            )

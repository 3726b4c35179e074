"""The transcribe stage: the very file that will be redacted, to a conversation.

The recording is decoded once.  Each channel is cut and packed as it streams
by, in a thread a minute ahead, and windows of all channels are read in
batches, so memory does not grow with the length of the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from compliance.ahead import beforehand
from compliance.errors import FilesAlike
from compliance.records import Conversation, Role
from compliance.transcribe.crosstalk import Crosstalk
from compliance.transcribe.ear import ChannelEar
from compliance.transcribe.heard import Recogniser
from compliance.transcribe.keypad import Keypad
from compliance.transcribe.turns import turns
from compliance.transcribe.warning import WarningTone
from compliance.transcribe.windows import RATE, Cutter, Packer, Packing, Samples, Window

AHEAD = 160
"""Blocks that are taken in before they are read: enough for the next batch while one is read."""


def listen(
    blocks: Iterable[Samples],
    recogniser: Recogniser,
    *,
    roles: Sequence[Role],
    packing: Packing | None = None,
    slack_ms: int = 0,
    files: Sequence[int] = (),
    progress: Callable[[int], None] = lambda _: None,
) -> Conversation:
    """Read a recording, given as blocks of samples (channels, n) at 16 kHz.

    Of a call in several files ``files`` tells that of each channel, and ``slack_ms`` how far their
    clocks may be off against each other.
    ``progress`` is told the milliseconds taken in so far.

    Raises:
        FilesAlike: two of the files carry the same: a question would stand in the way of its own answer.
    """
    packing = packing or Packing()
    ears = [ChannelEar(i, recogniser, Cutter(packing), Packer(packing)) for i in range(len(roles))]
    reader = _Reader(recogniser)
    crosstalk = Crosstalk(channels=len(roles), slack_ms=slack_ms)
    keypads = [Keypad(RATE) for _ in roles]
    recorders = [WarningTone(RATE) for _ in roles]
    duration_ms = 0
    taken_in = _taken_in(blocks, ears, crosstalk, keypads, recorders)
    for windows, duration_ms in beforehand(taken_in, most=AHEAD):
        reader.add(windows)
        progress(duration_ms)
    if (same := crosstalk.alike(files)) is not None:
        numbers = sorted(files[channel] + 1 for channel in same)
        raise FilesAlike(f"files {numbers[0]} and {numbers[1]} carry the same voices")
    for ear in ears:
        reader.add((ear, window) for window in ear.add(ear.cutter.finish()))
        reader.add((ear, window) for window in ear.packer.finish())
    reader.finish()
    return Conversation(
        duration_ms=duration_ms,
        channels=tuple(
            replace(
                ear.channel(role, crosstalk.own_voice(ear.index, ear.voice), crosstalk.hears(ear.index)),
                keyed=keypad.finish(),
                toned=recorder.finish(),
            )
            for ear, keypad, recorder, role in zip(ears, keypads, recorders, roles, strict=True)
        ),
        turns=turns(crosstalk.own_words(word for ear in ears for word in ear.words)),
    )


def _taken_in(
    blocks: Iterable[Samples],
    ears: Sequence[ChannelEar],
    crosstalk: Crosstalk,
    keypads: Sequence[Keypad],
    recorders: Sequence[WarningTone],
) -> Iterator[tuple[list[tuple[ChannelEar, Window]], int]]:
    """For each block the windows that it filled, and the milliseconds of the recording taken in with it."""
    samples = 0
    for block in blocks:
        crosstalk.add(block)
        windows: list[tuple[ChannelEar, Window]] = []
        for ear, keypad, recorder, channel in zip(ears, keypads, recorders, block, strict=True):
            keypad.add(channel)
            recorder.add(channel)
            windows += [(ear, window) for window in ear.add(ear.cutter.add(channel))]
        samples += block.shape[1]
        yield windows, samples * 1000 // RATE


class _Reader:
    """Reads windows of all channels in full batches, and what was missed in them once more."""

    def __init__(self, recogniser: Recogniser) -> None:
        """Nothing waits yet."""
        self._recogniser = recogniser
        self._waiting: list[tuple[ChannelEar, Window]] = []
        self._missed: list[tuple[ChannelEar, Window]] = []

    def add(self, windows: Iterable[tuple[ChannelEar, Window]]) -> None:
        """Take windows of any channel; read as many whole batches as there are."""
        self._waiting += windows
        while len(self._waiting) >= self._recogniser.batch_size:
            self._first(self._taken(self._waiting))
        while len(self._missed) >= self._recogniser.batch_size:
            self._again(self._taken(self._missed))

    def finish(self) -> None:
        """Read what is left."""
        while self._waiting:
            self._first(self._taken(self._waiting))
        while self._missed:
            self._again(self._taken(self._missed))

    def _taken(self, queue: list[tuple[ChannelEar, Window]]) -> list[tuple[ChannelEar, Window]]:
        """The next batch of a queue, taken from it."""
        batch = queue[: self._recogniser.batch_size]
        del queue[: self._recogniser.batch_size]
        return batch

    def _first(self, batch: Sequence[tuple[ChannelEar, Window]]) -> None:
        """Read windows and hand each channel its words."""
        read = self._recogniser.read([window for _, window in batch])
        for (ear, window), heard in zip(batch, read, strict=True):
            self._missed += [(ear, missed) for missed in ear.note(window, heard)]

    def _again(self, batch: Sequence[tuple[ChannelEar, Window]]) -> None:
        """Read what was missed; what is missed once more stays so."""
        read = self._recogniser.read([window for _, window in batch])
        for (ear, window), heard in zip(batch, read, strict=True):
            ear.note_again(window, heard)

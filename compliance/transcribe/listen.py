"""The transcribe stage: the very file that will be redacted, to a conversation.

The recording is decoded once.  Each channel is cut and packed as it streams
by, and windows of all channels are read in batches, so memory does not grow
with the length of the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from compliance.records import Conversation, Role
from compliance.transcribe.crosstalk import Crosstalk
from compliance.transcribe.ear import ChannelEar
from compliance.transcribe.heard import Recogniser
from compliance.transcribe.keypad import Keypad
from compliance.transcribe.turns import turns
from compliance.transcribe.windows import RATE, Cutter, Packer, Packing, Samples, Window


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
    ears = [ChannelEar(i, recogniser, Cutter(packing), Packer(packing)) for i in range(len(roles))]
    waiting: list[tuple[ChannelEar, Window]] = []
    crosstalk = Crosstalk(channels=len(roles))
    keypads = [Keypad(RATE) for _ in roles]
    samples = 0
    for block in blocks:
        crosstalk.add(block)
        for ear, keypad, channel in zip(ears, keypads, block, strict=True):
            keypad.add(channel)
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
        channels=tuple(
            replace(
                ear.channel(role, crosstalk.own_voice(ear.index, ear.voice), crosstalk.hears(ear.index)),
                keyed=keypad.finish(),
            )
            for ear, keypad, role in zip(ears, keypads, roles, strict=True)
        ),
        turns=turns(crosstalk.own_words(word for ear in ears for word in ear.words)),
    )


def _read_full_batches(
    waiting: list[tuple[ChannelEar, Window]], recogniser: Recogniser
) -> list[tuple[ChannelEar, Window]]:
    """Read as many whole batches as there are; give back the rest."""
    while len(waiting) >= recogniser.batch_size:
        _read(waiting[: recogniser.batch_size], recogniser)
        waiting = waiting[recogniser.batch_size :]
    return waiting


def _read(batch: Sequence[tuple[ChannelEar, Window]], recogniser: Recogniser) -> None:
    """Read windows and hand each channel its words."""
    for (ear, window), heard in zip(batch, recogniser.read([window for _, window in batch]), strict=True):
        ear.note(window, heard)

"""Reading some stretches of a recording again, as it streams by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from compliance.ahead import beforehand
from compliance.records import ChannelSpan, Word
from compliance.transcribe.ear import said
from compliance.transcribe.heard import Recogniser
from compliance.transcribe.windows import RATE, Packer, Packing, Samples, Stretch, Window


def read_again(
    blocks: Iterable[Samples],
    wanted: Sequence[ChannelSpan],
    recogniser: Recogniser,
    *,
    packing: Packing | None = None,
) -> tuple[Word, ...]:
    """The words in some stretches of a recording, given as blocks (channels, n) at 16 kHz."""
    windows = beforehand(_windows(blocks, wanted, packing or Packing()), most=recogniser.batch_size)
    words: list[Word] = []
    while batch := list(islice(windows, recogniser.batch_size)):
        words += _read(batch, recogniser)
    return tuple(sorted(words, key=lambda word: (word.start_ms, word.channel)))


def _windows(
    blocks: Iterable[Samples], wanted: Sequence[ChannelSpan], packing: Packing
) -> Iterator[tuple[int, Window]]:
    """The stretches packed into windows, each with its channel."""
    packers = {channel: Packer(packing) for channel in sorted({each.channel for each in wanted})}
    for channel, stretch in _stretches(blocks, wanted):
        yield from ((channel, window) for window in packers[channel].add(stretch))
    for channel, packer in packers.items():
        yield from ((channel, window) for window in packer.finish())


def _stretches(blocks: Iterable[Samples], wanted: Sequence[ChannelSpan]) -> Iterator[tuple[int, Stretch]]:
    """Each stretch as soon as its last sample has passed; only those under way are kept."""
    ahead = sorted(wanted, key=lambda each: each.start_ms)
    under_way: list[tuple[ChannelSpan, list[Samples]]] = []
    at = 0
    for block in blocks:
        end = at + block.shape[1]
        while ahead and ahead[0].start_ms * RATE // 1000 < end:
            under_way.append((ahead.pop(0), []))
        for each, parts in under_way:
            first = max(0, each.start_ms * RATE // 1000 - at)
            parts.append(block[each.channel, first : max(0, each.end_ms * RATE // 1000 - at)].copy())
        at = end
        done = [pair for pair in under_way if pair[0].end_ms * RATE // 1000 <= at]
        under_way = [pair for pair in under_way if pair[0].end_ms * RATE // 1000 > at]
        yield from (
            (each.channel, Stretch(span=each.span, samples=np.concatenate(parts))) for each, parts in done
        )
    yield from (
        (each.channel, Stretch(span=each.span, samples=np.concatenate(parts)))
        for each, parts in under_way
        if parts
    )


def _read(batch: Sequence[tuple[int, Window]], recogniser: Recogniser) -> Iterator[Word]:
    """The words of some windows, in the recording's time."""
    for (channel, window), heard in zip(batch, recogniser.read([window for _, window in batch]), strict=True):
        yield from said(heard.words, window, channel)

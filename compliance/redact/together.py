"""The files of one call decoded side by side, on one clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

import numpy as np

from compliance.records import Span
from compliance.redact.media import decode, even
from compliance.redact.tone import Float


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One file of a call, as it is listened to."""

    path: Path
    offset_ms: int
    """Where it begins in the call."""
    channels: tuple[tuple[int, ...], ...]
    """For each of its voices, the channels of the file that carry it."""
    only: tuple[Span, ...] | None = None
    """Stretches that are wanted, in its own time; None for all of it."""


def together(tracks: Sequence[Track], *, rate: int) -> Iterator[Float]:
    """Blocks (voices of all files, n) of a second each, the last one shorter, as ``media.decode`` gives them.

    Before a file begins and after it ends its voices are silent.  Raises what ``decode`` raises.
    """
    for blocks in zip_longest(*(even(_voices(track, rate), rate) for track in tracks)):
        size = max(block.shape[1] for block in blocks if block is not None)
        yield np.concatenate(
            [_filled(block, len(track.channels), size) for track, block in zip(tracks, blocks, strict=True)]
        )


def _voices(track: Track, rate: int) -> Iterator[Float]:
    """The voices of one file, silence before it; nothing is decoded where nothing is wanted."""
    samples: Iterable[Float] = () if track.only == () else decode(track.path, rate=rate, only=track.only)
    before = track.offset_ms * rate // 1000
    silence = (
        np.zeros((len(track.channels), min(left, rate)), np.float32) for left in range(before, 0, -rate)
    )
    return chain(silence, (_mixed(block, track.channels) for block in samples))


def _mixed(block: Float, channels: Sequence[tuple[int, ...]]) -> Float:
    """One row for each voice; where two channels carry it, their mean."""
    return np.stack([block[list(each)].mean(axis=0) for each in channels])


def _filled(block: Float | None, voices: int, size: int) -> Float:
    """A block of this size, silent from where its file ends."""
    full = np.zeros((voices, size), np.float32)
    if block is not None:
        full[:, : block.shape[1]] = block
    return full

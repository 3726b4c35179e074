"""A recording as the leaves of a hash tree: its packets, or blocks of its samples.

What a leaf hashes is a line of text, ``<position> <SHA-256 of the content in hex>``,
so that a tree can be computed from what other programs print of a file:
``ffprobe -show_packets -show_data_hash sha256`` gives both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from compliance.audit.merkle import leaf_hash
from compliance.redact.forest import Forest
from compliance.redact.reader import Reader
from compliance.redact.samples import Native
from compliance.redact.sniff import PCM

PER_SECOND = 50
"""Blocks of samples in a second: as long as a packet of a call commonly is."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf: its hash, and where its content begins."""

    position: int
    """A packet's presentation time in units of the stream's, or a block's first sample."""
    hash: bytes


def leaf(position: int, content: bytes) -> Leaf:
    """The leaf of some content at a position."""
    line = f"{position} {hashlib.sha256(content).hexdigest()}"
    return Leaf(position, leaf_hash(line.encode()))


class Picture:
    """The tree over a picture's packets, which go by while the sound is read."""

    def __init__(self) -> None:
        """No packet yet."""
        self._forest = Forest()

    def take(self, packet: Any) -> None:
        """Take in the next packet."""
        self._forest.add(leaf(packet.pts, bytes(packet)).hash)

    @property
    def root(self) -> bytes:
        """The root over all packets."""
        return self._forest.root


def packets(reader: Reader, picture: Picture | None = None) -> Iterator[Leaf]:
    """A leaf for each packet of sound; those of the picture go to ``picture``."""
    for packet in reader.packets(picture.take if picture else None):
        if packet.size:
            yield leaf(packet.pts or 0, bytes(packet))


def block_of(reader: Reader) -> int:
    """Samples a block, for each channel."""
    return max(reader.rate // PER_SECOND, 1)


def blocks(reader: Reader) -> Iterator[Leaf]:
    """A leaf for each block of samples, the last one shorter.

    PCM as it stands in the file; FLAC decoded, each sample in 2 bytes, or in the upper
    bits of 4 where it has more than 16 bits; signed, little-endian, channels interleaved.
    """
    size, width = block_of(reader), _width(reader)
    parts = _stored(reader) if reader.codec in PCM else map(_interleaved, reader.blocks())
    for number, content in enumerate(_even(parts, size * width * reader.channels)):
        yield leaf(number * size, content)


def _stored(reader: Reader) -> Iterator[bytes]:
    return (bytes(packet) for packet in reader.packets() if packet.size)


def _width(reader: Reader) -> int:
    """Bytes of a sample."""
    return _NARROW.get(reader.codec, reader.audio.codec_context.format.bytes)


_NARROW = {"pcm_s24le": 3, "pcm_mulaw": 1, "pcm_alaw": 1}
"""Bytes of a sample in the file, where FFmpeg decodes it to more."""


def _interleaved(block: Native) -> bytes:
    little = block.astype(block.dtype.newbyteorder("<"), copy=False)
    return np.ascontiguousarray(little.T).tobytes()


def _even(parts: Iterable[bytes], size: int) -> Iterator[bytes]:
    held = bytearray()
    for part in parts:
        held += part
        whole = len(held) - len(held) % size
        for at in range(0, whole, size):
            yield bytes(held[at : at + size])
        del held[:whole]
    if held:
        yield bytes(held)

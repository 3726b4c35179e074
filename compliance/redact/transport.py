"""MPEG transport streams (ISO 13818-1) as packets of 188 bytes, without decoding."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compliance.errors import MediaTruncated

PACKET = 188
SYNC = 0x47
PAT = 0
STUFFING = 0x1FFF
START = b"\x00\x00\x01"
"""How a unit of sound or picture begins."""
_AT_ONCE = 16_384

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]


def packets_of(path: Path) -> Iterator[Bytes]:
    """The packets of a stream, many at a time, as rows.

    Raises:
        MediaTruncated: it breaks off within one, or one is not where it must be.
    """
    with path.open("rb") as file:
        while data := file.read(PACKET * _AT_ONCE):
            if len(data) % PACKET:
                raise MediaTruncated("the transport stream breaks off within a packet")
            packets = np.frombuffer(data, np.uint8).reshape(-1, PACKET)
            if np.any(packets[:, 0] != SYNC):
                raise MediaTruncated("a packet of the transport stream is not where it must be")
            yield packets


def pids(packets: Bytes) -> Places:
    """Which kind each packet is of."""
    return (packets[:, 1].astype(np.int64) & 0x1F) << 8 | packets[:, 2]


def begins(packets: Bytes) -> NDArray[np.bool_]:
    """Whether a unit or a table begins in each packet."""
    return packets[:, 1] & 0x40 > 0


def body(packet: Bytes) -> bytes:
    """What a packet carries, without its header and adaptation field."""
    start = 4 + (1 + int(packet[4]) if packet[3] & 0x20 else 0)
    return packet[start:].tobytes() if packet[3] & 0x10 else b""

"""What an Opus packet and its stream's header say of themselves, without decoding them."""

from __future__ import annotations

from dataclasses import dataclass

RATE = 48_000
"""Opus counts in this rate, whatever was recorded."""

_SILK, _HYBRID, _CELT = (480, 960, 1920, 2880), (480, 960), (120, 240, 480, 960)
_FRAMES = _SILK * 3 + _HYBRID * 2 + _CELT * 4
"""Samples of a frame by the first five bits of a packet (RFC 6716 3.1, table 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A stream's header (RFC 7845 5.1)."""

    channels: int
    pre_skip: int
    """Samples at the start that are decoded and not heard."""
    gain: int
    """What a decoder adds to the sound, in 1/256 dB."""


def head(body: bytes | None) -> Head | None:
    """The header of one stream of one or two channels; None for any other kind, or with more behind it."""
    if body is None or len(body) != 19 or body[:8] != b"OpusHead" or body[18]:
        return None
    return Head(
        channels=body[9],
        pre_skip=int.from_bytes(body[10:12], "little"),
        gain=int.from_bytes(body[16:18], "little", signed=True),
    )


def unskipped(body: bytes) -> bytes:
    """The header without anything to be skipped at the start."""
    return body[:10] + bytes(2) + body[12:]


def samples(packet: bytes) -> int:
    """How many samples a packet decodes to, 0 if it is none."""
    if not packet:
        return 0
    frames = (1, 2, 2, packet[1] & 0x3F if len(packet) > 1 else 0)[packet[0] & 3]
    return _FRAMES[packet[0] >> 3] * frames


CELT = 16
"""From this configuration on, the first five bits of a packet, it is coded by CELT alone."""


def is_celt(packet: bytes) -> bool:
    """Whether a packet is coded by CELT alone, whose decoder soon forgets; SILK's predicts on and on."""
    return bool(packet) and packet[0] >> 3 >= CELT


def is_padded_with_data(packet: bytes) -> bool:
    """Whether anything but zeros stands in a packet's padding (RFC 6716 3.2.5).

    Encoders since libopus 1.5 can put a coarse copy of the last second there (DRED):
    a copy of what was said in a cut, behind the cut.
    """
    if len(packet) < 2 or packet[0] & 3 != 3 or not packet[1] & 0x40:
        return False
    at, size = 2, 0
    while at < len(packet):
        length = packet[at]
        at += 1
        size += min(length, 254)
        if length < 255:
            return any(packet[max(at, len(packet) - size) :]) if size else False
    return True

"""AAC-LC in MP4: what its header says, and where each packet lies.

A packet's window reaches over the sound of two packets, and nothing else: LC predicts
nothing from packets before (ISO 14496-3 4.5.2).  Profiles that do are not copied.
"""

from __future__ import annotations

import re

from compliance.redact.pace import Pace, trims
from compliance.redact.reader import Reader

STEP = 1024
"""Samples a packet."""

AHEAD = 1024
"""By so many samples what FFmpeg's encoder gives out first is older than what it was given."""

_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
MOST_SKIP = 2_112
"""Samples that encoders put before the sound at most.  Nobody hears what is skipped, and it may be speech."""

SLOWEST = 32_000
"""At lower rates a packet lasts so long that sound beside a cut is smeared far into it."""

_SOUND, _FILL = (0, 1), 6
"""Elements that a packet begins with: one channel, or a pair; filling (ISO 14496-3 4.4.2.1)."""

_NAME = re.compile(rb"(?s).{2,3}Lavc\d{1,2}(\.\d{1,3}){2}\0")
"""As FFmpeg's encoder signs each 256th packet."""

_NO_SBR = bytes.fromhex("56e500")
"""Behind the header: no spectral band replication, which would draw on packets before."""


def is_plain(head: bytes, rate: int, channels: int) -> bool:
    """Whether a header tells of LC alone, 1024 samples a packet (AudioSpecificConfig, ISO 14496-3 1.6.2)."""
    bits = int.from_bytes(head[:2], "big")
    kind, index, sides, flags = bits >> 11, bits >> 7 & 15, bits >> 3 & 15, bits & 7
    is_known = index < len(_RATES) and _RATES[index] == rate >= SLOWEST
    return (
        len(head) >= 2
        and (kind, sides, flags) == (2, channels, 0)
        and is_known
        and head[2:] in (b"", _NO_SBR)
    )


def is_sound(packet: bytes) -> bool:
    """Whether a packet begins with sound, or with the name of a known encoder and then sound."""
    kind = packet[0] >> 5
    return kind in _SOUND or (kind == _FILL and _NAME.match(packet) is not None)


def pace_of_aac(reader: Reader) -> Pace | None:
    """The pace of a recording, which is read to its end; None if its packets cannot be copied soundly.

    Not if it is another profile, a packet is of another length or begins with anything but
    sound or an encoder's name, or the clock does not count samples.
    """
    is_here = reader.container.name == "mp4" and reader.codec == "aac"
    head = bytes(reader.audio.codec_context.extradata or b"")
    if not is_here or not is_plain(head, reader.rate, reader.channels):
        return None
    if reader.audio.time_base is None or reader.audio.time_base * reader.rate != 1:
        return None
    return _counted(reader)


def _counted(reader: Reader) -> Pace | None:
    first, count, size, skipped, is_over = 0, 0, 0, 0, False
    for packet in reader.packets():
        if not packet.size:
            continue
        first = packet.pts or 0 if not count else first
        is_next = packet.pts == packet.dts == first + count * STEP and not is_over
        is_next = is_next and not (packet.is_discard and (packet.pts or 0) >= 0)
        if not is_next or not 0 < (packet.duration or 0) <= STEP or not is_sound(bytes(packet)):
            return None
        start, _ = trims(packet)
        skipped += start
        is_over = (packet.duration or 0) < STEP
        count, size = count + 1, size + packet.size
    if not 0 <= -first <= min(MOST_SKIP, STEP * count - 1) or skipped not in (0, -first):
        return None
    heard = count * STEP + first
    return Pace(
        codec="aac",
        rate=reader.rate,
        step=STEP,
        count=count,
        start=first,
        total=heard - reader.surplus(heard),
        bits=size * 8 * reader.rate // (count * STEP),
        settled=0,
        before=2 * STEP,
        behind=STEP,
    )

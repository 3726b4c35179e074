"""The pace of an Opus recording in Ogg, told from its pages: what ``pace_of`` tells of packets one by one.

Stricter than that where it can afford it, since what is refused here is only slower.
"""

from __future__ import annotations

import numpy as np

from compliance.redact import opus
from compliance.redact.ogg import LAST, OpusFile
from compliance.redact.pace import LEAD_IN_MS, SHORTEST, Pace, reach, settled

_ROUNDING = 2
"""Samples by which a recorder's clock may be off from counting packets."""


def pace_in(file: OpusFile) -> Pace | None:
    """The pace of an Ogg file's packets; None where ``pace_of`` would refuse it, or may."""
    head, step = opus.head(file.head), opus.samples(file.packet(0))
    if head is None or head.gain or step < SHORTEST or not _are_alike(file, step):
        return None
    early, trim = _early(file, step), _trim(file, step)
    if early is None or trim is None or head.pre_skip + trim >= file.count * step:
        return None
    return Pace(
        step=step,
        count=file.count,
        start=-head.pre_skip,
        total=file.count * step - head.pre_skip - trim,
        bits=int(file.sizes.sum()) * 8 * opus.RATE // (file.count * step),
        settled=settled(early, step),
        before=reach(step),
        behind=reach(step),
    )


def _are_alike(file: OpusFile, step: int) -> bool:
    """Whether every packet is so long and holds sound alone."""
    firsts = file.firsts
    are_long = _LENGTHS[firsts] == step
    doubtful = np.flatnonzero(firsts & 3 == 3)
    are_long[doubtful] = True
    return bool(are_long.all() and file.sizes.all()) and all(
        opus.samples(packet) == step and not opus.is_padded_with_data(packet)
        for packet in map(file.packet, doubtful.tolist())
    )


_LENGTHS = np.array([opus.samples(bytes([first])) for first in range(256)])
"""Samples of a packet by its first byte, 0 where it is the second byte that counts the frames."""


def _early(file: OpusFile, step: int) -> int | None:
    """How many packets at the start are not CELT's; None if any follows later."""
    is_celt = file.firsts >> 3 >= opus.CELT
    early = int(np.count_nonzero(~is_celt))
    is_in_time = early * step * 1000 <= LEAD_IN_MS * opus.RATE
    return early if is_in_time and bool(is_celt[early:].all()) else None


def _trim(file: OpusFile, step: int) -> int | None:
    """Samples of the last packet that are not heard; None if the clock is not that of the packets."""
    told = np.array([page.granule for page in file.pages])
    is_told = np.diff(file.ends, prepend=0) > 0
    first, last = int(np.argmax(is_told)), file.pages[-1]
    origin = 0 if file.pages[first].flags & LAST else int(told[first]) - file.ends[first] * step
    ahead = told - origin - np.array(file.ends) * step
    is_steady = bool((np.abs(ahead[:-1][is_told[:-1]]) <= _ROUNDING).all())
    trim = -int(ahead[-1])
    is_ended = last.flags & LAST and (is_told[-1] or not trim)
    return trim if is_steady and is_ended and origin >= 0 and 0 <= trim < step else None

"""Where each packet of a recording lies, told without decoding it; and which of them a cut concerns.

Only where every packet is of the same length and follows the one before can packets
be copied and their places still be those that ``Reader`` gives to the samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from compliance.redact import opus
from compliance.redact.audio import Patch
from compliance.redact.reader import Reader

JITTER_MS = 25
"""Timestamps may be off by so much, and the sound begin so late: half of what ``Reader`` takes for a gap."""

LEAD_IN_MS, SETTLE_MS = 3000, 100
"""An encoder may take so long to make up its mind at the start; what it settled on is right so much later."""

SHORTEST = 480
"""Samples of the shortest packets made anew; in shorter ones, at the bit rate of a call, a tone is noise."""

REACH_MS = 25
"""So far back a packet draws on others, in CELT's comb filter; SILK's prediction reaches as far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Packets of one length without a gap."""

    codec: str = "opus"
    rate: int = opus.RATE
    step: int
    """Samples a packet."""
    count: int
    start: int
    """Where the first packet's samples begin; before 0 by what is skipped."""
    total: int
    """Samples that are heard."""
    bits: int
    """Bits a second."""
    settled: int
    """Packets at the start in which an encoder still changes between SILK and CELT; made anew all or none."""
    before: int
    """Samples of a cut's sound that may be told by packets that begin so long before it."""
    behind: int
    """The same of packets that begin so long behind it."""

    def packets(self, ms: int) -> int:
        """How many packets it takes to cover so much time."""
        return -(-ms * self.rate // (1000 * self.step))

    def told(self, index: int) -> int:
        """How long MP4 says the packet with this number is, by which its last is trimmed; 0 elsewhere."""
        left = self.total - self.start - index * self.step
        return min(left, self.step) if self.codec == "aac" else 0


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Run:
    """Packets in a row, the last one included."""

    first: int
    last: int


def runs(spans: Iterable[tuple[int, int]], pace: Pace, *, after_ms: int = 0) -> tuple[Run, ...]:
    """The packets that may hold something of some stretches of samples, in order.

    All those that overlap one and at least one more on each side: in-band FEC is a copy of the
    previous packet, and a decoder predicts from what it decoded last.  ``after_ms`` adds what follows.
    """
    after = after_ms * pace.rate // 1000
    found: list[Run] = []
    for start, end in sorted(spans):
        first = max((start - pace.before - pace.start) // pace.step, 0)
        last = (end + pace.behind + after - 1 - pace.start) // pace.step
        if first < pace.settled:
            first, last = 0, max(last, pace.settled - 1)
        last = min(last, pace.count - 1)
        if found and first <= found[-1].last + 1:
            found[-1] = Run(first=found[-1].first, last=max(found[-1].last, last))
        elif first <= last:
            found.append(Run(first=first, last=last))
    return tuple(found)


def extents(parts: Iterable[Patch]) -> list[tuple[int, int]]:
    """From where to where each patch reaches."""
    return [(part.start, part.end) for part in parts]


def concerned(found: Iterable[Run], count: int) -> Iterator[bool]:
    """For each packet whether it lies in one of the runs."""
    at = 0
    for run in found:
        yield from repeat(False, run.first - at)
        yield from repeat(True, run.last + 1 - run.first)
        at = run.last + 1
    yield from repeat(False, count - at)


def reach(step: int) -> int:
    """How far from a cut packets of Opus may tell of it."""
    return max(step, REACH_MS * opus.RATE // 1000)


def settled(unsettled: int, step: int) -> int:
    """How many packets at the start are made anew together, of those in which the encoder had not settled."""
    return unsettled and unsettled + -(-SETTLE_MS * opus.RATE // (1000 * step))


def trims(packet: Any) -> tuple[int, int]:
    """Samples of a packet that are not heard, at its start and at its end."""
    if not packet.has_sidedata("skip_samples"):
        return 0, 0
    told = bytes(packet.get_sidedata("skip_samples"))
    return int.from_bytes(told[:4], "little"), int.from_bytes(told[4:8], "little")


def pace_of(reader: Reader) -> Pace | None:
    """The pace of a recording, which is read to its end; None if its packets cannot be copied soundly.

    Not if: it is not Opus in Ogg or WebM, a packet is of another length or says more than sound,
    the clock jumps, the decoder is told to change the level, or packets after the start are SILK's:
    behind a cut its decoder goes on predicting from what is no longer there.
    """
    head = opus.head(reader.audio.codec_context.extradata) if reader.codec == "opus" else None
    if head is None or head.gain or head.channels != reader.channels or reader.container.name == "mp4":
        return None
    clock = _Clock(reader)
    if not all(clock.takes(packet) for packet in reader.packets() if packet.size):
        return None
    return clock.pace()


@dataclass(slots=True)
class _Clock:
    """Counts packets as long as each is where it is expected."""

    reader: Reader
    step: int = 0
    count: int = 0
    skip: int = 0
    trim: int = 0
    size: int = 0
    first: int = 0
    unit: float = 0.0
    unsettled: int = 0

    def takes(self, packet: Any) -> bool:
        """Whether a packet is the next one."""
        body = bytes(packet)
        if packet.pts is None or opus.is_padded_with_data(body):
            return False
        start, end = trims(packet)
        if not self.count:
            self.step, self.first = opus.samples(body), packet.pts
            self.unit = float(packet.time_base * opus.RATE)
            told = packet.has_sidedata("skip_samples")
            self.skip, start = start if told else self.reader.audio.codec_context.delay, 0
        ahead = (packet.pts - self.first) * self.unit - self.count * self.step
        is_early = self.unsettled == self.count and self.count * self.step * 1000 < LEAD_IN_MS * opus.RATE
        is_celt = opus.is_celt(body)
        is_next = opus.samples(body) == self.step >= SHORTEST and (is_celt or is_early) and not self.trim
        self.trim, self.size, self.count = end, self.size + len(body), self.count + 1
        self.unsettled = self.unsettled if is_celt else self.count
        return is_next and not start and end < self.step and abs(ahead) * 1000 <= JITTER_MS * opus.RATE

    def pace(self) -> Pace | None:
        """The pace, once every packet was taken."""
        lead = self._lead()
        if not self.count or self.skip >= self.count * self.step or lead is None:
            return None
        return Pace(
            step=self.step,
            count=self.count,
            start=lead - self.skip,
            total=lead + self.count * self.step - self.skip - self.trim,
            bits=self.size * 8 * opus.RATE // (self.count * self.step),
            settled=settled(self.unsettled, self.step),
            before=reach(self.step),
            behind=reach(self.step),
        )

    def _lead(self) -> int | None:
        """Silence before the first sound, as ``Reader`` counts it; None where it is too long or not sure."""
        if self.reader.container.name == "ogg":
            return 0 if self.first >= -self.skip else None
        # FFmpeg moves the first sound's time by what is skipped, in the container's unit, halves upwards.
        skipped = int(self.skip / self.unit + 0.5) if self.unit else 0
        lead = max(round((self.first + skipped) * self.unit), 0)
        return lead if self.skip < self.step and lead * 1000 <= JITTER_MS * opus.RATE else None

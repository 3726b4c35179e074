"""The playlist of a redacted recording: the segments of the original as stretches of one file (RFC 8216).

It names that file and nothing else: no time of day, no title, no name of the original's.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from compliance.records import Segment
from compliance.redact.multiplex import CLOCK, WRAP
from compliance.redact.multiplexed import Entry

PLAYLIST = "playlist.m3u8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One segment of the redacted recording."""

    start: int
    """Its first byte in the file."""
    end: int
    """The byte behind its last one."""
    duration_ms: int


def stretches(
    entries: Sequence[Entry], segments: Sequence[Segment], *, size_bytes: int, duration_ms: int
) -> tuple[Stretch, ...]:
    """The segments of the original, each begun at the nearest place at which a player may begin.

    Two that would begin at one place become one.  Together they are the whole file.
    """
    times_ms = [(each.time - entries[0].time) % WRAP * 1000 // CLOCK for each in entries]
    begun = sorted({_nearest(times_ms, at_ms) for at_ms in _starts(segments)})
    offsets = [*(entries[place].offset for place in begun), size_bytes]
    edges_ms = [*(times_ms[place] for place in begun), max(duration_ms, times_ms[begun[-1]])]
    return tuple(
        Stretch(start=start, end=end, duration_ms=end_ms - start_ms)
        for (start, end), (start_ms, end_ms) in zip(pairwise(offsets), pairwise(edges_ms), strict=True)
    )


def _starts(segments: Sequence[Segment]) -> Iterator[int]:
    """When each segment of the original began, in milliseconds."""
    return accumulate((each.duration_ms for each in segments[:-1]), initial=0)


def _nearest(times_ms: Sequence[int], at_ms: int) -> int:
    place = bisect_left(times_ms, at_ms)
    near = range(max(place - 1, 0), min(place + 1, len(times_ms)))
    return min(near, key=lambda each: abs(times_ms[each] - at_ms))


def playlist(file: str, found: Sequence[Stretch]) -> str:
    """A finished media playlist of version 4, the first that knows stretches of bytes."""
    longest = max(-(-each.duration_ms // 1000) for each in found)
    return "\n".join(
        (
            "#EXTM3U",
            "#EXT-X-VERSION:4",
            f"#EXT-X-TARGETDURATION:{longest}",
            "#EXT-X-MEDIA-SEQUENCE:0",
            "#EXT-X-PLAYLIST-TYPE:VOD",
            *(line for each in found for line in _lines(file, each)),
            "#EXT-X-ENDLIST",
            "",
        )
    )


def _lines(file: str, each: Stretch) -> tuple[str, ...]:
    return (
        f"#EXTINF:{each.duration_ms / 1000:.3f},",
        f"#EXT-X-BYTERANGE:{each.end - each.start}@{each.start}",
        file,
    )

"""Proof that nothing outside the cuts was altered: the hash trees of both recordings, side by side.

Whoever has the redacted recording can compute the original's root from it and from the
nodes that stand for what was changed; whoever has both can see each leaf that differs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from compliance.errors import MediaTruncated
from compliance.records import Changed, Kept, Trees, Unaltered
from compliance.redact.forest import Forest
from compliance.redact.leaves import Leaf, Picture, block_of, blocks, packets
from compliance.redact.pace import Pace
from compliance.redact.reader import Reader
from compliance.redact.sniff import PCM


def unaltered(source: Path, target: Path, pace: Pace | None) -> Unaltered:
    """What shows that ``target`` is ``source`` outside its cuts.

    ``pace`` is the source's, by which its packets were copied, or None.  Streaming: both
    are read once and decoded nowhere, but for FLAC.

    Raises:
        MediaTruncated: the two are not of one length, or their pictures differ.
    """
    with Reader(source) as original, Reader(target) as redacted:
        kept = _kept(original, pace)
        pictures = (Picture(), Picture()) if original.video else (None, None)
        trees = _trees(original, redacted, pictures, pace)
        roots = {each.root.hex() for each in pictures if each}
        if len(roots) > 1:
            raise MediaTruncated("the picture is not the original's")
        return Unaltered(
            kept=kept,
            why=_why(original) if kept is Kept.ENCODED_AGAIN else None,
            trees=trees,
            picture=next(iter(roots), None),
        )


def _kept(original: Reader, pace: Pace | None) -> Kept:
    if pace is not None:
        return Kept.PACKETS
    return Kept.SAMPLES if original.codec in PCM or original.codec == "flac" else Kept.ENCODED_AGAIN


def _why(original: Reader) -> str:
    """Opus and AAC are encoded again only where their packets do not allow it; other codecs always."""
    return "pace" if original.codec in ("opus", "aac") else "codec"


def _trees(
    original: Reader, redacted: Reader, pictures: tuple[Picture | None, Picture | None], pace: Pace | None
) -> Trees | None:
    """Trees over packets or samples; where all was encoded again, only a picture goes by."""
    if _kept(original, pace) is Kept.SAMPLES:
        return _grown(blocks(original), blocks(redacted), block_of(original), original.rate)
    sides = packets(original, pictures[0]), packets(redacted, pictures[1])
    if pace is not None:
        return _grown(*sides, pace.step, pace.rate, lead=pace.settled, origin=pace.start)
    if pictures[0]:
        for side in sides:
            deque(side, maxlen=0)
    return None


def _grown(
    left: Iterator[Leaf], right: Iterator[Leaf], step: int, rate: int, *, lead: int = 0, origin: int = 0
) -> Trees:
    """Both trees, and the stretches in which they differ."""
    grown = _Growth()
    for one, other in zip_longest(left, right):
        if one is None or other is None or one.position != other.position:
            raise MediaTruncated("the redacted recording has other leaves than the original")
        grown.take(one.hash, other.hash)
    return Trees(
        step=step,
        rate=rate,
        size=grown.original.size,
        lead=lead,
        original=grown.original.root.hex(),
        redacted=grown.redacted.root.hex(),
        changed=tuple(_changed(first, forest, step, rate, origin) for first, forest in grown.stretches),
    )


@dataclass(slots=True)
class _Growth:
    """Two trees as their leaves go by."""

    original: Forest = field(default_factory=Forest)
    redacted: Forest = field(default_factory=Forest)
    stretches: list[tuple[int, Forest]] = field(default_factory=list)
    """Each stretch that differs: its first leaf, and the original's subtrees over it."""

    def take(self, left: bytes, right: bytes) -> None:
        """The next leaf of each."""
        at = self.original.size
        if left != right:
            if not self.stretches or self.stretches[-1][1].size != at:
                self.stretches.append((at, Forest(at)))
            self.stretches[-1][1].add(left)
        self.original.add(left)
        self.redacted.add(right)


def _changed(first: int, forest: Forest, step: int, rate: int, origin: int) -> Changed:
    start, end = (max((origin + each * step) * 1000, 0) for each in (first, forest.size))
    return Changed(
        first=first,
        last=forest.size - 1,
        start_ms=start // rate,
        end_ms=-(-end // rate),
        nodes=tuple(node.hex() for node in forest.nodes),
    )

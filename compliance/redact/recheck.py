"""A manifest's proof of non-alteration, checked with the redacted recording alone or both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import repeat, zip_longest
from pathlib import Path

from compliance.records import Changed, Cut, Kept, Span, Trees, Unaltered
from compliance.redact.forest import Forest, levels
from compliance.redact.leaves import Leaf, Picture, blocks, packets
from compliance.redact.pace import JITTER_MS, LEAD_IN_MS, REACH_MS, SETTLE_MS
from compliance.redact.reader import Reader

MOST = 20
"""So many leaves that differ are named; the rest is like them."""


class Fault(StrEnum):
    """What does not hold."""

    LENGTH = "length"
    """A recording has another number of leaves, or at other places, than the manifest says."""
    REDACTED_ROOT = "redacted_root"
    """The redacted recording is not the one that the manifest tells of."""
    ORIGINAL_ROOT = "original_root"
    """What was left of it, with the nodes of what was changed, does not give the original's root."""
    ELSEWHERE = "changed_elsewhere"
    """A leaf differs from the original's that is not on the list."""
    UNCHANGED = "not_changed"
    """A leaf on the list is the original's still."""
    OUTSIDE_CUTS = "outside_cuts"
    """Leaves on the list lie further from any cut than a cut reaches."""
    PICTURE = "picture"
    """The picture is not the one that the manifest tells of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One thing that does not hold, and where."""

    fault: Fault
    leaf: int | None = None
    at_ms: int | None = None


def recheck(
    told: Unaltered, cuts: Sequence[Cut], redacted: Path, original: Path | None = None
) -> tuple[Deviation, ...]:
    """What in the manifest's proof does not hold; empty if all does.

    (1) The list: each stretch of changed leaves lies in a cut, or within a codec's reach of one.
    (2) The redacted recording has the root told; with the nodes of what was changed in their
    places its leaves give the original's root.  (3) With the original at hand, exactly the
    leaves on the list differ.

    Raises:
        ValueError: the manifest has no trees, since the recording was encoded again.
        MediaError: a file cannot be read; as ``media.probe``.
    """
    if told.trees is None:
        raise ValueError("a recording that was encoded again has no trees")
    found = list(_astray(told.trees, cuts, told.kept))
    found += _roots(told, told.trees, redacted)
    if original is not None:
        found += _differences(told, told.trees, redacted, original)
    return tuple(found)


def _astray(trees: Trees, cuts: Sequence[Cut], kept: Kept) -> Iterator[Deviation]:
    """(1) Stretches beyond every cut's reach.

    A packet draws on the one before, so one and its like more on each side go with a cut; and
    at the start, where an encoder has not made up its mind, a few seconds change all or none.
    """
    step_ms = -(-trees.step * 1000 // trees.rate)
    reach_ms = max(2 * max(step_ms, REACH_MS) + JITTER_MS, 3 * step_ms) if kept is Kept.PACKETS else step_ms
    most_lead = -(-(LEAD_IN_MS + SETTLE_MS) * trees.rate // (1000 * trees.step)) + 1
    near = [Span(start_ms=cut.start_ms - reach_ms, end_ms=cut.end_ms + reach_ms) for cut in cuts]
    for each in trees.changed:
        low_ms = each.start_ms
        if each.first == 0 and kept is Kept.PACKETS:
            low_ms += min(trees.lead, most_lead) * trees.step * 1000 // trees.rate
        left = next(Span(start_ms=min(low_ms, each.end_ms), end_ms=each.end_ms).without(near), None)
        if left is not None or not any(_span(each).overlaps(span) for span in near):
            at_ms = left.start_ms if left else each.start_ms
            yield Deviation(fault=Fault.OUTSIDE_CUTS, leaf=each.first, at_ms=at_ms)


def _span(each: Changed) -> Span:
    return Span(start_ms=each.start_ms, end_ms=each.end_ms)


def _roots(told: Unaltered, trees: Trees, redacted: Path) -> Iterator[Deviation]:
    """(2) Both roots, computed from the redacted recording."""
    own, whole = Forest(), Forest()
    gone = iter(trees.changed)
    each = next(gone, None)
    with Reader(redacted) as reader:
        picture = Picture() if reader.video else None
        for at, leaf in enumerate(_leaves(reader, told.kept, picture)):
            own.add(leaf.hash)
            if each is None or at < each.first:
                whole.add(leaf.hash)
            elif at == each.last:
                _plant(whole, each)
                each = next(gone, None)
    if own.size != trees.size:
        yield Deviation(fault=Fault.LENGTH)
    if own.root.hex() != trees.redacted:
        yield Deviation(fault=Fault.REDACTED_ROOT)
    if whole.size != trees.size or whole.root.hex() != trees.original:
        yield Deviation(fault=Fault.ORIGINAL_ROOT)
    if (picture.root.hex() if picture else None) != told.picture:
        yield Deviation(fault=Fault.PICTURE)


def _plant(forest: Forest, each: Changed) -> None:
    """The original's subtrees in place of leaves that were changed; too few leave the forest too small."""
    for node, level in zip(each.nodes, levels(each.first, each.last + 1), strict=False):
        if forest.size % (1 << level) == 0:
            forest.add(bytes.fromhex(node), level)


def _leaves(reader: Reader, kept: Kept, picture: Picture | None = None) -> Iterator[Leaf]:
    return packets(reader, picture) if kept is Kept.PACKETS else blocks(reader)


def _differences(told: Unaltered, trees: Trees, redacted: Path, original: Path) -> Iterator[Deviation]:
    """(3) Leaves that differ and should not, or should and do not; the first of them, with their times."""
    count = 0
    with Reader(original) as one, Reader(redacted) as other:
        sides = zip_longest(_leaves(one, told.kept), _leaves(other, told.kept))
        for (at, (left, right)), is_listed in zip(enumerate(sides), _listed(trees), strict=False):
            if left is None or right is None or left.position != right.position:
                yield Deviation(fault=Fault.LENGTH, leaf=at, at_ms=_ms(trees, at))
                return
            if (left.hash != right.hash) != is_listed and (count := count + 1) <= MOST:
                fault = Fault.UNCHANGED if is_listed else Fault.ELSEWHERE
                yield Deviation(fault=fault, leaf=at, at_ms=_ms(trees, at))


def _listed(trees: Trees) -> Iterator[bool]:
    """For one leaf after another whether it is on the list, without end."""
    at = 0
    for each in trees.changed:
        yield from repeat(False, each.first - at)
        yield from repeat(True, each.last + 1 - each.first)
        at = each.last + 1
    yield from repeat(False)


def _ms(trees: Trees, at: int) -> int:
    return at * trees.step * 1000 // trees.rate

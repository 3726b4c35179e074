"""What the log says about time: silence is told, and no event may state a time that its place contradicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.audit.checks.reading import Read
from compliance.audit.checks.report import Check, Finding, Found, Standing
from compliance.audit.checks.spine import Spine, subtrees
from compliance.audit.checks.times import CLOCKS_MS, Times
from compliance.audit.merkle import leaf_hash, root

MINUTE = 60_000
T0 = 1_700_000_000_000

Told = tuple[str, int]
"""An event's kind and its time, in milliseconds after the first."""


def found(told: Sequence[Told], *, stamps: Sequence[tuple[int, int]] = (), now: int | None = None) -> Found:
    """What is found about a log of these events, one a leaf."""
    found = Found()
    times = Times(found, [(size, T0 + at) for size, at in stamps])
    for leaf, (kind, at) in enumerate(told):
        fields: dict[str, Any] = {"heartbeat_s": 60} if kind in ("log.started", "log.heartbeat") else {}
        fields |= {"stated_at_ms": T0 + at} if kind == "log.timestamped" else {}
        times.see(Read(leaf_index=leaf, id=f"ev_{leaf}", kind=kind, at_ms=T0 + at, fields=fields))
    times.end(None if now is None else T0 + now)
    return found


def of(found: Found, check: Check) -> Finding | None:
    """What one check came to, or None where it found nothing."""
    return found.worst.get(check)


def beats(*minutes: float) -> list[Told]:
    """Heartbeats at these minutes."""
    return [("log.heartbeat", round(each * MINUTE)) for each in minutes]


@pytest.mark.parametrize(
    ("told", "now", "is_gap"),
    [
        pytest.param(beats(0, 1, 2, 3), None, False, id="each minute"),
        pytest.param(beats(0, 1.7, 2.7), None, False, id="one is late"),
        pytest.param(beats(0, 1, 3, 4), None, True, id="one is missing"),
        pytest.param(beats(0, 1, 600), None, True, id="hours are missing"),
        pytest.param(
            [*beats(0, 1), ("person.released", 2 * MINUTE), *beats(3)], None, True, id="acts are no beats"
        ),
        pytest.param(
            [*beats(0, 1), ("log.stopped", 90_000), *beats(600)], None, False, id="stopped on purpose"
        ),
        pytest.param(
            [*beats(0), ("log.stopped", 9_000), ("log.started", 600 * MINUTE), *beats(603)],
            None,
            True,
            id="silent after a start",
        ),
        pytest.param([("person.released", 0), *beats(600)], None, False, id="nothing was stated yet"),
        pytest.param(beats(0, 1), int(2.5 * MINUTE), False, id="the next is due"),
        pytest.param(beats(0, 1), 3 * MINUTE, True, id="silent since"),
        pytest.param([*beats(0), ("log.stopped", 9_000)], 600 * MINUTE, False, id="stopped since"),
        pytest.param([], 600 * MINUTE, False, id="empty"),
    ],
)
def test_silence_is_told(told: list[Told], now: int | None, is_gap: bool) -> None:
    """A silence longer than stated is a gap, unless the service was stopped; it makes nothing invalid."""
    finding = of(found(told, now=now), Check.HEARTBEAT)

    assert (finding is not None) is is_gap
    assert finding is None or finding.standing is Standing.GAP


SLACK = CLOCKS_MS


@pytest.mark.parametrize(
    ("told", "standing"),
    [
        pytest.param([*beats(20), ("person.released", 21 * MINUTE), *beats(21)], None, id="in its place"),
        pytest.param(
            [*beats(20), ("person.released", 20 * MINUTE - SLACK), *beats(21)], None, id="a slow transaction"
        ),
        pytest.param(
            [*beats(20), ("person.released", 20 * MINUTE - SLACK - 1), *beats(21)],
            Standing.INVALID,
            id="earlier than both",
        ),
        pytest.param(
            [*beats(20), ("person.released", 21 * MINUTE + SLACK + 1), *beats(21)],
            Standing.INVALID,
            id="later than both",
        ),
        pytest.param(
            [*beats(100), ("person.released", 101 * MINUTE), *beats(2)],
            Standing.GAP,
            id="then a clock went back",
        ),
        pytest.param([*beats(20), ("participant.joined", 0), *beats(21)], None, id="LiveKit's own time"),
        pytest.param(
            [*beats(100), ("person.released", 2 * MINUTE), *beats(3)], Standing.GAP, id="a clock went back"
        ),
        pytest.param([*beats(100), *beats(99.95)], None, id="corrected by seconds"),
    ],
)
def test_an_event_states_a_time_that_fits_its_place(told: list[Told], standing: Standing | None) -> None:
    """An event far from the heartbeats on both sides is invalid; where a clock went back, that is told."""
    finding = of(found(told), Check.TIMES)

    assert (finding.standing if finding else None) is standing


@pytest.mark.parametrize(
    ("at", "is_invalid"), [(60, False), (45, False), (44, True), (75, False), (76, True), (-600, True)]
)
def test_stamps_bound_what_lies_between_them(at: int, is_invalid: bool) -> None:
    """Between two stamps of an hour's end and the next minute, no event may state another hour."""
    told = [("person.released", 0), ("log.timestamped", 60 * MINUTE), ("person.released", at * MINUTE)]

    finding = of(found(told, stamps=[(1, 60 * MINUTE), (3, 60 * MINUTE)]), Check.TIMES)

    assert (finding is not None) is is_invalid


def test_of_a_check_the_gravest_is_kept_and_of_equals_the_first() -> None:
    """A later failure hides no earlier one, and a gap no failure."""
    found = Found()
    for number, standing in enumerate([Standing.GAP, Standing.GAP, Standing.MISSING, Standing.INVALID]):
        found.add(Check.ANCHORS, f"{number}", standing)

    kept = found.worst[Check.ANCHORS]
    assert (kept.why, kept.standing, kept.count) == ("2", Standing.MISSING, 1)


@given(st.lists(st.integers(min_value=0, max_value=700), max_size=6))
def test_a_spine_has_the_root_of_the_tree_however_it_grew(batches: list[int]) -> None:
    """Whatever the batches, whole tiles or single leaves, the root is that of RFC 6962."""
    leaves = [leaf_hash(b"%d" % number) for number in range(sum(batches))]
    spine, at = Spine(), 0
    for batch in batches:
        spine.extend(leaves[at : at + batch])
        at += batch

    assert (spine.size, spine.root) == (len(leaves), root(leaves))


@given(st.integers(min_value=0, max_value=3000), st.integers(min_value=0, max_value=600))
def test_a_spine_begun_from_its_subtrees_goes_on(size: int, more: int) -> None:
    """From the perfect subtrees of a tree alone the larger tree's root follows."""
    leaves = [leaf_hash(b"%d" % number) for number in range(size + more)]
    spine = Spine(size, [root(leaves[start:stop]) for start, stop in subtrees(size)])
    spine.extend(leaves[size:])

    assert spine.root == root(leaves)

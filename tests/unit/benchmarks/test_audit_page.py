"""The page of the audit log's figures, and what is computed for it without a database."""

from __future__ import annotations

from benchmarks import audit, audit_tree
from benchmarks.audit_peers import WAYS
from benchmarks.audit_runs import Run
from benchmarks.audit_writers import made


def rounds(**per_second: float) -> list[dict[str, Run]]:
    """One round in which each way was so fast."""
    return [{way: Run(per_second=per_second[way], waits=(0.5, 1.0)) for way in WAYS}]


def test_ratios_are_judged_within_their_round() -> None:
    """Ours against another way is the median of the rounds' ratios, not the ratio of medians."""
    first, second = (
        rounds(plain=100, ours=80, chained=10, chained_in_app=10),
        rounds(plain=10, ours=9, chained=5, chained_in_app=5),
    )

    assert audit.ratio(first, "plain") == 0.8
    assert audit.ratio(first + second, "chained") == (8 + 1.8) / 2


def test_the_page_says_what_was_missed() -> None:
    """A figure under its target is marked, and the least and the most stand beside each median."""
    short = rounds(plain=100, ours=60, chained=10, chained_in_app=10)
    long = rounds(plain=100, ours=60, chained=10, chained_in_app=2)
    figures = audit_tree.ProofFigures(
        hashes=30, size_bytes=1_578, with_two_keys_bytes=1_692, check_ms=0.2, worst_ms=0.4
    )
    page = audit.page(short, long, [{"ours": 9.0, "plain": 10.0}], 700_000.0, figures)
    lines = {line.split(" | ")[0].strip("| "): line for line in page.splitlines() if line.startswith("| ")}

    assert lines["ours / plain, 16 writers"].endswith("| 0.60 | 0.7 | **missed** |")
    assert lines["ours / chained, 16 writers"].endswith("| 6.00 | 5 | met |")
    assert lines["ours / chained in the program, 64 writers after 5 ms"].endswith("| 30.00 | 20 | met |")
    assert "60 (60 to 60)" in lines["ours, sequencer on"]
    assert "10.0 times" in page


def test_a_proof_at_a_billion_leaves_is_measured_on_a_true_one() -> None:
    """The synthetic tree's proof has thirty hashes and holds, in less than 1.7 KB."""
    found = audit_tree.proof(rounds=3)

    assert found.hashes == 30
    assert found.size_bytes < found.with_two_keys_bytes <= 1_700


def test_the_writers_events_are_all_different() -> None:
    """No two writers, and no two turns of one, write the same event."""
    assert len({made(name, number).id for name in ("a:1", "a:2") for number in range(50)}) == 100

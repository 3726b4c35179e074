"""Score cuts that lie in files, whoever made them; the figures are those of ``compliance eval``.

    python -m benchmarks.score TRUTH.json CUTS [--json]

TRUTH.json is described in docs/evaluation.md.  CUTS is a manifest (any JSON object
with ``cuts``), or a folder that holds ``<call id>.json`` or ``<call id>/manifest.json``
for every call.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from compliance.evaluate.counts import Score
from compliance.evaluate.score import score
from compliance.evaluate.truth import CutSpan
from compliance.evaluate.truth_file import parse


def find_cuts(path: Path, call_id: str) -> list[CutSpan]:
    """The cuts of a call, from a manifest or a folder of them.

    Raises:
        FileNotFoundError: the folder holds none for it; a call left out would flatter the score.
    """
    names = [path] if path.is_file() else [path / f"{call_id}.json", path / call_id / "manifest.json"]
    found = next((each for each in names if each.is_file()), None)
    if found is None:
        raise FileNotFoundError(f"no cuts for {call_id} in {path}")
    cuts = json.loads(found.read_text(encoding="utf-8"))["cuts"]
    return [
        CutSpan(channel=each.get("channel"), start_ms=each["start_ms"], end_ms=each["end_ms"])
        for each in cuts
    ]


def line(name: str, result: Score) -> str:
    """The figures in one line of text."""
    labels = " ".join(f"{label}:{count}" for label, count in sorted(result.leaked_by_label.items()))
    return (
        f"{name:<28} leaked words {result.leaked}/{result.words}  "
        f"calls leaking {result.calls_leaking}/{result.calls}  "
        f"open cards {result.open_cards}/{result.cards}  "
        f"over-cut {result.over_ms / 1000:.1f}/{result.other_ms / 1000:.1f} s  "
        f"harmless cut {result.harmless_cut}/{result.harmless}  "
        f"crosstalk open {result.crosstalk_open}/{result.crosstalk_words}  "
        f"notice cut {result.protected_cut_ms} ms  {labels}"
    ).rstrip()


def main() -> None:
    """Read the arguments and print one line a call, then the total."""
    parser = argparse.ArgumentParser(description="Score cuts against timed truth.")
    parser.add_argument("truth", type=Path)
    parser.add_argument("cuts", type=Path)
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    arguments = parser.parse_args()
    calls = parse(arguments.truth.read_bytes())
    scores = {call.id: score(call, find_cuts(arguments.cuts, call.id)) for call in calls}
    total = sum(scores.values(), start=Score())
    if arguments.json:
        counts = {name: result.counts() for name, result in scores.items()}
        print(json.dumps({"calls": counts, "total": total.counts()}, indent=1))
        return
    for name, result in [*scores.items(), ("TOTAL", total)]:
        print(line(name, result))


if __name__ == "__main__":
    main()

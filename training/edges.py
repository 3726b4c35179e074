"""Fit how far the times of a find's words are off, to calls whose times are known.

python -m training.edges measure CALLS OUT --models DIR     measure the phrases of calls, into a .csv
python -m training.edges fit [--out FILE]                   fit to every .csv; or tell how well it can be

CALLS is a folder of recordings with a ``truth.json``; its phrases are those marked there, whether they go
or stay, and no word of them is written down.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from compliance.records import Conversation, Role
from compliance.redact.sides import Side, spoken
from compliance.transcribe.whisper import Whisper
from training.aligned import labelled
from training.hear import SIDES, WHISPER, channel_labels, read

MEASURED = Path(__file__).parent / "edges"
QUANTILES = {"before": 0.97, "after": 0.98}
"""So many of the phrases are to be covered."""
TREES, DEPTH, RATE, LEAF, SHARE, SEED = 150, 3, 0.06, 25, 0.7, 1
NEAR_MS = 600
"""A phrase that was read so far from where it was said is another one."""
FARTHEST_MS = 800
"""What is off by more was not read whole: no pad is meant for that."""
GOES, STAYS, SIMPLE = 2.0, 1.0, 0.5
"""What a phrase counts: one that must go; one that stays; and each in calls of simple voices."""
FORGIVEN_MS, KEPT_MS = 80, 300
"""So much of a word may stay audible; cutting so close beside it is held against nobody."""
HEAD = ("kind", "before_ms", "after_ms")
Rows = list[dict[str, str]]
Numbers = npt.NDArray[np.float64]


def main() -> None:
    """Measure or fit, as asked."""
    parser = argparse.ArgumentParser(prog="python -m training.edges", description="Fit the edges of finds.")
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser("measure")
    measuring.add_argument("calls", type=Path)
    measuring.add_argument("out", type=Path)
    measuring.add_argument("--models", type=Path, required=True, help=f"folder with {WHISPER}")
    fitting = commands.add_parser("fit")
    fitting.add_argument("--out", type=Path, help="write the trees to this .json")
    options = parser.parse_args()
    if options.command == "measure":
        recogniser = Whisper(options.models / WHISPER)
        calls = json.loads((options.calls / "truth.json").read_text(encoding="utf-8"))
        write(options.out, (row for c in calls for row in measured(read(options.calls, c, recogniser), c)))
    elif options.out:
        store(options.out, rows())
    else:
        print(*figures(rows()), sep="\n")


def measured(conversation: Conversation, call: Mapping[str, Any]) -> Iterator[Sequence[object]]:
    """Each phrase that is marked in a call: its kind, how far it was said round its words, and both sides."""
    for channel in conversation.channels:
        listed, marks = spoken(conversation, channel.index), list(_marks(call, channel.role))
        place = 0
        for label, run in groupby(channel_labels(conversation, call, channel.index)):
            first, place = place, place + len(list(run))
            own = [word for _, word in listed.words[first:place]]
            start_ms, end_ms = min(w.start_ms for w in own), max(w.end_ms for w in own)
            said = [
                m for m in marks if m[2] == label and m[0] < end_ms + NEAR_MS and m[1] > start_ms - NEAR_MS
            ]
            if label and said:
                before, after = start_ms - min(m[0] for m in said), max(m[1] for m in said) - end_ms
                yield (label, before, after, *(x for s in listed.sides(first, place - 1) for x in s))


def _marks(call: Mapping[str, Any], role: Role) -> Iterator[tuple[int, int, str]]:
    """When each phrase of a party was said, and its label as in ``fragments/``."""
    for utterance in call["utterances"]:
        if role is Role.UNKNOWN or SIDES[utterance["channel"]] is role:
            for each, label in labelled(utterance):
                yield round(each["start"] * 1000), round(each["end"] * 1000), label


def write(path: Path, listed: Iterable[Sequence[object]]) -> None:
    """Write rows of a set down."""
    fields = [f"{edge}.{name}" for edge in QUANTILES for name in Side._fields]
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*HEAD, *fields])
        table.writerows([_short(value) for value in row] for row in listed)


def _short(value: object) -> object:
    return int(value) if isinstance(value, bool) else round(value, 3) if isinstance(value, float) else value


def rows() -> Rows:
    """Every row of every set, with the set's name."""
    found: Rows = []
    for path in sorted(MEASURED.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            found += [{"set": path.stem, **row} for row in csv.DictReader(file)]
    return found


def fitted(listed: Rows, edge: str) -> Any:
    """Trees for one edge; the loss is that of its quantile (Koenker and Bassett, 1978)."""
    # Imported here: measuring does without it.
    from sklearn.ensemble import GradientBoostingRegressor

    off, sides = _off(listed, edge), _sides(listed, edge)
    near = np.abs(off) < FARTHEST_MS
    worth = np.array([_worth(row) for row in listed])
    trees = GradientBoostingRegressor(
        loss="quantile",
        alpha=QUANTILES[edge],
        n_estimators=TREES,
        max_depth=DEPTH,
        learning_rate=RATE,
        min_samples_leaf=LEAF,
        subsample=SHARE,
        random_state=SEED,
    )
    return trees.fit(sides[near], off[near], sample_weight=worth[near])


def _off(listed: Rows, edge: str) -> Numbers:
    return np.array([float(row[f"{edge}_ms"]) for row in listed])


def _sides(listed: Rows, edge: str) -> Numbers:
    return np.array([[float(row[f"{edge}.{name}"]) for name in Side._fields] for row in listed])


def _worth(row: Mapping[str, str]) -> float:
    return (STAYS if row["kind"][0] in "?!" else GOES) * (SIMPLE if row["set"].startswith("spoken") else 1)


def store(path: Path, listed: Rows) -> None:
    """Fit both edges and write them down."""
    trees = {edge: _written(fitted(listed, edge)) for edge in QUANTILES}
    body = {"schema": "compliance/edges/1", "model": WHISPER, "fields": Side._fields, **trees}
    path.write_text(json.dumps(body, separators=(",", ":")) + "\n", encoding="utf-8")


def _written(trees: Any) -> Mapping[str, object]:
    base = float(trees.init_.constant_[0][0])
    return {
        "quantile": trees.alpha,
        "base": round(base, 2),
        "trees": [_node(each[0].tree_, 0, trees.learning_rate) for each in trees.estimators_],
    }


def _node(tree: Any, at: int, rate: float) -> object:
    """A node with all that hangs from it."""
    below, above = tree.children_left[at], tree.children_right[at]
    if below < 0:
        return round(rate * float(tree.value[at][0][0]), 2)
    limit = round(float(tree.threshold[at]), 4)
    return [int(tree.feature[at]), limit, _node(tree, below, rate), _node(tree, above, rate)]


def figures(listed: Rows) -> Iterator[str]:
    """How the trees do on sets that they were not fitted to: phrases that must go, of good voices."""
    sets = sorted({row["set"] for row in listed if not row["set"].startswith("spoken")})
    for edge in QUANTILES:
        short, over = list[bool](), list[float]()
        for name in sets:
            trees = fitted([row for row in listed if row["set"] != name], edge)
            rest = [row for row in listed if row["set"] == name and row["kind"][0] not in "?!"]
            off = _off(rest, edge)
            pads = trees.predict(_sides(rest, edge))[np.abs(off) < FARTHEST_MS]
            beyond = pads - off[np.abs(off) < FARTHEST_MS]
            short += list(beyond < -FORGIVEN_MS)
            over += list(np.maximum(0, beyond - KEPT_MS))
        yield f"{edge}: {len(short)} phrases, {np.mean(short):.1%} too short, {np.mean(over):.0f} ms too long"


if __name__ == "__main__":
    main()

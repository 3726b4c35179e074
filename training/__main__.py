"""Fit the tagger to the fragments; tell how it does on those that were held out, and write its weights.

python -m training --models DIR [--out FILE] [--all] [--epochs N]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from compliance.redact.detect.rampart import Rampart
from training.examples import Examples, add_heard, examples
from training.figures import judged, lines
from training.fit import Weights, fit, padded
from training.fragments import read
from training.stored import store

FRAGMENTS = Path(__file__).parent / "fragments"
HEARD = Path(__file__).parent / "heard"
"""Calls rendered to sound and read by a recogniser, each word labelled by its time."""


def main() -> None:
    """Fit, then measure and write as asked."""
    options = _options()
    rampart = Rampart(options.models / "rampart")
    fitted, held = examples(read(FRAGMENTS), rampart.hints, holds_out=not options.all)
    add_heard(fitted, read(HEARD), rampart.hints)
    print(f"{len(fitted.labels)} words to fit, {len(held.labels)} held out", flush=True)
    weights = _fitted(fitted, options.epochs)
    if held.labels:
        measure(weights, held, fitted.names)
    if options.out:
        save(options.out, weights, fitted.names)


def measure(weights: Weights, held: Examples, names: list[str]) -> None:
    """Print the figures on what was held out."""
    print(*lines(judged(weights, held, names)), sep="\n")


def save(out: Path, weights: Weights, names: list[str]) -> None:
    """Write the weights, and print how large the file is."""
    store(out, weights, names)
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


def _fitted(fitted: Examples, epochs: int) -> Weights:
    """Weights of every clue for every label that occurs."""
    names = fitted.names
    return fit(padded(fitted.clues), fitted.numbers(names), fitted.worth, classes=len(names), epochs=epochs)


def _options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m training", description="Fit the tagger to the fragments."
    )
    parser.add_argument("--models", type=Path, required=True, help="folder with rampart, a clue of many")
    parser.add_argument("--out", type=Path, help="write the weights to this .npz; none are written otherwise")
    parser.add_argument("--epochs", type=int, default=6, help="how often each word is seen")
    parser.add_argument(
        "--all", action="store_true", help="hold nothing out, as for the weights that are shipped"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()

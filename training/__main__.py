"""Fit the tagger to the fragments; tell how it does on those that were held out, and write its weights.

python -m training --models DIR [--out FILE] [--all] [--epochs N] [--start FILE] [--rate R]
python -m training --models DIR --mean FILE FILE … --out FILE      average the weights of several goes instead
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch

from compliance.redact.detect.network import tokenizer
from compliance.redact.detect.windows import LONGEST, Pieces, windows
from training import weights
from training.corpus import conversations
from training.examples import Labelled, Part, epoch, label_names, labelled, parts, seed
from training.figures import lines
from training.fragments import read
from training.learn import RATE, judged, teach
from training.network import Encoder

FRAGMENTS = Path(__file__).parent / "fragments"
HEARD = Path(__file__).parent / "heard"
"""Calls rendered to sound and read by a recogniser, each word labelled by what was said (``hear.py``)."""
RAMPART = Path("rampart", "onnx", "model_q4.onnx")
SEED = 7


def main() -> None:
    """Fit, then measure and write as asked."""
    options = _options()
    torch.manual_seed(SEED)
    rampart = options.models / RAMPART
    files, heard = read(FRAGMENTS), read(HEARD)
    fitted, held = parts(files, holds_out=not options.all)
    print(f"{len(fitted)} fragments to fit, {len(held)} held out", flush=True)
    names, pieces = label_names(files), Pieces(tokenizer(options.models / "rampart"))
    if options.mean:
        weights.save(weights.mean(options.mean, names), names, rampart, options.out)
        return
    encoder = weights.load(options.start or rampart, names)
    told = partial(epoch, fitted, heard, pieces, names)
    for line in teach(encoder, told, epochs=options.epochs, labels=len(names), rate=options.rate):
        print(line, flush=True)
    if held:
        measure(encoder, held, pieces, names)
    if options.out:
        weights.save(encoder, names, rampart, options.out)
        print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


def measure(encoder: Encoder, held: Sequence[Part], pieces: Pieces, names: Sequence[str]) -> None:
    """Print the figures on what was held out, each fragment written once."""
    listed: list[Labelled] = []
    for part in held:
        for conversation, labels in conversations(part.lines, seed(part, 0), times=1):
            listed += [
                labelled(window, labels, names) for window in windows(conversation, pieces, step=LONGEST - 2)
            ]
    print(*lines(*judged(encoder, listed), names), sep="\n")


def _options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m training", description="Fit the tagger to the fragments."
    )
    parser.add_argument(
        "--models", type=Path, required=True, help="folder with rampart, which is taught anew"
    )
    parser.add_argument(
        "--out", type=Path, help="write the weights to this .onnx; none are written otherwise"
    )
    parser.add_argument(
        "--start", type=Path, help="go on from the weights in this .onnx, and not from Rampart's"
    )
    parser.add_argument(
        "--mean", type=Path, nargs="+", help="average the weights in these .onnx, and teach nothing"
    )
    parser.add_argument("--rate", type=float, default=RATE, help="how much is learnt from a step at most")
    parser.add_argument("--epochs", type=int, default=7, help="how often each fragment is seen")
    parser.add_argument(
        "--all", action="store_true", help="hold nothing out, as for the weights that are shipped"
    )
    options = parser.parse_args()
    if options.mean and not options.out:
        parser.error("--mean needs --out")
    return options


if __name__ == "__main__":
    main()

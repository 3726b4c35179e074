"""Fit the tagger: ``python -m training --models DIR [--out FILE]``; figures on fragments that were left out."""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from pathlib import Path

import numpy as np

from compliance.redact.detect.clues import clues
from compliance.redact.detect.document import Document
from compliance.redact.detect.rampart import Rampart
from training.corpus import conversations
from training.fit import fit, padded, probabilities
from training.fragments import HARMLESS, NOTHING, PUBLIC, read

HELD_OUT = 6
TIMES = 3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    began = time.time()
    rampart = Rampart(options.models / "rampart")
    sets = {"fit": ([], []), "held": ([], [])}
    for name, fragments in read(Path(__file__).parent / "fragments").items():
        for n, fragment in enumerate(fragments):
            rng = random.Random(f"{name}{n}")
            where = "held" if n % HELD_OUT == 0 and not options.all else "fit"
            for conversation, labels in conversations(fragment, rng, times=TIMES):
                document = Document(conversation)
                sets[where][0].extend(clues(document, rampart.hints(document)))
                sets[where][1].extend(labels)
    print(f"{len(sets['fit'][1])} words to fit, {len(sets['held'][1])} held out, {time.time() - began:.0f} s")
    names = sorted({*sets["fit"][1]})
    number = {name: n for n, name in enumerate(names)}
    y = np.array([number[each] for each in sets["fit"][1]])
    counts = Counter(sets["fit"][1])
    worth = np.array(
        [1.0 if each == NOTHING else 1.3 if each in (HARMLESS, PUBLIC) else 1.6 for each in sets["fit"][1]],
        np.float32,
    )
    weights = fit(padded(sets["fit"][0]), y, worth, classes=len(names), epochs=options.epochs)
    print(f"fitted {time.time() - began:.0f} s", counts.most_common(40))
    if options.out:
        kept = np.where(np.abs(weights[:-1]) < 0.02, 0, weights[:-1])
        used = np.flatnonzero(np.abs(kept).sum(axis=1))
        np.savez_compressed(
            options.out,
            names=np.array(names),
            rows=used.astype(np.int32),
            weights=kept[used].astype(np.float16),
        )
        print(options.out.stat().st_size)
    if sets["held"][1]:
        rows = padded(sets["held"][0])
        odds = np.concatenate(
            [probabilities(weights[rows[i : i + 2000]].sum(axis=1)) for i in range(0, len(rows), 2000)]
        )
        safe = [n for n, name in enumerate(names) if name in (NOTHING, HARMLESS, PUBLIC)]
        danger = 1 - odds[:, safe].sum(axis=1)
        truth = np.array([each not in (NOTHING, HARMLESS, PUBLIC) for each in sets["held"][1]])
        for limit in (0.2, 0.3, 0.4, 0.5, 0.6):
            cut = danger > limit
            print(
                f"over {limit}: missed {1 - cut[truth].mean():.3f} of sensitive, cut {cut[~truth].mean():.3f} of other words;",
                f"harmless cut {cut[np.array([e == HARMLESS for e in sets['held'][1]])].mean():.3f}",
            )
        best = odds.argmax(axis=1)
        for name in names:
            mine = np.array([each == name for each in sets["held"][1]])
            if mine.any():
                print(
                    f"{name:24} {mine.sum():5} right {np.mean(best[mine] == number[name]):.2f} dangerous {np.mean(danger[mine] > 0.4):.2f}"
                )


main()

"""Weights as the file that the tagger reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.fit import Weights

LEAST = 0.02
"""Smaller weights are left out: they decide nothing, and make the file larger."""


def store(out: Path, weights: Weights, names: Sequence[str]) -> None:
    """Write the weights of every clue that says something, in half precision.

    The same weights give the same bytes: numpy dates what it packs to 1980.
    """
    kept = np.where(np.abs(weights[:-1]) < LEAST, 0, weights[:-1])
    used = np.flatnonzero(np.abs(kept).sum(axis=1))
    np.savez_compressed(
        out, names=np.array(names), rows=used.astype(np.int32), weights=kept[used].astype(np.float16)
    )

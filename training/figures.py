"""How the tagger does on fragments that were held out: what would leak, and what would be cut needlessly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from training.examples import SAFE
from training.fragments import HARMLESS

LIMITS = (0.2, 0.3, 0.4, 0.5, 0.6)
LIMIT = 0.4
"""The one for which each label's figure is told."""


def lines(
    odds: npt.NDArray[np.float32], labels: npt.NDArray[np.int64], names: Sequence[str]
) -> Iterator[str]:
    """The figures, a line each: by limit, then by label.

    ``odds`` (N, labels) are the probabilities of N pieces of words, ``labels`` (N) what they are.
    """
    danger = 1 - odds[:, : len(SAFE)].sum(axis=1)
    stays, counts = labels < len(SAFE), labels == names.index(HARMLESS)
    for limit in LIMITS:
        cut = danger > limit
        yield (
            f"over {limit}: missed {1 - _share(cut[~stays]):.3f} of sensitive pieces, "
            f"cut {_share(cut[stays]):.4f} of others, {_share(cut[counts]):.3f} of harmless numbers"
        )
    for number, name in enumerate(names):
        mine = labels == number
        if mine.any():
            right, cut = _share(odds[mine].argmax(axis=1) == number), _share(danger[mine] > LIMIT)
            yield f"{name:24} {mine.sum():5} pieces, {right:.2f} named so, {cut:.2f} over {LIMIT}"


def _share(which: npt.NDArray[np.bool_]) -> float:
    """How many of them, from 0 to 1; none of none."""
    return float(which.mean()) if len(which) else 0.0

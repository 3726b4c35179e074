"""How the weights do on fragments that were held out: what would leak, and what would be cut needlessly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.examples import SAFE, Examples
from training.fit import Weights, padded, probabilities
from training.fragments import HARMLESS

LIMITS = (0.2, 0.3, 0.4, 0.5, 0.6)
LIMIT = 0.4
"""The one for which each label's figure is told."""
AT_ONCE = 2000
"""So many words are judged at a time, to bound the memory."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """Words that were held out, the likeliest label of each and the probability that it must go."""

    held: Examples
    names: Sequence[str]
    likeliest: npt.NDArray[np.int64]
    danger: npt.NDArray[np.float32]


def judged(weights: Weights, held: Examples, names: Sequence[str]) -> Judged:
    """What the weights make of each word."""
    rows = padded(held.clues)
    odds = np.concatenate(
        [probabilities(weights[rows[at : at + AT_ONCE]].sum(axis=1)) for at in range(0, len(rows), AT_ONCE)]
    )
    danger = 1 - odds[:, [n for n, name in enumerate(names) if name in SAFE]].sum(axis=1)
    return Judged(held=held, names=names, likeliest=odds.argmax(axis=1), danger=danger)


def lines(them: Judged) -> Iterator[str]:
    """The figures, a line each: by limit, then by label."""
    stays, counts = them.held.are(*SAFE), them.held.are(HARMLESS)
    for limit in LIMITS:
        cut = them.danger > limit
        yield (
            f"over {limit}: missed {1 - _share(cut[~stays]):.3f} of sensitive words, "
            f"cut {_share(cut[stays]):.3f} of others, {_share(cut[counts]):.3f} of harmless numbers"
        )
    yield from (_of_label(them, n, name) for n, name in enumerate(them.names) if name in them.held.labels)


def _of_label(them: Judged, number: int, name: str) -> str:
    """One label: how many words, how many got it, how many would be cut."""
    mine = them.held.are(name)
    right, cut = _share(them.likeliest[mine] == number), _share(them.danger[mine] > LIMIT)
    return f"{name:24} {mine.sum():5} words, {right:.2f} named so, {cut:.2f} over {LIMIT}"


def _share(which: npt.NDArray[np.bool_]) -> float:
    """How many of them, from 0 to 1; none of none."""
    return float(which.mean()) if len(which) else 0.0

"""A softmax over hashed clues, fitted by AdaGrad; nothing but numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from compliance.redact.detect.clues import BUCKETS

Weights = npt.NDArray[np.float32]
Clues = npt.NDArray[np.int32]
"""A row of clues a word, padded."""
BATCH = 512
RATE, LEAST_RATE = 0.12, 0.01
DECAY = 2e-6
DROPPED = 0.15
"""Clues left out at random, so that none is leant upon alone."""
SCALE = 30
"""Gradients of a batch's mean are this much larger, so that the first squares do not swamp them."""
FIRST_SQUARE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Batch:
    """Some words: their clues, what they are, and how much each counts."""

    seen: Clues
    labels: npt.NDArray[np.int64]
    worth: Weights


def padded(seen: Sequence[Sequence[int]]) -> Clues:
    """Clues of every word in rows of one length; the last bucket stands for none."""
    longest = max(len(each) for each in seen)
    out = np.full((len(seen), longest), BUCKETS, np.int32)
    for n, each in enumerate(seen):
        out[n, : len(each)] = each
    return out


def fit(
    seen: Clues, labels: npt.NDArray[np.int64], worth: Weights, *, classes: int, epochs: int, seed: int = 7
) -> Weights:
    """Weights of every clue for every label; ``worth`` says how much each word counts.

    The same words in the same order give the same weights.
    """
    rng = np.random.default_rng(seed)
    weights = np.zeros((BUCKETS + 1, classes), np.float32)
    squares = np.full_like(weights, FIRST_SQUARE)
    for epoch in range(epochs):
        rate, order = RATE * (1 - epoch / epochs) + LEAST_RATE, rng.permutation(len(seen))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            batch = _Batch(seen=seen[rows], labels=labels[rows], worth=worth[rows])
            _step(weights, squares, batch, rate, rng)
    weights[BUCKETS] = 0
    return weights


def _step(weights: Weights, squares: Weights, batch: _Batch, rate: float, rng: np.random.Generator) -> None:
    """One batch: weights move against their gradient, those less that moved much before."""
    kept = np.where(rng.random(batch.seen.shape) < DROPPED, BUCKETS, batch.seen)
    weights[BUCKETS] = 0
    touched, gradient = _gradient(kept, _error(weights, kept, batch))
    gradient = gradient / len(batch.labels) * SCALE + DECAY * weights[touched]
    squares[touched] += gradient**2
    weights[touched] -= rate * gradient / np.sqrt(squares[touched])


def _error(weights: Weights, kept: Clues, batch: _Batch) -> Weights:
    """By how much each word's probabilities are wrong, times what the word counts."""
    odds = probabilities(weights[kept].sum(axis=1))
    odds[np.arange(len(batch.labels)), batch.labels] -= 1
    return np.asarray(odds * batch.worth[:, None], np.float32)


def _gradient(kept: Clues, error: Weights) -> tuple[npt.NDArray[np.int32], Weights]:
    """The clues that are there, and the sum of the errors of the words that show each."""
    touched, inverse = np.unique(kept, return_inverse=True)
    gradient = np.zeros((len(touched), error.shape[1]), np.float32)
    np.add.at(gradient, inverse.ravel(), np.repeat(error, kept.shape[1], axis=0))
    return touched, gradient


def probabilities(scores: Weights) -> Weights:
    """Scores as probabilities, row by row."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)

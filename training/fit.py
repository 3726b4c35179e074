"""A softmax over hashed clues, fitted by AdaGrad; nothing but numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from compliance.redact.detect.clues import BUCKETS

Weights = npt.NDArray[np.float32]
BATCH = 512
RATE = 0.12
DECAY = 2e-6
DROPPED = 0.15
"""Clues left out at random, so that none is leant upon alone."""


def padded(seen: Sequence[Sequence[int]]) -> npt.NDArray[np.int32]:
    """Clues of every word in rows of one length; the last bucket stands for none."""
    longest = max(len(each) for each in seen)
    out = np.full((len(seen), longest), BUCKETS, np.int32)
    for n, each in enumerate(seen):
        out[n, : len(each)] = each
    return out


def fit(
    seen: npt.NDArray[np.int32],
    labels: npt.NDArray[np.int64],
    worth: npt.NDArray[np.float32],
    *,
    classes: int,
    epochs: int,
    seed: int = 7,
) -> Weights:
    """Weights of every clue for every label; ``worth`` says how much each word counts."""
    rng = np.random.default_rng(seed)
    weights = np.zeros((BUCKETS + 1, classes), np.float32)
    squares = np.full((BUCKETS + 1, classes), 1e-3, np.float32)
    for epoch in range(epochs):
        rate, order = RATE * (1 - epoch / epochs) + 0.01, rng.permutation(len(seen))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            _step(weights, squares, seen[rows], labels[rows], worth[rows], rate, rng)
    weights[BUCKETS] = 0
    return weights


def _step(
    weights: Weights,
    squares: Weights,
    seen: npt.NDArray[np.int32],
    labels: npt.NDArray[np.int64],
    worth: npt.NDArray[np.float32],
    rate: float,
    rng: np.random.Generator,
) -> None:
    """One batch."""
    kept = np.where(rng.random(seen.shape) < DROPPED, BUCKETS, seen)
    weights[BUCKETS] = 0
    odds = probabilities(weights[kept].sum(axis=1))
    odds[np.arange(len(labels)), labels] -= 1
    error = odds * worth[:, None]
    touched, inverse = np.unique(kept, return_inverse=True)
    gradient = np.zeros((len(touched), weights.shape[1]), np.float32)
    flat = inverse.reshape(kept.shape)
    np.add.at(gradient, flat.ravel(), np.repeat(error, kept.shape[1], axis=0).astype(np.float32))
    gradient = gradient / len(labels) * 30 + DECAY * weights[touched]
    squares[touched] += gradient**2
    weights[touched] -= rate * gradient / np.sqrt(squares[touched])


def probabilities(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Scores as probabilities, row by row."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)

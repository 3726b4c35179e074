"""The encoder taught with windows, by AdamW, from one fixed seed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from training.examples import SAFE, UNLABELLED, Labelled
from training.network import PIECES, Encoder

RATE, WARM_UP, LEAST = 3e-4, 100, 0.02
"""The rate at its highest, the steps until then, and the share of it that is left at the end."""
BATCH = 960
"""Pieces that are seen at once."""
LOST = 0.03
"""So many pieces are replaced by chance, as a recogniser writes one word for another."""
FIRST_PIECE = 1_000
"""Before it stand marks and single letters."""
SMOOTHED = 0.02
"""Nobody's label is wholly certain."""
LONGEST_STEP = 1.0
WORTH_SAFE = (1.0, 1.3, 1.3)
WORTH_SENSITIVE = 1.6
"""A word that must go counts more than one that stays: there are ten of these to one of those."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Windows filled up to one length, each (B, T)."""

    pieces: Tensor
    kinds: Tensor
    labels: Tensor
    is_there: Tensor


def teach(
    encoder: Encoder,
    epoch: Callable[[int], Iterable[Labelled]],
    *,
    epochs: int,
    labels: int,
    rate: float = RATE,
) -> Iterator[str]:
    """Learn from one epoch after another, each got by its number; a line after each.

    ``rate`` is the rate of learning at its highest.
    """
    learning = [each for each in encoder.parameters() if each.requires_grad]
    optimiser = torch.optim.AdamW(learning, lr=rate, betas=(0.9, 0.98), weight_decay=0.01)
    worth = torch.tensor([*WORTH_SAFE, *[WORTH_SENSITIVE] * (labels - len(SAFE))])
    rng, step, steps = random.Random(7), 0, 0
    for number in range(epochs):
        began, loss, count = time.monotonic(), 0.0, 0
        batches = list(batched(list(epoch(number)), rng))
        steps = steps or len(batches) * epochs
        encoder.train()
        for batch in batches:
            step += 1
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1, step / WARM_UP) * max(LEAST, 1 - step / steps)
            error = _error(encoder, batch, worth)
            optimiser.zero_grad()
            error.backward()
            nn.utils.clip_grad_norm_(learning, LONGEST_STEP)
            optimiser.step()
            seen = int((batch.labels != UNLABELLED).sum())
            loss, count = loss + error.item() * seen, count + seen
        yield f"epoch {number}: loss {loss / count:.4f}, {count} pieces, {time.monotonic() - began:.0f} s"


def _error(encoder: Encoder, batch: Batch, worth: Tensor) -> Tensor:
    """The mean error over the pieces of words, weighed."""
    own = batch.labels != UNLABELLED
    is_lost = (torch.rand(batch.pieces.shape) < LOST) & own
    others = torch.randint(FIRST_PIECE, PIECES, batch.pieces.shape)
    scores = _scores(encoder, torch.where(is_lost, others, batch.pieces), batch)
    labels = batch.labels[own]
    errors = functional.cross_entropy(scores[own], labels, reduction="none", label_smoothing=SMOOTHED)
    return (errors * worth[labels]).sum() / worth[labels].sum()


def _scores(encoder: Encoder, pieces: Tensor, batch: Batch) -> Tensor:
    """Scores (B, T, labels), worked out in bfloat16, which processors do three times as fast."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scores = encoder(pieces, batch.kinds, batch.is_there)
    return torch.as_tensor(scores).float()


def batched(listed: Sequence[Labelled], rng: random.Random | None = None) -> Iterator[Batch]:
    """Windows of like length together; in an order by chance where one is given."""
    ordered = sorted(listed, key=lambda each: len(each.window) + (12 * rng.random() if rng else 0))
    groups = list(_groups(ordered))
    if rng:
        rng.shuffle(groups)
    return map(_filled, groups)


def _groups(ordered: Sequence[Labelled]) -> Iterator[list[Labelled]]:
    group: list[Labelled] = []
    for each in ordered:
        if group and (len(group) + 1) * len(each.window) > BATCH:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _filled(group: Sequence[Labelled]) -> Batch:
    longest = max(len(each.window) for each in group)

    def rows(listed: Iterable[Sequence[int]], filling: int) -> Tensor:
        return torch.tensor([[*each, *[filling] * (longest - len(each))] for each in listed])

    return Batch(
        pieces=rows((each.window.pieces for each in group), 0),
        kinds=rows((each.window.kinds for each in group), 0),
        labels=rows((each.labels for each in group), UNLABELLED),
        is_there=rows(([1] * len(each.window) for each in group), 0).bool(),
    )


def judged(
    encoder: Encoder, listed: Sequence[Labelled]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """The probabilities of every piece of a word (N, labels), and its labels (N)."""
    encoder.eval()
    odds, labels = [], []
    with torch.no_grad():
        for batch in batched(listed):
            own = batch.labels != UNLABELLED
            odds.append(_scores(encoder, batch.pieces, batch).softmax(-1)[own].numpy())
            labels.append(batch.labels[own].numpy())
    return np.concatenate(odds), np.concatenate(labels)

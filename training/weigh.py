"""Fit the consent weigher to its sentences, and write its weights.

python -m training.weigh [--out FILE] [--rounds N]
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from compliance.consent.clues import BUCKETS, RULE, Act, clues, reply_clues, seen, triggered
from compliance.consent.given import by_rule
from training.said import LISTS, SETS, Example, examples, ordinary, replies, spoken

Clued = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]
EPOCHS = 15
RATE, FIRST_SQUARE, DECAY, DROPPED = 0.3, 1e-2, 1e-4, 0.15
"""AdaGrad's; clues are left out at random, so that none is leant upon alone."""
ALSO = 0.3
"""What a second word of a sentence counts round which the act may stand too."""
WAYS = 3
"""In which each sentence is written."""
WORTH = 1 / WAYS
LEAST = 0.02
"""Smaller weights are left out: they decide nothing, and make the file larger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The clues round one word, of one way of writing one sentence."""

    clued: Clued
    group: int
    is_said: bool


def main() -> None:
    """Fit every act, and write as asked."""
    parser = argparse.ArgumentParser(prog="python -m training.weigh", description="Fit the consent weigher.")
    parser.add_argument("--out", type=Path, help="write the weights to this .npz")
    parser.add_argument("--rounds", type=int, default=3, help="fits that are averaged")
    parser.add_argument("--without", action="append", default=[], help="leave a set out, to be scored blind")
    options = parser.parse_args()
    sets = tuple(each for each in SETS if not any(name in each for name in options.without))
    weights = fitted(sets, options.rounds)
    if options.out:
        store(options.out, weights)
        print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")


def fitted(sets: tuple[str, ...] = SETS, rounds: int = 3) -> dict[Act, Weights]:
    """The weights of every act."""
    weights: dict[Act, Weights] = {}
    for act in LISTS:
        found = examples(act, sets)
        windows = list(_windows(found, act))
        weights[act] = _act(windows, rounds)
        if act is Act.NOTICE:
            weights |= _forces(found, windows, weights[act], rounds)
    return weights | _answers(sets, rounds)


def _answers(sets: tuple[str, ...], rounds: int) -> dict[Act, Weights]:
    """The weights of replies; of those in several sentences only what agrees at once can be learnt from."""
    told = [each for each in replies(sets) if each.label == Act.YES or len(spoken(each.text)) == 1]
    answers = [*told, *_going_on(told)]
    weights: dict[Act, Weights] = {}
    for act in (Act.YES, Act.NO, Act.UNCLEAR):
        each = [Window(clued=_reply(one), group=n, is_said=one.label == act) for n, one in enumerate(answers)]
        weights[act] = _mean(each, np.ones(len(each)), rounds)
    return weights


def _windows(found: Sequence[Example], act: Act) -> Iterator[Window]:
    """Each sentence three times: as it is written, without marks and capitals, and so within other talk."""
    group = 0
    around = [_bare(text) for text in ordinary(act) if 3 <= len(text.split()) <= 12]
    rng = random.Random(11)
    for each in found:
        bare = _bare(each.text)
        for text in (each.text, bare, f"{rng.choice(around)} {bare} {rng.choice(around)}"):
            for sentence in spoken(text):
                ruled = by_rule(sentence) if act is Act.NOTICE else []
                read = seen(sentence)
                for place in triggered(sentence, act):
                    extra = [RULE] if any(place in one for one in ruled) else []
                    clued = np.unique(np.array(clues(read, place) + extra))
                    yield Window(clued=clued, group=group, is_said=each.label != "no")
            group += 1


def _going_on(answers: Sequence[Example]) -> Iterator[Example]:
    """Replies after which the caller goes on without a stop."""
    talk = [_bare(text) for text in ordinary(Act.QUESTION) if 3 <= len(text.split()) <= 12]
    rng = random.Random(13)
    for each in answers:
        if each.label != "none":
            yield replace(each, text=f"{_bare(each.text)} {rng.choice(talk)}")


def _bare(text: str) -> str:
    return re.sub(r"[^\w\s'-]", "", text.lower())


def _act(windows: Sequence[Window], rounds: int) -> Weights:
    """Fitted, then twice more with only the likeliest word of each sentence in which the act is said."""
    worth = np.full(len(windows), WORTH)
    weights = _mean(windows, worth, rounds)
    for _ in range(2):
        scores = np.array([weights[each.clued].sum() for each in windows])
        best: dict[int, int] = {}
        for n, each in enumerate(windows):
            if each.group not in best or scores[n] > scores[best[each.group]]:
                best[each.group] = n
        for n, each in enumerate(windows):
            is_best = not each.is_said or best[each.group] == n
            worth[n] = WORTH if is_best else WORTH * ALSO if scores[n] > 0 else 0
        weights = _mean(windows, worth, rounds)
    return weights


def _forces(
    found: Sequence[Example], windows: Sequence[Window], weights: Weights, rounds: int
) -> dict[Act, Weights]:
    """May and asked, told apart among notices round their likeliest word."""
    best: dict[int, Window] = {}
    for each in windows:
        other = best.get(each.group)
        if each.is_said and (other is None or weights[each.clued].sum() > weights[other.clued].sum()):
            best[each.group] = each
    out = {}
    for act in (Act.MAY, Act.ASKED):
        chosen = [
            Window(clued=each.clued, group=n, is_said=found[n // WAYS].label == act)
            for n, each in best.items()
        ]
        out[act] = _mean(chosen, np.full(len(chosen), WORTH), rounds)
    return out


def _mean(windows: Sequence[Window], worth: Weights, rounds: int) -> Weights:
    return np.asarray(np.mean([fit_one(windows, worth, seed) for seed in range(rounds)], axis=0))


def fit_one(windows: Sequence[Window], worth: Weights, seed: int) -> Weights:
    """Logistic regression by AdaGrad, one window at a time, in an order that the seed draws."""
    rng = np.random.default_rng(seed)
    weights, squares = np.zeros(BUCKETS), np.full(BUCKETS, FIRST_SQUARE)
    kept = [n for n in range(len(windows)) if worth[n] > 0]
    for _ in range(EPOCHS):
        for n in rng.permutation(kept):
            clued = windows[n].clued
            clued = clued[rng.random(len(clued)) > DROPPED]
            odds = 1 / (1 + np.exp(-np.clip(weights[clued].sum(), -30, 30)))
            gradient = (odds - windows[n].is_said) * worth[n] + DECAY * weights[clued]
            squares[clued] += gradient**2
            weights[clued] -= RATE * gradient / np.sqrt(squares[clued])
    return weights


def _reply(example: Example) -> Clued:
    said = spoken(example.text)
    is_turned = example.sort == "turned"
    return np.unique(np.array(reply_clues(said[0], is_turned=is_turned) if said else [RULE]))


def store(out: Path, weights: dict[Act, Weights]) -> None:
    """Write what decides something, in half precision; the same weights give the same bytes."""
    table = np.stack([weights[act] for act in Act], axis=1)
    table = np.where(np.abs(table) < LEAST, 0, table)
    used = np.flatnonzero(np.abs(table).sum(axis=1))
    np.savez_compressed(
        out,
        names=np.array([str(act) for act in Act]),
        rows=used.astype(np.int32),
        weights=table[used].astype(np.float16),
    )


if __name__ == "__main__":
    main()

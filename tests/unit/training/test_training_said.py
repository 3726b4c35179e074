"""The sentences of which the consent weigher learns are labelled soundly, and a fit learns from them."""

from __future__ import annotations

import numpy as np
import pytest

from compliance.consent.clues import Act
from training.said import FOLDER, LISTS, Example, examples, replies
from training.weigh import Window, fit_one

KNOWN = {Act.NOTICE: {"is", "may", "asked", "no"}}


@pytest.mark.parametrize("act", LISTS)
def test_every_line_has_a_label_that_is_known(act: Act) -> None:
    """A misspelt label would be learnt as its contrary."""
    name, _, _ = LISTS[act]
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()

    assert lines[0].startswith("# ")
    assert {line.partition(": ")[0] for line in lines[1:]} == KNOWN.get(act, {"yes", "no"})
    assert all(line.partition(": ")[2].strip() for line in lines[1:])


@pytest.mark.parametrize("act", LISTS)
def test_no_sentence_stands_on_both_sides(act: Act) -> None:
    """What is said cannot be unsaid in the same words."""
    found = examples(act)
    said = {each.text for each in found if each.label != "no"}

    assert said.isdisjoint(each.text for each in found if each.label == "no")
    assert len(said) > 100


def test_replies_are_of_a_known_sort() -> None:
    """A yes to a turned question is no yes."""
    assert {each.sort for each in replies()} == {"plain", "turned"}
    assert {each.label for each in replies()} == {"yes", "no", "unclear", "none"}


def test_examples_keep_their_words_to_themselves() -> None:
    """As everywhere, texts stay out of reprs."""
    assert "tape" not in repr(Example(text="the tape is on", label="is"))


def test_a_fit_tells_apart_what_can_be_told() -> None:
    """And the same windows in the same order give the same weights."""
    windows = [
        Window(clued=np.array([n % 2, 2]), group=n, is_said=bool(n % 2))
        for n in range(40)
    ]  # fmt: skip
    worth = np.ones(len(windows))
    weights = fit_one(windows, worth, seed=1)

    assert weights[[1, 2]].sum() > 0 > weights[[0, 2]].sum()
    assert np.array_equal(weights, fit_one(windows, worth, seed=1))

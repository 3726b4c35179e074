"""How far the times of a find's words are off: where their sound begins, and where it ends.

A recogniser's times run early, by other amounts on either side, and by more where a
voice goes on that nobody read.  How much, was fitted to calls whose times are known to
the millisecond (``training/edges``): trees, each of a few questions about what lies
round a find, whose answers are added up.  What they tell is no likeliest time, but one
that is too short for two or three finds of a hundred.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from compliance.errors import ModelAltered
from compliance.redact.sides import Side

WEIGHTS = Path(__file__).with_name("edges.json")
NAME = "edges"
FITTED_TO = "whisper-base"
"""The speech model whose times they were fitted to; those of another are off by other amounts."""


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a field of a side is at most a limit, and what follows from either answer."""

    field: int
    limit: float
    below: Node
    above: Node


Node: TypeAlias = float | Question
"""What a tree adds, or what is asked first."""


def before_ms(side: Side) -> int:
    """How long before its first word a find may begin; less than nothing where that word's time is early."""
    return _sum("before", side)


def after_ms(side: Side) -> int:
    """How long after the last word its sound may go on."""
    return _sum("after", side)


def _sum(edge: str, side: Side) -> int:
    base, trees = _fitted()[edge]
    return round(base + sum(_answer(tree, side) for tree in trees))


def _answer(node: Node, side: Side) -> float:
    """What a tree adds."""
    while isinstance(node, Question):
        node = node.below if side[node.field] <= node.limit else node.above
    return node


@cache
def _fitted() -> dict[str, tuple[float, Sequence[Node]]]:
    """The trees of both edges."""
    stored = json.loads(WEIGHTS.read_bytes())
    if tuple(stored["fields"]) != Side._fields:
        raise ModelAltered(f"{WEIGHTS.name} was fitted to other fields than these")
    return {
        edge: (stored[edge]["base"], [_node(tree) for tree in stored[edge]["trees"]])
        for edge in ("before", "after")
    }


def _node(stored: Any) -> Node:
    """A node as it is written down: a number, or a list of field, limit and two nodes."""
    if not isinstance(stored, list):
        return float(stored)
    field, limit, below, above = stored
    return Question(field, limit, _node(below), _node(above))


def load() -> None:
    """Load the trees now."""
    _fitted()


def digest(weights: Path = WEIGHTS) -> str:
    """The SHA-256 of the trees, by which a decision names them."""
    return hashlib.sha256(weights.read_bytes()).hexdigest()

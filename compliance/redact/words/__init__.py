"""Word lists as data: one phrase a line, or many words a line in ``common.txt``; ``#`` begins a remark."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml


@cache
def phrases(name: str) -> frozenset[str]:
    """The lower-case phrases of a list, by the name of its file."""
    lines = (files(__package__) / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


@cache
def words(name: str) -> frozenset[str]:
    """Every single word of a list."""
    return frozenset(word for phrase in phrases(name) for word in phrase.split())


@cache
def _sets() -> dict[str, str]:
    """The file of small sets, by name."""
    text = (files(__package__) / "sets.yaml").read_text(encoding="utf-8")
    return {str(name): str(listed) for name, listed in yaml.load(text, Loader=yaml.BaseLoader).items()}  # noqa: S506  # plain strings


@cache
def named(name: str) -> frozenset[str]:
    """One of the small sets: module, full stop, name."""
    return frozenset(_sets()[name].split())


@cache
def patterns(name: str) -> dict[str, list[str]]:
    """A file of patterns: lists of alternatives by what they mean, in the file's order."""
    text = (files(__package__) / f"{name}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, list[str]] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  # plain strings
    return loaded

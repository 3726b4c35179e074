"""The gate before a deploy: figures that were recorded, and those that have become worse since."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compliance.errors import ArgumentInvalid
from compliance.evaluate.figures import Figure, figures, recall
from compliance.evaluate.run import Measured
from compliance.schemas.check import faults

SCHEMA = "compliance/eval-golden/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What figures were measured on and how; under other terms they cannot be compared."""

    truth_sha256: str
    profile: str
    verified: bool
    mono: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """Recorded figures, by name; of each label the words that leaked, by ``leaked <label>``."""

    terms: Terms
    parts: Mapping[str, tuple[int, int]]
    """Part and whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worse:
    """A figure that is worse than the recorded one."""

    name: str
    recorded: str
    found: str


def of(measured: Measured, terms: Terms) -> dict[str, Any]:
    """What is to be recorded of a run, as JSON."""
    listed = [{"name": each.name, "part": each.part, "whole": each.whole} for each in _all(measured)]
    return {
        "schema": SCHEMA,
        "truth_sha256": terms.truth_sha256,
        "profile": terms.profile,
        "verified": terms.verified,
        "mono": terms.mono,
        "figures": listed,
    }


def read(path: Path) -> Golden:
    """Recorded figures.

    Raises:
        ArgumentInvalid: the file cannot be read, or is not one that ``--write-golden`` wrote.
    """
    try:
        document = json.loads(path.read_bytes())
        broken = not isinstance(document, dict) or document.get("schema") != SCHEMA or faults(document)
    except (OSError, ValueError, RecursionError) as error:
        raise ArgumentInvalid(f"{path} cannot be read as recorded figures") from error
    if broken:
        raise ArgumentInvalid(f"{path} holds no recorded figures; --write-golden records them")
    terms = Terms(**{name: document[name] for name in ("truth_sha256", "profile", "verified", "mono")})
    parts = {each["name"]: (each["part"], each["whole"]) for each in document["figures"]}
    return Golden(terms=terms, parts=parts)


def require_comparable(golden: Golden, terms: Terms) -> None:
    """See that both were measured on the same calls in the same way.

    Raises:
        ArgumentInvalid: they were not; what differs is named.
    """
    named = {
        "truth_sha256": "on another truth.json",
        "profile": f"with the profile {golden.terms.profile}",
        "verified": "with verification" if golden.terms.verified else "without verification",
        "mono": "on one channel" if golden.terms.mono else "on two channels",
    }
    other = [how for name, how in named.items() if getattr(golden.terms, name) != getattr(terms, name)]
    if other:
        raise ArgumentInvalid(f"the golden figures were recorded {' and '.join(other)}; record them anew")


def worse(measured: Measured, golden: Golden) -> tuple[Worse, ...]:
    """Every figure that is worse than the recorded one, be it by a word or a millisecond."""
    return tuple(
        Worse(name=each.name, recorded=_shown(each, *golden.parts[each.name]), found=_shown(each))
        for each in _all(measured)
        if each.name in golden.parts and _is_worse(each, *golden.parts[each.name])
    )


def _all(measured: Measured) -> Iterator[Figure]:
    """The figures of the table, and the leaks of each label."""
    yield from figures(measured)
    for each in recall(measured.total):
        yield Figure(name=f"leaked {each.name}", title="", part=each.whole - each.part, whole=each.whole)


def _is_worse(figure: Figure, part: int, whole: int) -> bool:
    """Of what is good a smaller share is worse, of all else a larger part."""
    if figure.is_good:
        return figure.part * whole < part * figure.whole
    return figure.part > part


def _shown(figure: Figure, part: int | None = None, whole: int | None = None) -> str:
    part, whole = (figure.part, figure.whole) if part is None or whole is None else (part, whole)
    if figure.is_good:
        return f"{part / whole:.4%}" if whole else "none"
    return f"{part} ms" if figure.is_time else str(part)


def listed(found: Iterable[Worse]) -> str:
    """What became worse, in a line."""
    return "; ".join(f"{each.name} {each.found}, recorded {each.recorded}" for each in found)

"""A profile's own rules: patterns and word lists that a user wrote.  The edge to ``regex``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from re import _constants, _parser  # type: ignore[attr-defined]  # the library's own reading of a pattern
from typing import Any

import regex

from compliance.errors import PolicyInvalid
from compliance.records import Entity

SECONDS = 2.0
"""A rule may take so long over one piece of a call; a sound one takes a thousandth of that."""
LONGEST_PATTERN = 1_000
_EDGES = regex.compile(r"^[^\w$#@]+|[^\w%]+$")
"""Punctuation round a word, which ``tokens`` leaves out as well."""
_REPEATS = frozenset({_constants.MAX_REPEAT, _constants.MIN_REPEAT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One pattern, or one list of words, and what its matches are."""

    name: str
    entity: Entity
    score: float
    pattern: str = field(default="", repr=False)
    phrases: frozenset[str] = field(default=frozenset(), repr=False)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it matches in a text.

        Raises:
            PolicyInvalid: that took too long; what it would have found is not known.
        """
        try:
            yield from (match.span() for match in _of(self).finditer(text, timeout=SECONDS))
        except TimeoutError as error:
            told = f"the profile's rule {self.name} takes too long; write it more simply"
            raise PolicyInvalid(told) from error


def phrase(text: str) -> str:
    """A phrase as it stands in what was said: lower case, no punctuation round its words."""
    return " ".join(filter(None, (_EDGES.sub("", word) for word in text.lower().split())))


def fault_of(pattern: str) -> str | None:
    """Why a pattern is refused, or None where it may be used.

    A repeat without an end inside another takes time that doubles with each
    letter; what this does not see is bounded by ``SECONDS``.
    """
    try:
        parsed = _parser.parse(pattern)
        is_empty = _compiled(pattern).search("", timeout=SECONDS) is not None
    except (regex.error, _parser.error, RecursionError, OverflowError, TimeoutError, ValueError) as error:
        return f"is no pattern: {getattr(error, 'msg', None) or type(error).__name__}"
    if is_empty:
        return "matches where nothing is said"
    return "repeats without end what repeats without end" if _is_nested(parsed, within=False) else None


def _is_nested(node: Any, *, within: bool) -> bool:
    """Whether a parsed pattern has an endless repeat inside an endless one."""
    if isinstance(node, tuple) and len(node) == 2 and node[0] in _REPEATS:
        is_endless = node[1][1] is _constants.MAXREPEAT
        return (within and is_endless) or _is_nested(node[1][2], within=within or is_endless)
    if isinstance(node, (tuple, list, _parser.SubPattern)):
        return any(_is_nested(each, within=within) for each in node)
    return False


@cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    """A pattern ready for use; case does not matter in speech."""
    return regex.compile(pattern, regex.IGNORECASE)


@cache
def _of(rule: Rule) -> regex.Pattern[str]:
    """A rule's pattern; of a list, any of its phrases as whole words, the possessive too."""
    if not rule.phrases:
        return _compiled(rule.pattern)
    listed = r"(?<!\S)(?:\L<phrases>)(?:'s)?(?!\S)"
    return regex.compile(listed, regex.IGNORECASE, phrases=sorted(rule.phrases))

"""Who speaks: labels before lines to channels and roles."""

from __future__ import annotations

import re
from collections.abc import Sequence

from compliance.records import Role
from compliance.redact.texts.said import Piece

AGENT = frozenset(
    {"agent", "assistant", "representative", "rep", "operator", "advisor", "adviser", "support", "clerk"}
    | {"bot", "ai", "csr", "host", "nurse", "receptionist", "teller", "dispatcher", "employee", "staff"}
)
CALLER = frozenset({"caller", "customer", "client", "user", "patient", "member", "guest", "consumer"})
NOBODY = frozenset({"speaker", "person", "party", "voice", "channel", "unknown", "participant", "the"})
"""Words of labels that say nothing of who it is."""
MOST = 16
"""Channels; further speakers share the last."""
LONGEST_LABEL = 4
"""Words."""
_TIME = re.compile(r"^[\[(]?\d{1,2}(:\d\d){1,2}([.,]\d+)?[\])]?$")


class Speakers:
    """Channels by label, in order of their first appearance."""

    def __init__(self) -> None:
        """Nobody has spoken."""
        self._channels: dict[str, int] = {}

    def channel(self, label: str) -> int:
        """The channel of a label."""
        return self._channels.setdefault(label.casefold(), min(len(self._channels), MOST - 1))


def role_of(label: str) -> Role:
    """What a label says of the role."""
    said = _words(label)
    if said & AGENT:
        return Role.AGENT
    return Role.CALLER if said & CALLER else Role.UNKNOWN


def names_nobody(label: str) -> bool:
    """Whether a label is made of roles, letters and numbers alone."""
    return all(word in AGENT | CALLER | NOBODY or len(word) == 1 for word in _words(label))


def _words(label: str) -> set[str]:
    return set(re.sub(r"[^\w]|\d|_", " ", label.casefold()).split())


def label_of(words: Sequence[Piece]) -> tuple[int, tuple[Piece, ...]]:
    """How many words at a line's start tell time and speaker, and which of them are the label.

    A label ends in a colon; unless it names a role, each of its words has a
    capital, as else "listen:" would be a speaker.
    """
    first = 1 if words and _TIME.match(words[0].text) else 0
    for n, word in enumerate(words[first : first + LONGEST_LABEL], first + 1):
        if word.text.endswith(":"):
            label = tuple(words[first:n])
            return (n, label) if _is_label(label) else (first, ())
    return first, ()


def _is_label(label: Sequence[Piece]) -> bool:
    """Whether words before a colon are somebody's label."""
    text = " ".join(word.text for word in label).rstrip(":").strip()
    if not any(c.isalpha() for c in text):
        return False
    return names_nobody(text) or all(word.text[0].isupper() for word in label if word.text != ":")

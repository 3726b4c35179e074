"""A verdict as bytes, and what is different between two of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from compliance.audit import canonical
from compliance.manifest import plain
from compliance.records import Verdict

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field of a verdict that is not as it was; None where it was not there, or is no more."""

    field: str
    """Its name; within another with a dot between, as in ``ai.outcome``."""
    was: Any
    now: Any


def document(verdict: Verdict) -> dict[str, Any]:
    """The verdict as JSON, as the manifest has it."""
    made = plain(verdict)
    assert isinstance(made, dict), "a verdict is a dataclass"
    return made


def encode(made: Document) -> bytes:
    """A verdict's canonical bytes (RFC 8785): equal verdicts have equal bytes."""
    return canonical.dumps(dict(made))


def digest(made: Document) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(encode(made)).hexdigest()


def differences(was: Document, now: Document, *, within: str = "") -> Iterator[Difference]:
    """The fields in which two verdicts differ, in the order of the newer one; lists are taken whole."""
    for name in dict.fromkeys([*now, *was]):
        before, after = was.get(name), now.get(name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from differences(before, after, within=f"{within}{name}.")
        elif before != after:
            yield Difference(field=f"{within}{name}", was=before, now=after)

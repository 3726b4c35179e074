"""What became of a recording, as its last events tell."""

from __future__ import annotations

from collections.abc import Iterable

from compliance.audit.reports.reading import Told

_ENDS = {
    "recording.released": "released",
    "recording.held": "held",
    "recording.destroyed": "destroyed",
    "recording.absent": "absent",
    "file.rejected": "refused",
}


def outcome(told: Iterable[Told]) -> str:
    """A word: released, released_by_person, held, destroyed, absent, refused or unfinished."""
    ends = [each for each in told if each.kind in _ENDS]
    if not ends:
        return "unfinished"
    last = ends[-1]
    by_person = "released_by_person" in (last.fields.get("reasons") or ())
    return "released_by_person" if last.kind == "recording.released" and by_person else _ENDS[last.kind]


def last(told: Iterable[Told], kind: str) -> Told | None:
    """The last event of a kind: of several runs the one that counts."""
    return next((each for each in reversed(list(told)) if each.kind == kind), None)

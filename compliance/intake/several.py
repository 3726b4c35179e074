"""The files of one call, each of an egress's own making: put in order by the clocks that they began by."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from compliance.errors import FilesUnplaced, ObjectNotAllowed, StartUnknown
from compliance.intake.events import EgressEvent, EgressFile
from compliance.intake.files import CallFile
from compliance.intake.objects import Allowed, manifest_of, source_of

LONGEST_APART_MS = 24 * 3_600_000
"""Two files that began further apart are of no one call; one of the clocks is wrong."""

Told = tuple[EgressEvent, EgressFile]
"""A file, and the egress that tells of it."""


def in_order(told: Sequence[Told]) -> tuple[Told, ...]:
    """Files in the order in which they began; those of which that is not known come last."""
    return tuple(sorted(told, key=lambda each: (each[1].started_at_ms is None, each[1].started_at_ms or 0)))


def call_files(told: Sequence[Told], allowed: Allowed) -> tuple[CallFile, ...]:
    """Where the files of a call lie, and where each begins in it; ``told`` is in order.

    The earliest begins at 0.  A file's own start counts (``fileResults[].startedAt``): the egress
    itself began when a worker took it, which may be seconds before.

    Raises:
        StartUnknown: when one began is not told, or by a clock that cannot be right; names the file.
        ObjectNotAllowed: one may not be fetched; names the file.
        FilesUnplaced: two of them are one object.
    """
    first_ms = told[0][1].started_at_ms
    files = tuple(_file(each, number, first_ms, allowed) for number, each in enumerate(told, 1))
    if len({each.source for each in files}) < len(files):
        raise FilesUnplaced("two of the files are one object")
    return files


def known_files(told: Sequence[Told], allowed: Allowed) -> tuple[CallFile, ...]:
    """Where those files lie that may be fetched, should the call be destroyed in the end."""
    found = []
    for event, file in told:
        with suppress(ObjectNotAllowed):
            source = source_of(event, file, allowed)
            found.append(CallFile(source=source, manifest=manifest_of(event, source)))
    return tuple(dict.fromkeys(found))


def _file(told: Told, number: int, first_ms: int | None, allowed: Allowed) -> CallFile:
    event, file = told
    if first_ms is None or file.started_at_ms is None or file.started_at_ms - first_ms > LONGEST_APART_MS:
        error = StartUnknown(f"when file {number} of the call began is not known")
        error.file = number
        raise error
    try:
        source = source_of(event, file, allowed)
    except ObjectNotAllowed as error:
        error.file = number
        raise
    return CallFile(
        source=source,
        manifest=manifest_of(event, source),
        offset_ms=file.started_at_ms - first_ms,
        told_ms=file.duration_ms,
    )

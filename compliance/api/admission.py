"""The way in to every route that needs a token: by role, before any parameter is looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from fastapi import Request

from compliance.api.access import Door, Wanted
from compliance.api.auth import Caller, TokenRole
from compliance.errors import QueryInvalid
from compliance.records import Purpose

EVERYONE: Final = frozenset({TokenRole.ENGINEER, TokenRole.OFFICER, TokenRole.LEGAL})
"""Every role of people's; a voice agent's token, which lies on many machines, reads nothing."""
TRUSTED: Final = frozenset({TokenRole.OFFICER, TokenRole.LEGAL})
"""The audit log tells who read what; it is not for those who run the machines."""

RECORDING_ID: Final = re.compile(r"rec_[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A caller who was let in, and for what."""

    door: Door
    caller: Caller
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Admission:
    """A dependency that lets a caller in before any parameter is looked at, or raises an AccessError."""

    object: str
    roles: frozenset[TokenRole]

    def __call__(self, request: Request) -> Entry:
        """The way in."""
        named = str(request.path_params.get("recording_id", ""))
        wanted = Wanted(
            object=self.object,
            roles=self.roles,
            recording_id=named if RECORDING_ID.fullmatch(named) else None,
        )
        door: Door = request.app.state.door
        caller = door.admit(request.headers.get("authorization"), wanted)
        return Entry(door=door, caller=caller, wanted=replace(wanted, purpose=purpose_of(request)))


def purpose_of(request: Request) -> Purpose | None:
    """What the caller says it is for, in the header ``X-Purpose``; it stands in the event of the access.

    Raises:
        QueryInvalid: it is none of the list, which the message tells.
    """
    said = request.headers.get("x-purpose")
    if said is not None and said not in set(Purpose):
        raise QueryInvalid(f"X-Purpose must be one of {', '.join(Purpose)}")
    return None if said is None else Purpose(said)

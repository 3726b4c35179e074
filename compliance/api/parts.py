"""What the HTTP service needs of a deployment; ``bootstrap`` hands it over."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from compliance.consent.law import Law
from compliance.intake.parts import IntakeParts
from compliance.settings import Settings
from compliance.store.database import Database

Clock = Callable[[], int]
"""Unix time in milliseconds."""


def wall_clock() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiParts:
    """The parts of the HTTP service."""

    settings: Settings
    database: Database = field(repr=False)
    """Migrated."""
    intake: IntakeParts = field(repr=False)
    law: Law = field(repr=False)
    """The policies, by which calls to come are answered for."""
    wake: Callable[[], None]
    """Called, after the answer, when the inbox has something new; must not wait for the work."""
    checks: Mapping[str, Callable[[], object]]
    """What ``/readyz`` asks besides the database (keys, models): calls that raise ComplianceError."""
    clock: Clock = wall_clock

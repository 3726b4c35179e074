"""What the HTTP service needs of a deployment; ``bootstrap`` hands it over."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from compliance.audit.reports.make import Wanted
from compliance.audit.reports.values import Report
from compliance.consent.law import Law
from compliance.errors import SettingInvalid
from compliance.intake.parts import IntakeParts
from compliance.settings import Settings
from compliance.store.database import Database

Clock = Callable[[], int]
"""Unix time in milliseconds."""


def wall_clock() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def no_report(connection: Connection, wanted: Wanted) -> Report:
    """Stands where nothing was handed over that makes reports."""
    raise SettingInvalid("this service makes no reports")


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
    report: Callable[[Connection, Wanted], Report] = field(default=no_report, repr=False)
    """Makes a report of the log."""
    clock: Clock = wall_clock

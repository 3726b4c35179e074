"""What ``compliance doctor`` says of the log's copies: how old they are, and whether they agree with it."""

from __future__ import annotations

import time
from contextlib import closing

from compliance.audit.anchors import places
from compliance.audit.anchors.guard import Guard
from compliance.audit.anchors.sink import Reach
from compliance.audit.checks.report import SinkReport
from compliance.cli import sinks
from compliance.cli.audit_report import REACHES, age
from compliance.cli.checks import Check, Standing
from compliance.errors import ComplianceError
from compliance.sequencing import key_of_log
from compliance.settings import Settings
from compliance.store.database import Database

OLD: int = 5
"""After how many intervals without a newer copy something must be wrong."""


def copies(settings: Settings) -> tuple[Check, ...]:
    """One line for each sink, and one where the log contradicts them or no sink is a witness."""
    if not settings.anchors:
        remedy = "set COMPLIANCE_ANCHORS to a place out of this machine's reach (docs/anchors.md)"
        found = "no copy anywhere: who has the database and the key can rewrite it unseen"
        return (Check(name="anchors", standing=Standing.NOTE, found=found, remedy=remedy),)
    try:
        return _looked(settings)
    except ComplianceError as error:
        found, remedy = f"cannot be compared: {error} [{error.reason}]", "see docs/anchors.md"
        return (Check(name="anchors", standing=Standing.MISSING, found=found, remedy=remedy),)


def _looked(settings: Settings) -> tuple[Check, ...]:
    chosen = places.sinks(settings)
    with closing(Database(settings.database)) as database:
        conflict = Guard(database, chosen, key_of_log(settings, signs=False)).look()
        with database.read() as connection:
            standing = sinks.reports(connection, chosen)
    lines = tuple(_line(each, settings) for each in standing)
    if conflict is not None:
        found = f"{conflict}; nothing is signed until that is cleared [log_forked]"
        lines += (_bad("log", found, "compliance audit restored --reason ..., after docs/anchors.md"),)
    if all(each.reach is Reach.COPY for each in standing):
        found, remedy = "every copy is within this machine's reach: none is a witness", "add one elsewhere"
        lines += (Check(name="witness", standing=Standing.NOTE, found=found, remedy=remedy),)
    return lines


def _line(report: SinkReport, settings: Settings) -> Check:
    now_ms = time.time_ns() // 1_000_000
    found = f"{REACHES[report.reach]}; newest {age(report.kept_at_ms, now_ms)}"
    name = f"anchor {report.where}"
    if report.kept_at_ms is None:
        return Check(name=name, standing=Standing.NOTE, found=found, remedy="start the service")
    if now_ms - report.kept_at_ms > OLD * settings.anchor_s * 1000:
        remedy = "is the service running, and may it write there? its log says"
        return Check(name=name, standing=Standing.NOTE, found=found, remedy=remedy)
    return Check(name=name, standing=Standing.PRESENT, found=found)


def _bad(name: str, found: str, remedy: str) -> Check:
    return Check(name=name, standing=Standing.MISSING, found=found, remedy=remedy)

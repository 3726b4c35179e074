"""Reports of this deployment: the log's part and the policy files' part put together."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Connection

from compliance.audit.reports.hipaa import Associate
from compliance.audit.reports.make import Wanted, make
from compliance.audit.reports.values import Report
from compliance.duties.vendors import Handles, Vendor, Vendors
from compliance.parts import Parts


def made(connection: Connection, parts: Parts, wanted: Wanted) -> Report:
    """The report, of what the newest checkpoint covers."""
    now_ms = parts.now_ms()
    return make(
        connection,
        wanted,
        key=parts.key,
        associates=associates(parts.vendors, datetime.fromtimestamp(now_ms / 1000, UTC).date()),
        now_ms=now_ms,
    )


def associates(vendors: Vendors, day: date) -> tuple[Associate, ...]:
    """The chain of business associates on a day, each vendor behind the one that engaged it."""
    return tuple(_associate(each, day) for each in _ordered(vendors.vendors, None))


def _ordered(vendors: tuple[Vendor, ...], engaged_by: str | None) -> list[Vendor]:
    found: list[Vendor] = []
    for each in (one for one in vendors if one.engaged_by == engaged_by):
        found += [each, *_ordered(vendors, each.id)]
    return found


def _associate(vendor: Vendor, day: date) -> Associate:
    held = vendor.in_force(day)
    return Associate(
        id=vendor.id,
        name=vendor.name,
        does=vendor.does,
        handles=", ".join(sorted(each.replace("_", " ") for each in vendor.handles)),
        engaged_by=vendor.engaged_by or "",
        contract="" if held is None else held.reference,
        ends="" if held is None else held.until.isoformat(),
        days_left=None if held is None else (held.until - day).days,
        is_needed=Handles.PHI in vendor.handles,
    )

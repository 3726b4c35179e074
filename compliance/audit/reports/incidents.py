"""Serious incidents: their deadlines from the moment somebody became aware, and where each stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from compliance.audit.reports.reading import Reading, Told, minute
from compliance.audit.reports.values import Section, Table

_DAY_MS: Final = 86_400_000


class Category(StrEnum):
    """What happened, by the deadline that it sets (Art. 73(2)-(4))."""

    SERIOUS = "serious"
    """Any other serious incident: 15 days."""
    DEATH = "death"
    """A death: 10 days."""
    WIDESPREAD = "widespread"
    """A widespread infringement: 2 days."""
    CRITICAL_INFRASTRUCTURE = "critical_infrastructure"
    """Serious and irreversible disruption of critical infrastructure: 2 days."""


DAYS: Final = {
    Category.SERIOUS: 15,
    Category.DEATH: 10,
    Category.WIDESPREAD: 2,
    Category.CRITICAL_INFRASTRUCTURE: 2,
}
"""Days at most from awareness; in each case immediately once a causal link is established."""


def deadline(category: Category, aware_at_ms: int) -> int:
    """The latest moment for the report, in Unix milliseconds."""
    return aware_at_ms + DAYS[category] * _DAY_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident, folded from its events."""

    id: str
    category: str
    aware_at_ms: int
    deadline_at_ms: int
    reported_at_ms: int | None
    is_closed: bool
    updates: int

    def stands(self, now_ms: int) -> str:
        """A word for people."""
        if self.reported_at_ms is None:
            return "closed without a report" if self.is_closed else self._waits(now_ms)
        in_time = "reported in time" if self.reported_at_ms <= self.deadline_at_ms else "reported LATE"
        return f"{in_time}, closed" if self.is_closed else in_time

    def _waits(self, now_ms: int) -> str:
        return "OVERDUE" if now_ms > self.deadline_at_ms else "to be reported"


def folded(told: Iterable[Told]) -> list[Incident]:
    """Every incident as its events leave it, in the order in which they were opened."""
    groups: dict[str, list[Told]] = {}
    for each in told:
        groups.setdefault(str(each.fields["incident_id"]), []).append(each)
    return [_folded(name, group) for name, group in groups.items() if group[0].kind == "incident.opened"]


def _folded(name: str, told: list[Told]) -> Incident:
    opened = told[0].fields
    reports = [each.fields["sent_at_ms"] for each in told if each.kind == "incident.reported"]
    return Incident(
        id=name,
        category=opened["category"],
        aware_at_ms=opened["aware_at_ms"],
        deadline_at_ms=opened["deadline_at_ms"],
        reported_at_ms=min(reports, default=None),
        is_closed=any(each.kind == "incident.closed" for each in told),
        updates=sum(each.kind == "incident.updated" for each in told),
    )


def section(reading: Reading) -> Section:
    """Serious incidents with their deadlines."""
    found, now_ms = folded(reading.of("incident.")), reading.basis.made_at_ms
    rows = tuple(
        (
            each.id,
            each.category,
            minute(each.aware_at_ms),
            minute(each.deadline_at_ms),
            minute(each.reported_at_ms),
            each.updates,
            each.stands(now_ms),
        )
        for each in found
    )
    return Section(
        title="Serious incidents",
        rule="Art. 73(2)-(4) (verified): at once, at most 15 days from awareness; 10 for a death; 2 "
        "where widespread "
        "or of critical infrastructure.",
        figures=(
            ("Incidents", len(rows)),
            ("Overdue", sum(each.stands(now_ms) == "OVERDUE" for each in found)),
        ),
        tables=(
            Table(
                name="incidents",
                columns=(
                    "incident",
                    "category",
                    "aware (UTC)",
                    "report due (UTC)",
                    "reported (UTC)",
                    "updates",
                    "stands",
                ),
                rows=rows,
                empty="No incident was opened in this period.",
            ),
        ),
    )

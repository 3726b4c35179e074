"""Reviews of the log, as every law that asks for them wants to see them."""

from __future__ import annotations

from compliance.audit.reports.reading import Reading, day, minute
from compliance.audit.reports.values import Section, Table


def reviews(reading: Reading, *, title: str, rule: str) -> Section:
    """Who signed off which part of the log, and with what finding."""
    rows = tuple(
        (
            minute(each.at_ms),
            each.actor,
            f"{day(each.fields['from_ms'])} to {day(each.fields['to_ms'])}",
            each.fields["size"],
            each.fields["finding"],
        )
        for each in reading.of("log.reviewed")
    )
    return Section(
        title=title,
        rule=rule,
        figures=(("Reviews signed off", len(rows)),),
        tables=(
            Table(
                name="reviews",
                columns=("signed off (UTC)", "by", "period reviewed", "events in the log", "finding"),
                rows=rows,
                empty="Nobody signed off a review in this period: compliance audit review does.",
            ),
        ),
    )

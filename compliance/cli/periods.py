"""Periods as they are given on the command line: days in UTC, the last one included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer

From = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help="First day, in UTC.", show_default=False),
]
To = Annotated[
    datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], help="Last day, in UTC; it is included.", show_default=False),
]
_DAY: Final = timedelta(days=1)


def unix_ms(moment: datetime) -> int:
    """Unix milliseconds of a day's beginning in UTC."""
    return int(moment.replace(tzinfo=UTC).timestamp() * 1000)


def period(first: datetime | None, last: datetime | None, now_ms: int, *, days: int) -> tuple[int, int]:
    """From the beginning of the first day up to the end of the last; by default the last so many days."""
    to_ms = now_ms + 1 if last is None else unix_ms(last + _DAY)
    from_ms = to_ms - days * 86_400_000 if first is None else unix_ms(first)
    return from_ms, to_ms

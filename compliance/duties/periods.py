"""Lengths of time as law and contracts state them: by the calendar, in UTC."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

_SHAPE: Final = re.compile(r"(\d{1,4}) (day|month|year)s?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
FOREVER: Final = "forever"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """So many months and days; six years are 72 months."""

    months: int = 0
    days: int = 0
    text: str = ""
    """As it was written, such as ``6 years``."""

    def after(self, unix_ms: int) -> int:
        """The moment at which the period that begins then is over, in Unix milliseconds.

        The 29th of February is followed by the 28th where there is no other.
        """
        start = _EPOCH + timedelta(milliseconds=unix_ms)
        month = start.year * 12 + start.month - 1 + self.months
        year, index = divmod(month, 12)
        day = min(start.day, calendar.monthrange(year, index + 1)[1])
        end = start.replace(year=year, month=index + 1, day=day) + timedelta(days=self.days)
        return (end - _EPOCH) // timedelta(milliseconds=1)


def period(text: str) -> Period | None:
    """The period that ``6 years``, ``13 months`` or ``30 days`` names; None for ``forever``.

    Raises:
        ValueError: it names none.
    """
    if text == FOREVER:
        return None
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise ValueError("is no period: write 30 days, 13 months, 6 years or forever")
    count, unit = int(found[1]), found[2]
    if unit == "day":
        return Period(days=count, text=text)
    return Period(months=count * (12 if unit == "year" else 1), text=text)

"""Reports as pages, tables and charts; deadlines; drift."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.audit.reports import svg
from compliance.audit.reports.ai_act import drift
from compliance.audit.reports.incidents import Category, deadline, folded
from compliance.audit.reports.reading import Told
from compliance.audit.reports.values import Basis, Cell, Chart, Report, Section, Table
from compliance.audit.reports.written import as_csv, as_html, as_json, document, files
from compliance.errors import ArgumentInvalid
from compliance.schemas.check import faults

DAY_MS = 86_400_000


def report(*rows: tuple[Cell, ...], chart: Chart | None = None) -> Report:
    """A report of one table."""
    basis = Basis(
        from_ms=0,
        to_ms=DAY_MS,
        filters=("one individual",),
        size=12_345,
        root="ab" * 32,
        key_fingerprint="cd" * 32,
        checkpoint_at_ms=5,
        unsealed=3,
        altered=1,
        made_at_ms=DAY_MS,
    )
    table = Table(name="things", columns=("what", "count"), rows=rows)
    section = Section(title="Things", rule="a law", tables=(table,), charts=(chart,) if chart else ())
    return Report(name="consent", title="A <report>", basis=basis, sections=(section,))


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, page: str) -> None:
        """Read it."""
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember it, and that it is open."""
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "wbr"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One that closes itself."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        """It must be the one that was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text."""
        self.text += data


def test_a_page_states_what_it_rests_on() -> None:
    """Period, filter, size, root, key, and what is not in it, stand at its head."""
    text = Page(as_html(report()).decode()).text

    for told in (
        "1970-01-01 00:00 up to 1970-01-02 00:00",
        "one individual",
        "first 12,345 events",
        "ab" * 32,
        "cd" * 32,
        "3 newer events",
        "1 events whose bytes were changed",
    ):
        assert told in text


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=5))
def test_a_page_runs_nothing_and_fetches_nothing(rows: list[tuple[str, str]]) -> None:
    """Whatever stands in a cell, the page is whole, has no script, handler or address, and shows the text."""
    page = Page(as_html(report(*rows)).decode())

    assert page.open == []
    assert not {"script", "img", "link", "iframe", "object", "a", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "＝1", "|cmd", "%0a"])
def test_no_cell_is_a_formula(cell: str) -> None:
    """A text that a spreadsheet would calculate has an apostrophe in front; a number keeps its sign."""
    rows = list(csv.reader(io.StringIO(as_csv(report((cell, -4)), "things").decode())))

    assert rows[1:] == [["what", "count"], [f"'{cell}", "-4"]]
    assert rows[0][0] == "report"
    assert any("root " + "ab" * 32 in each for each in rows[0])


def test_a_table_that_is_not_there_is_refused() -> None:
    """The message names those there are."""
    with pytest.raises(ArgumentInvalid, match="things"):
        as_csv(report(), "others")


def test_the_document_keeps_its_contract() -> None:
    """JSON, HTML and a CSV for each table are made of the same values."""
    made = report(("a", 1), ("b", None), ("c", 1.5))

    assert faults(document(made)) == []
    assert set(files(made)) == {"consent.html", "consent.json", "consent.things.csv"}
    assert files(made)["consent.json"] == as_json(made)


@given(
    st.lists(st.just(0.0) | st.floats(0.001, 1e6), min_size=1, max_size=60),
    st.booleans(),
)
def test_a_chart_stays_in_its_frame(amounts: list[float], is_line: bool) -> None:
    """No bar or point lies outside, and the parts of a column are as high as their values."""
    labels = tuple(f"2026-W{n:02d}" for n in range(len(amounts)))
    drawn = svg.chart(
        Chart(title="t", labels=labels, series={"a": tuple(amounts)}, unit="u", is_line=is_line)
    )
    heights = [
        (float(y), float(h)) for y, h in re.findall(r'<rect [^>]*y="([\d.]+)"[^>]*height="([\d.]+)"', drawn)
    ]
    points = [float(y) for y in re.findall(r'cy="([\d.]+)"', drawn)]

    assert all(y >= 0 and y + height <= svg.HEIGHT for y, height in heights)
    assert all(0 <= y <= svg.HEIGHT for y in points)
    assert len(points if is_line else heights) == sum(each > 0 or is_line for each in amounts)


def test_an_empty_chart_is_drawn() -> None:
    """Nothing but zeros is no error."""
    assert "<svg" in svg.chart(Chart(title="t", labels=("a",), series={"x": (0.0,)}, unit="u"))
    assert "<svg" in svg.chart(Chart(title="t", labels=(), series={}, unit="u"))


@pytest.mark.parametrize(
    ("category", "days"),
    [("serious", 15), ("death", 10), ("widespread", 2), ("critical_infrastructure", 2)],
)
def test_a_deadline_runs_from_awareness(category: str, days: int) -> None:
    """Fifteen days, ten after a death, two where it is widespread or of critical infrastructure."""
    assert deadline(Category(category), 1_000) == 1_000 + days * DAY_MS


def told(kind: str, at_ms: int, **fields: object) -> Told:
    """An event of an incident."""
    return Told(
        id="ev_1",
        leaf_index=0,
        kind=f"incident.{kind}",
        at_ms=at_ms,
        recording_id=None,
        actor="a",
        outcome="success",
        reason=None,
        fields={"incident_id": "i1", **fields},
    )


OPENED = told("opened", 0, category="death", aware_at_ms=0, deadline_at_ms=10 * DAY_MS)


@pytest.mark.parametrize(
    ("more", "now", "stands"),
    [
        ((), 10 * DAY_MS, "to be reported"),
        ((), 10 * DAY_MS + 1, "OVERDUE"),
        ((told("reported", 5, sent_at_ms=10 * DAY_MS),), 99 * DAY_MS, "reported in time"),
        ((told("reported", 5, sent_at_ms=10 * DAY_MS + 1),), 99 * DAY_MS, "reported LATE"),
        ((told("closed", 5),), 0, "closed without a report"),
        ((told("reported", 5, sent_at_ms=1), told("closed", 6)), 0, "reported in time, closed"),
    ],
)
def test_an_incident_stands_as_its_events_leave_it(more: tuple[Told, ...], now: int, stands: str) -> None:
    """To the millisecond of its deadline it is to be reported; a report counts by when it was sent."""
    (found,) = folded((OPENED, *more))

    assert found.stands(now) == stands


BEFORE = [1, 2, 3, 4, 5] * 6
"""Thirty calls: mean 3, standard deviation about 1.44."""


@pytest.mark.parametrize(
    ("before", "week", "marked"),
    [
        (BEFORE, [5] * 5, "up"),
        (BEFORE, [1] * 5, "down"),
        (BEFORE, [4] * 5, ""),
        (BEFORE, [4] * 25, "up"),
        (BEFORE, [5] * 4, ""),
        (BEFORE[1:], [5] * 5, ""),
        ([0] * 30, [0] * 5, ""),
        ([2] * 30, [2, 2, 2, 2, 3], "up"),
    ],
)
def test_drift_is_told_by_the_number_of_calls(before: list[int], week: list[int], marked: str) -> None:
    """Many calls a little off are drift, few calls far off may be chance, and too few tell nothing."""
    assert drift(before, week) == marked


def test_a_line_has_a_gap_where_there_is_no_value() -> None:
    """A week in which a model did not run is no zero."""
    drawn = svg.chart(
        Chart(title="t", labels=("a", "b", "c"), series={"x": (1.0, None, 3.0)}, unit="u", is_line=True)
    )

    assert drawn.count("<circle") == 2
    assert drawn.count('stroke-width="2"') == 0

"""The page of figures and the meter behind it."""

from __future__ import annotations

import threading
from itertools import count

import pytest

from benchmarks import __main__, report
from benchmarks.meter import Meter
from benchmarks.report import processor, replaced, table
from benchmarks.rooms import ROOMS, metered
from benchmarks.webhooks import figures, percentile, signed

PAGE = "# Title\n<!-- a: begin -->\nold\n<!-- a: end -->\nbetween\n<!-- b: begin -->\n<!-- b: end -->\nlast\n"


def test_a_part_replaces_its_own_figures_only():
    """Everything else on the page stays as it was."""
    page = replaced(PAGE, "a", "new\n")

    assert page == PAGE.replace("old", "new")
    assert replaced(page, "b", "x") == page.replace("<!-- b: begin -->\n", "<!-- b: begin -->\nx\n")


def test_writing_a_part_again_changes_nothing():
    """What is between the markers is replaced, never added to."""
    assert replaced(replaced(PAGE, "a", "new"), "a", "new") == replaced(PAGE, "a", "new")


@pytest.mark.parametrize("page", ["", PAGE + PAGE, PAGE.replace("a: end", "a: stop")])
def test_a_page_without_the_part_is_an_error(page):
    """Figures that go nowhere were not measured."""
    with pytest.raises(ValueError, match="'a'"):
        replaced(page, "a", "new")


def test_the_page_has_a_place_for_every_part():
    """Each part can be written into docs/benchmarks.md."""
    page = report.PAGE.read_text(encoding="utf-8")

    for part in __main__.PARTS:
        assert "figures" in replaced(page, part, "figures")


def test_a_table_is_markdown():
    """Figures stand right."""
    assert table(["x", "y"], [["a", "1"]]) == "| x | y |\n| --- | ---: |\n| a | 1 |"


def test_the_processor_is_the_kernels_word(tmp_path):
    """Or says that it has no name."""
    path = tmp_path / "cpuinfo"
    path.write_text("processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\nprocessor\t: 1\n")

    assert processor(path) == "Some CPU @ 2 GHz"
    assert processor(tmp_path / "none")


def test_each_second_is_counted_once():
    """Time in a metered function is not its caller's."""
    meter = Meter(clock=count().__next__)
    with meter.under("outer"):
        with meter.under("inner"):
            pass
        with meter.under("inner"):
            pass

    assert dict(meter.seconds) == {"outer": 3, "inner": 2}


def test_the_making_of_items_is_timed_and_not_their_use():
    """A generator runs between the lines of whoever asks it."""
    meter = Meter(clock=count().__next__)
    with meter.under("user"):
        assert list(meter.items(iter("ab"), "maker")) == ["a", "b"]

    assert dict(meter.seconds) == {"user": 4, "maker": 3}


def test_other_threads_are_not_timed():
    """A heartbeat is not work, and two stacks of names would mix."""
    meter = Meter()

    def beat() -> None:
        with meter.under("heartbeat"):
            pass

    thread = threading.Thread(target=beat)
    thread.start()
    thread.join()
    assert not meter.seconds


def test_metering_ends_with_the_block():
    """Every metered function is there, and is itself again afterwards."""
    before = [getattr(owner, name) for owner, name, _ in ROOMS]
    with metered(Meter()):
        assert all(
            getattr(owner, name) is not old for (owner, name, _), old in zip(ROOMS, before, strict=True)
        )

    assert [getattr(owner, name) for owner, name, _ in ROOMS] == before


@pytest.mark.parametrize(("part", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_percentiles_are_by_nearest_rank(part, value):
    """Of the numbers 1 to 100 the 99th percentile is 99."""
    assert percentile(range(1, 101), part) == value


def test_figures_of_answers():
    """By the second, and in milliseconds."""
    assert figures([0.002, 0.001], 0.5) == {"per_second": 4, "p50_ms": 1, "p99_ms": 2, "worst_ms": 2}


def test_every_event_is_another_one():
    """A replay would be answered without a row."""
    events = signed(3, now_s=1_793_880_000)

    assert len({body for body, _ in events}) == len({token for _, token in events}) == 3

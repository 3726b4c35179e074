"""An evaluation on the terminal and as a picture."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest
from rich.console import Console

from compliance.cli import eval_chart, eval_table
from compliance.cli.eval_bar import CallBar
from compliance.evaluate.cutters import Made
from compliance.evaluate.folder import Case
from compliance.evaluate.golden import Worse
from compliance.evaluate.run import measure
from compliance.evaluate.truth import Call, CutSpan, Phrase
from compliance.records import RecordingId, Stage

SVG = "{http://www.w3.org/2000/svg}"


def printed(report, width: int = 120) -> str:
    """What a terminal of that width shows."""
    console = Console(file=io.StringIO(), width=width)
    eval_table.show(report, console)
    return console.file.getvalue()


def test_both_cutters_stand_side_by_side(report) -> None:
    """Every figure, with its share and interval, and the calls that leak or are held."""
    shown = " ".join(printed(report).split())

    assert "sensitive words leaked 1 of 24 4.2% 0.1–21.1 9 of 24 37.5% 18.8–59.4" in shown
    assert "other speech cut 1.0 of 60.0 s 1.7%" in shown
    assert "words open in crosstalk" not in shown
    assert "credit card 19 of 20 95.0%" in shown
    assert "one leaks: CREDIT_CARD 1" in shown
    assert "two is held: consent_missing, residual_found" in shown


def test_a_narrow_terminal_breaks_no_line(report) -> None:
    """Intervals are left out where there is no room for them."""
    shown = printed(report, 80)

    assert "0.1–21.1" not in shown
    assert any("1 of 24" in line and "9 of 24" in line for line in shown.splitlines())


def test_the_gate_is_told(report) -> None:
    """Kept, or by what it was not."""
    assert "golden" not in printed(report)
    assert "no figure is worse" in printed(replace(report, worse=()))
    worse = Worse(name="leaked_words", recorded="0", found="1")
    assert "leaked_words: 1, recorded 0" in printed(replace(report, worse=(worse,)))


def test_a_terminal_obeys_no_name(report) -> None:
    """A folder may be named anything."""
    assert "\x1b[2J" not in printed(replace(report, name="calls\x1b[2J"))


def drawn(report) -> ElementTree.Element:
    """The chart, parsed."""
    return ElementTree.fromstring(eval_chart.svg(report))


def texts(report) -> list[str]:
    """Every text of the chart."""
    return [each.text or "" for each in drawn(report).iter(f"{SVG}text")]


def test_the_chart_names_what_it_shows(report) -> None:
    """The folder, both cutters, each figure and each kind."""
    found = texts(report)

    assert {"some-calls", "ours", "plain chain", "calls leaking", "credit card", "1 of 24"} <= set(found)
    assert "words open in crosstalk" not in found, "there is nothing of which it could be a share"
    assert eval_chart.svg(report) == eval_chart.svg(report)


@pytest.mark.parametrize("count", [1, 2])
def test_everything_lies_within_the_chart(report, count) -> None:
    """No bar, no interval and no text begins outside the picture, and bars are no longer than their scale."""
    picture = drawn(replace(report, systems=report.systems[:count]))
    width, height = map(float, picture.attrib["viewBox"].split()[2:])
    for each in (*picture.iter(f"{SVG}text"), *picture.iter(f"{SVG}rect")):
        assert 0 <= float(each.attrib["x"]) <= width
        assert 0 <= float(each.attrib["y"]) <= height
    for each in picture.iter(f"{SVG}rect"):
        assert float(each.attrib["x"]) + float(each.attrib["width"]) <= width


def test_a_long_id_is_shortened_and_is_no_markup(report) -> None:
    """It must not run out of the picture, nor become a part of it."""
    first, second = report.ours.calls
    named = replace(report.ours, calls=(replace(first, id="<i>" + "x" * 90), second))
    found = texts(replace(report, systems=(named,)))

    assert any(each.startswith("<i>x") and each.endswith("…") for each in found)


CASE = Case(
    call=Call(
        id="a-call",
        duration_ms=10_000,
        files=("a.wav",),
        layout="mono",
        is_mono=True,
        phrases=(
            Phrase(label="PIN", channel=1, start_ms=0, end_ms=1000, words=((0, 1000),), near=((0, 1000),)),
        ),
    ),
    path=None,  # type: ignore[arg-type]  # nothing is opened
)


class Half:
    """Cuts the first half of the word."""

    name = "half"
    decides = False

    def cut(self, case: Case) -> Made:
        """One cut."""
        return Made(cuts=(CutSpan(channel=None, start_ms=0, end_ms=500),))


def test_anything_that_cuts_can_be_scored() -> None:
    """Its cuts are scored call by call, and each call is told before it begins."""
    begun: list[str] = []
    found = measure(Half(), [CASE, CASE], lambda cutter, case: begun.append(f"{cutter.name} {case.call.id}"))

    assert begun == ["half a-call", "half a-call"]
    assert (found.total.calls, found.total.leaked, found.total.leaked_ms) == (2, 2, 1000)
    assert found.duration_ms == 20_000
    assert found.seconds >= 0


def test_the_bar_runs_over_all_calls() -> None:
    """It moves within a call with its stages, and is full at the end."""
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    with CallBar(2, 20_000, console) as bar:
        bar.begin(Half(), CASE)
        bar(RecordingId("rec"), Stage.INTAKE, 1.0)
        bar(RecordingId("rec"), Stage.TRANSCRIBE, 0.5)
        assert bar._progress.tasks[0].completed == 3000
        bar(RecordingId("rec"), Stage.VERIFY, 1.0)
        bar.begin(Half(), CASE)
        assert bar._progress.tasks[0].completed == 10_000
    assert bar._progress.tasks[0].finished
    assert "2/2 half: a-call" in console.file.getvalue()

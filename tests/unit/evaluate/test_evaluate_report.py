"""What is told of a run: figures, JSON, and the gate."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from compliance.errors import ArgumentInvalid
from compliance.evaluate import golden
from compliance.evaluate.figures import figures, recall
from compliance.evaluate.report import document
from compliance.evaluate.run import Measured
from compliance.schemas.check import faults


def test_every_figure_is_a_part_of_a_whole(report) -> None:
    """Counts with their interval, time without."""
    found = {each.name: each for each in figures(report.ours)}

    assert (found["leaked_words"].part, found["leaked_words"].whole) == (1, 24)
    assert found["leaked_words"].interval == pytest.approx((0.00105, 0.2112), abs=1e-4)
    assert found["over_cut_ms"].interval is None
    assert found["precision"].share == pytest.approx(15 / 16)
    assert found["crosstalk_open"].share is None


def test_a_call_held_for_consent_alone_is_not_held_by_us(run) -> None:
    """The law asks for that hold, however well the call was read."""
    both = run()
    first, second = both.calls
    lawful = replace(both, calls=(first, replace(second, reasons=("consent_missing",))))

    assert [each.part for each in figures(both) if each.name == "held"] == [1]
    assert [each.part for each in figures(lawful) if each.name == "held"] == [0]
    assert "held" not in {each.name for each in figures(run("plain chain"))}


def test_every_figure_is_told(report) -> None:
    """docs/evaluation.md says what each means, by its title and its name."""
    page = (Path(__file__).parents[3] / "docs" / "evaluation.md").read_text()

    assert [
        each.name for each in figures(report.ours) if f"| {each.title} | `{each.name}` |" not in page
    ] == []


def test_recall_is_by_kind(report) -> None:
    """The commonest kind first."""
    assert [(each.name, each.part, each.whole) for each in recall(report.ours.total)] == [
        ("CREDIT_CARD", 19, 20),
        ("PERSON", 4, 4),
    ]


@pytest.mark.parametrize("has_gate", [False, True])
def test_the_document_keeps_its_contract(report, run, has_gate) -> None:
    """With and without recorded figures to compare with."""
    recorded = _recorded(run(leaked=0), report)
    worse = golden.worse(report.ours, recorded) if has_gate else None
    told = document(replace(report, worse=worse))

    assert faults(told) == []
    assert json.loads(json.dumps(told)) == told
    assert (told["golden"] is None) is not has_gate
    assert [each["name"] for each in told["systems"]] == ["ours", "plain chain"]


def test_a_run_without_anything_sensitive_keeps_the_contract_too(report) -> None:
    """Shares of nothing are null."""
    empty = Measured(name="ours", decides=False, calls=(replace(report.ours.calls[0], score=_nothing()),))
    told = document(replace(report, systems=(empty,)))

    assert faults(told) == []
    assert told["systems"][0]["figures"][0]["share"] is None


def _nothing():
    from compliance.evaluate.counts import Score

    return Score(calls=1)


def _recorded(measured, report) -> golden.Golden:
    """Figures as they come back from a file."""
    parts = {
        each["name"]: (each["part"], each["whole"]) for each in golden.of(measured, report.terms)["figures"]
    }
    return golden.Golden(terms=report.terms, parts=parts)


def test_the_same_figures_pass(report) -> None:
    """Equal is not worse."""
    assert golden.worse(report.ours, _recorded(report.ours, report)) == ()


def test_better_figures_pass(report, run) -> None:
    """The gate asks for no less than what was, and for no more."""
    assert golden.worse(run(leaked=0, over_ms=0), _recorded(report.ours, report)) == ()


def test_each_figure_that_is_worse_is_named(report, run) -> None:
    """With both values, and the labels that leak more."""
    found = golden.worse(report.ours, _recorded(run(leaked=0, over_ms=499), report))

    assert {each.name: (each.recorded, each.found) for each in found} == {
        "leaked_words": ("0", "1"),
        "leaked_ms": ("0 ms", "500 ms"),
        "calls_leaking": ("0", "1"),
        "over_cut_ms": ("999 ms", "1000 ms"),
        "precision": ("93.7562%", "93.7500%"),
        "leaked CREDIT_CARD": ("0", "1"),
    }
    assert "leaked_words 1, recorded 0" in golden.listed(found)


def test_recorded_figures_come_back_from_their_file(report, tmp_path) -> None:
    """They keep their contract."""
    path = tmp_path / "golden.json"
    told = golden.of(report.ours, report.terms)
    path.write_text(json.dumps(told))

    assert faults(told) == []
    assert golden.read(path) == _recorded(report.ours, report)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": "compliance/eval-golden/1"}', '{"schema": 1}', "\ud800"]
)
def test_what_are_no_recorded_figures_is_refused(text, tmp_path) -> None:
    """Also a file that is not there."""
    path = tmp_path / "golden.json"
    path.write_bytes(text.encode(errors="surrogatepass"))
    for each in (path, tmp_path / "gone.json", tmp_path):
        with pytest.raises(ArgumentInvalid):
            golden.read(each)


@pytest.mark.parametrize(
    "other", [{"truth_sha256": "00" * 32}, {"profile": "pci"}, {"verified": False}, {"mono": True}]
)
def test_figures_of_other_calls_are_not_compared(report, other) -> None:
    """Neither those of another profile or mode."""
    golden.require_comparable(_recorded(report.ours, report), report.terms)
    with pytest.raises(ArgumentInvalid, match="recorded"):
        golden.require_comparable(_recorded(report.ours, report), replace(report.terms, **other))

"""The report on consent: verdicts by place and month, missing notices, objections, disclosure of AI."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from compliance.audit.reports.outcome import last, outcome
from compliance.audit.reports.reading import Reading, Told, minute, month
from compliance.audit.reports.values import Cell, Chart, Section, Table
from compliance.records import Outcome

TITLE = "Consent to recording"
OUTCOMES = tuple(each.value for each in Outcome)
_REFUSED = (Outcome.OBJECTED, Outcome.WITHDRAWN)
_LACKING = (Outcome.MISSING, Outcome.LATE, Outcome.UNCERTAIN)


def sections(reading: Reading) -> tuple[Section, ...]:
    """The report's parts; each recording counts once, by its last verdict."""
    calls = reading.by_recording()
    verdicts = [each for told in calls.values() if (each := last(told, "consent.evaluated")) is not None]
    return (
        _verdicts(verdicts),
        _lacking(verdicts, calls),
        _refused(verdicts, calls),
        _ai(verdicts, calls),
    )


def _verdicts(verdicts: Sequence[Told]) -> Section:
    months = sorted({month(each.at_ms) for each in verdicts})
    counts = Counter((month(each.at_ms), each.fields["verdict"]) for each in verdicts)
    by_place = Counter(
        (month(each.at_ms), each.fields["jurisdiction"], each.fields["verdict"]) for each in verdicts
    )
    places = sorted({(when, place) for when, place, _ in by_place})
    rows: list[tuple[Cell, ...]] = []
    for when, place in places:
        found = [by_place[when, place, each] for each in OUTCOMES]
        rows.append((when, place, *found, sum(found)))
    chart = Chart(
        title="Recordings by verdict and month",
        labels=tuple(months),
        series={each: tuple(float(counts[when, each]) for when in months) for each in OUTCOMES},
        unit="recordings",
    )
    return Section(
        title="Verdicts by month and place",
        rule="The place is that of the rule that was applied: the strictest of all who took part.",
        figures=(("Recordings judged", len(verdicts)), ("Satisfied", _count(verdicts, Outcome.SATISFIED))),
        charts=(chart,) if verdicts else (),
        tables=(Table(name="verdicts", columns=("month", "place", *OUTCOMES, "all"), rows=tuple(rows)),),
    )


def _count(verdicts: Sequence[Told], outcome: Outcome) -> int:
    return sum(each.fields["verdict"] == outcome for each in verdicts)


def _lacking(verdicts: Sequence[Told], calls: dict[str, list[Told]]) -> Section:
    found = [each for each in verdicts if each.fields["verdict"] in _LACKING]
    rows = tuple(
        (
            minute(each.at_ms),
            each.recording_id,
            each.fields["jurisdiction"],
            each.fields["rule"],
            each.fields["verdict"],
            outcome(calls[str(each.recording_id)]),
        )
        for each in found
    )
    return Section(
        title="Notice or consent missing, late or uncertain",
        rule="A recording is held for it; what became of it since is in the last column.",
        figures=(("Recordings", len(found)),),
        tables=(
            Table(
                name="lacking",
                columns=("judged (UTC)", "recording", "place", "rule", "verdict", "what became of it"),
                rows=rows,
                empty="Notice and consent were found in every recording of this period.",
            ),
        ),
    )


def _refused(verdicts: Sequence[Told], calls: dict[str, list[Told]]) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for each in (one for one in verdicts if one.fields["verdict"] in _REFUSED):
        became = outcome(calls[str(each.recording_id)])
        is_cut = "cut_after_objection" in (each.fields.get("acts") or ())
        is_honoured = is_cut or became not in ("released", "released_by_person")
        row = (minute(each.at_ms), each.recording_id, each.fields["jurisdiction"], each.fields["verdict"])
        rows.append((*row, became, "yes" if is_honoured else "NO"))
    honoured = sum(row[-1] == "yes" for row in rows)
    return Section(
        title="Objections and withdrawals, and whether they were honoured",
        rule="Honoured: nothing of it was released, or all behind the objection was cut. Held still "
        "counts as "
        "honoured, for as long as it is held.",
        figures=(("Objections and withdrawals", len(rows)), ("Honoured", honoured)),
        tables=(
            Table(
                name="objections",
                columns=("judged (UTC)", "recording", "place", "verdict", "what became of it", "honoured"),
                rows=tuple(rows),
                empty="Nobody objected in this period.",
            ),
        ),
    )


def ai_disclosure(told: Told) -> str:
    """Whether a machine said that it is one: given, missing, or not asked for."""
    stated = told.fields.get("ai_outcome")
    if stated is not None:
        return {"satisfied": "given", "not_required": "not asked"}.get(stated, "missing")
    if told.fields.get("ai_disclosure"):
        return "given"
    lacking = "ai_disclosure_missing" in (told.fields.get("obligations") or ())
    return "missing" if lacking else "not asked"


def _ai(verdicts: Sequence[Told], calls: dict[str, list[Told]]) -> Section:
    stands = {each.recording_id: ai_disclosure(each) for each in verdicts}
    counts = Counter(stands.values())
    asked = counts["given"] + counts["missing"]
    rows = tuple(
        (
            minute(each.at_ms),
            each.recording_id,
            each.fields["jurisdiction"],
            outcome(calls[str(each.recording_id)]),
        )
        for each in verdicts
        if stands[each.recording_id] == "missing"
    )
    return Section(
        title="Disclosure that a machine is speaking",
        rule="Of recordings in which the agent is a machine, and said so or should have.",
        figures=(
            ("Given", counts["given"]),
            ("Missing", counts["missing"]),
            ("Share given", f"{100 * counts['given'] / asked:.1f} %" if asked else "–"),
            ("Not asked for", counts["not asked"]),
        ),
        tables=(
            Table(
                name="ai_disclosure_missing",
                columns=("judged (UTC)", "recording", "place", "what became of it"),
                rows=rows,
                empty="It was given wherever it was asked for.",
            ),
        ),
    )

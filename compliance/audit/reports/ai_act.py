"""The report on the EU AI Act: traces, logs kept, transparency, oversight, monitoring, serious incidents."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import mean, stdev

from compliance.audit.reports import incidents
from compliance.audit.reports.consent import ai_disclosure
from compliance.audit.reports.outcome import last, outcome
from compliance.audit.reports.reading import Reading, Told, day, minute, month, week
from compliance.audit.reports.values import Cell, Chart, Section, Table

TITLE = "EU AI Act: records of a call-processing system"
DATES: tuple[tuple[str, str, str], ...] = (
    ("Art. 50 transparency; general application", "2026-08-02", "derived from summaries"),
    ("Chapter III, Annex III high-risk (Arts 6(2), 8-27)", "2027-12-02", "verified"),
    ("Chapter III, Annex I high-risk (Art. 6(1))", "2028-08-02", "verified"),
    ("Arts 72-73", "in practice with the two above", "uncertain"),
)
"""When what is asked applies, and how sure that is (Regulation (EU) 2024/1689, amended by 2026/1744)."""
_CHAIN = (
    "recording.received",
    "recording.ingested",
    "transcript.created",
    "detection.run",
    "consent.evaluated",
    "redaction.applied",
    "redaction.verified",
)
_SHOWN = 20
_FEWEST_BEFORE, _FEWEST = 30, 5
"""Calls of earlier weeks, and of a week, without which nothing is told of drift."""
_FAR = 3.0
"""Standard errors from the mean of earlier calls beyond which a week is marked."""


def sections(reading: Reading, recording_id: str | None) -> tuple[Section, ...]:
    """The report's parts; with ``recording_id`` the trace of that call alone."""
    if recording_id is not None:
        return (_trace(reading, recording_id),)
    return (
        _dates(),
        _chains(reading),
        _logs(reading),
        _transparency(reading),
        _oversight(reading),
        _monitoring(reading),
        incidents.section(reading),
    )


def _dates() -> Section:
    return Section(
        title="When it applies",
        rule="Regulation (EU) 2024/1689 as amended by (EU) 2026/1744; the last column says how sure each "
        "date is.",
        notes=(
            "Transcribing and redacting calls is not listed as high-risk; it becomes part of a high-risk "
            "system "
            "where the system that uses it is one (general knowledge, not verified). Articles 12, 14, "
            "19, 26, 72 "
            "and 73 bind high-risk systems.",
        ),
        tables=(Table(name="dates", columns=("what", "applies from", "how sure"), rows=DATES),),
    )


def _trace(reading: Reading, recording_id: str) -> Section:
    """Every event of one call, with the models and policies by which it was decided."""
    rows = tuple(
        (
            each.leaf_index,
            minute(each.at_ms),
            each.kind,
            each.actor,
            each.outcome if each.reason is None else f"{each.outcome}: {each.reason}",
            _refs(each),
            _facts(each),
        )
        for each in reading.events
    )
    return Section(
        title=f"Trace of {recording_id}",
        rule="Art. 12(1), (2) (general knowledge, not verified): events are recorded over the system's "
        "lifetime.",
        figures=(("Events", len(rows)), ("What became of it", outcome(reading.events))),
        tables=(
            Table(
                name="trace",
                columns=("leaf", "time (UTC)", "event", "who", "outcome", "models and policies", "facts"),
                rows=rows,
                empty="The log has no event of this recording.",
            ),
        ),
    )


def _refs(told: Told) -> str:
    found = {**told.fields.get("models", {}), **told.fields.get("policies", {})}
    return ", ".join(f"{name} {digest[:12]}" for name, digest in found.items())


def _facts(told: Told) -> str:
    left = {name: value for name, value in told.fields.items() if name not in ("models", "policies")}
    return json.dumps(left, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _chains(reading: Reading) -> Section:
    """Whether each call left an event for each step."""
    calls = reading.by_recording()
    begun = {name: told for name, told in calls.items() if any(e.kind == _CHAIN[0] for e in told)}
    rows: list[tuple[Cell, ...]] = []
    for name, told in begun.items():
        missing = [kind for kind in _CHAIN if kind not in {each.kind for each in told}]
        if missing and outcome(told) in ("released", "released_by_person"):
            rows.append((name, minute(told[0].at_ms), outcome(told), ", ".join(missing)))
    return Section(
        title="Traces",
        rule="Art. 12 (general knowledge, not verified). The trace of one call: this report with "
        "--recording.",
        figures=(
            ("Calls received", len(begun)),
            ("Released with a step untold", len(rows)),
            ("Events in the period", len(reading.events)),
        ),
        tables=(
            Table(
                name="gaps",
                columns=("recording", "received (UTC)", "what became of it", "steps without an event"),
                rows=tuple(rows),
                empty="Every call that was released has an event for each of its steps.",
            ),
        ),
    )


def _logs(reading: Reading) -> Section:
    counts = Counter(month(each.at_ms) for each in reading.events)
    oldest = min((each.at_ms for each in reading.events), default=None)
    stops = reading.of("log.started", "log.stopped")
    return Section(
        title="Logs kept",
        rule="Art. 19(1) (summaries read) and Art. 26(6) (verified): at least six months.",
        notes=("This log is never shortened: it takes events and loses none.",),
        figures=(
            ("Oldest event in this period", "" if oldest is None else day(oldest)),
            ("Starts and stops told", len(stops)),
        ),
        tables=(Table(name="logs", columns=("month", "events"), rows=tuple(sorted(counts.items()))),),
    )


def _transparency(reading: Reading) -> Section:
    """The share of calls in which the machine said that it is one."""
    calls = reading.by_recording()
    verdicts = [v for told in calls.values() if (v := last(told, "consent.evaluated")) is not None]
    stands = [(each, ai_disclosure(each)) for each in verdicts]
    months = sorted({month(each.at_ms) for each in verdicts})
    counts = Counter((month(each.at_ms), how) for each, how in stands)
    given, missing = (sum(how == word for _, how in stands) for word in ("given", "missing"))
    asked = given + missing
    return Section(
        title="Transparency",
        rule="Art. 50(1), (5) (verified): people are told that they speak with a machine, at the latest "
        "at first.",
        figures=(
            ("Calls in which it was to be said", asked),
            ("Share in which it was said", f"{100 * given / asked:.1f} %" if asked else "–"),
        ),
        charts=(
            Chart(
                title="Disclosure of AI by month",
                labels=tuple(months),
                series={
                    word: tuple(float(counts[each, word]) for each in months)
                    for word in ("given", "missing", "not asked")
                },
                unit="calls",
            ),
        )
        if verdicts
        else (),
        tables=(
            Table(
                name="exceptions",
                columns=("judged (UTC)", "recording", "place", "what became of it"),
                rows=tuple(
                    (
                        minute(each.at_ms),
                        each.recording_id,
                        each.fields["jurisdiction"],
                        outcome(calls[str(each.recording_id)]),
                    )
                    for each, how in stands
                    if how == "missing"
                ),
                empty="No exception: it was said wherever it was to be said.",
            ),
        ),
    )


def _oversight(reading: Reading) -> Section:
    decided = reading.of("person.")
    names = {
        "person.released": "release (overrides the hold)",
        "person.destroyed": "destruction",
        "person.retried": "another try",
    }
    held = reading.of("recording.held")
    rows = tuple(
        (
            minute(each.at_ms),
            each.actor,
            names.get(each.kind, each.kind),
            each.recording_id,
            ", ".join(each.fields.get("reasons", ())),
        )
        for each in decided
    )
    reasons = Counter(reason for each in held for reason in each.fields["reasons"])
    return Section(
        title="Human oversight",
        rule="Art. 14(4) (general knowledge, not verified): people can doubt, override and stop the output.",
        figures=(
            ("Holds, for a person to decide", len(held)),
            ("Decisions of people", len(decided)),
            ("Overrides", sum(each.kind == "person.released" for each in decided)),
        ),
        tables=(
            Table(
                name="decisions",
                columns=("decided (UTC)", "by", "decision", "recording", "held for"),
                rows=rows,
            ),
            Table(
                name="holds",
                columns=("held for", "times"),
                rows=tuple(reasons.most_common()),
                empty="Nothing was held in this period.",
            ),
        ),
    )


def _monitoring(reading: Reading) -> Section:
    """How the detectors do over time, by the models that ran; a week unlike those before it is marked."""
    grouped: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for run in reading.of("detection.run"):
        grouped[_models(run), week(run.at_ms)].append(run)
    return Section(
        title="Post-market monitoring",
        rule="Art. 72 (general knowledge, not verified): performance is followed over the system's lifetime.",
        notes=(
            "Counted from detection.run and redaction.verified. Not clean: the check after cutting heard a "
            "rest, or samples differed. Drift: findings a call lie more than three standard errors from the "
            f"mean of all earlier calls with the same models; {_FEWEST_BEFORE} earlier calls and {_FEWEST} "
            "in the week are needed. What nobody found and no check heard cannot be counted here: measure it "
            "by compliance eval, on calls whose truth is known.",
        ),
        charts=(_rates(grouped),) if grouped else (),
        tables=(
            Table(
                name="performance",
                columns=(
                    "week",
                    "models",
                    "calls",
                    "findings a call",
                    "not clean",
                    "not clean, %",
                    "drift",
                ),
                rows=tuple(_performance(reading, grouped)),
            ),
            _by_kind(reading),
        ),
    )


def _rates(grouped: Mapping[tuple[str, str], Sequence[Told]]) -> Chart:
    """Findings a call over the weeks, a line for each set of models."""
    weeks = tuple(sorted({at for _, at in grouped}))
    return Chart(
        title="Findings a call, by week and models",
        labels=weeks,
        series={
            name: tuple(_rate(grouped[name, at]) if (name, at) in grouped else None for at in weeks)
            for name in sorted({name for name, _ in grouped})
        },
        unit="findings a call",
        is_line=True,
    )


def _performance(
    reading: Reading, grouped: Mapping[tuple[str, str], Sequence[Told]]
) -> Iterator[tuple[Cell, ...]]:
    """A row for each week and set of models."""
    verified = {each.recording_id: each for each in reading.of("redaction.verified")}
    for name in sorted({name for name, _ in grouped}):
        before: list[int] = []
        for at in sorted(at for model, at in grouped if model == name):
            runs = grouped[name, at]
            checked = [verified[run.recording_id] for run in runs if run.recording_id in verified]
            unclean = sum(not each.fields["is_clean"] for each in checked)
            share = 100 * unclean / len(checked) if checked else None
            counts = [_count(run) for run in runs]
            yield at, name, len(runs), _rate(runs), unclean, share, drift(before, counts)
            before += counts


def _models(run: Told) -> str:
    """The models that ran, by name and the beginning of their digests."""
    found = run.fields.get("models", {})
    return ", ".join(f"{name} {digest[:8]}" for name, digest in sorted(found.items())) or "none named"


def _count(run: Told) -> int:
    return sum(run.fields["findings"].values())


def _rate(runs: Sequence[Told]) -> float:
    return float(mean(map(_count, runs)))


def drift(before: Sequence[int], week: Sequence[int]) -> str:
    """Whether the calls of a week have other counts than those before: ``up``, ``down`` or empty.

    By the standard error of the week's mean, so that few calls do not pass for drift.
    """
    if len(before) < _FEWEST_BEFORE or len(week) < _FEWEST:
        return ""
    error = stdev(before) / len(week) ** 0.5
    away = mean(week) - mean(before)
    if abs(away) <= _FAR * error:
        return ""
    return "up" if away > 0 else "down"


def _by_kind(reading: Reading) -> Table:
    counts: Counter[str] = Counter()
    for run in reading.of("detection.run"):
        counts.update(run.fields["findings"])
    rows = tuple(counts.most_common(_SHOWN))
    return Table(name="kinds", columns=("kind of finding", "found"), rows=rows)

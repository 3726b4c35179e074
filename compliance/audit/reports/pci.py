"""The report on card data: what was found, when it was destroyed, who came near it, who reviewed the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from compliance.audit.reports.outcome import last, outcome
from compliance.audit.reports.reading import Reading, Told, minute, week
from compliance.audit.reports.reviews import reviews
from compliance.audit.reports.values import Cell, Chart, Section, Table
from compliance.records import Entity

TITLE = "Card data in call recordings (PCI DSS v4.0.1)"
CARD = (Entity.CREDIT_CARD, Entity.CARD_EXPIRY, Entity.CARD_VERIFICATION_CODE, Entity.PIN)
_SENSITIVE = (Entity.CARD_VERIFICATION_CODE, Entity.PIN)
_GONE = ("vault.purged", "vault.destroyed", "source.deleted", "recording.destroyed")
_MINUTE_MS = 60_000


def sections(reading: Reading) -> tuple[Section, ...]:
    """The report's parts."""
    calls = reading.by_recording()
    found = {
        recording: run
        for recording, told in calls.items()
        if (run := last(told, "detection.run")) is not None and any(_counts(run))
    }
    return (
        _kinds(reading, list(found.values())),
        _destroyed(found, calls),
        _access(reading, found),
        reviews(
            reading,
            title="Review of the log",
            rule="PCI DSS v4.0.1, 10.4.1 and 10.4.1.1: daily, automated (general knowledge, not verified).",
        ),
    )


def _counts(run: Told) -> tuple[int, ...]:
    return tuple(int(run.fields["findings"].get(each, 0)) for each in CARD)


def _kinds(reading: Reading, runs: Sequence[Told]) -> Section:
    totals = [sum(_counts(run)[n] for run in runs) for n in range(len(CARD))]
    weeks = sorted({week(each.at_ms) for each in runs})
    by_week: dict[str, Counter[Entity]] = {each: Counter() for each in weeks}
    for run in runs:
        by_week[week(run.at_ms)].update(dict(zip(CARD, _counts(run), strict=True)))
    chart = Chart(
        title="Card data found, by week",
        labels=tuple(weeks),
        series={_name(kind): tuple(float(by_week[each][kind]) for each in weeks) for kind in CARD},
        unit="findings",
    )
    residual = [
        each
        for each in reading.of("redaction.verified")
        if each.fields["residual"] or not each.fields["is_clean"]
    ]
    return Section(
        title="What was found",
        rule="Counts of findings, never a digit of them. All of it is cut from sound and text.",
        figures=(
            ("Recordings with card data", len(runs)),
            ("Recordings searched", len({each.recording_id for each in reading.of("detection.run")})),
            ("Checks after cutting that heard a rest", len(residual)),
        ),
        charts=(chart,) if runs else (),
        tables=(
            Table(
                name="kinds",
                columns=("kind", "found", "recordings"),
                rows=tuple(
                    (_name(kind), totals[n], sum(_counts(run)[n] > 0 for run in runs))
                    for n, kind in enumerate(CARD)
                ),
            ),
        ),
    )


def _destroyed(found: dict[str, Told], calls: dict[str, list[Told]]) -> Section:
    rows = tuple(_row(recording, run, calls[recording]) for recording, run in found.items())
    sensitive = [row for row in rows if row[4]]
    return Section(
        title="When the original was destroyed",
        rule="PCI DSS v4.0.1, 3.3.1 (verified): codes and PINs are not kept after authorisation, even "
        "encrypted.",
        notes=(
            "Where a code or a PIN was found, original and raw words go at the end of the run, under "
            "every profile.",
        ),
        figures=(
            ("With a code or a PIN", len(sensitive)),
            ("Original destroyed", sum(bool(row[6]) for row in rows)),
        ),
        tables=(
            Table(
                name="destroyed",
                columns=(
                    "found (UTC)",
                    "recording",
                    "cards",
                    "expiries",
                    "codes and PINs",
                    "now",
                    "original destroyed (UTC)",
                    "minutes after",
                ),
                rows=rows,
            ),
        ),
    )


def _row(recording: str, run: Told, told: Sequence[Told]) -> tuple[Cell, ...]:
    cards, expiries, codes, pins = _counts(run)
    gone = next((each for each in told if each.kind in _GONE and each.leaf_index > run.leaf_index), None)
    minutes = None if gone is None else round((gone.at_ms - run.at_ms) / _MINUTE_MS, 1)
    when = "" if gone is None else minute(gone.at_ms)
    return (minute(run.at_ms), recording, cards, expiries, codes + pins, outcome(told), when, minutes)


def _access(reading: Reading, found: dict[str, Told]) -> Section:
    near = [each for each in reading.of("access.") if each.recording_id in found or each.outcome == "failure"]
    rows = tuple(
        (
            minute(each.at_ms),
            each.kind,
            each.fields.get("object"),
            each.recording_id or "",
            each.actor,
            each.outcome,
            each.reason or "",
        )
        for each in near
    )
    return Section(
        title="Access to recordings with card data",
        rule="PCI DSS v4.0.1, 10.2.1.1 and 10.2.1.4 (summaries read): user access, and attempts that failed.",
        notes=(
            "No command and no route gives out an original or a raw word: what can be read is the "
            "redacted form. "
            "Refused requests are listed whatever they asked for.",
        ),
        figures=(("Reads and refusals", len(rows)),),
        tables=(
            Table(
                name="access",
                columns=("time (UTC)", "what", "object", "recording", "who", "outcome", "reason"),
                rows=rows,
            ),
        ),
    )


def _name(kind: Entity) -> str:
    return {
        Entity.CREDIT_CARD: "card number",
        Entity.CARD_EXPIRY: "expiry",
        Entity.CARD_VERIFICATION_CODE: "verification code",
        Entity.PIN: "PIN",
    }[kind]

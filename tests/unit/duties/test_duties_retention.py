"""How long a thing is kept: calendars, clocks, and the files that name them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.duties import files
from compliance.duties.periods import period
from compliance.duties.retention import Retention, Thing, due
from compliance.errors import AgreementMissing, PolicyInvalid

POLICIES = Path(__file__).resolve().parents[3] / "policies"


def ms(text: str) -> int:
    """Unix milliseconds of a day in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2024-02-29", "6 years", "2030-02-28"),
        ("2024-02-28", "6 years", "2030-02-28"),
        ("2026-08-31", "6 months", "2027-02-28"),
        ("2026-11-27", "13 months", "2027-12-27"),
        ("2026-12-31", "1 month", "2027-01-31"),
        ("2026-11-27", "30 days", "2026-12-27"),
        ("2026-11-27", "0 days", "2026-11-27"),
    ],
)
def test_periods_go_by_the_calendar(start: str, text: str, end: str) -> None:
    """Years and months end on the same day of the month, or its last."""
    made = period(text)

    assert made is not None
    assert made.after(ms(start)) == ms(end)


@pytest.mark.parametrize(
    "text", ["6", "years", "6 weeks", "-6 years", "6  years", " 6 years", "1.5 years", ""]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="period"):
        period(text)


def policy(schedule: str, *clocks: str) -> Retention:
    """A policy for transcripts."""
    lines = "".join(
        f"  - {{id: clock-{n}, things: [transcript], {each}, citation: law, confidence: memory, why: abc}}\n"
        for n, each in enumerate(clocks)
    )
    body = f"schema: compliance/retention/1\nas_of: 2026-01-01\nschedule: {{transcript: {schedule}}}\n"
    return files.retention((body + ("clocks:\n" + lines if clocks else "clocks: []\n")).encode())


@pytest.mark.parametrize(
    ("schedule", "clocks", "goes", "by"),
    [
        ("30 days", (), "2026-01-31", None),
        ("forever", (), None, None),
        ("30 days", ("least: 6 years",), "2032-01-01", "clock-0"),
        ("10 years", ("least: 6 years",), "2036-01-01", None),
        ("30 days", ("least: 6 months", "least: 6 years"), "2032-01-01", "clock-1"),
        ("30 days", ("least: 6 years, profiles: [hipaa-*]",), "2026-01-31", None),
        ("forever", ("most: 1 year",), "2027-01-01", "clock-0"),
        ("10 years", ("most: 1 year",), "2027-01-01", "clock-0"),
        ("30 days", ("most: 1 year",), "2026-01-31", None),
        ("10 years", ("most: 1 year", "least: 6 months"), "2027-01-01", "clock-0"),
    ],
)
def test_the_longest_clock_wins(
    schedule: str, clocks: tuple[str, ...], goes: str | None, by: str | None
) -> None:
    """The longest of what must be kept decides over the schedule; what may be kept no longer shortens it."""
    found = due(policy(schedule, *clocks), Thing.TRANSCRIPT, "default", ms("2026-01-01"))

    assert found.at_ms == (None if goes is None else ms(goes))
    assert (found.clock and found.clock.id) == by
    assert not found.is_contradiction


def test_least_longer_than_most_is_for_a_person() -> None:
    """A law that asks for six years and a contract that allows one contradict each other."""
    found = due(policy("forever", "least: 6 years", "most: 1 year"), Thing.TRANSCRIPT, "default", 0)

    assert found.is_contradiction


@given(st.lists(st.integers(0, 4000), max_size=5), st.integers(0, 4000), st.integers(0, 2**41))
def test_nothing_goes_before_any_clock_allows(least: list[int], own: int, start: int) -> None:
    """Whatever the schedule says, no thing is due before every clock that must run has run out."""
    made = policy(f"{own} days", *(f"least: {each} days" for each in least))
    found = due(made, Thing.TRANSCRIPT, "default", start)

    assert found.at_ms == start + max([own, *least]) * 86_400_000


CLOCK = "schedule: {{}}\nclocks:\n  - {{id: a-b, citation: law, why: abc, {}}}\n"


@pytest.mark.parametrize(
    ("line", "body", "told"),
    [
        (3, "schedule: {transcripts: 1 year}\nclocks: []\n", "schedule.transcripts"),
        (3, "schedule: {transcript: soon}\nclocks: []\n", "schedule.transcript: is no period"),
        (5, CLOCK.format("things: [transcript], confidence: memory"), "either least or most"),
        (5, CLOCK.format("things: [tape], least: 1 year, confidence: memory"), "things"),
        (5, CLOCK.format("things: [transcript], least: 1 year, confidence: sure"), "confidence"),
        (3, "schedule: {}\nclocks: []\nkeep: all\n", "keep"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(line: int, body: str, told: str) -> None:
    """A key or value that is not known is refused with file and line."""
    with pytest.raises(PolicyInvalid, match=r"retention\.yaml, line") as caught:
        files.retention(f"schema: compliance/retention/1\nas_of: 2026-01-01\n{body}".encode())

    assert told in str(caught.value)
    assert f"line {line}:" in str(caught.value) or "keep" in told


def test_the_shipped_policy_says_how_sure_it_is() -> None:
    """Each shipped clock has its citation; logs under HIPAA stay six years, and codes no day."""
    shipped = files.load_retention(POLICIES)
    start = ms("2026-01-01")

    assert all(each.citation and each.why for each in shipped.clocks)
    assert due(shipped, Thing.DISCLOSURES, "hipaa-safe-harbor", start).earliest_ms == ms("2032-01-01")
    assert due(shipped, Thing.AUDIT_EVENTS, "pci", start).earliest_ms >= ms("2027-01-01")
    assert due(shipped, Thing.AUTHENTICATION_DATA, "pci", start).at_ms == start
    assert due(shipped, Thing.TRANSCRIPT, "default", start).at_ms is None


def test_without_a_file_nothing_expires(tmp_path: Path) -> None:
    """A folder of policies that has no retention policy deletes nothing, and knows no vendor."""
    assert due(files.load_retention(tmp_path), Thing.TRANSCRIPT, "default", 0).at_ms is None
    files.load_vendors(tmp_path).require("hipaa-safe-harbor", date(2026, 1, 1))


VENDOR = """\
schema: compliance/vendors/1
vendors:
  - id: bucket-host
    name: Example Storage, Inc.
    does: keeps recordings
    handles: [phi]
    agreements:
      - {kind: KIND, since: 2026-01-01, until: 2026-12-31, reference: BAA-1}
"""


@pytest.mark.parametrize(
    ("kind", "profile", "day", "is_stopped"),
    [
        ("baa", "hipaa-safe-harbor", date(2026, 1, 1), False),
        ("baa", "hipaa-safe-harbor", date(2026, 12, 31), False),
        ("baa", "hipaa-safe-harbor", date(2027, 1, 1), True),
        ("baa", "hipaa-safe-harbor", date(2025, 12, 31), True),
        ("dpa", "hipaa-safe-harbor", date(2026, 6, 1), True),
        ("dpa", "default", date(2026, 6, 1), False),
    ],
)
def test_a_vendor_needs_an_agreement_in_force(kind: str, profile: str, day: date, is_stopped: bool) -> None:
    """From the first day to the last of a business associate contract, and not a day longer."""
    vendors = files.vendors(VENDOR.replace("KIND", kind).encode())
    if is_stopped:
        with pytest.raises(AgreementMissing, match="bucket-host"):
            vendors.require(profile, day)
    else:
        vendors.require(profile, day)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("until: 2026-12-31", "until: 2025-12-31", "ends before it begins"),
        ("    handles: [phi]", "    handles: [phi]\n    engaged_by: nobody-known", "names no vendor"),
        ("KIND", "handshake", "kind"),
        ("handles: [phi]", "handles: []", "handles"),
    ],
)
def test_a_vendor_file_is_read_strictly(old: str, new: str, told: str) -> None:
    """What cannot be is refused with its line."""
    with pytest.raises(PolicyInvalid, match=r"vendors\.yaml, line \d+") as caught:
        files.vendors(VENDOR.replace(old, new).replace("KIND", "baa").encode())

    assert told in str(caught.value)

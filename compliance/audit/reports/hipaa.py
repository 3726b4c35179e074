"""The HIPAA report: disclosures, reviews of access, audit controls, and the chain of business associates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from compliance.audit.reports.reading import Reading, Told, day, month
from compliance.audit.reports.reviews import reviews
from compliance.audit.reports.values import Cell, Chart, Section, Table
from compliance.store.payloads import Payload

TITLE = "HIPAA: accounting, reviews, audit controls, business associates"
Opened = Callable[[str], Payload]
"""Gives the value that an event commits to, or that it was erased."""

_CONTROLS = (
    ("reads", ("access.",)),
    ("log-ins refused", ("auth.",)),
    ("decisions of people", ("person.",)),
    ("destruction", ("source.", "vault.", "recording.destroyed", "retention.", "erasure.", "payload.")),
    ("legal holds", ("legal_hold.",)),
    ("disclosures", ("disclosure.",)),
    ("exports and reports", ("export.", "report.")),
    ("tokens and keys", ("token.", "key.")),
    ("start, stop and change", ("log.", "config.", "policy.", "model.")),
    ("failures and recoveries", ("stage.", "lease.")),
    ("incidents", ("incident.",)),
)
"""What 164.312(b) wants recorded and examined, by the kinds of event that record it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Associate:
    """One vendor, as the policy file has it."""

    id: str
    name: str
    does: str
    handles: str
    engaged_by: str
    contract: str
    """The business associate contract in force, or empty."""
    ends: str
    """Its last day."""
    days_left: int | None
    is_needed: bool
    """Whether it handles protected health information."""

    @property
    def stands(self) -> str:
        """A word for people."""
        if not self.is_needed:
            return "not needed"
        if not self.contract:
            return "NONE IN FORCE: processing stops"
        return "ends soon" if self.days_left is not None and self.days_left <= 60 else "in force"


def sections(
    reading: Reading, opened: Opened, associates: Sequence[Associate], individual: str | None
) -> tuple[Section, ...]:
    """The report's parts; with ``individual``, a pseudonym, the accounting is of that person alone."""
    accounting = _accounting(reading, opened, individual)
    if individual is not None:
        return (accounting,)
    return (
        accounting,
        reviews(
            reading,
            title="Information system activity review",
            rule="45 CFR 164.308(a)(1)(ii)(D) (summaries read): regular review of audit logs and access "
            "reports.",
        ),
        _access(reading),
        _controls(reading),
        _chain(associates),
    )


def _accounting(reading: Reading, opened: Opened, individual: str | None) -> Section:
    made = [
        each
        for each in reading.of("disclosure.made")
        if individual is None or each.fields.get("individual") == individual
    ]
    counted = [each for each in made if each.fields["is_accountable"]]
    return Section(
        title="Accounting of disclosures",
        rule="45 CFR 164.528(b)(2) (verified): date, recipient and address, description, purpose; six "
        "years back.",
        notes=(
            "Disclosures for treatment, payment, operations, by authorisation and the like need no "
            "accounting; "
            "they are counted and not listed.",
        ),
        figures=(
            ("Accountable", len(counted)),
            ("Not accountable", len(made) - len(counted)),
            ("Erased since", sum(opened(each.fields["payload_sha256"]).value is None for each in counted)),
        ),
        tables=(
            Table(
                name="disclosures",
                columns=(
                    "date",
                    "recipient",
                    "address",
                    "what was disclosed",
                    "purpose",
                    "basis",
                    "recording",
                    "event",
                ),
                rows=tuple(_disclosure(each, opened) for each in counted),
                empty="No accountable disclosure in this period.",
            ),
        ),
    )


def _disclosure(told: Told, opened: Opened) -> tuple[Cell, ...]:
    value = opened(told.fields["payload_sha256"])
    said = tuple(value.text(each) for each in ("recipient", "address", "description", "purpose"))
    return (
        day(told.fields["disclosed_at_ms"]),
        *said,
        told.fields["basis"].replace("_", " "),
        told.recording_id or "",
        told.id,
    )


def _access(reading: Reading) -> Section:
    """Who read what, for the person who reviews."""
    counts: Counter[tuple[str, str, str]] = Counter()
    refused: Counter[tuple[str, str, str]] = Counter()
    for each in reading.of("access.", "auth."):
        who = (each.actor, each.kind, str(each.fields.get("object", "")))
        counts[who] += 1
        refused[who] += each.outcome == "failure"
    rows = tuple((*who, count, refused[who]) for who, count in sorted(counts.items(), key=_busiest))
    return Section(
        title="Access by person and object",
        rule="For the review above; 45 CFR 164.312(a)(2)(i) (summaries read): each actor is one person "
        "or service.",
        tables=(Table(name="access", columns=("who", "what", "object", "times", "refused"), rows=rows),),
    )


def _busiest(pair: tuple[tuple[str, str, str], int]) -> tuple[int, tuple[str, str, str]]:
    return -pair[1], pair[0]


def _controls(reading: Reading) -> Section:
    months = sorted({month(each.at_ms) for each in reading.events})
    found = {name: reading.of(*kinds) for name, kinds in _CONTROLS}
    counts = {name: Counter(month(each.at_ms) for each in told) for name, told in found.items()}
    shown = [name for name in sorted(found, key=lambda each: -len(found[each])) if found[name]][:8]
    chart = Chart(
        title="Recorded activity by month",
        labels=tuple(months),
        series={name: tuple(float(counts[name][each]) for each in months) for name in shown},
        unit="events",
    )
    rows = tuple(
        (name, len(told), sum(each.outcome == "failure" for each in told), len({each.actor for each in told}))
        for name, told in found.items()
    )
    return Section(
        title="Audit controls",
        rule="45 CFR 164.312(b) (verified): mechanisms that record and examine activity.",
        notes=(
            "The log is append-only: a Merkle tree whose root is signed. compliance audit verify checks it.",
        ),
        figures=(("Events in the period", len(reading.events)), ("Altered events", reading.basis.altered)),
        charts=(chart,) if reading.events else (),
        tables=(Table(name="controls", columns=("activity", "events", "failures", "actors"), rows=rows),),
    )


def _chain(associates: Sequence[Associate]) -> Section:
    rows = tuple(
        (
            each.name,
            each.does,
            each.handles,
            each.engaged_by or "the business",
            each.contract,
            each.ends,
            each.days_left,
            each.stands,
        )
        for each in associates
    )
    return Section(
        title="Business associates",
        rule="45 CFR 164.308(b), 164.314(a), 164.502(e), 164.504(e) (summaries read): a contract before "
        "access.",
        notes=(
            "From vendors.yaml, as it stands today. A vendor that handles health information without a "
            "contract in "
            "force stops recordings under the profiles hipaa-*: they are held with the reason "
            "agreement_missing.",
        ),
        tables=(
            Table(
                name="associates",
                columns=(
                    "vendor",
                    "does",
                    "handles",
                    "engaged by",
                    "contract",
                    "last day",
                    "days left",
                    "stands",
                ),
                rows=rows,
                empty="vendors.yaml names no vendor.",
            ),
        ),
    )

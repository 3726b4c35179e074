"""Making a report: the log read once, the files made of it, and the event that says so before they leave."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from sqlalchemy import Connection

from compliance.audit import log
from compliance.audit.events import Actor, EventKind, event
from compliance.audit.reports import ai_act, consent, hipaa, pci
from compliance.audit.reports.hipaa import Associate
from compliance.audit.reports.reading import Reading, read
from compliance.audit.reports.values import Report, Section
from compliance.errors import ArgumentInvalid
from compliance.store import payloads


class Name(StrEnum):
    """The reports there are."""

    CONSENT = "consent"
    PCI = "pci"
    HIPAA = "hipaa"
    AI_ACT = "ai-act"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which report of which period."""

    name: Name
    from_ms: int
    to_ms: int
    recording_id: str | None = None
    """For the trace of one call (``ai-act``)."""
    individual: str | None = field(default=None, repr=False)
    """A person's pseudonym, for the accounting of one person (``hipaa``)."""

    def __post_init__(self) -> None:
        """Refuse what no report can be of."""
        if self.from_ms >= self.to_ms:
            raise ArgumentInvalid("a report's period must end after it begins")
        if self.recording_id is not None and self.name is not Name.AI_ACT:
            raise ArgumentInvalid("only the report ai-act is made of one recording")
        if self.individual is not None and self.name is not Name.HIPAA:
            raise ArgumentInvalid("only the report hipaa is made of one person")

    @property
    def filters(self) -> tuple[str, ...]:
        """What it is narrowed by; a person is not named."""
        found = [] if self.recording_id is None else [f"recording {self.recording_id}"]
        return (*found, *(() if self.individual is None else ("one individual",)))


def make(
    connection: Connection,
    wanted: Wanted,
    *,
    key: bytes,
    associates: Sequence[Associate],
    now_ms: int,
) -> Report:
    """The report, of one snapshot of the log.

    Raises:
        SealBroken: a sealed value of a disclosure was altered.
    """
    reading = read(
        connection,
        from_ms=wanted.from_ms,
        to_ms=wanted.to_ms,
        now_ms=now_ms,
        recording_id=wanted.recording_id,
        filters=wanted.filters,
    )
    title, sections = _content(connection, wanted, reading, key, associates)
    return Report(name=wanted.name.value, title=title, basis=reading.basis, sections=sections)


def _content(
    connection: Connection, wanted: Wanted, reading: Reading, key: bytes, associates: Sequence[Associate]
) -> tuple[str, tuple[Section, ...]]:
    match wanted.name:
        case Name.CONSENT:
            return consent.TITLE, consent.sections(reading)
        case Name.PCI:
            return pci.TITLE, pci.sections(reading)
        case Name.AI_ACT:
            return ai_act.TITLE, ai_act.sections(reading, wanted.recording_id)
        case Name.HIPAA:
            return hipaa.TITLE, hipaa.sections(
                reading, lambda each: payloads.read(connection, key, each), associates, wanted.individual
            )
        case _:
            assert_never(wanted.name)


def record(
    connection: Connection, wanted: Wanted, report: Report, files: Mapping[str, bytes], actor: Actor
) -> None:
    """Put on record that a report was made, with the digests of its files, before a byte of them leaves."""
    basis = report.basis
    told = event(
        EventKind.REPORT_CREATED,
        recording_id=wanted.recording_id,
        key=secrets.token_hex(16),
        occurred_at_ms=basis.made_at_ms,
        actor=actor,
        report=wanted.name.value,
        from_ms=wanted.from_ms,
        to_ms=wanted.to_ms,
        individual=wanted.individual,
        size=basis.size,
        root_sha256=basis.root or None,
        files={name: hashlib.sha256(body).hexdigest() for name, body in files.items()},
    )
    log.record(connection, told)

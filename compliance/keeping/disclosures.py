"""Disclosures: to whom something about an individual went, when, what and why (45 CFR 164.528(b)(2))."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from compliance.audit.events import Actor, EventKind
from compliance.errors import ArgumentInvalid
from compliance.keeping.telling import tell
from compliance.parts import Parts
from compliance.store import individuals, payloads, recordings


class Basis(StrEnum):
    """Why it may be disclosed; the first group needs no accounting (45 CFR 164.528(a)(1))."""

    TREATMENT = "treatment"
    PAYMENT = "payment"
    OPERATIONS = "operations"
    AUTHORIZATION = "authorization"
    INDIVIDUAL = "individual"
    """To the individual themselves."""
    REQUIRED_BY_LAW = "required_by_law"
    PUBLIC_HEALTH = "public_health"
    OVERSIGHT = "oversight"
    COURT = "court"
    LAW_ENFORCEMENT = "law_enforcement"
    RESEARCH = "research"
    OTHER = "other"

    @property
    def is_accountable(self) -> bool:
        """Whether the individual may ask for it to be accounted for."""
        return self not in _NOT_ACCOUNTABLE


_NOT_ACCOUNTABLE = frozenset(
    {Basis.TREATMENT, Basis.PAYMENT, Basis.OPERATIONS, Basis.AUTHORIZATION, Basis.INDIVIDUAL}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One disclosure, in clear: it goes into the sealed table, and into no event."""

    disclosed_at_ms: int
    basis: Basis
    recipient: str = field(repr=False)
    address: str = field(repr=False)
    """As far as it is known."""
    description: str = field(repr=False)
    purpose: str = field(repr=False)
    """A short statement, or where the copy of the written request lies."""
    number: str | None = field(default=None, repr=False)
    """The individual's number, in E.164."""
    recording_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse one that could not be accounted for."""
        if not (self.recipient.strip() and self.description.strip() and self.purpose.strip()):
            raise ArgumentInvalid("a disclosure needs a recipient, a description and a purpose")
        if self.number is None and self.recording_id is None:
            raise ArgumentInvalid("a disclosure is about a person or a recording: name one")


def disclose(parts: Parts, made: Disclosure, actor: Actor) -> str:
    """Put a disclosure on record; the commitment to what is sealed of it.

    Raises:
        RecordingUnknown: there is no recording of that id.
        ArgumentInvalid: it lies in the future.
    """
    if made.disclosed_at_ms > parts.now_ms():
        raise ArgumentInvalid("a disclosure cannot lie in the future")
    with parts.database.begin() as connection:
        if made.recording_id is not None:
            recordings.get(connection, made.recording_id)
        individual = (
            None if made.number is None else individuals.pseudonym(connection, parts.key, made.number)
        )
        value = {
            "recipient": made.recipient.strip(),
            "address": made.address.strip(),
            "description": made.description.strip(),
            "purpose": made.purpose.strip(),
        }
        # Sealed under the individual alone: a recording's end does not end the duty to account.
        digest = payloads.commit(connection, parts.key, value, now_ms=parts.now_ms(), individual=individual)
        tell(
            connection,
            parts,
            EventKind.DISCLOSURE_MADE,
            actor,
            recording_id=made.recording_id,
            disclosed_at_ms=made.disclosed_at_ms,
            basis=made.basis.value,
            is_accountable=made.basis.is_accountable,
            individual=individual,
            payload_sha256=digest,
        )
    return digest

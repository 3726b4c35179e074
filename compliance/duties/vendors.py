"""Who else handles what people said, and by which contract: the chain of business associates.

45 CFR 164.502(e), 164.504(e) and 164.308(b): protected health information goes to
a vendor only under a contract in force, and to the vendor's own vendors likewise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from compliance.errors import AgreementMissing
from compliance.records import PolicyRef

PHI_PROFILES: Final = "hipaa-*"
"""Profiles under which a recording holds protected health information."""


class Handles(StrEnum):
    """What a vendor gets to see."""

    PHI = "phi"
    """Protected health information (45 CFR 160.103)."""
    CARD_DATA = "card_data"
    PERSONAL_DATA = "personal_data"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A contract; its first and last day are in it."""

    kind: str
    """``baa``, a business associate contract, or ``dpa``, a contract on data processing."""
    since: date
    until: date
    reference: str
    """Where the paper lies, by a word of the business's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One vendor."""

    id: str
    name: str
    does: str
    handles: frozenset[Handles]
    engaged_by: str | None
    """The vendor for whom it works; None where the business itself engaged it."""
    agreements: tuple[Agreement, ...]

    def in_force(self, day: date) -> Agreement | None:
        """The business associate contract in force on a day; of several the one that lasts longest."""
        held = [each for each in self.agreements if each.kind == "baa" and each.since <= day <= each.until]
        return max(held, key=lambda each: each.until, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendors:
    """Every vendor, as loaded."""

    vendors: tuple[Vendor, ...]
    ref: PolicyRef | None
    """None where there is no such file."""

    def without_agreement(self, day: date) -> tuple[Vendor, ...]:
        """Vendors who handle health information and have no contract in force on that day."""
        return tuple(each for each in self.vendors if Handles.PHI in each.handles and not each.in_force(day))

    def require(self, profile: str, day: date) -> None:
        """Let a recording be processed, or stop it.

        Raises:
            AgreementMissing: the profile is one of health information, and a vendor has no contract in force.
        """
        if not fnmatchcase(profile, PHI_PROFILES):
            return
        lacking = [each.id for each in self.without_agreement(day)]
        if lacking:
            raise AgreementMissing(f"no business associate agreement in force with {', '.join(lacking)}")

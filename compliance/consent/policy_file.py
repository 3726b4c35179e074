"""The shape of a policy file: what its keys are and which of them contradict each other.

Pydantic stands at this door only; inside, rules are the frozen values of ``law``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)

from compliance.consent.law import Confidence, Continuing, Kind, When, Wording
from compliance.yaml_file import Door


def _day(value: object) -> object:
    """Take ``2026-11-22`` and nothing looser: no times, no numbers."""
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError("expected a date as YYYY-MM-DD")
    return date.fromisoformat(value)


class Contradiction(ValueError):
    """Two keys that cannot stand together; the fault is shown at the one named."""

    def __init__(self, key: str, message: str) -> None:
        """What is wrong, and with which of the keys."""
        super().__init__(message)
        self.key = key


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Day = Annotated[date, BeforeValidator(_day)]


class Effective(Door):
    """The days from and until which a version is in force; null is open."""

    since: Day | None = Field(alias="from")
    until: Day | None

    @model_validator(mode="after")
    def _runs_forward(self) -> Effective:
        if self.since and self.until and self.until < self.since:
            raise Contradiction("until", "it ends before it begins")
        return self


class Notice(Door):
    """What a notice must say, and how."""

    wording: Wording
    inside_recording: StrictBool
    contents: Texts
    tone: Text
    tone_is_notice: StrictBool


class Extra(Door):
    """A demand beyond the lawful making of the recording."""

    obligation: Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z]+)*$")]
    needs: Literal["notice-is", "use-in-court"]
    text: Text


class Penalties(Door):
    """What is at stake."""

    criminal: Text
    civil: Text


class Version(Door):
    """One rule in one period."""

    effective: Effective
    rule: Kind
    treat_as: Literal["one-party", "all-party"]
    condition: Text | None
    summary: Text
    notice: Notice
    continuing: Continuing
    extra: tuple[Extra, ...]
    statutes: Texts
    cases: tuple[Text, ...]
    penalties: Penalties
    cross_border: Text
    confidence: Confidence
    checked_on: Day
    basis: Text
    unverified: tuple[Text, ...]
    sources: Texts

    @model_validator(mode="after")
    def _agrees(self) -> Version:
        """A mixed rule says on what it turns; a plain one is treated as what it is."""
        if (self.rule is Kind.MIXED) != (self.condition is not None):
            raise Contradiction("condition", "a mixed rule, and only a mixed rule, has a condition")
        if self.rule in (Kind.ALL_PARTY, Kind.UNKNOWN) and self.treat_as != "all-party":
            raise Contradiction("treat_as", f"a rule that is {self.rule} cannot be treated as one-party")
        if (self.treat_as == "one-party") != (self.continuing is Continuing.NOT_NEEDED):
            raise Contradiction("continuing", "not-needed belongs to a one-party treatment, and only there")
        return self


class Approval(Door):
    """Who answers for asking less than the law as packaged does; in an overlay only."""

    name: Text
    role: Text
    on: Day
    why: Text


class Jurisdiction(Door):
    """A file in ``consent/``."""

    schema_: Literal["compliance/consent-policy/1"] = Field(alias="schema")
    code: Code
    name: Text
    members: tuple[Country, ...] = ()
    """Of a union of countries: those that belong to it."""
    stands_in_for_members: StrictBool = False
    """Whether its rule is applied to a member that has no file of its own."""
    loosened_by: Approval | None = None
    versions: Annotated[tuple[Version, ...], Field(min_length=1)]


class Script(Door):
    """A certified wording."""

    text: Text
    wording: Wording = Wording.IS


class AiVersion(Door):
    """One law on AI disclosure in one period."""

    effective: Effective
    citation: Text
    who: Text
    trigger: Text
    form: Text
    condition: Text | None
    when: When
    reach: Text
    evidence: Text
    confidence: Confidence
    checked_on: Day
    unverified: tuple[Text, ...]
    sources: Texts


class AiLaw(Door):
    """A file in ``ai/``: a law that asks a machine to say that it is one, or that is taken for such a law."""

    schema_: Literal["compliance/ai-policy/1"] = Field(alias="schema")
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    jurisdiction: Code
    law: Text
    loosened_by: Approval | None = None
    versions: Annotated[tuple[AiVersion, ...], Field(min_length=1)]


class Disclosure(Door):
    """The file ``disclosure.yaml``."""

    schema_: Literal["compliance/disclosure/1"] = Field(alias="schema")
    suggested: Text
    recording_scripts: tuple[Script, ...]
    ai_scripts: tuple[Script, ...]

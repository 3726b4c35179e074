"""What is known of a call that is scored: what is sensitive in it, and where it lies.

What was said is not kept: of a number only how many digits each of its words stands for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from compliance.evaluate.stretches import Interval
from compliance.records import AgentKind, Entity

AGENT, CALLER = 0, 1
"""The channels of a stereo call."""
UNNAMED = "PII"
"""The label of what a truth calls sensitive and gives no kind."""
LABELS = frozenset({*map(str, Entity), UNNAMED})
ALIASES = {
    "ACCOUNT": "ACCOUNT_NUMBER",
    "CVV": "CARD_VERIFICATION_CODE",
    "EXPIRY": "CARD_EXPIRY",
    "account8": "ACCOUNT_NUMBER",
    "card15_amex": "CREDIT_CARD",
    "card16": "CREDIT_CARD",
    "cvv3": "CARD_VERIFICATION_CODE",
    "expiry4": "CARD_EXPIRY",
    "last4": "SSN_LAST4",
    "phone10": "PHONE_NUMBER",
    "routing9": "ROUTING_NUMBER",
    "ssn9": "US_SSN",
}
"""Other names of labels, in older forms of truth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A sensitive phrase: its words in time, and of a number the digits they stand for."""

    label: str
    channel: int
    start_ms: int
    end_ms: int
    words: tuple[Interval, ...]
    near: tuple[Interval, ...]
    """What may be cut with it: the phrase, or its words where the truth times nothing but words."""
    digits: tuple[int, ...] | None = field(repr=False, default=None)
    """How many digits each word stands for; None where the truth does not say, and a word is one."""
    length: int = field(repr=False, default=0)
    """Digits of the whole number that it is a part of."""
    offset: int = 0
    """The place of its first digit in that number."""
    entity: str | None = None
    """What the truth calls that number, where it is said more than once or in parts."""
    is_card: bool = False
    """Whether it gives a card number, spoken or keyed."""
    is_optional: bool = False
    """Cutting it is neither asked for nor wrong."""
    is_misspoken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A harmless number, which should stay."""

    kind: str
    channel: int
    interval: Interval


class Fact(StrEnum):
    """What of a call has legal weight."""

    NOTICE = "notice"
    AI_DISCLOSURE = "ai_disclosure"
    CONSENT_ANSWER = "consent_answer"
    OBJECTION = "objection"
    HUMAN_QUESTION = "human_question"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Where a fact was said."""

    fact: Fact
    channel: int
    interval: Interval
    is_truthful: bool | None = None
    """Of a question whether a person speaks: whether the answer was true; None where none is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call and all that is known of it."""

    id: str
    duration_ms: int
    files: tuple[str, ...]
    layout: str | None
    """``stereo``, ``mono`` or None where the truth does not say."""
    is_mono: bool
    """Whether it is scored as one channel: then every cut counts for both parties."""
    phrases: tuple[Phrase, ...]
    controls: tuple[Control, ...] = ()
    marks: tuple[Mark, ...] | None = None
    """Every fact that was said; None where the truth tells of none."""
    consent: str | None = None
    """The verdict that is expected: satisfied, missing or withdrawn."""
    other_ms: int = 0
    """Speech that is not sensitive."""
    has_crosstalk: bool = False
    """Whether the caller is heard in the agent's channel too."""
    agent_kind: AgentKind = AgentKind.AI
    agent_number: str | None = field(repr=False, default=None)
    caller_number: str | None = field(repr=False, default=None)

    @property
    def protected(self) -> Iterator[tuple[int, Interval]]:
        """Where notice, disclosure, consent or an objection was said, by channel; never to be cut."""
        return ((m.channel, m.interval) for m in self.marks or () if m.fact is not Fact.HUMAN_QUESTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutSpan:
    """A stretch that was taken out of a call."""

    channel: int | None
    """None for every channel."""
    start_ms: int
    end_ms: int

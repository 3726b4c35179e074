"""What was heard about recording, as values: times and words of ours, never what was said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from compliance.records import ChannelSpan, Role


class Force(StrEnum):
    """How firmly the notice said it."""

    IS = "is"
    MAY = "may"
    ASKED = "asked"
    """Permission was asked, so without an answer nobody can tell."""


class Answer(StrEnum):
    """How the question for consent was answered."""

    NOT_ASKED = "not_asked"
    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice of recording: where, how firm, and by whom."""

    span: ChannelSpan
    force: Force
    role: Role


class Truth(StrEnum):
    """How a machine answered the question whether it is a person."""

    TRUE = "true"
    FALSE = "false"
    """It said that it is a person."""
    EVADED = "evaded"
    """Something was said that answers neither way."""
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanQuestion:
    """Where the caller asked whether a person or a machine speaks, and what the other side made of it."""

    span: ChannelSpan
    truth: Truth
    answer: ChannelSpan | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Everything found, each kind in time order."""

    notices: tuple[Notice, ...]
    ai_disclosures: tuple[ChannelSpan, ...]
    answer: Answer
    answers: tuple[ChannelSpan, ...]
    objections: tuple[ChannelSpan, ...]
    stops: tuple[ChannelSpan, ...]
    """Where the agent says that the recording is off."""
    is_court_said: bool
    human_questions: tuple[HumanQuestion, ...] = ()
    opt_outs: tuple[ChannelSpan, ...] = ()
    """Where the caller asks not to be called again."""
    tones: tuple[ChannelSpan, ...] = ()
    """Where a recorder's warning tone was heard, one span a series."""
    transfers: tuple[ChannelSpan, ...] = ()
    """Where the agent passes the caller on or brings somebody in, who has heard no notice yet."""

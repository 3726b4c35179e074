"""The facts of a call that a verdict rests on, without a word of it.

Times, places, counts and words of closed lists: what is left of a conversation
once all that was said is gone, and enough to judge it again years later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from compliance.consent import phone
from compliance.consent.jurisdiction import Locate, places
from compliance.consent.law import Law
from compliance.consent.notice import Heard, hear
from compliance.consent.substance import last_said_ms, substance_ms
from compliance.records import AgentKind, Channel, ChannelSpan, Conversation, Place, Recording, Role

OBJECTION_MS = 6_000
"""It takes no longer to object; where a recogniser writes no full stops, a sentence may go on without end."""
UNREAD_MS = 3_000
"""So much voice without one word that was read means that the recogniser failed there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One channel: who speaks there, and how much of it was heard."""

    channel: int
    role: Role
    voiced_ms: int
    """How long a voice was heard, read or not."""
    last_ms: int | None
    """Where its last word begins that is no objection; None where no such word was read."""
    is_read: bool
    """Whether any word was read."""
    hears: tuple[int, ...]
    """Channels whose speaker can be heard here too."""

    @property
    def is_unread(self) -> bool:
        """Whether somebody spoke at length and nothing of it could be read."""
        return self.voiced_ms > UNREAD_MS and not self.is_read


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """When one of the other parties joined, and from when on a notice to them came too late."""

    joined_ms: int | None
    """None where it is not known; at or before 0: was there when the recording began."""
    substance_ms: int | None

    @property
    def is_late(self) -> bool:
        """Whether they joined while the recording ran."""
        return self.joined_ms is not None and self.joined_ms > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was heard, where everybody was, and when it mattered.  Times in milliseconds."""

    day: date
    """The day of the call."""
    agent_kind: AgentKind
    duration_ms: int
    places: tuple[Place, ...]
    lines: tuple[Line, ...]
    arrivals: tuple[Arrival, ...]
    """One for each of the other parties that is known."""
    substance_ms: int | None
    """From here on a notice is late; None where the caller said next to nothing."""
    last_word_ms: int
    heard: Heard

    @property
    def has_words(self) -> bool:
        """Whether anything could be read at all."""
        return any(line.is_read for line in self.lines)

    @property
    def ours(self) -> tuple[Line, ...]:
        """The channels on which the business may be heard."""
        return tuple(line for line in self.lines if line.role is not Role.CALLER)

    @property
    def theirs(self) -> tuple[Line, ...]:
        """The channels on which the other parties may be heard."""
        return tuple(line for line in self.lines if line.role is not Role.AGENT)

    @property
    def is_deaf(self) -> bool:
        """Whether the business may have spoken and could not be heard: nothing read, or no channel for it."""
        unread = any(line.is_unread for line in self.ours) and not any(line.is_read for line in self.ours)
        return unread or not self.has_words or not self.ours

    def is_in_time(self, span: ChannelSpan) -> bool:
        """Whether something ended before the substance began."""
        return self.substance_ms is None or span.end_ms <= self.substance_ms


def facts_of(
    conversation: Conversation,
    recording: Recording,
    law: Law,
    *,
    on_date: date,
    declared: Sequence[Place] = (),
    locate: Locate = phone.locate,
) -> Facts:
    """The facts of a conversation, of which ``law`` gives only the tenant's own wordings."""
    heard = _bounded(hear(conversation, law.disclosure), conversation)
    others = [party.joined_ms for party in recording.parties if party.role is not Role.AGENT]
    return Facts(
        day=on_date,
        agent_kind=recording.agent_kind,
        duration_ms=conversation.duration_ms,
        places=places(recording.parties, locate, declared=declared),
        lines=tuple(_line(channel, conversation, heard) for channel in conversation.channels),
        arrivals=tuple(_arrival(joined_ms, conversation) for joined_ms in others),
        substance_ms=substance_ms(conversation),
        last_word_ms=max((turn.end_ms for turn in conversation.turns), default=0),
        heard=heard,
    )


def _bounded(heard: Heard, conversation: Conversation) -> Heard:
    """What was heard, each objection ending with its turn: what follows a reply to it is no part of it."""
    return replace(heard, objections=tuple(_in_turn(span, conversation) for span in heard.objections))


def _in_turn(span: ChannelSpan, conversation: Conversation) -> ChannelSpan:
    ends = (
        turn.end_ms
        for turn in conversation.turns
        if turn.channel == span.channel and turn.start_ms <= span.start_ms < turn.end_ms
    )
    end_ms = min(span.end_ms, span.start_ms + OBJECTION_MS, next(ends, span.end_ms))
    return replace(span, end_ms=end_ms)


def _line(channel: Channel, conversation: Conversation, heard: Heard) -> Line:
    return Line(
        channel=channel.index,
        role=channel.role,
        voiced_ms=sum(span.length_ms for span in channel.voiced),
        last_ms=last_said_ms(conversation, channel.index, heard.objections),
        is_read=any(turn.channel == channel.index for turn in conversation.turns),
        hears=channel.hears,
    )


def _arrival(joined_ms: int | None, conversation: Conversation) -> Arrival:
    since_ms = joined_ms if joined_ms is not None and joined_ms > 0 else None
    return Arrival(joined_ms=joined_ms, substance_ms=substance_ms(conversation, since_ms=since_ms))

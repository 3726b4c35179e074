"""Who is on which channel of an Egress file, as far as the request decides it.

Egress always writes two channels.  They are kept apart only by its own mixer
(source type SDK); Chrome mixes everybody into both and silently ignores what
was asked.  What is not certain is unknown: a wrong role is worse than none.
"""

from __future__ import annotations

from collections.abc import Mapping

from compliance.intake.fields import flag, message, messages, text
from compliance.records import Role

UNKNOWN = (Role.UNKNOWN, Role.UNKNOWN)
_CALLERS = frozenset({"SIP", "STANDARD", "CONNECTOR"})


def roles_of(info: Mapping[str, object]) -> tuple[Role, ...]:
    """The roles of the left and the right channel of an egress's file."""
    if text(info, "sourceType") != "EGRESS_SOURCE_TYPE_SDK":
        return UNKNOWN
    # The agent's kind decides this mix, and the agent is left.  (The ALTERNATE
    # mix goes by order of arrival, which is a race, and tells nothing.)
    if text(message(info, "roomComposite"), "audioMixing") == "DUAL_CHANNEL_AGENT":
        return Role.AGENT, Role.CALLER
    audio = message(message(message(info, "egress"), "media"), "audio")
    return UNKNOWN if flag(audio, "captureAll") else _routed(messages(audio, "routes"))


def _routed(routes: tuple[Mapping[str, object], ...]) -> tuple[Role, ...]:
    """The roles that a version 2 request routes to the two channels; BOTH, or no word, spoils both."""
    if not all(text(each, "channel").endswith(("_LEFT", "_RIGHT")) for each in routes):
        return UNKNOWN
    left = {_kind(each) for each in routes if text(each, "channel").endswith("_LEFT")}
    right = {_kind(each) for each in routes if text(each, "channel").endswith("_RIGHT")}
    return _role(left), _role(right)


def _kind(route: Mapping[str, object]) -> str:
    """The kind of participant a route takes; empty for one person or track, of whom nothing is known."""
    return text(route, "participantKind")


def _role(kinds: set[str]) -> Role:
    if kinds == {"AGENT"}:
        return Role.AGENT
    return Role.CALLER if kinds and kinds <= _CALLERS else Role.UNKNOWN

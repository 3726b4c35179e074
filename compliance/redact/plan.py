"""Findings to cuts: as far as each is heard, wherever it is, joined, and kept off the notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from compliance.records import (
    ChannelSpan,
    Conversation,
    Cut,
    Entity,
    Finding,
    FindingId,
    Method,
    Role,
    Span,
)
from compliance.redact.extent import padded, without_silences
from compliance.redact.profile import Profile
from compliance.redact.sides import Sides

_OWN_NAMES = frozenset({Entity.PERSON, Entity.LOCATION, Entity.URL, Entity.PHONE_NUMBER})
"""What an agent says of itself or its company in a notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The cuts to make, and the findings that could not be cut."""

    cuts: tuple[Cut, ...]
    spared: tuple[FindingId, ...]
    """Findings of the caller's, or of a kind that matters, inside the very words of notice or consent."""


def plan(
    findings: Sequence[Finding],
    conversation: Conversation,
    profile: Profile,
    protected: Sequence[ChannelSpan],
    *,
    slack_ms: int = 0,
) -> Plan:
    """Cuts for every finding that the profile cuts, none of them over a protected span.

    ``slack_ms`` is how far the times of two channels may be off against each other.
    """
    cuts: list[Cut] = []
    spared: list[FindingId] = []
    sides = Sides(conversation)
    for finding in findings:
        if not finding.action.cuts:
            continue
        shields = [each.span for each in protected if each.channel == finding.channel]
        inside = any(Span(start_ms=finding.start_ms, end_ms=finding.end_ms).overlaps(s) for s in shields)
        if inside and _is_own_name(finding, conversation):
            continue
        if inside:
            spared.append(finding.id)
        for voice in without_silences(finding, padded(finding, conversation, profile, sides), conversation):
            cuts += [_cut(finding, span, profile.methods[finding.entity]) for span in voice.without(shields)]
    cuts += [copy for cut in cuts for copy in leaked(cut, conversation, protected, slack_ms=slack_ms)]
    joined = merged(cuts, join_ms=profile.join_ms, protected=protected)
    rounded = quantized(joined, conversation.duration_ms, profile, protected)
    return Plan(cuts=rounded, spared=tuple(spared))


def leaked(
    cut: Cut, conversation: Conversation, protected: Sequence[ChannelSpan], *, slack_ms: int = 0
) -> Iterator[Cut]:
    """The same cut on every channel into which its speaker leaks: it can be heard there too."""
    start_ms = max(0, cut.start_ms - slack_ms)
    end_ms = max(cut.end_ms, min(conversation.duration_ms, cut.end_ms + slack_ms))
    for channel in conversation.channels:
        if cut.channel in channel.hears:
            shields = [each.span for each in protected if each.channel == channel.index]
            for span in Span(start_ms=start_ms, end_ms=end_ms).without(shields):
                yield replace(cut, channel=channel.index, start_ms=span.start_ms, end_ms=span.end_ms)


def quantized(
    cuts: tuple[Cut, ...], duration_ms: int, profile: Profile, protected: Sequence[ChannelSpan]
) -> tuple[Cut, ...]:
    """Cuts carried on to the next multiple of ``quantize_ms``: their lengths tell less of what was said.

    The end is moved, never the beginning; a cut that comes to a protected span, or to the end of
    the recording, stops there.  Cuts that meet by it become one, and are carried on once more.
    """
    if not profile.quantize_ms:
        return cuts
    longer = [
        replace(cut, end_ms=min(_rounded(cut, profile.quantize_ms), duration_ms, _notice_ms(cut, protected)))
        for cut in cuts
    ]
    joined = merged(longer, join_ms=profile.join_ms, protected=protected)
    return cuts if joined == cuts else quantized(joined, duration_ms, profile, protected)


def _rounded(cut: Cut, step_ms: int) -> int:
    return cut.start_ms - (cut.start_ms - cut.end_ms) // step_ms * step_ms


def _notice_ms(cut: Cut, protected: Sequence[ChannelSpan]) -> int:
    """Where the next protected span begins that a cut must not reach over."""
    ahead = (p.start_ms for p in protected if cut.channel in (None, p.channel) and p.start_ms >= cut.end_ms)
    return min(ahead, default=1 << 60)


def _is_own_name(finding: Finding, conversation: Conversation) -> bool:
    """Whether an agent names itself or its company inside its notice."""
    return conversation.role_of(finding.channel) is not Role.CALLER and finding.entity in _OWN_NAMES


def _cut(finding: Finding, span: Span, method: Method) -> Cut:
    """One finding's cut over a span."""
    return Cut(
        source=finding.source,
        channel=finding.channel,
        start_ms=span.start_ms,
        end_ms=span.end_ms,
        method=method,
        why=str(finding.entity),
        findings=(finding.id,),
    )


def merged(cuts: Iterable[Cut], *, join_ms: int, protected: Sequence[ChannelSpan] = ()) -> tuple[Cut, ...]:
    """Cuts in order; those of one channel that lie within a gap are joined, if nothing protected is in it.

    Two bleeps a breath apart would leave a syllable audible between them.
    """
    joined: list[Cut] = []
    for cut in sorted(
        cuts, key=lambda c: (c.source, -1 if c.channel is None else c.channel, c.start_ms, c.end_ms)
    ):
        last = joined[-1] if joined else None
        if last and _meet(last, cut, join_ms, protected):
            joined[-1] = _union(last, cut)
        else:
            joined.append(cut)
    return tuple(sorted(joined, key=lambda c: (c.source, c.start_ms, -1 if c.channel is None else c.channel)))


def _meet(one: Cut, other: Cut, join_ms: int, protected: Sequence[ChannelSpan]) -> bool:
    """Whether two cuts in order become one."""
    if (one.source, one.channel) != (other.source, other.channel) or other.start_ms - one.end_ms > join_ms:
        return False
    gap = Span(start_ms=one.end_ms, end_ms=max(one.end_ms, other.start_ms))
    return not any(p.span.overlaps(gap) for p in protected if one.channel in (None, p.channel))


def _union(one: Cut, other: Cut) -> Cut:
    """Two cuts as one; a tone wins over noise and noise over silence: it is heard to be a cut."""
    findings = tuple(dict.fromkeys(one.findings + other.findings))
    whys = dict.fromkeys(f"{one.why}+{other.why}".split("+"))
    return Cut(
        source=one.source,
        channel=one.channel,
        start_ms=min(one.start_ms, other.start_ms),
        end_ms=max(one.end_ms, other.end_ms),
        method=min(one.method, other.method, key=list(Method).index),
        why="+".join(whys),
        findings=findings,
    )

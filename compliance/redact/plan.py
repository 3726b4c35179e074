"""Findings to cuts: padded, carried to the edge of the voice, joined, and kept off the notice.

Word times run early, most of all at the first and last word of an answer, so
there the sound itself sets the edge: a cut follows the voice on until it ends
or another word begins.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

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
    Word,
    WordRef,
)
from compliance.redact.profile import Profile

MARGIN_MS = 60
"""Beyond the edge of a voice, since detectors of voice are a frame or two late."""
LEAD_MS, TAIL_MS = 250, 250
"""Kept around a voice when silence is left out of a cut: breath and consonants that a detector misses."""
FADES_MS = 200
"""So long a word is heard after its time: its last sound is too weak for recogniser and voice detector."""
UNHEARD_MS = 4_000
"""A word for which no voice was heard may have been said so long before the time that it was given."""
LONG_SILENCE_MS = 900
"""A silence this long inside a cut is left as it is."""
LONGEST_WORD_MS, LONGEST_DIGIT_MS = 600, 450
"""A word takes no longer to say, and each further digit or letter of a number no longer than that."""
ADJOINS_MS, FLUENT_MS = 100, 100
"""Right after another word of the same voice a word's time is early by a tenth of a second, and no more."""
NUMBER_MS, MANY_DIGITS = 150, 3
"""A number written in one word began earlier than the word says."""
GUESSED = 0.4
"""Words of less confidence than this end no cut."""
REACH_WORDS = 40
"""The neighbours of a finding lie within so many words of it."""
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
    others = Others(conversation)
    for finding in findings:
        if not finding.action.cuts:
            continue
        shields = [each.span for each in protected if each.channel == finding.channel]
        inside = any(Span(start_ms=finding.start_ms, end_ms=finding.end_ms).overlaps(s) for s in shields)
        if inside and _is_own_name(finding, conversation):
            continue
        if inside:
            spared.append(finding.id)
        for voice in spoken(finding, padded(finding, conversation, profile, others), conversation):
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


def padded(finding: Finding, conversation: Conversation, profile: Profile, others: Others) -> Span:
    """A finding with its pads, carried to the edge of its voice where no other word lies between."""
    before, after = others.around(finding)
    voiced = next((c.voiced for c in conversation.channels if c.index == finding.channel), ())
    is_fluent = finding.start_ms - before < ADJOINS_MS
    before_ms = min(profile.before_ms, FLUENT_MS) if is_fluent else profile.before_ms
    before_ms += NUMBER_MS if _begins_with_number(finding, conversation) else 0
    start_ms = min(finding.start_ms - before_ms, _onset(finding, before, voiced, profile.reach_ms))
    end_ms = max(finding.end_ms + profile.after_ms, _end(finding, after, voiced, profile.reach_ms))
    return Span(start_ms=max(0, start_ms), end_ms=min(conversation.duration_ms, end_ms))


def _begins_with_number(finding: Finding, conversation: Conversation) -> bool:
    """Whether the first word is a number of several digits, whose first is often timed too late."""
    if not finding.words:
        return False
    ref = min(finding.words)
    return sum(c.isdigit() for c in conversation.turns[ref.turn].words[ref.word].text) >= MANY_DIGITS


class Others:
    """Every channel's words in order: a finding's neighbours are found without reading the call again.

    Words that were only guessed are left out: their times are guesses too, and may hide
    the last digit of a code.
    """

    def __init__(self, conversation: Conversation) -> None:
        """Sort the words of each channel by their start."""
        words: dict[int, list[tuple[int, int, WordRef]]] = {c.index: [] for c in conversation.channels}
        for t, turn in enumerate(conversation.turns):
            for w, word in enumerate(turn.words):
                place = WordRef(turn=t, word=w)
                if word.confidence >= GUESSED:
                    words.setdefault(turn.channel, []).append((word.start_ms, word.end_ms, place))
        self._words = {channel: sorted(listed) for channel, listed in words.items()}

    def around(self, finding: Finding) -> tuple[int, int]:
        """Where the nearest word before a finding ends and the nearest after it starts, its own left out."""
        listed, own = self._words.get(finding.channel, []), frozenset(finding.words)
        place = bisect_left(listed, (finding.start_ms,))
        before = next(
            (end for _, end, ref in reversed(listed[max(0, place - REACH_WORDS) : place]) if ref not in own),
            0,
        )
        later = listed[place : place + len(own) + REACH_WORDS]
        after = (start for start, end, ref in later if ref not in own and end > finding.end_ms)
        return before, next(after, 1 << 60)


def spoken(finding: Finding, span: Span, conversation: Conversation) -> list[Span]:
    """A padded finding without the silences at its ends and the long ones within it.

    Word times lie up to half a second off, so pads reach into silence that need not
    go; where the voice ends, so does what can be heard.  Weak sounds escape a
    detector of voice, so a word's own time stays.  What has no words was found by its
    sound, and is left as it is.
    """
    voiced = next((c.voiced for c in conversation.channels if c.index == finding.channel), ())
    heard = [v for v in voiced if v.end_ms + TAIL_MS > span.start_ms and v.start_ms - LEAD_MS < span.end_ms]
    near = [Span(start_ms=v.start_ms - LEAD_MS, end_ms=v.end_ms + TAIL_MS) for v in heard]
    if not finding.words or not near:
        return [span]
    words = [conversation.turns[ref.turn].words[ref.word] for ref in finding.words]
    near += [_fading(said(word)) for word in words]
    near += [_waited(one, other) for one, other in pairwise(words) if not _is_heard(said(other), heard)]
    inside = [
        Span(start_ms=max(each.start_ms, span.start_ms), end_ms=min(each.end_ms, span.end_ms))
        for each in _joined(near, gap_ms=LONG_SILENCE_MS - LEAD_MS - TAIL_MS)
    ]
    return [part for part in inside if part.length_ms > 0]


def _fading(span: Span) -> Span:
    """A word's time with what may still be heard of it then."""
    return Span(start_ms=span.start_ms, end_ms=span.end_ms + FADES_MS)


def _is_heard(time: Span, voiced: Iterable[Span]) -> bool:
    """Whether there is voice at the time of a word."""
    return any(voice.overlaps(time) for voice in voiced)


def _waited(one: Word, other: Word) -> Span:
    """From a word to one without voice: a soft one, that may have been said any time between."""
    start_ms = max(one.end_ms, other.start_ms - UNHEARD_MS)
    return Span(start_ms=min(start_ms, other.start_ms), end_ms=other.end_ms)


def said(word: Word) -> Span:
    """When a word can have been said: recognisers stretch one back over the silence before it."""
    letters = sum(char.isalnum() for char in word.text)
    is_spelled = any(char.isdigit() for char in word.text) or "-" in word.text
    longest_ms = LONGEST_WORD_MS + LONGEST_DIGIT_MS * (letters - 1 if is_spelled else 0)
    return Span(start_ms=max(word.start_ms, word.end_ms - longest_ms), end_ms=word.end_ms)


def _joined(spans: Iterable[Span], *, gap_ms: int) -> list[Span]:
    """Spans in order, those that overlap or lie within a gap as one."""
    out: list[Span] = []
    for each in sorted(spans):
        if out and each.start_ms - out[-1].end_ms <= gap_ms:
            out[-1] = Span(start_ms=out[-1].start_ms, end_ms=max(out[-1].end_ms, each.end_ms))
        else:
            out.append(each)
    return out


def _onset(finding: Finding, before: int, voiced: Sequence[Span], reach_ms: int) -> int:
    """Where the voice of a finding's first word begins, no further back than the word before."""
    onsets = [v.start_ms - MARGIN_MS for v in voiced if v.start_ms <= finding.start_ms < v.end_ms]
    return max([finding.start_ms - reach_ms, before, *onsets]) if onsets else finding.start_ms


def _end(finding: Finding, after: int, voiced: Sequence[Span], reach_ms: int) -> int:
    """Where the voice of a finding's last word ends, no further than the word after."""
    at_ms = finding.end_ms + MARGIN_MS
    ends = [v.end_ms + MARGIN_MS for v in voiced if v.start_ms < at_ms <= v.end_ms + MARGIN_MS]
    return min([finding.end_ms + reach_ms, after, *ends]) if ends else finding.end_ms


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

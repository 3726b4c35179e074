"""Listening again: what was removed is looked for in the redacted recording itself.

The samples inside the cuts were compared with the original elsewhere; here the
sound round every cut is read once more.  Anything sensitive that is heard there
and was not heard there before widens the cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from compliance.records import (
    ChannelSpan,
    Conversation,
    Cut,
    Entity,
    Finding,
    Residual,
    Span,
    Word,
    WordRef,
    joined,
)
from compliance.redact.plan import merged
from compliance.redact.speech.numbers import BACKCHANNELS, FILLERS
from compliance.redact.speech.tokens import Kind, kind_of
from compliance.redact.text import removed_words

AROUND_MS = 1_400
"""So much of the sound on each side of a cut is read again."""
INSIDE_MS = 240
"""And so much of the cut's own sound, so that the recogniser hears where it begins."""
NEAR_MS = 900
"""Something heard this near a cut may be a rest of what it removed."""
QUIET_MS = 400
"""Sound this near a voice or a word is listened to as well, as much as the first reading keeps round it."""
BREATH_MS = 150
"""A word's last sound may come so long after its time."""
WIDEN_MS = 200
"""A cut is widened to what was heard, and this much further."""
SIGHS = ("oh", "o")
TELLING_NOTHING = (
    BACKCHANNELS
    | FILLERS
    | {"the", "for", "are", "was", "you", "your", "yours", "with", "that", "this", "have", "has", "had"}
    | {"will", "would", "should", "could", "can", "our", "ours", "its", "his", "her", "they", "them", "their"}
    | {"from", "what", "who", "how", "when", "where", "there", "here", "just", "please", "name", "number"}
    | {"address", "street", "email", "day"}
)
"""Words of an answer that are said all the time; heard beside a cut they prove nothing."""


def flanks(cuts: Sequence[Cut], conversation: Conversation) -> tuple[ChannelSpan, ...]:
    """The stretches round every cut that are read again, those joined that meet.

    Where no voice is heard and no word was written there is nothing to read.
    """
    out: list[ChannelSpan] = []
    for index in (channel.index for channel in conversation.channels):
        words = [word for turn in conversation.turns if turn.channel == index for word in turn.words]
        sound = _sound(conversation, index, words)
        spans = [
            span
            for cut in cuts
            if cut.channel in (None, index)
            for span in _beside_it(cut, words, sound, conversation.duration_ms)
        ]
        out += [ChannelSpan(channel=index, start_ms=s.start_ms, end_ms=s.end_ms) for s in joined(spans)]
    return tuple(out)


def _sound(conversation: Conversation, index: int, words: Sequence[Word]) -> list[Span]:
    """Where a channel's own voice, or one that leaks into it, or any word was heard, with margins."""
    own = next(each for each in conversation.channels if each.index == index)
    voices = [v for each in conversation.channels if each.index in (index, *own.hears) for v in each.voiced]
    spoken = [Span(start_ms=word.start_ms, end_ms=word.end_ms) for word in words]
    return list(joined(_wider(each, QUIET_MS) for each in (*voices, *spoken)))


def _wider(span: Span, by_ms: int) -> Span:
    """A span with a margin on both sides."""
    return Span(start_ms=max(0, span.start_ms - by_ms), end_ms=span.end_ms + by_ms)


def _beside_it(cut: Cut, words: Sequence[Word], sound: Sequence[Span], duration_ms: int) -> Iterator[Span]:
    """What sounds before and after one cut, with some of the cut itself where it begins or ends in sound."""
    before = Span(start_ms=_before(cut.start_ms, words), end_ms=cut.start_ms)
    after = Span(start_ms=cut.end_ms, end_ms=max(cut.end_ms, min(duration_ms, _after(cut.end_ms, words))))
    for each in _within(before, sound):
        inside_ms = min(cut.end_ms, cut.start_ms + INSIDE_MS)
        yield replace(each, end_ms=inside_ms) if each.end_ms == cut.start_ms else each
    for each in _within(after, sound):
        inside_ms = max(cut.start_ms, cut.end_ms - INSIDE_MS)
        yield replace(each, start_ms=inside_ms) if each.start_ms == cut.end_ms else each


def _within(bounds: Span, sound: Sequence[Span]) -> Iterator[Span]:
    """What of some spans lies within bounds."""
    for each in sound:
        if each.overlaps(bounds):
            yield Span(start_ms=max(each.start_ms, bounds.start_ms), end_ms=min(each.end_ms, bounds.end_ms))


def _before(start_ms: int, words: Sequence[Word]) -> int:
    """Where listening begins before a cut: not in the middle of a word, which would be misread."""
    edge_ms = max(0, start_ms - AROUND_MS)
    within = [word.start_ms - BREATH_MS for word in words if word.start_ms < edge_ms < word.end_ms]
    return max(0, min([edge_ms, *within]))


def _after(end_ms: int, words: Sequence[Word]) -> int:
    """Where listening ends after a cut: not in the middle of a word either."""
    edge_ms = end_ms + AROUND_MS
    return max(
        [edge_ms, *(word.end_ms + BREATH_MS for word in words if word.start_ms < edge_ms < word.end_ms)]
    )


def residuals(
    heard: Sequence[Word], cuts: Sequence[Cut], findings: Sequence[Finding], conversation: Conversation
) -> tuple[Residual, ...]:
    """Words heard again that may be a rest of what was removed.

    A word counts when it lies near a cut, carries a digit or belongs to what the
    cut removed, and is no word that was left there on purpose.
    """
    by_id = {finding.id: finding for finding in findings}
    gone = removed_words(conversation, findings, cuts)
    kept = [
        word
        for t, turn in enumerate(conversation.turns)
        for w, word in enumerate(turn.words)
        if WordRef(turn=t, word=w) not in gone
    ]
    found = []
    for word in heard:
        cut = next((c for c in cuts if c.channel in (None, word.channel) and _near(c, word)), None)
        if cut is None or _was_left(word, kept):
            continue
        if _is_the_tone(word, cut):
            continue
        removed = [by_id[each] for each in cut.findings]
        if _carries_digits(word) and any(_is_numeric(each.entity) for each in removed):
            found.append(_residual(word, removed[0].entity, "a digit heard beside a cut"))
        elif _plain(word.text) in {each for finding in removed for each in telling(finding, conversation)}:
            found.append(_residual(word, removed[0].entity, "a removed word heard again"))
    return tuple(found)


def telling(finding: Finding, conversation: Conversation) -> set[str]:
    """The words of a finding that give it away: not the "and" and "please" among them."""
    words = (_plain(conversation.turns[ref.turn].words[ref.word].text) for ref in finding.words)
    return {word for word in words if len(word) > 2 and word not in TELLING_NOTHING}


def _residual(word: Word, entity: Entity, why: str) -> Residual:
    """A word as what is left of an entity."""
    return Residual(channel=word.channel, start_ms=word.start_ms, end_ms=word.end_ms, entity=entity, why=why)


def _near(cut: Cut, word: Word) -> bool:
    """Whether a word lies beside a cut."""
    return word.start_ms < cut.end_ms + NEAR_MS and cut.start_ms - NEAR_MS < word.end_ms


def _is_the_tone(word: Word, cut: Cut) -> bool:
    """Whether an "oh" is how the recogniser reads the tone: most of it lies inside the cut.

    Other digits count wherever they are timed, since times are off; and so does an "oh" outside.
    """
    inside_ms = min(word.end_ms, cut.end_ms) - max(word.start_ms, cut.start_ms)
    return _plain(word.text) in SIGHS and 2 * inside_ms > word.end_ms - word.start_ms


def _was_left(word: Word, kept: Sequence[Word]) -> bool:
    """Whether a word was left there on purpose: the same one near by, or a number in its place."""
    near = [
        each for each in kept if each.channel == word.channel and abs(each.start_ms - word.start_ms) < 1_500
    ]
    return any(_alike(_plain(each.text), _plain(word.text)) or _is_in_place(word, each) for each in near)


def _is_in_place(word: Word, left: Word) -> bool:
    """Whether a number is a number that was left, read otherwise this time."""
    shared = min(word.end_ms, left.end_ms) - max(word.start_ms, left.start_ms)
    return _carries_digits(left) and 2 * shared >= word.end_ms - word.start_ms


def _alike(one: str, other: str) -> bool:
    """The same word, or digits of a number that was left there."""
    left, heard = ("".join(c for c in each if c.isdigit()) for each in (one, other))
    return one == other or (bool(heard) and heard in left)


def _plain(text: str) -> str:
    """A word in lower case without punctuation."""
    return "".join(c for c in text.lower() if c.isalnum())


def _carries_digits(word: Word) -> bool:
    """Whether a word stands for digits."""
    return kind_of(word.text.lower().strip(".,?!-")) in (Kind.DIGITS, Kind.MIXED, Kind.NUMBER_WORD)


def _is_numeric(entity: Entity) -> bool:
    """Whether an entity is made of digits, so that any digit beside it may be its own."""
    return entity not in (
        Entity.PERSON,
        Entity.LOCATION,
        Entity.CITY,
        Entity.MEDICAL_CONDITION,
        Entity.MEDICATION,
        Entity.NRP,
    )


def widened(
    cuts: Sequence[Cut],
    residual: Sequence[Residual],
    *,
    join_ms: int,
    duration_ms: int,
    protected: Sequence[ChannelSpan] = (),
) -> tuple[Cut, ...]:
    """Cuts carried on over what was heard beside them."""
    out = list(cuts)
    for each in residual:
        near = [n for n, cut in enumerate(out) if _is_beside(cut, each)]
        for n in near:
            cut = out[n]
            out[n] = Cut(
                source=cut.source,
                channel=cut.channel,
                start_ms=max(0, min(cut.start_ms, each.start_ms - WIDEN_MS)),
                end_ms=min(duration_ms, max(cut.end_ms, each.end_ms + WIDEN_MS)),
                method=cut.method,
                why=cut.why,
                findings=cut.findings,
            )
    shielded = [
        replace(cut, start_ms=span.start_ms, end_ms=span.end_ms)
        for cut in out
        for span in Span(start_ms=cut.start_ms, end_ms=cut.end_ms).without(
            p.span for p in protected if cut.channel in (None, p.channel)
        )
    ]
    return merged(shielded, join_ms=join_ms, protected=protected)


def in_doubt(cuts: Sequence[Cut], before: Sequence[Cut], residual: Sequence[Residual]) -> tuple[Cut, ...]:
    """The cuts to listen to once more: those that changed, and those beside which something was heard.

    Round the others nothing was heard, and nothing is different now.  A cut that could
    not be widened, for the notice's sake, is heard again: what is beside it is still there.
    """
    known = frozenset(before)
    return tuple(cut for cut in cuts if cut not in known or any(_is_beside(cut, each) for each in residual))


def _is_beside(cut: Cut, each: Residual) -> bool:
    """Whether a residual lies near a cut, of its channel or of all."""
    return cut.channel in (None, each.channel) and _beside(cut, each)


def _beside(cut: Cut, each: Residual) -> bool:
    """Whether a residual lies near a cut."""
    return each.start_ms < cut.end_ms + NEAR_MS and cut.start_ms - NEAR_MS < each.end_ms

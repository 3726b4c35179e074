"""The transcript and captions of what may still be heard.

A finding is one entry with its label: the number of its words and their times
would give the digits away.  A word that a cut silences is gone from the text as
well, so that the text never says more than the sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from compliance.records import (
    Channel,
    ChannelSpan,
    Conversation,
    Cut,
    Entity,
    Finding,
    FindingId,
    RecordingId,
    Turn,
    Word,
    WordRef,
)
from compliance.redact.anonymizer import Mark, replaced
from compliance.redact.ordered import silenced
from compliance.redact.shown import Shown, shown

SCHEMA = "compliance/transcript/1"
OF_SEVERAL = "compliance/transcript/2"
"""Of a call in several files, which may have more than two channels."""
CAPTION_MS = 6_000
"""A caption is broken at the first word after so long."""


class Ordered(Enum):
    """Words that went for the sake of consent, whatever they were."""

    CONSENT = "CONSENT"


Gone = Finding | Ordered
"""What a word that is gone from the text goes under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A word that may be heard, or a finding in place of its words."""

    start_ms: int
    end_ms: int
    confidence: float | None
    text: str = field(repr=False)
    """The word, or the label in brackets."""
    finding: FindingId | None
    entity: Entity | None = None
    """What was found, of a finding."""
    digits: str = field(default="", repr=False)
    """The digits of it that the profile lets stay."""
    is_ordered: bool = False
    """Whether it stands for words that went for the sake of consent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactedTurn:
    """A turn as it may be read."""

    channel: int
    role: str
    entries: tuple[Entry, ...]
    text: str = field(repr=False)


def redacted(
    conversation: Conversation,
    findings: Sequence[Finding],
    cuts: Sequence[Cut],
    *,
    zips_withheld: frozenset[str] = frozenset(),
    ordered: Sequence[ChannelSpan] = (),
) -> tuple[RedactedTurn, ...]:
    """Every turn, its findings replaced by their labels, with the digits that a profile lets stay.

    ``cuts`` are those of findings; of what is ``ordered`` beside them not even the kind stays.
    """
    unheard = silenced(conversation, ordered)
    gone: dict[WordRef, Gone] = {**removed_words(conversation, findings, cuts)}
    gone.update(dict.fromkeys(unheard, Ordered.CONSENT))
    whole = [finding for finding in findings if unheard.isdisjoint(finding.words)]
    stay = shown(conversation, whole, zips_withheld=zips_withheld)
    return tuple(
        RedactedTurn(
            channel=turn.channel,
            role=str(conversation.role_of(turn.channel)),
            entries=tuple(_entries(t, turn, gone, stay)),
            text=replaced(turn.text, list(_marks(t, turn, gone, stay))),
        )
        for t, turn in enumerate(conversation.turns)
    )


def removed_words(
    conversation: Conversation, findings: Sequence[Finding], cuts: Sequence[Cut]
) -> dict[WordRef, Finding]:
    """The words that must not be read, each with the finding it goes under.

    (1) The words of findings that are cut.  (2) Other words of which a cut
    covers half or more, under the nearest finding of that cut.
    """
    by_id = {finding.id: finding for finding in findings}
    gone = {ref: finding for finding in findings if finding.action.cuts for ref in finding.words}
    for t, turn in enumerate(conversation.turns):
        for w, word in enumerate(turn.words):
            ref = WordRef(turn=t, word=w)
            cut = next((c for c in cuts if ref not in gone and _silences(c, word)), None)
            if cut is not None:
                gone[ref] = min(
                    (by_id[i] for i in cut.findings), key=lambda f: abs(f.start_ms - word.start_ms)
                )
    return gone


def _silences(cut: Cut, word: Word) -> bool:
    """Whether a cut covers half of a word or more."""
    shared = min(cut.end_ms, word.end_ms) - max(cut.start_ms, word.start_ms)
    return cut.channel in (None, word.channel) and 2 * shared >= word.end_ms - word.start_ms


def _groups(t: int, turn: Turn, gone: Mapping[WordRef, Gone]) -> Iterator[tuple[Gone | None, list[int]]]:
    """Words of a turn, those of one finding together."""
    last: Gone | None = None
    group: list[int] = []
    for w in range(len(turn.words)):
        finding = gone.get(WordRef(turn=t, word=w))
        if group and (finding is None or finding is not last):
            yield last, group
            group = []
        group.append(w)
        last = finding
    yield last, group


def _entries(t: int, turn: Turn, gone: Mapping[WordRef, Gone], stay: Shown) -> Iterator[Entry]:
    """A turn's words and findings."""
    for under, group in _groups(t, turn, gone):
        first, last = turn.words[group[0]], turn.words[group[-1]]
        finding = under if isinstance(under, Finding) else None
        text = f"[{_label(t, under, stay)}]" if under else first.text
        yield Entry(
            start_ms=first.start_ms,
            end_ms=last.end_ms,
            confidence=None if under else round(first.confidence, 3),
            text=text,
            finding=finding.id if finding else None,
            entity=finding.entity if finding else None,
            digits=_digits(t, finding, stay) if finding else "",
            is_ordered=isinstance(under, Ordered),
        )


def _label(t: int, under: Gone, stay: Shown) -> str:
    """What stands in a turn's text in place of a finding: its kind, and the digits that stay."""
    if isinstance(under, Ordered):
        return under.value
    return f"{under.entity} {_digits(t, under, stay)}".rstrip()


def _digits(t: int, finding: Finding, stay: Shown) -> str:
    """The digits of a finding that stay; they stand where its last word stood."""
    return stay.get(finding.id, "") if finding.words and finding.words[-1].turn == t else ""


def _marks(t: int, turn: Turn, gone: Mapping[WordRef, Gone], stay: Shown) -> Iterator[Mark]:
    """The stretches of a turn's text that are replaced."""
    starts, at = [], 0
    for word in turn.words:
        starts.append(at)
        at += len(word.text) + 1
    for under, group in _groups(t, turn, gone):
        if under:
            end = starts[group[-1]] + len(turn.words[group[-1]].text)
            yield Mark(start=starts[group[0]], end=end, label=_label(t, under, stay))


def document(
    recording_id: RecordingId,
    duration_ms: int,
    channels: Sequence[Channel],
    turns: Sequence[RedactedTurn],
    *,
    is_several: bool = False,
) -> dict[str, object]:
    """The transcript as JSON, schema compliance/transcript/1; of a call in several files, 2."""
    return {
        "schema": OF_SEVERAL if is_several else SCHEMA,
        "recording": str(recording_id),
        "duration_ms": duration_ms,
        "channels": [{"index": c.index, "role": str(c.role), "language": c.language} for c in channels],
        "turns": [
            {
                "channel": turn.channel,
                "role": turn.role,
                "start_ms": turn.entries[0].start_ms,
                "end_ms": turn.entries[-1].end_ms,
                "text": turn.text,
                "words": [_word(entry) for entry in turn.entries],
            }
            for turn in turns
        ],
    }


def _word(entry: Entry) -> dict[str, object]:
    """One entry; a finding has no confidence and one label."""
    times: dict[str, object] = {"start_ms": entry.start_ms, "end_ms": entry.end_ms}
    if entry.is_ordered:
        return times | {"redacted": Ordered.CONSENT.value}
    if entry.finding:
        digits = {"digits": entry.digits} if entry.digits else {}
        return times | {"redacted": str(entry.entity), "finding": entry.finding} | digits
    return times | {"text": entry.text, "confidence": entry.confidence}


def plain(turns: Sequence[RedactedTurn]) -> str:
    """The transcript to read: time, speaker, words."""
    lines = [f"[{clock(t.entries[0].start_ms)[:8]}] {_speaker(t)}: {t.text}" for t in turns]
    return "\n".join(lines) + "\n" if lines else ""


def vtt(turns: Sequence[RedactedTurn]) -> str:
    """Captions as WebVTT (W3C), each line under its speaker's voice tag."""
    cues = [
        f"{clock(a)} --> {clock(b)}\n<v {_speaker(turn)}>{_escaped(text)}\n"
        for turn, a, b, text in _captions(turns)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def srt(turns: Sequence[RedactedTurn]) -> str:
    """Captions as SubRip."""
    cues = [
        f"{n}\n{clock(a).replace('.', ',')} --> {clock(b).replace('.', ',')}\n{_speaker(turn)}: {text}\n"
        for n, (turn, a, b, text) in enumerate(_captions(turns), 1)
    ]
    return "\n".join(cues)


def _captions(turns: Iterable[RedactedTurn]) -> Iterator[tuple[RedactedTurn, int, int, str]]:
    """Turns in pieces of a few seconds; a finding is never split."""
    for turn in turns:
        piece: list[Entry] = []
        for entry in turn.entries:
            if piece and entry.end_ms - piece[0].start_ms > CAPTION_MS:
                yield turn, piece[0].start_ms, piece[-1].end_ms, " ".join(e.text for e in piece)
                piece = []
            piece.append(entry)
        yield turn, piece[0].start_ms, piece[-1].end_ms, " ".join(e.text for e in piece)


def _speaker(turn: RedactedTurn) -> str:
    """A name for captions."""
    return turn.role.capitalize() if turn.role != "unknown" else f"Speaker {turn.channel + 1}"


def _escaped(text: str) -> str:
    """Text for WebVTT, in which these three are markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clock(ms: int) -> str:
    """Milliseconds as HH:MM:SS.mmm."""
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"

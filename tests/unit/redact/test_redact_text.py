"""The transcript and captions: what was removed is not in them, and the rest is unchanged."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.records import (
    Action,
    Channel,
    Conversation,
    Cut,
    Entity,
    Finding,
    FindingId,
    Method,
    RecordingId,
    Role,
    Turn,
    Word,
    WordRef,
)
from compliance.redact.text import clock, document, plain, redacted, removed_words, srt, vtt

SAFE = ("sure", "it's", "<b>", "a&b", "thanks", "well,", "[sic]", "ümlaut", "yes.")
SECRET = ("4-1-1-1", "fourteen", "Quillon", "Vexley", "seven")
"""Words that lie in findings only, so that one in an output is a leak; none looks like a time."""
FILES = ("transcript.json", "transcript.txt", "transcript.vtt", "transcript.srt")


@st.composite
def cases(draw: st.DrawFn) -> tuple[Conversation, tuple[Finding, ...], tuple[Cut, ...]]:
    """A conversation some of whose words lie in findings, kept or cut, each cut with its cut."""
    turns: list[Turn] = []
    findings: list[Finding] = []
    cuts: list[Cut] = []
    at_ms = 0
    for t in range(draw(st.integers(1, 5))):
        words: list[Word] = []
        channel = draw(st.integers(0, 1))
        for _ in range(draw(st.integers(1, 4))):
            finding = draw(st.sampled_from((None, Action.CUT)))
            texts = draw(st.lists(st.sampled_from(SECRET if finding else SAFE), min_size=1, max_size=4))
            first = len(words)
            for text in texts:
                length = draw(st.integers(50, 2_500))
                words.append(
                    Word(start_ms=at_ms, end_ms=at_ms + length, channel=channel, confidence=0.8, text=text)
                )
                at_ms += length + 10
            if finding:
                refs = tuple(WordRef(turn=t, word=w) for w in range(first, len(words)))
                found = _finding(len(findings) + 1, words[first], words[-1], refs)
                findings.append(found)
                cuts.append(_cut(found))
        turns.append(Turn(channel=channel, words=tuple(words)))
    return _conversation(*turns), tuple(findings), tuple(cuts)


def _finding(number: int, first: Word, last: Word, refs: tuple[WordRef, ...]) -> Finding:
    return Finding(
        id=FindingId(f"f{number}"),
        source=0,
        entity=Entity.CREDIT_CARD,
        channel=first.channel,
        start_ms=first.start_ms,
        end_ms=last.end_ms,
        score=0.9,
        detector="test",
        why="because",
        action=Action.CUT,
        words=refs,
    )


def _cut(finding: Finding, *, more_ms: int = 0) -> Cut:
    return Cut(
        source=0,
        channel=finding.channel,
        start_ms=finding.start_ms,
        end_ms=finding.end_ms + more_ms,
        method=Method.TONE,
        why="CREDIT_CARD",
        findings=(finding.id,),
    )


def _conversation(*turns: Turn) -> Conversation:
    channels = tuple(
        Channel(index=n, role=role, language="en", language_probability=1.0, voiced=())
        for n, role in enumerate((Role.AGENT, Role.UNKNOWN))
    )
    return Conversation(duration_ms=600_000, channels=channels, turns=turns)


def outputs(
    conversation: Conversation, findings: tuple[Finding, ...], cuts: tuple[Cut, ...]
) -> dict[str, str]:
    """Every text that is written of a conversation."""
    turns = redacted(conversation, findings, cuts)
    made = document(RecordingId("rec_0"), conversation.duration_ms, conversation.channels, turns)
    texts = (json.dumps(made, ensure_ascii=False), plain(turns), vtt(turns), srt(turns))
    return dict(zip(FILES, texts, strict=True))


@settings(max_examples=80, deadline=None)
@given(case=cases())
def test_no_removed_word_is_in_any_output(
    case: tuple[Conversation, tuple[Finding, ...], tuple[Cut, ...]],
) -> None:
    """Neither the transcript nor any caption holds a word that was removed."""
    for name, text in outputs(*case).items():
        assert not [word for word in SECRET if word in text], name


@settings(max_examples=80, deadline=None)
@given(case=cases())
def test_words_outside_findings_are_unchanged(
    case: tuple[Conversation, tuple[Finding, ...], tuple[Cut, ...]],
) -> None:
    """Every word outside the findings is there with its text, times and confidence, in the same order."""
    conversation, findings, cuts = case
    gone = removed_words(conversation, findings, cuts)
    made = redacted(conversation, findings, cuts)

    for t, turn in enumerate(conversation.turns):
        kept = [w for n, w in enumerate(turn.words) if WordRef(turn=t, word=n) not in gone]
        entries = [e for e in made[t].entries if e.finding is None]
        assert [(e.text, e.start_ms, e.end_ms, e.confidence) for e in entries] == [
            (w.text, w.start_ms, w.end_ms, w.confidence) for w in kept
        ]
        assert made[t].text == " ".join(e.text for e in made[t].entries)


@settings(max_examples=80, deadline=None)
@given(case=cases())
def test_a_finding_is_one_entry(
    case: tuple[Conversation, tuple[Finding, ...], tuple[Cut, ...]],
) -> None:
    """However many words it covers, a finding is one entry: their number would tell that of its digits."""
    conversation, findings, cuts = case
    entries = [e for turn in redacted(conversation, findings, cuts) for e in turn.entries if e.finding]

    assert [e.finding for e in entries] == [f.id for f in findings]
    assert all(e.text == "[CREDIT_CARD]" and e.confidence is None for e in entries)
    assert [(e.start_ms, e.end_ms) for e in entries] == [(f.start_ms, f.end_ms) for f in findings]


@settings(max_examples=40, deadline=None)
@given(case=cases())
def test_redacting_twice_is_redacting_once(
    case: tuple[Conversation, tuple[Finding, ...], tuple[Cut, ...]],
) -> None:
    """A redacted conversation with nothing left to find reads the same when it is redacted again."""
    conversation, findings, cuts = case
    made = redacted(conversation, findings, cuts)
    again = _conversation(
        *(
            Turn(
                channel=turn.channel,
                words=tuple(
                    Word(
                        start_ms=e.start_ms,
                        end_ms=e.end_ms,
                        channel=turn.channel,
                        confidence=0.8,
                        text=e.text,
                    )
                    for e in turn.entries
                ),
            )
            for turn in made
        )
    )

    assert [t.text for t in redacted(again, (), ())] == [t.text for t in made]
    assert (plain(redacted(again, (), ())), srt(redacted(again, (), ()))) == (plain(made), srt(made))


def _call(*texts: str) -> Conversation:
    """One turn of words of 300 ms, 400 ms apart."""
    words = tuple(
        Word(start_ms=400 * n, end_ms=400 * n + 300, channel=0, confidence=0.9, text=text)
        for n, text in enumerate(texts)
    )
    return _conversation(Turn(channel=0, words=words))


def _found(conversation: Conversation, first: int, last: int, number: int = 1) -> Finding:
    words = conversation.turns[0].words
    refs = tuple(WordRef(turn=0, word=w) for w in range(first, last + 1))
    return _finding(number, words[first], words[last], refs)


@pytest.mark.parametrize(
    ("end_ms", "text"),
    [
        (700, "it's [CREDIT_CARD] right thanks"),
        (949, "it's [CREDIT_CARD] right thanks"),
        (950, "it's [CREDIT_CARD] thanks"),
        (1_500, "it's [CREDIT_CARD]"),
    ],
)
def test_what_a_cut_silences_is_gone_from_the_text(end_ms: int, text: str) -> None:
    """A word of which a cut covers half or more goes under its finding; one that is mostly heard stays."""
    conversation = _call("it's", "4111", "right", "thanks")
    finding = _found(conversation, 1, 1)
    cut = _cut(finding, more_ms=end_ms - finding.end_ms)

    assert redacted(conversation, (finding,), (cut,))[0].text == text


def test_a_finding_that_is_kept_is_read() -> None:
    """A finding that the profile keeps stays in the text, word by word."""
    conversation = _call("it's", "4111")
    found = _found(conversation, 1, 1)
    kept = Finding(**{name: getattr(found, name) for name in Finding.__slots__} | {"action": Action.KEEP})

    assert redacted(conversation, (kept,), ())[0].text == "it's 4111"


def test_two_findings_side_by_side_are_two_entries() -> None:
    """Neighbouring findings keep their own labels and ids."""
    conversation = _call("4111", "1111", "seven")
    both = (_found(conversation, 0, 1), _found(conversation, 2, 2, number=2))
    (turn,) = redacted(conversation, both, tuple(_cut(f) for f in both))

    assert [e.finding for e in turn.entries] == ["f1", "f2"]
    assert turn.text == "[CREDIT_CARD] [CREDIT_CARD]"


def test_captions_say_nothing_that_a_player_obeys() -> None:
    """Angle brackets and ampersands that were said are escaped in WebVTT."""
    made = vtt(redacted(_call("<b>", "a&b"), (), ()))

    assert "<v Agent>&lt;b&gt; a&amp;b" in made


def test_captions_are_short() -> None:
    """A long turn is broken into captions of about six seconds, in order, with every word in one of them."""
    made = srt(redacted(_call(*("well",) * 60), (), ()))
    times = re.findall(r"(\d\d):(\d\d):(\d\d),(\d{3})", made)
    starts = [int(h) * 3_600_000 + int(m) * 60_000 + int(s) * 1000 + int(ms) for h, m, s, ms in times]

    assert made.count("well") == 60
    assert all(end - start <= 6_300 for start, end in zip(starts[::2], starts[1::2], strict=True))
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("ms", "shown"), [(0, "00:00:00.000"), (61_007, "00:01:01.007"), (36_000_000, "10:00:00.000")]
)
def test_times_as_captions_write_them(ms: int, shown: str) -> None:
    """Hours, minutes, seconds and milliseconds, each in full."""
    assert clock(ms) == shown


def test_nothing_said_gives_empty_files() -> None:
    """A recording in which nothing was said has an empty transcript and captions without cues."""
    files = outputs(_conversation(), (), ())

    assert files["transcript.txt"] == files["transcript.srt"] == ""
    assert files["transcript.vtt"].strip() == "WEBVTT"
    assert json.loads(files["transcript.json"])["turns"] == []

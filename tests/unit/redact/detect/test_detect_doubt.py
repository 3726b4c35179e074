"""Answers that look incomplete are read again, and what the second reading finds is added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.records import (
    Action,
    Channel,
    ChannelSpan,
    Conversation,
    Entity,
    Finding,
    FindingId,
    Role,
    Turn,
    Word,
    WordRef,
)
from compliance.redact.detect.doubt import DETECTOR, LONGEST_MS, added, doubtful, reread
from tests.unit.redact.speech.scripts import script

ASKED = "A: What's the card number?\nC: "
WHOLE, SHORT = "4111 1111 1111 1111", "4111 1111 1111"


def unsure(call: Conversation, confidence: float) -> Conversation:
    """The call, every word read with some confidence."""
    return replace(
        call,
        turns=tuple(
            replace(t, words=tuple(replace(w, confidence=confidence) for w in t.words)) for t in call.turns
        ),
    )


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (f"{ASKED}{WHOLE}", False),
        (f"{ASKED}{SHORT}", True),
        (f"{ASKED}{WHOLE} 2", True),
        (f"{ASKED}It ends in 1111", False),
        (f"{ASKED}Let me get my wallet.", False),
        ("A: What's the security code?\nC: 41", True),
        ("A: What's the security code?\nC: 417", False),
        ("A: What's your social?\nC: 417 22 88", True),
        ("A: What's your social?\nC: 417 22 8831", False),
        ("A: What's your order number?\nC: 41 22", False),
        ("A: What's your name?\nC: Agent 41", False),
        (f"C: My card number is {SHORT}.", False),
    ],
)
def test_answers_of_no_usual_length_are_doubtful(text: str, is_one: bool) -> None:
    """A card, a code or an identity number of too few or too many digits is read again; nothing else is."""
    assert bool(doubtful(script(text, "probe").conversation)) is is_one


def test_an_answer_in_groups_is_one() -> None:
    """Groups with the other's "mm-hm" between them are counted together."""
    grouped = f"{ASKED}4111 1111\nA: Mm-hm.\nC: 1111 1111"

    assert doubtful(script(grouped, "probe").conversation) == ()
    assert len(doubtful(script(grouped.removesuffix(" 1111"), "probe").conversation)) == 1


def test_digits_hardly_understood_are_doubtful() -> None:
    """A number of the right length that the recogniser was unsure of is read again."""
    call = script(f"{ASKED}{WHOLE}", "probe").conversation

    assert doubtful(unsure(call, 0.95)) == ()
    assert len(doubtful(unsure(call, 0.05))) == 1


@pytest.mark.parametrize("digits", [1, 12, 200])
def test_what_is_read_again_holds_the_answer(digits: int) -> None:
    """It reaches from before the answer to after it, within the call, and is of bounded length."""
    call = script(f"{ASKED}{'4 ' * digits}", "probe").conversation
    (span,) = doubtful(call)

    assert span.channel == 1
    assert 0 <= span.start_ms <= call.turns[1].start_ms
    assert min(call.turns[1].end_ms, span.start_ms + LONGEST_MS) <= span.end_ms <= call.duration_ms
    assert span.end_ms - span.start_ms <= LONGEST_MS


CHANNELS = tuple(
    Channel(index=n, role=role, language="en", language_probability=1.0, voiced=())
    for n, role in enumerate((Role.AGENT, Role.CALLER))
)
LENGTH_MS = 6_000


def word(text: str, start_ms: int, length_ms: int, channel: int) -> Word:
    """A word."""
    return Word(start_ms=start_ms, end_ms=start_ms + length_ms, channel=channel, confidence=0.9, text=text)


def middle(each: Word) -> int:
    """Twice the middle of a word."""
    return each.start_ms + each.end_ms


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    """Words of two channels in the order in which a transcript has them, a few to a turn."""
    times = st.tuples(st.integers(0, LENGTH_MS), st.integers(20, 900), st.integers(0, 1))
    listed = [word(f"w{n}", *each) for n, each in enumerate(draw(st.lists(times, max_size=14)))]
    turns: list[Turn] = []
    for each in sorted(listed, key=lambda w: (middle(w), w.channel)):
        goes_on = turns and turns[-1].channel == each.channel and draw(st.booleans())
        words = (*turns.pop().words, each) if goes_on else (each,)
        turns.append(Turn(channel=each.channel, words=words))
    return Conversation(duration_ms=LENGTH_MS, channels=CHANNELS, turns=tuple(turns))


spans = st.lists(
    st.builds(
        lambda c, at, n: ChannelSpan(channel=c, start_ms=at, end_ms=at + n),
        st.integers(0, 1),
        st.integers(0, LENGTH_MS),
        st.integers(1, 3_000),
    ),
    max_size=3,
)


def said(call: Conversation) -> list[Word]:
    """Every word of a call, in its order."""
    return [each for turn in call.turns for each in turn.words]


def lies_in(each: Word, listed: list[ChannelSpan]) -> bool:
    """Whether a word's middle is in one of some spans."""
    return any(s.channel == each.channel and s.start_ms <= middle(each) // 2 < s.end_ms for s in listed)


@settings(deadline=None)
@given(call=conversations(), again=spans, data=st.data())
def test_what_was_read_again_replaces_what_was_read_there(
    call: Conversation, again: list[ChannelSpan], data: st.DataObject
) -> None:
    """Words near what was read again stay, those inside give way to the new ones, all in time order."""
    new = [
        word(f"new{n}", data.draw(st.integers(s.start_ms, s.end_ms)), 20, s.channel)
        for n, s in enumerate(again)
    ]
    after = reread(call, again, new)

    near = replace(call, turns=tuple(turn for turn in call.turns if is_near(turn, again)))
    kept = [each for each in said(near) if not lies_in(each, again)]
    assert sorted(said(after), key=id) == sorted([*kept, *new], key=id)
    assert [each for each in said(after) if each not in new] == kept
    assert [middle(each) for each in said(after)] == sorted(map(middle, said(after)))
    assert all(w.channel == turn.channel for turn in after.turns for w in turn.words)
    assert all(turn.words for turn in after.turns)
    assert (after.channels, after.duration_ms) == (call.channels, call.duration_ms)


def is_near(turn: Turn, spans: Sequence[ChannelSpan]) -> bool:
    """Whether half a minute or less lies between a turn and one of the spans."""
    gaps = (max(turn.words[0].start_ms - s.end_ms, s.start_ms - turn.words[-1].end_ms) for s in spans)
    return any(gap < 30_000 for gap in gaps)


def test_a_second_reading_stands_between_the_words_round_it() -> None:
    """What is read again in the middle of a turn comes after what was said before it, and before the rest."""
    words = [word(text, n * 500, 400, 1) for n, text in enumerate(("hold", "on", "41", "22", "got", "it"))]
    call = Conversation(duration_ms=3_000, channels=CHANNELS, turns=(Turn(channel=1, words=tuple(words)),))
    after = reread(
        call, [ChannelSpan(channel=1, start_ms=1_000, end_ms=2_000)], [word("4122", 1_000, 900, 1)]
    )

    assert [each.text for each in said(after)] == ["hold", "on", "4122", "got", "it"]


def finding(start_ms: int, end_ms: int, *, channel: int = 1, action: Action = Action.CUT) -> Finding:
    """A find of a word."""
    return Finding(
        id=FindingId("f1"),
        source=0,
        entity=Entity.CREDIT_CARD,
        channel=channel,
        start_ms=start_ms,
        end_ms=end_ms,
        score=0.9,
        detector="probe",
        why="a probe",
        action=action,
        words=(WordRef(turn=0, word=0),),
    )


AGAIN = (ChannelSpan(channel=1, start_ms=1_000, end_ms=5_000),)


@pytest.mark.parametrize(
    ("second", "is_added"),
    [
        (finding(2_000, 3_000), True),
        (finding(900, 1_100), True),
        (finding(6_000, 7_000), False),
        (finding(2_000, 3_000, channel=0), False),
        (finding(3_600, 3_900), False),
        (finding(3_400, 3_900), True),
        (finding(3_600, 3_900, action=Action.REVIEW), True),
        (replace(finding(2_000, 3_000), words=()), False),
    ],
)
def test_what_only_the_second_reading_finds_is_added(second: Finding, is_added: bool) -> None:
    """A find in what was read again is added unless the first reading covers it with the same action."""
    first = (finding(3_500, 4_000),)

    assert bool(added(first, (second,), AGAIN)) is is_added


def test_what_is_added_points_at_no_word() -> None:
    """Its words are of the second reading: in the transcript there are none such, and its name tells so."""
    (only,) = added((), (finding(2_000, 3_000),), AGAIN)

    assert (only.words, only.detector) == ((), DETECTOR)
    assert (only.start_ms, only.end_ms, only.entity) == (2_000, 3_000, Entity.CREDIT_CARD)

"""Voice for which no word was written: cut beside a number and where an answer was awaited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance.records import Channel, Conversation, Entity, Role, Span
from compliance.redact.detect.document import Document, Found
from compliance.redact.detect.unread import unread
from tests.unit.redact.speech.scripts import TURN_MS, WORD_MS, script

LATER_MS = 6_000
"""A silence put into a call."""


def after(text: str, place: int) -> int:
    """When the turn at a place has ended."""
    call = script(text, "probe").conversation
    return call.turns[place].end_ms


def paused(text: str, place: int) -> Conversation:
    """A call in which a long silence follows the turn at a place."""
    call = script(text, "probe").conversation
    turns = [
        replace(
            turn,
            words=tuple(
                replace(w, start_ms=w.start_ms + LATER_MS, end_ms=w.end_ms + LATER_MS) for w in turn.words
            ),
        )
        if n > place
        else turn
        for n, turn in enumerate(call.turns)
    ]
    return replace(call, turns=tuple(turns), duration_ms=call.duration_ms + LATER_MS)


def voiced(call: Conversation, channel: int, span: Span) -> Conversation:
    """The call with a voice on a channel, and on no other."""
    channels = [replace(c, voiced=(span,) if c.index == channel else ()) for c in call.channels]
    return replace(call, channels=tuple(channels))


def mono(call: Conversation) -> Conversation:
    """The same words, all on one channel of which nobody knows who speaks there."""
    turns = tuple(
        replace(t, channel=0, words=tuple(replace(w, channel=0) for w in t.words)) for t in call.turns
    )
    only = Channel(index=0, role=Role.UNKNOWN, language="en", language_probability=1.0, voiced=())
    return replace(call, turns=turns, channels=(only,))


def spans(call: Conversation, *found: Found) -> list[tuple[int, int, int]]:
    """Channel and time of every stretch that was not read."""
    return [(u.channel, u.span.start_ms, u.span.end_ms) for u in unread(Document(call), found)]


ASKED = "A: What is the security code?\nA: Okay and what else can I do for you today?"
TALK = "A: What a day.\nA: Okay and what else can I do for you today?"


@pytest.mark.parametrize(
    ("text", "channel", "is_cut"), [(ASKED, 1, True), (TALK, 1, False), (ASKED, 0, False)]
)
def test_voice_is_cut_where_an_answer_was_awaited(text: str, channel: int, is_cut: bool) -> None:
    """After a question the other party's voice is cut, not the asker's own; after small talk nobody's."""
    at_ms = after(text, 0) + 1_000
    call = voiced(paused(text, 0), channel, Span(start_ms=at_ms, end_ms=at_ms + 2_000))

    assert spans(call) == ([(channel, at_ms, at_ms + 2_000)] if is_cut else [])


@pytest.mark.parametrize(("over_ms", "is_cut"), [(1_900, True), (2_100, False)])
def test_nobody_is_awaited_while_the_other_talks(over_ms: int, is_cut: bool) -> None:
    """A voice under the asker's own words answers nothing; a word or two thrown in changes nothing."""
    call = paused(ASKED, 0)
    at_ms = after(ASKED, 0) + 1_000
    words = call.turns[0].words
    more = replace(words[-1], text="or", start_ms=at_ms, end_ms=at_ms + over_ms)
    talked = replace(call, turns=(replace(call.turns[0], words=(*words, more)), *call.turns[1:]))
    heard = voiced(talked, 1, Span(start_ms=at_ms, end_ms=at_ms + 4_000))

    assert bool(spans(heard)) is is_cut


def test_voice_with_words_was_read() -> None:
    """Where words stand, voice is no find of its own, whatever was asked."""
    call = script("A: What is the security code?\nC: It is right here with me.", "probe").conversation

    assert spans(call) == []


def test_a_short_sound_is_no_answer() -> None:
    """A breath after a question stays."""
    at_ms = after(ASKED, 0) + 1_000

    assert spans(voiced(paused(ASKED, 0), 1, Span(start_ms=at_ms, end_ms=at_ms + 100))) == []


def test_a_voice_long_after_the_question_answers_nothing() -> None:
    """When a minute has passed since the last word, a voice is something else."""
    call = script("A: What is the security code?", "probe").conversation

    assert spans(voiced(call, 1, Span(start_ms=60_000, end_ms=62_000))) == []


def number(entity: Entity = Entity.NUMBER, places: tuple[int, int] = (2, 3)) -> Found:
    """A find over some tokens."""
    return Found(entity=entity, first=places[0], last=places[1], score=0.9, why="a probe")


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("A: Lovely weather.\nC: 4417 8820\nA: It is.", 1),
        ("C: Lovely weather.\nA: 4417 8820\nC: It is.", 0),
    ],
)
def test_voice_beside_a_number_is_more_of_it(text: str, channel: int) -> None:
    """Though nobody asked, voice right after a number is cut, the agent's own reading back included."""
    at_ms = after(text, 1) + 500
    call = voiced(paused(text, 1), channel, Span(start_ms=at_ms, end_ms=at_ms + 800))

    assert spans(call) == []
    assert spans(call, number()) == [(channel, at_ms, at_ms + 800)]


@pytest.mark.parametrize("entity", [Entity.PERSON, Entity.LOCATION, Entity.MEDICATION])
def test_voice_beside_a_name_is_something_else(entity: Entity) -> None:
    """What is said in a word or two does not go on in what was not read."""
    text = "A: Lovely weather.\nC: Marlo Quist\nA: It is."
    at_ms = after(text, 1) + 500
    call = voiced(paused(text, 1), 1, Span(start_ms=at_ms, end_ms=at_ms + 800))

    assert spans(call, number(entity)) == []


def test_voice_on_the_other_channel_is_not_beside() -> None:
    """The number is the caller's; what the agent says meanwhile is not more of it."""
    text = "A: Lovely weather.\nC: 4417 8820\nA: It is."
    at_ms = after(text, 1) + 500
    call = voiced(paused(text, 1), 0, Span(start_ms=at_ms, end_ms=at_ms + 800))

    assert spans(call, number()) == []


def test_a_word_ends_what_is_beside_a_number() -> None:
    """Voice past the next word is no more of the number; with no word between it is."""
    for text, is_cut in (
        ("A: Lovely weather.\nC: 4417 8820\nA: It is.", False),
        ("A: Hi you.\nC: 4417 8820", True),
    ):
        at_ms = after(text, 1) + 2 * TURN_MS + 2 * WORD_MS
        late = voiced(script(text, "probe").conversation, 1, Span(start_ms=at_ms, end_ms=at_ms + 800))

        assert bool(spans(late, number())) is is_cut


def test_in_mono_an_answer_is_awaited_on_the_one_channel() -> None:
    """Who asks and who answers share a channel: what follows a question is cut, and small talk stays."""
    for text, is_cut in ((ASKED, True), (TALK, False)):
        at_ms = after(text, 0) + 1_000
        call = voiced(mono(paused(text, 0)), 0, Span(start_ms=at_ms, end_ms=at_ms + 2_000))

        assert bool(spans(call)) is is_cut

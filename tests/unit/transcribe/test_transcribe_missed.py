"""Voice for which no word was written is read once more, by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.records import Conversation, Role, Span, Word
from compliance.transcribe.fake import FakeRecogniser, spoken
from compliance.transcribe.heard import Heard
from compliance.transcribe.listen import listen
from compliance.transcribe.missed import AROUND_MS, SHORTEST_MS, missed
from compliance.transcribe.windows import RATE, Packing, Piece, Samples, Window

PLAIN, SKIPPED = ("my", "card", "is", "thanks"), ("four", "one", "nine")
VOCABULARY = PLAIN + SKIPPED
ROLES = (Role.AGENT, Role.CALLER)
LENGTH_MS, PAUSE_MS = SHORTEST_MS + 400, 400


class Hasty(FakeRecogniser):
    """Skips some words wherever others stand beside them, as recognisers do with a card between questions."""

    def __init__(self, *, skips: Sequence[str] = SKIPPED, batch_size: int = 4) -> None:
        """Nothing was read yet."""
        super().__init__(VOCABULARY, batch_size=batch_size)
        self._skips = frozenset(skips)
        self.windows: list[Window] = []
        """Every window it was given, in order."""

    def read(self, windows: Sequence[Window]) -> list[Heard]:
        """The words of each window but those that are skipped; a window of nothing else is read."""
        self.windows += windows
        return [self._passed(heard) for heard in super().read(windows)]

    def _passed(self, heard: Heard) -> Heard:
        """What is written of what was heard."""
        kept = tuple(word for word in heard.words if word.text not in self._skips)
        return Heard(words=kept or heard.words, language="en", language_probability=1.0)


class Deaf(Hasty):
    """Never writes a word that it skips."""

    def _passed(self, heard: Heard) -> Heard:
        """What is written of what was heard."""
        kept = tuple(word for word in heard.words if word.text not in self._skips)
        return Heard(words=kept, language="en", language_probability=1.0)


def word(text: str, start_ms: int, channel: int = 0, length_ms: int = LENGTH_MS) -> Word:
    """A word said slowly."""
    return Word(start_ms=start_ms, end_ms=start_ms + length_ms, channel=channel, confidence=0.9, text=text)


def line(text: str, *, channel: int = 0, at_ms: int = 500) -> list[Word]:
    """Words one after another, with short pauses."""
    step_ms = LENGTH_MS + PAUSE_MS
    return [word(each, at_ms + n * step_ms, channel) for n, each in enumerate(text.split())]


def stereo(words: Sequence[Word]) -> Samples:
    """A call on which these words are said."""
    length_ms = max(w.end_ms for w in words) + 700
    return np.stack(
        [spoken(VOCABULARY, [w for w in words if w.channel == c], length_ms=length_ms) for c in (0, 1)]
    )


def blocks(samples: Samples) -> Iterator[Samples]:
    """A recording as it is decoded, a second at a time."""
    for n in range(0, samples.shape[1], RATE):
        yield samples[:, n : n + RATE]


def heard(conversation: Conversation) -> list[Word]:
    """Every word, in order."""
    return [word for turn in conversation.turns for word in turn.words]


def lengths(windows: Sequence[Window]) -> int:
    """How much sound some windows hold."""
    return sum(window.length_ms for window in windows)


@st.composite
def dialogues(draw: st.DrawFn) -> list[Word]:
    """Two people who take turns, each saying words that are skipped and words that are not."""
    words: list[Word] = []
    at_ms = 500
    for _ in range(draw(st.integers(1, 4))):
        said = draw(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=5))
        words += line(" ".join(said), channel=draw(st.integers(0, 1)), at_ms=at_ms)
        at_ms = words[-1].end_ms + draw(st.sampled_from((500, 2_500, 8_000)))
    return words


@settings(max_examples=25, deadline=None)
@given(words=dialogues(), batch_size=st.sampled_from((1, 4)))
def test_what_was_skipped_is_heard_where_it_was_said(words: list[Word], batch_size: int) -> None:
    """Every word comes out once, on its channel and at its time, though half were skipped at first."""
    found = heard(listen(blocks(stereo(words)), Hasty(batch_size=batch_size), roles=ROLES))

    assert [(w.channel, w.text) for w in found] == [(w.channel, w.text) for w in words]
    assert all(abs(f.start_ms - w.start_ms) <= 40 for f, w in zip(found, words, strict=True))
    assert all(abs(f.end_ms - w.end_ms) <= 40 for f, w in zip(found, words, strict=True))


@settings(max_examples=25, deadline=None)
@given(words=dialogues())
def test_what_was_read_is_not_read_twice(words: list[Word]) -> None:
    """Where every voice has its words, no sound is read more than once."""
    hasty = Hasty(skips=())
    conversation = listen(blocks(stereo(words)), hasty, roles=ROLES)

    assert len(heard(conversation)) == len(words)
    assert lengths(hasty.windows) <= sum(w.end_ms - w.start_ms + 2 * (Packing().keep_ms + 40) for w in words)


def test_only_what_was_skipped_is_read_again() -> None:
    """The second reading is of the skipped word with a little round it, and of nothing else."""
    words = line("my card four is thanks")
    hasty = Hasty()
    listen(blocks(stereo(words)), hasty, roles=ROLES)
    _, again = hasty.windows

    (piece,) = again.pieces
    assert words[2].start_ms - AROUND_MS - 40 <= piece.span.start_ms <= words[2].start_ms
    assert words[2].end_ms <= piece.span.end_ms <= words[2].end_ms + AROUND_MS + 40
    assert again.length_ms == piece.span.length_ms


def test_a_number_read_in_groups_is_read_again_in_one_go() -> None:
    """Skipped words with short pauses between them are one stretch; a word that was read parts two."""
    hasty = Hasty()
    listen(blocks(stereo(line("my four one nine is four"))), hasty, roles=ROLES)

    assert len(hasty.windows) == 1 + 2


def test_what_is_missed_twice_stays_missed() -> None:
    """A sound that is no word is read twice and no more, and is still known as voice."""
    words = line("my four is")
    deaf = Deaf()
    conversation = listen(blocks(stereo(words)), deaf, roles=ROLES)

    assert [w.text for w in heard(conversation)] == ["my", "is"]
    assert len(deaf.windows) == 2
    assert any(
        v.start_ms <= words[1].start_ms + 40 and words[1].end_ms - 40 <= v.end_ms
        for v in conversation.channels[0].voiced
    )


@dataclass
class Tape:
    """A recording that notes, block by block, how much was read while it streamed."""

    samples: Samples
    hasty: Hasty
    read: int = 0

    def blocks(self) -> Iterator[Samples]:
        """The recording."""
        for block in blocks(self.samples):
            self.read = len(self.hasty.windows)
            yield block


def test_what_was_missed_is_read_while_the_recording_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second readings do not wait for the end: little of the sound is held back."""
    monkeypatch.setattr("compliance.transcribe.listen.AHEAD", 1)
    words = [w for n in range(20) for w in line("my four is", at_ms=500 + 6_000 * n)]
    hasty = Hasty(batch_size=1)
    tape = Tape(stereo(words), hasty)
    packing = Packing(longest_ms=5_000, block_ms=8_000)
    listen(tape.blocks(), hasty, roles=ROLES, packing=packing)

    again = [n for n, window in enumerate(hasty.windows) if lengths([window]) < 2 * LENGTH_MS]
    assert len(again) >= 20
    assert sum(n < tape.read for n in again) >= 15


class TestMissed:
    """Which stretches of a window are worth another reading."""

    PIECES = (
        Piece(span=Span(start_ms=10_000, end_ms=14_000), at_ms=0),
        Piece(span=Span(start_ms=30_000, end_ms=34_000), at_ms=4_000),
    )
    WINDOW = Window(pieces=PIECES, samples=np.arange(8 * RATE, dtype=np.float32))

    @pytest.mark.parametrize(
        ("voice", "words", "count"),
        [
            ([(11_000, 13_000)], [], 1),
            ([(11_000, 13_000)], [(11_000, 13_000)], 0),
            ([(11_000, 11_000 + SHORTEST_MS - 20)], [], 0),
            ([(11_000, 13_000)], [(11_050, 12_950)], 0),
            ([(11_000, 13_000), (31_000, 33_000)], [], 2),
            ([(11_000, 13_000), (31_000, 33_000)], [(11_000, 13_000)], 1),
            ([(11_000, 11_600), (12_200, 12_800)], [], 1),
            ([(11_000, 11_600), (12_200, 12_800)], [(11_700, 12_100)], 2),
            ([(20_000, 23_000)], [], 0),
            ([], [(11_000, 13_000)], 0),
        ],
    )
    def test_voice_without_words_is_missed(
        self, voice: list[tuple[int, int]], words: list[tuple[int, int]], count: int
    ) -> None:
        """Voice of some length that has no word, inside what was read, is a window of its own."""
        spans = [Span(start_ms=a, end_ms=b) for a, b in voice]
        listed = [word("my", a, length_ms=b - a) for a, b in words]

        assert len(list(missed(self.WINDOW, spans, listed))) == count

    @settings(deadline=None)
    @given(at_ms=st.integers(30_000, 33_000), length_ms=st.integers(SHORTEST_MS, 3_000))
    def test_its_samples_are_those_of_its_time(self, at_ms: int, length_ms: int) -> None:
        """What is read again is the very sound of its place in the recording, inside its piece."""
        voice = Span(start_ms=at_ms, end_ms=min(34_000, at_ms + max(SHORTEST_MS, length_ms)))
        (again,) = missed(self.WINDOW, [voice], [])
        (piece,) = again.pieces

        assert 30_000 <= piece.span.start_ms <= voice.start_ms
        assert voice.end_ms <= piece.span.end_ms <= 34_000
        assert again.samples[0] == (4_000 + piece.span.start_ms - 30_000) * RATE // 1000
        assert len(again.samples) == piece.span.length_ms * RATE // 1000

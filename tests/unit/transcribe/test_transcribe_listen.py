"""From samples to a conversation, with a recogniser whose words are tones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.errors import LanguageNotSupported
from compliance.records import Channel, ChannelSpan, Conversation, Role, Span, Word, joined
from compliance.transcribe.again import read_again
from compliance.transcribe.crosstalk import Crosstalk
from compliance.transcribe.ear import longest_ms, said
from compliance.transcribe.fake import FakeRecogniser, spoken
from compliance.transcribe.heard import HeardWord
from compliance.transcribe.language import require_measured_language, spoken_language
from compliance.transcribe.listen import listen
from compliance.transcribe.turns import turns
from compliance.transcribe.windows import RATE, Packing, Piece, Samples, Window

VOCABULARY = ("my", "card", "is", "four", "one", "nine", "thanks", "and", "yours", "goodbye")
ROLES = (Role.AGENT, Role.CALLER)


def word(text: str, start_ms: int, length_ms: int = 300, channel: int = 0) -> Word:
    """A word of the vocabulary."""
    return Word(start_ms=start_ms, end_ms=start_ms + length_ms, channel=channel, confidence=0.9, text=text)


any_word = st.builds(
    word, st.sampled_from(VOCABULARY), st.integers(0, 60_000), st.integers(20, 900), st.integers(0, 1)
)


def stereo(words: list[Word], length_ms: int) -> Samples:
    """A call on which these words are said."""
    return np.stack(
        [spoken(VOCABULARY, [w for w in words if w.channel == c], length_ms=length_ms) for c in (0, 1)]
    )


def blocks(samples: Samples, length: int = RATE) -> Iterator[Samples]:
    """A recording as it is decoded."""
    for n in range(0, samples.shape[1], length):
        yield samples[:, n : n + length]


def heard(conversation: Conversation) -> list[tuple[int, str]]:
    """Channel and text of every word, in order."""
    return [(t.channel, w.text) for t in conversation.turns for w in t.words]


@st.composite
def dialogues(draw: st.DrawFn) -> list[Word]:
    """Two people who take turns, a few words each, with pauses short and long."""
    words, at_ms = [], 500
    for _ in range(draw(st.integers(1, 6))):
        channel = draw(st.integers(0, 1))
        for text in draw(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=5)):
            words.append(word(text, at_ms, 200, channel))
            at_ms += 300
        at_ms += draw(st.sampled_from((400, 2_000, 9_000)))
    return words


@settings(max_examples=25, deadline=None)
@given(words=dialogues(), length=st.sampled_from((RATE // 3, RATE, 5 * RATE)))
def test_every_word_is_heard_where_it_was_said(words: list[Word], length: int) -> None:
    """Each word comes out once, on its channel, in order, and within two frames of its time."""
    call = stereo(words, words[-1].end_ms + 700)
    conversation = listen(blocks(call, length), FakeRecogniser(VOCABULARY), roles=ROLES)
    found = [w for turn in conversation.turns for w in turn.words]

    assert [(w.channel, w.text) for w in found] == [(w.channel, w.text) for w in words]
    assert all(abs(f.start_ms - w.start_ms) <= 40 for f, w in zip(found, words, strict=True))
    assert all(abs(f.end_ms - w.end_ms) <= 40 for f, w in zip(found, words, strict=True))
    assert conversation.duration_ms == call.shape[1] * 1000 // RATE


def test_nothing_but_sound_is_read() -> None:
    """A long silence costs nothing: what is read is speech with its margins."""
    fake = FakeRecogniser(VOCABULARY)
    listen(blocks(stereo([word("four", 30_000)], 60_000)), fake, roles=ROLES)

    assert fake.heard_ms <= 300 + 2 * Packing().keep_ms + 40


def test_progress_is_told() -> None:
    """Whoever waits is told how much of the recording was taken in, up to its end."""
    told: list[int] = []
    listen(
        blocks(stereo([word("four", 500)], 3_000)),
        FakeRecogniser(VOCABULARY),
        roles=ROLES,
        progress=told.append,
    )

    assert told == [1_000, 2_000, 3_000]


def test_voice_is_noted_whether_or_not_it_is_read() -> None:
    """Sound that is no word of the recogniser's is voice all the same."""
    call = stereo([], 4_000)
    call[1, RATE : 2 * RATE] = 0.2 * np.sin(2 * np.pi * 700 * np.arange(RATE) / RATE)
    conversation = listen(blocks(call), FakeRecogniser(VOCABULARY), roles=ROLES)

    assert conversation.turns == ()
    assert conversation.channels[1].voiced == (Span(start_ms=1_000, end_ms=2_000),)


@settings(max_examples=25, deadline=None)
@given(words=dialogues(), data=st.data())
def test_only_the_stretches_asked_for_are_read_again(words: list[Word], data: st.DataObject) -> None:
    """Reading again gives the words of the stretches asked for, and none of any other."""
    chosen = data.draw(st.lists(st.sampled_from(words), min_size=1, unique_by=id))
    wanted = [
        ChannelSpan(channel=w.channel, start_ms=w.start_ms - 20, end_ms=w.end_ms + 20)
        for w in sorted(chosen, key=lambda w: w.start_ms)
    ]
    call = stereo(words, words[-1].end_ms + 700)
    found = read_again(blocks(call), wanted, FakeRecogniser(VOCABULARY))

    assert [(w.channel, w.text) for w in found] == [
        (w.channel, w.text) for w in sorted(chosen, key=lambda w: w.start_ms)
    ]
    assert all(
        abs(f.start_ms - w.start_ms) <= 40
        for f, w in zip(found, sorted(chosen, key=lambda w: w.start_ms), strict=True)
    )


def test_a_stretch_that_runs_past_the_end_is_read_as_far_as_it_goes() -> None:
    """Asked for more than there is, reading again gives what there is."""
    call = stereo([word("nine", 500)], 900)
    found = read_again(
        blocks(call), [ChannelSpan(channel=0, start_ms=400, end_ms=5_000)], FakeRecogniser(VOCABULARY)
    )

    assert [w.text for w in found] == ["nine"]


class TestCrosstalk:
    """A party who leaks into the other's channel."""

    def test_a_copy_is_not_taken_for_speech(self) -> None:
        """Words that leaked are dropped, the channel is marked, and the speaker's own stay."""
        call = _call(leak=0.05)
        conversation = listen(blocks(call), FakeRecogniser(VOCABULARY), roles=ROLES)

        assert conversation.channels[0].hears == (1,)
        assert conversation.channels[1].hears == ()
        assert not any(v.start_ms >= 2_000 for v in conversation.channels[0].voiced)

    def test_two_parties_apart_are_left_apart(self) -> None:
        """Without leakage neither channel hears the other."""
        crosstalk = Crosstalk(channels=2)
        for block in blocks(_call(leak=0.0)):
            crosstalk.add(block)

        assert crosstalk.hears(0) == crosstalk.hears(1) == ()

    def test_one_channel_has_no_crosstalk(self) -> None:
        """In mono there is nobody to hear."""
        crosstalk = Crosstalk(channels=1)
        crosstalk.add(np.zeros((1, RATE), np.float32))

        assert crosstalk.hears(0) == ()

    def test_any_of_several_channels_may_leak_into_any_other(self) -> None:
        """Of four the one that leaks is found, and the one that hears it."""
        call = np.zeros((4, 10 * RATE), np.float32)
        call[[1, 3]] = _call(leak=0.05)
        call[[0, 2]] = np.random.default_rng(5).normal(0, 1e-5, (2, 10 * RATE))
        crosstalk = Crosstalk(channels=4)
        for block in blocks(call):
            crosstalk.add(block)

        assert [crosstalk.hears(each) for each in range(4)] == [(), (3,), (), ()]

    @pytest.mark.parametrize("early_ms", [-260, 260])
    def test_a_leak_is_found_by_clocks_that_are_off(self, early_ms: int) -> None:
        """A copy that comes before its voice, by the clock of another file, is heard all the same."""
        call = _call(leak=0.05)
        call[1] = np.roll(call[1], early_ms * RATE // 1000)
        found = {}
        for slack_ms in (0, 300):
            crosstalk = Crosstalk(channels=2, slack_ms=slack_ms)
            for block in blocks(call):
                crosstalk.add(block)
            found[slack_ms] = crosstalk.hears(0)

        assert found == {0: (), 300: (1,)}

    def test_two_files_of_one_voice_are_alike(self) -> None:
        """Also if they began a little apart, and one is softer; two parties are not, nor is a leak."""
        random = np.random.default_rng(11)
        swells = np.repeat(random.uniform(0, 0.2, 40), RATE // 4)[: 10 * RATE]
        voice = (swells * random.normal(size=10 * RATE)).astype(np.float32)
        other = (np.roll(swells[::-1], RATE) * random.normal(size=10 * RATE)).astype(np.float32)
        files = np.stack([voice, 0.8 * np.roll(voice, RATE // 5), other, 0.05 * voice])
        crosstalk = Crosstalk(channels=4, slack_ms=300)
        for block in blocks(files):
            crosstalk.add(block)

        assert crosstalk.alike([0, 1, 2, 3]) == (0, 1)
        assert crosstalk.alike([0, 0, 1, 2]) is None
        assert crosstalk.alike([]) is None

    def test_two_steady_lines_are_not_alike(self) -> None:
        """Hiss is as loud as other hiss, and tells nothing."""
        crosstalk = Crosstalk(channels=2, slack_ms=300)
        for block in blocks(np.random.default_rng(2).normal(0, 0.1, (2, 5 * RATE)).astype(np.float32)):
            crosstalk.add(block)

        assert crosstalk.alike([0, 1]) is None


def _call(leak: float) -> Samples:
    """Ten seconds: the agent's noise first, then the caller's, who leaks with 20 ms of delay."""
    random = np.random.default_rng(3)
    speech = random.normal(0, 0.1, (2, 10 * RATE)).astype(np.float32)
    speech[0, 2 * RATE :] = 0
    speech[1, : 3 * RATE] = 0
    speech[0] += leak * np.roll(speech[1], RATE // 50)
    return speech + random.normal(0, 1e-5, speech.shape).astype(np.float32)


class TestWords:
    """From a recogniser's pieces to words."""

    WINDOW = Window(
        pieces=(
            Piece(span=Span(start_ms=1_000, end_ms=3_000), at_ms=0),
            Piece(span=Span(start_ms=13_000, end_ms=15_000), at_ms=2_000),
        ),
        samples=np.zeros(4 * RATE, np.float32),
    )

    def test_pieces_said_in_one_go_are_one_word(self) -> None:
        """An e-mail's name and its ending, written as two pieces, are one word with the lower confidence."""
        heard = [
            HeardWord(start_ms=0, end_ms=500, confidence=0.9, text="Pinepost"),
            HeardWord(start_ms=500, end_ms=900, confidence=0.4, text=".example", continues=True),
        ]
        (only,) = said(heard, self.WINDOW, 1)

        assert (only.text, only.confidence, only.channel) == ("Pinepost.example", 0.4, 1)
        assert (only.start_ms, only.end_ms) == (1_000, 1_900)

    def test_answers_apart_are_words_apart(self) -> None:
        """Two answers with ten seconds dropped between them stay two, though written as one."""
        heard = [
            HeardWord(start_ms=1_500, end_ms=1_950, confidence=0.9, text="317"),
            HeardWord(start_ms=2_050, end_ms=2_600, confidence=0.9, text="-415", continues=True),
        ]

        assert [(w.text, w.start_ms) for w in said(heard, self.WINDOW, 0)] == [
            ("317", 2_500),
            ("-415", 13_050),
        ]

    def test_a_word_does_not_last_over_a_pause(self) -> None:
        """A word that a recogniser stretches over a pause is where it ends."""
        heard = [HeardWord(start_ms=0, end_ms=1_990, confidence=0.9, text="ok")]
        (only,) = said(heard, self.WINDOW, 0)

        assert only.end_ms == 2_990
        assert only.end_ms - only.start_ms == longest_ms("ok") < 1_000

    def test_digits_may_last(self) -> None:
        """Sixteen digits in one word take as long as they are said."""
        assert longest_ms("4111111111111111") > 8_000 > longest_ms("extraordinarily")


class TestTurns:
    """Words to turns."""

    def test_a_speaker_who_pauses_begins_a_new_turn(self) -> None:
        """A pause over the limit parts two turns; one up to it does not."""
        words = [word("my", 0), word("card", 1_500), word("is", 3_100)]

        assert [[w.text for w in t.words] for t in turns(words)] == [["my", "card"], ["is"]]

    @given(words=st.lists(any_word))
    def test_no_word_is_lost_or_made(self, words: list[Word]) -> None:
        """Turns hold the words they were made of, each once; a turn is of one channel; turns are in order."""
        made = turns(words)

        assert sorted(map(id, (w for t in made for w in t.words))) == sorted(map(id, words))
        assert all(w.channel == t.channel for t in made for w in t.words)
        middles = [w.start_ms + w.end_ms for t in made for w in t.words]
        assert middles == sorted(middles)

    @given(spans=st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 500))), gap_ms=st.integers(0, 300))
    def test_joining_covers_what_it_covered(self, spans: list[tuple[int, int]], gap_ms: int) -> None:
        """Joined spans cover every millisecond of the originals, in order and with gaps over the limit."""
        before = [Span(start_ms=s, end_ms=s + n) for s, n in spans]
        after = joined(before, gap_ms=gap_ms)

        assert all(any(a.start_ms <= b.start_ms and b.end_ms <= a.end_ms for a in after) for b in before)
        assert all(other.start_ms - one.end_ms > gap_ms for one, other in pairwise(after))


class TestLanguage:
    """Whether a channel is in a language for which anybody has measured what leaks."""

    @pytest.mark.parametrize(
        ("windows", "language"),
        [
            ([], None),
            ([("en", 0.9, 4_000)], None),
            ([("en", 0.9, 4_000), ("en", 0.3, 2_000)], "en"),
            ([("en", 0.9, 60_000), ("es", 0.9, 9_000)], "es"),
            ([("en", 0.9, 60_000), ("es", 0.9, 7_000)], "en"),
            ([("en", 0.9, 60_000), ("es", 0.5, 30_000)], "en"),
            ([("es", 0.5, 60_000)], None),
            ([("es", 0.7, 9_000), ("de", 0.7, 20_000)], "de"),
        ],
    )
    def test_a_channels_language(self, windows: list[tuple[str, float, int]], language: str | None) -> None:
        """English by the most voice; another as soon as there is enough of it, surely heard."""
        assert spoken_language(windows)[0] == language

    @pytest.mark.parametrize("language", ["es", "de", "zh"])
    def test_other_languages_are_held(self, language: str) -> None:
        """One channel in a language that was not measured holds the call, by channel and language."""
        with pytest.raises(LanguageNotSupported, match=f"channel 1 is in '{language}'"):
            require_measured_language(_conversation("en", language))

    def test_english_and_silence_go_on(self) -> None:
        """English, and a channel with too little speech to tell, go on."""
        require_measured_language(_conversation("en", None))

    def test_a_foreign_call_is_told_from_what_is_heard(self) -> None:
        """What the recogniser hears of each window decides; here it hears Spanish for ten seconds."""
        words = [word("four", 500 + 400 * n, 300, 1) for n in range(30)]
        conversation = listen(
            blocks(stereo(words, 13_000)), FakeRecogniser(VOCABULARY, language="es"), roles=ROLES
        )

        assert [c.language for c in conversation.channels] == [None, "es"]


def _conversation(*languages: str | None) -> Conversation:
    """A conversation of channels in these languages, on which nothing was said."""
    channels = tuple(
        Channel(index=n, role=Role.UNKNOWN, language=each, language_probability=0.9, voiced=())
        for n, each in enumerate(languages)
    )
    return Conversation(duration_ms=10_000, channels=channels, turns=())


def test_in_mono_no_voice_is_taken_for_the_noise_of_a_room() -> None:
    """With one channel nothing is known of its noise, and every voice and every word stays."""
    call = stereo([word("four", 500), word("nine", 1_500)], 3_000)[:1]
    conversation = listen(blocks(call), FakeRecogniser(VOCABULARY), roles=(Role.UNKNOWN,))

    assert [text for _, text in heard(conversation)] == ["four", "nine"]
    assert len(conversation.channels[0].voiced) == 2

"""Text and transcripts read in pieces: places, speakers, seams, and input that is refused."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.errors import TextInvalid, TranscriptInvalid
from compliance.records import Action, Conversation, Entity, Finding, FindingId, Role, WordRef
from compliance.redact.texts import transcript
from compliance.redact.texts.hits import Hit
from compliance.redact.texts.lines import decoded, dialogue, lines
from compliance.redact.texts.said import HARD, LONGEST_WORD, Utterance
from compliance.redact.texts.scan import Find, finder, scan
from compliance.redact.treatment import Treatment
from tests.unit.redact.speech.scripts import Rules

CUTS = Treatment(actions=dict.fromkeys(Entity, Action.CUT))
RULES = finder(Rules(), CUTS)


def hits(said: Iterable[Utterance], find: Find = RULES, **sizes: int) -> list[Hit]:
    """Everything that is found."""
    return [hit for each in scan(said, find, CUTS, **sizes) for hit in each.hits]


def shown(text: str, found: Iterable[Hit]) -> list[tuple[str, str]]:
    """Kind and value of what was found in a text."""
    return [(str(hit.entity), text[hit.start : hit.end]) for hit in found]


def chunked(text: str, size: int) -> Iterator[str]:
    """A text in chunks."""
    return (text[i : i + size] for i in range(0, len(text), size))


def words(said: Iterable[Utterance]) -> list[tuple[int, int, str]]:
    """Every word with its place."""
    return [(word.start, word.end, word.text) for each in said for word in each.words]


@given(st.text(max_size=300), st.integers(1, 50))
def test_every_word_is_read_at_its_place(text: str, size: int) -> None:
    """However a text comes in chunks, each word is read once, in order, where it stands."""
    read = words(lines(chunked(text, size)))

    assert [word for _, _, word in read] == text.replace("\ufeff", " ").split()
    assert all(text[start:end] == word for start, end, word in read)
    assert words(lines([text])) == read


@given(st.text(alphabet="ab:[]0 \n", max_size=200), st.integers(1, 20))
def test_a_dialogue_loses_nothing_but_labels_and_times(text: str, size: int) -> None:
    """What is not read as a word is a speaker's label or a time at the start of its line."""
    read = words(dialogue(chunked(text, size)))

    assert words(dialogue([text])) == read
    for start, end, word in read:
        assert text[start:end] == word
    left = {(start, end, word) for start, end, word in words(lines([text]))} - set(read)
    for start, _, word in left:
        before = text[text.rfind("\n", 0, start) + 1 : start]
        assert word.startswith("[") or ":" in word or ":" in text[start:].partition("\n")[0], before


def test_a_word_without_an_end_is_read_in_pieces() -> None:
    """What goes on without a space is bounded, and every character of it is read."""
    read = words(lines(chunked("x" * 100_000, 1_000)))

    assert sum(len(word) for _, _, word in read) == 100_000
    assert max(len(word) for _, _, word in read) <= LONGEST_WORD
    assert read[-1][1] == 100_000


TALK = """Agent: What is the card number?
Caller: 4111 1111 1111 1111
and the code on the back
[00:01:07] Agent: mm-hm
Caller: is 123."""


def test_lines_have_their_speakers() -> None:
    """A label gives role and channel, a time before it is passed over, a line without one goes on."""
    said = list(dialogue([TALK]))

    assert [(each.channel, each.role) for each in said] == [
        (0, Role.AGENT),
        (1, Role.CALLER),
        (1, Role.CALLER),
        (0, Role.AGENT),
        (1, Role.CALLER),
    ]
    assert said[3].words[0].text == "mm-hm"


def test_lines_without_labels_take_turns() -> None:
    """Two speakers whose roles nobody knows; empty lines are nobody's."""
    said = list(dialogue(["what is the zip code\n\n94107\nthanks: bye"]))

    assert [each.channel for each in said] == [0, 1, 0]
    assert {each.role for each in said} == {Role.UNKNOWN}
    assert shown("what is the zip code\n\n94107\nthanks: bye", hits(said)) == [("ZIP_CODE", "94107")]


@pytest.mark.parametrize(
    ("label", "is_name"),
    [("Agent", False), ("Speaker 2", False), ("A", False), ("Maria Lopez", True), ("Agent Smith", True)],
)
def test_a_label_that_names_no_role_is_found(label: str, is_name: bool) -> None:
    """The name of a speaker stands in the text too, and is told like any other."""
    text = f"{label}: hello there\nCaller: hi"

    assert shown(text, hits(dialogue([text]))) == ([("PERSON", label)] if is_name else [])


def test_findings_have_their_places_in_the_text() -> None:
    """A finding over several lines is told for each of them, without punctuation and the other's words."""
    assert [value for _, value in shown(TALK, hits(dialogue([TALK])))] == ["4111 1111 1111 1111", "123"]


def test_overlapping_pieces_leave_no_seam() -> None:
    """Read in small windows, a text gives what it gives when read at once."""
    text = "\n".join(f"{TALK}\nAgent: your order number?\nCaller: 4419{n:04} it is." for n in range(60))
    whole = shown(text, hits(dialogue([text])))

    assert len(whole) >= 120
    assert shown(text, hits(dialogue(chunked(text, 700)), window=2_500, context=800)) == whole


class Spans:
    """Finds the same run of words wherever it stands, over any number of utterances."""

    def __init__(self, *run: str) -> None:
        """The words, in order."""
        self._run = run

    def __call__(self, conversation: Conversation) -> Sequence[Finding]:
        """A finding for each place."""
        refs = [
            (WordRef(turn=t, word=w), word)
            for t, turn in enumerate(conversation.turns)
            for w, word in enumerate(turn.words)
        ]
        return [
            Finding(
                id=FindingId("f1"),
                source=0,
                entity=Entity.NUMBER,
                channel=0,
                start_ms=0,
                end_ms=1,
                score=0.9,
                detector="probe",
                why="a probe",
                action=Action.CUT,
                words=tuple(ref for ref, _ in refs[i : i + len(self._run)]),
            )
            for i in range(len(refs))
            if tuple(word.text for _, word in refs[i : i + len(self._run)]) == self._run
        ]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["x", "y", "z", "z\n", "w\n"]), min_size=1, max_size=120))
def test_each_finding_is_told_once_wherever_the_windows_fall(said: list[str]) -> None:
    """A value that lies over the edge of a window is found whole, and only once."""
    text = " ".join(said)
    found = hits(lines([text]), Spans("x", "y", "z"), window=30, context=12)
    expected = hits(lines([text]), Spans("x", "y", "z"))

    assert found == expected


@pytest.mark.slow
def test_half_a_million_words_without_a_break_are_read() -> None:
    """One endless line is read to its end, in pieces that are bounded."""
    count, longest = 0, 0

    def find(conversation: Conversation) -> Sequence[Finding]:
        nonlocal longest
        longest = max(longest, sum(len(turn.words) for turn in conversation.turns))
        return Spans("needle")(conversation)

    text = chunked("word " * 499_999 + "needle", 65_536)
    found = []
    for each in scan(lines(text), find, CUTS):
        count += len(each.said.words)
        assert each.said.size <= HARD + LONGEST_WORD + 1
        found += each.hits

    assert count == 500_000
    assert longest < 15_000
    assert [hit.start for hit in found] == [499_999 * 5]


def peak(size: int) -> int:
    """The most memory that reading a text of so many characters takes; its words are long, to save time."""

    def text() -> Iterator[str]:
        for _ in range(size // 65_536):
            yield f"{'word' * 40} {'more' * 23}.\n" * 256

    tracemalloc.start()
    try:
        for _ in scan(lines(text()), lambda _: (), CUTS):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_text() -> None:
    """Five megabytes take what half a megabyte takes."""
    small, large = peak(500_000), peak(5_000_000)

    assert large < 1.2 * small


@pytest.mark.parametrize("body", [b"caf\xe9 4111", b"ok \xff\xfe", b"cut off \xe2\x82"])
def test_text_that_is_not_utf_8_is_refused(body: bytes) -> None:
    """Nothing is guessed and nothing left out; the message tells near which byte, and no text."""
    with pytest.raises(TextInvalid, match=r"^the text is not UTF-8, near byte \d+$"):
        list(decoded([body[:3], body[3:]]))


def turn(text: str, start_ms: int = 0, **more: object) -> dict[str, object]:
    """A turn whose words last 300 ms."""
    listed = [
        {"text": word, "start_ms": start_ms + n * 300, "end_ms": start_ms + n * 300 + 280}
        for n, word in enumerate(text.split())
    ]
    return {"text": text, "words": listed, **more}


def test_a_transcript_gives_places_and_times() -> None:
    """Places count from the turn's start; times are those of the words."""
    body = json.dumps(
        [turn("Your zip code?", speaker="Agent"), turn("It's 94107, okay", 2_000, speaker="Caller")]
    )
    said = list(transcript.utterances(body))
    (hit,) = hits(said)

    assert [(each.turn, each.channel, each.role) for each in said] == [
        (0, 0, Role.AGENT),
        (1, 1, Role.CALLER),
    ]
    assert (hit.start, hit.end, hit.start_ms, hit.end_ms) == (5, 10, 2_300, 2_580)


@pytest.mark.parametrize(
    "body",
    [
        [{"text": "your zip code"}, {"text": "94107"}],
        {"turns": [{"role": "agent", "text": "your zip code"}, {"role": "caller", "text": "94107"}]},
        {"turns": [{"channel": 0, "text": "your zip code"}, {"channel": 1, "words": [{"text": " 94107"}]}]},
        "\ufeff",
    ],
)
def test_ways_to_write_a_transcript(body: object) -> None:
    """Turns by speaker, role or channel, or in turn; with words or text; a byte-order mark is no fault."""
    text = body + '[{"text": "zip code"}, {"text": "94107"}]' if isinstance(body, str) else json.dumps(body)

    assert transcript.is_json(text)
    assert [(h.start, h.end) for h in hits(transcript.utterances(text))] == [(0, 5)]


def test_our_own_transcript_is_read() -> None:
    """What was removed has no words; what is left is read where it stands."""
    listed = [
        {"start_ms": 0, "end_ms": 280, "text": "card", "confidence": 0.9},
        {"start_ms": 300, "end_ms": 900, "redacted": "CREDIT_CARD", "finding": "f1", "digits": "1111"},
        {"start_ms": 1_000, "end_ms": 1_280, "text": "zip code 94107", "confidence": 0.9},
    ]
    text = "card [CREDIT_CARD 1111] zip code 94107"
    turns = [{"channel": 1, "role": "caller", "text": text, "words": listed}]
    (hit,) = hits(transcript.utterances(json.dumps({"schema": "compliance/transcript/1", "turns": turns})))

    assert text[hit.start : hit.end] == "94107"


@pytest.mark.parametrize("text", ["hello", "[00:00:05] Agent: hi", "[laughs] hi", "", "94107"])
def test_text_is_no_transcript(text: str) -> None:
    """A line that begins with a bracket is still a line."""
    assert not transcript.is_json(text)


WORD = {"text": "a", "start_ms": 5, "end_ms": 9}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("[{", "line 1: the transcript is no JSON"),
        ("{}", "turns: Field required"),
        ('{"turns": 5}', "turns: "),
        ("[[]]", "turn 1: "),
        ("[" * 100_000, "the transcript is no JSON"),
        ('[{"utterance": "secret"}]', "turn 1: has neither text nor words"),
        ([{"words": [{"word": "secret"}]}], "turn 1, word 1: has no text"),
        ([{"words": [WORD | {"end_ms": 4}]}], "turn 1, word 1: ends before it begins"),
        ([{"words": [WORD | {"end_ms": None}]}], "turn 1, word 1: has one of start_ms and end_ms"),
        ([{"words": [WORD | {"start_ms": -1}]}], "turn 1, word 1, start_ms: "),
        ([{"words": [WORD, WORD | {"start_ms": 4}]}], "turn 1: its times run backwards"),
        ([turn("a b", 5_000), turn("c d", 0)], "turn 2: its times run backwards"),
        ([{"text": "a secret b", "words": [{"text": "a"}, {"text": "b"}]}], "turn 1, word 2: is not where"),
        ([{"text": "a", "words": [{"text": "a"}, {"text": "secret"}]}], "turn 1, word 2: is not where"),
        ([{"text": "a secret", "words": [{"text": "a"}]}], "turn 1: its text says more than its words"),
        ([{"channel": 99, "text": "a"}], "turn 1, channel: "),
    ],
)
def test_a_transcript_that_contradicts_itself_is_refused(body: object, told: str) -> None:
    """The turn at fault is named, and nothing that was said."""
    text = body if isinstance(body, str) else json.dumps(body)
    with pytest.raises(TranscriptInvalid) as caught:
        list(transcript.utterances(text))

    assert told in str(caught.value)
    assert "secret" not in str(caught.value)


def test_words_and_turns_that_overlap_are_read() -> None:
    """Two who speak at once, and words whose times overlap, are no fault: recognisers write them so."""
    overlapping = [
        {"text": "zip", "start_ms": 0, "end_ms": 900},
        {"text": "code", "start_ms": 300, "end_ms": 800},
    ]
    body = [{"channel": 0, "words": overlapping}, turn("94107", 200, channel=1)]

    assert [hit.entity for hit in hits(transcript.utterances(json.dumps(body)))] == [Entity.ZIP_CODE]


plain = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
keys = st.sampled_from(["turns", "words", "text", "start_ms", "end_ms", "channel", "role", "speaker"])
documents = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


@settings(deadline=None)
@given(documents)
def test_no_document_raises_anything_else(document: object) -> None:
    """Arbitrary JSON is a transcript or refused as one."""
    with suppress(TranscriptInvalid):
        list(transcript.utterances(json.dumps(document)))


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200), st.booleans())
def test_no_text_is_too_odd(text: str, is_dialogue: bool) -> None:
    """Arbitrary text is read to its end, and what is found lies within it."""
    for hit in hits(dialogue([text]) if is_dialogue else lines([text])):
        assert 0 <= hit.start < hit.end <= len(text)

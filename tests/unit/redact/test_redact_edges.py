"""What lies round a find, and how far its words' times are taken to be off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import ModelAltered
from compliance.records import Channel, Conversation, Role, Span, Turn, Word
from compliance.redact import edges
from compliance.redact.sides import FAR_MS, NOWHERE_MS, Side, spoken


def word(start_ms: int, end_ms: int, text: str, confidence: float = 0.9) -> Word:
    """One word of the only party."""
    return Word(start_ms=start_ms, end_ms=end_ms, channel=0, confidence=confidence, text=text)


def call(*turns: list[Word], voiced: tuple[tuple[int, int], ...] = ()) -> Conversation:
    """A call of one channel."""
    spans = tuple(Span(start_ms=a, end_ms=b) for a, b in voiced)
    channel = Channel(index=0, role=Role.CALLER, language="en", language_probability=1, voiced=spans)
    return Conversation(
        duration_ms=60_000,
        channels=(channel,),
        turns=tuple(Turn(channel=0, words=tuple(words)) for words in turns),
    )


CALL = call(
    [word(1_000, 1_200, "so"), word(1_300, 1_500, "it's,", 0.8)],
    [word(2_000, 2_600, "4111"), word(2_700, 2_900, "two", 0.7), word(2_900, 3_000, "uh", 0.1)],
    [word(4_000, 4_100, "thanks.")],
    voiced=((1_000, 1_480), (1_980, 2_950), (4_000, 4_200)),
)


def test_what_lies_before_and_after_is_seen() -> None:
    """Words, turns, marks and voices on either side, each counted away from the find."""
    before, after = spoken(CALL, 0).sides(2, 3)

    assert before == Side(
        gap_ms=500,
        neighbour_ms=200,
        neighbour_confidence=0.8,
        is_same_turn=False,
        voice_ms=20,
        silence_ms=520,
        within_ms=950,
        word_ms=600,
        letters=4,
        digits=4,
        confidence=0.9,
        is_marked=True,
        far_confidence=0.7,
        whole_ms=900,
        whole_words=2,
        whole_letters=7,
    )
    assert (after.gap_ms, after.neighbour_ms, after.neighbour_confidence) == (1_100, 100, 0.1)
    assert (after.is_same_turn, after.is_marked, after.voice_ms, after.silence_ms) == (True, False, 50, 1_100)
    assert (after.within_ms, after.word_ms, after.digits, after.far_confidence) == (920, 200, 0, 0.9)


def test_where_nothing_lies_that_is_told_too() -> None:
    """A word by itself, without voice."""
    before, after = spoken(call([word(1_000, 1_200, "Ada")]), 0).sides(0, 0)

    for side in (before, after):
        assert min(side.gap_ms, side.silence_ms) > FAR_MS // 2
        assert (side.voice_ms, side.neighbour_ms, side.is_same_turn) == (NOWHERE_MS, -1, False)


def test_a_voice_that_goes_on_beside_a_lone_word_is_taken_for_its_own() -> None:
    """Where it begins with the word and ends soon after it, little more is cut."""
    answer = [word(5_000, 5_400, "Quint.")]
    near = spoken(call(answer, voiced=((4_990, 5_480),)), 0).sides(0, 0)
    wide = spoken(call(answer, voiced=((4_500, 5_900),)), 0).sides(0, 0)

    assert edges.before_ms(wide[0]) > edges.before_ms(near[0]) + 100
    assert edges.after_ms(wide[1]) > edges.after_ms(near[1]) + 100


times = st.integers(-2_000, FAR_MS)
sides = st.builds(
    Side,
    *[times] * 2,
    *[st.floats(-1, 1), st.booleans()],
    *[times] * 6,
    *[st.floats(0, 1), st.booleans(), st.floats(0, 1)],
    *[times] * 3,
)


@given(sides)
def test_no_pad_is_out_of_all_proportion(side: Side) -> None:
    """Whatever lies round a find, what is added up stays below a second and a half."""
    assert abs(edges.before_ms(side)) < 1_500
    assert abs(edges.after_ms(side)) < 1_500


def test_trees_for_other_fields_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read as if they were for these, they would cut anywhere."""
    stored = json.loads(edges.WEIGHTS.read_bytes())
    other = tmp_path / "edges.json"
    other.write_text(json.dumps(stored | {"fields": stored["fields"][::-1]}))
    monkeypatch.setattr(edges, "WEIGHTS", other)
    edges._fitted.cache_clear()
    try:
        with pytest.raises(ModelAltered, match=r"edges\.json was fitted to other fields"):
            edges.load()
    finally:
        edges._fitted.cache_clear()


def test_a_node_is_followed_to_its_end() -> None:
    """At most the limit goes one way, more the other."""
    tree = edges._node([0, 100.0, 1.5, [3, 0.5, 2.5, 3.5]])
    side = spoken(CALL, 0).sides(2, 3)[0]

    assert edges._answer(tree, side._replace(gap_ms=100)) == 1.5
    assert edges._answer(tree, side._replace(gap_ms=101)) == 2.5
    assert edges._answer(tree, side._replace(gap_ms=101, is_same_turn=True)) == 3.5

"""What the tagger is fitted to, and how it is written."""

from __future__ import annotations

import random
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.records import Entity
from compliance.redact.detect.windows import Pieces, windows
from compliance.redact.speech.tokens import DIGIT_WORDS, TEENS, TENS
from training.corpus import TYPED, as_read, conversations, sureness
from training.examples import HEARD_TIMES, SAFE, epoch, label_names, labelled, parts
from training.figures import lines
from training.fragments import HARMLESS, NOTHING, PUBLIC, Line, Phrase, read
from training.numerals import bare, digits_of, end_of
from training.written import written

FOLDER = Path(__file__).parents[3] / "training" / "fragments"
FILES = sorted(FOLDER.glob("*.txt"))
FRAGMENTS = read(FOLDER)
WRITTEN = {"letters4"}
"""Fragments of what was written, of one party alone."""
LABELS = {NOTHING, HARMLESS, PUBLIC, *Entity}
MARK = re.compile(r"\[[!?]?[^|\]]*\|[^\]]*\]")

number_words = st.sampled_from(sorted({*DIGIT_WORDS, *TEENS, *TENS} - {"oh", "o"}))
numbers = st.lists(st.tuples(number_words, st.sampled_from(["", "", ","])), min_size=1, max_size=16).map(
    lambda said: tuple(word + end for word, end in said)
)
words_said = st.sampled_from(["Odile", "at", "dot", "B", "M", "four", "oh", "first", "well,"])
labels_given = st.sampled_from(["PIN", "PERSON", "EMAIL_ADDRESS", NOTHING, HARMLESS, PUBLIC])
generators = st.integers(0, 10_000).map(random.Random)


def phrase(*words: str, label: str = "PIN", kind: str = "") -> Phrase:
    """Words that belong together."""
    return Phrase(label=label, kind=kind, words=words)


def test_there_are_fragments() -> None:
    """A folder that is found empty would pass every test below."""
    assert len(FILES) >= 50
    assert sum(len(fragments) for fragments in FRAGMENTS.values()) >= 5800


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_line_is_a_turn_and_every_mark_is_closed(path: Path) -> None:
    """What the reader would leave out silently is not there; numbers are in words, as they are said."""
    for line in path.read_text(encoding="utf-8").splitlines():
        assert re.match(r"[AC]:|---$|$", line), line
        assert line.count("[") == line.count("]") == len(MARK.findall(line)), line
        assert not re.search(r"\d", MARK.sub(lambda mark: mark[0].partition("|")[2], line)), line


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_fragment_is_a_talk_with_known_labels(path: Path) -> None:
    """Each has two turns at least, unless it is a letter; the tagger may say of each phrase what it is."""
    for fragment in FRAGMENTS[path.stem]:
        assert len(fragment) > 1 or path.stem in WRITTEN
        assert {each.label for line in fragment for each in line.phrases} <= LABELS


def test_a_fragment_is_read(tmp_path: Path) -> None:
    """Marks give labels, and punctuation after a mark belongs to its last word."""
    (tmp_path / "some.txt").write_text(
        "A: [?PERSON|Ann] here.\nC: It's [PIN|one two], for [!quantity|six] boxes.\n---\nA: Hi.\nC: Hi.\n"
    )
    ((first, second), other) = read(tmp_path)["some"]

    assert [(each.label, each.words) for each in first.phrases] == [(PUBLIC, ("Ann",)), (NOTHING, ("here.",))]
    assert [(each.label, each.kind, each.words) for each in second.phrases] == [
        (NOTHING, "", ("It's",)),
        ("PIN", "PIN", ("one", "two,")),
        (NOTHING, "", ("for",)),
        (HARMLESS, "quantity", ("six",)),
        (NOTHING, "", ("boxes.",)),
    ]
    assert len(other) == 2


def test_figures_tell_how_surely_each_word_was_read(tmp_path: Path) -> None:
    """In tenths, on a line of their own; a call keeps them, word by word."""
    (tmp_path / "some.txt").write_text("A: [?PERSON|Ann] here.\n~ 39\nC: It's [PIN|one two].\n~ 905\n")
    (((first, second),),) = read(tmp_path).values()

    assert (first.sure, second.sure) == ((3, 9), (9, 0, 5))
    conversation, _ = as_read([first, second])
    assert [word.confidence for turn in conversation.turns for word in turn.words] == [
        0.35, 0.95, 0.95, 0.05, 0.55,
    ]  # fmt: skip


def test_figures_of_another_number_of_words_are_refused(tmp_path: Path) -> None:
    """They would tell of other words."""
    (tmp_path / "some.txt").write_text("A: Ann here.\n~ 399\n")

    with pytest.raises(ValueError, match="3 figures"):
        read(tmp_path)


def test_words_are_doubted_as_those_of_their_labels_were() -> None:
    """And where a call is written as if somebody typed it, none is."""
    once = (phrase("It's", label=NOTHING), phrase("Ann", label="PERSON"))
    said = Line(who="C", phrases=(phrase("For", label=NOTHING), phrase("Bo", label="PERSON"), phrase("four")))
    sure = sureness([Line(who="C", phrases=once, sure=(9, 2))])
    assert sure == {NOTHING: [9], "PERSON": [2]}

    typed = 0
    for conversation, labels in conversations([said], random.Random(2), times=400, sure=sure):
        found = [word.confidence for turn in conversation.turns for word in turn.words]
        typed += set(found) == {1.0}
        assert set(found) == {1.0} or found == [0.25 if each == "PERSON" else 0.95 for each in labels]
    assert 0.8 * TYPED < typed / 400 < 1.2 * TYPED


def test_every_call_that_was_read_tells_how_surely() -> None:
    """Each word of each call; a word that tells nothing would pass for one in no doubt."""
    calls = read(FOLDER.parent / "heard")

    assert len(calls) >= 18
    assert all(line.sure for fragments in calls.values() for lines in fragments for line in lines)


@settings(deadline=None)
@given(numbers, generators)
def test_no_style_loses_a_digit_of_a_number_that_must_go(said: tuple[str, ...], rng: random.Random) -> None:
    """Whatever signs it is written with, the digits are those that were said, in their order."""
    out = written(phrase(*said), rng)

    spoken = [digits_of(group) for group in _groups(said)]
    assert _read(out) in ("".join(spoken), digits_of(said))


def _groups(said: tuple[str, ...]) -> list[list[str]]:
    """Number words up to each comma."""
    groups: list[list[str]] = [[]]
    for word in said:
        groups[-1].append(word)
        if end_of(word):
            groups.append([])
    return [each for each in groups if each]


def _read(out: list[str]) -> str:
    """The digits of words as written: in words, or with digits in them."""
    if not any(char.isdigit() for word in out for char in word):
        return digits_of(out)
    return "".join(char for word in out for char in word if char.isdigit())


@settings(deadline=None)
@given(numbers, st.sampled_from(["price", "time", "quantity", ""]), generators)
def test_a_harmless_number_is_written_with_all_its_digits(
    said: tuple[str, ...], kind: str, rng: random.Random
) -> None:
    """Prices and times get their signs, and lose nothing."""
    out = written(phrase(*said, label=HARMLESS, kind=kind), rng)

    digits = "".join(digits_of(group) for group in _groups(said))
    assert _read(out).lstrip("0") in (digits.lstrip("0"), digits_of(said).lstrip("0"))


@settings(deadline=None)
@given(
    st.lists(st.tuples(labels_given, st.lists(words_said, min_size=1)), min_size=1, max_size=6), generators
)
def test_every_written_word_has_the_label_of_its_phrase(
    said: list[tuple[str, list[str]]], rng: random.Random
) -> None:
    """There is a label for each word, and they come in the order of the phrases, however each was written."""
    line = Line(who="C", phrases=tuple(phrase(*words, label=label) for label, words in said))
    for conversation, labels in conversations([line], rng, times=2):
        words = [word for turn in conversation.turns for word in turn.words]
        order = iter([label for label, _ in said])

        assert len(words) == len(labels)
        assert all(label in order for label in _changes(labels))


def _changes(labels: list[str]) -> list[str]:
    """Labels in a row, each once."""
    return [each for n, each in enumerate(labels) if n == 0 or labels[n - 1] != each]


def test_all_words_of_a_sensitive_phrase_carry_its_label() -> None:
    """A name in two pieces and letters joined are the same name still."""
    line = Line(who="C", phrases=(phrase("Bartholomew", "Quint", label="PERSON"),))
    for _, labels in conversations([line], random.Random(3), times=200):
        assert set(labels) <= {"PERSON"}


def test_an_ordinal_and_letters_are_written_in_both_ways() -> None:
    """The same speech is written in many ways."""
    rng = random.Random(1)
    seen = {tuple(written(phrase("fifth", "B", "M.", label=NOTHING), rng)) for _ in range(200)}

    assert {("5th", "B-M."), ("fifth", "BM."), ("5th", "B", "M.")} <= seen


def test_an_address_is_written_with_its_signs_and_in_words() -> None:
    """Wholly, partly, or as it was said."""
    rng = random.Random(1)
    said = phrase("odile", "at", "mailhost", "dot", "example", label="EMAIL_ADDRESS")
    seen = {" ".join(written(said, rng)) for _ in range(200)}

    assert {"odile@mailhost.example", "odile at mailhost.example", "odile at mailhost dot example"} <= seen


class Words:
    """A tokeniser whose pieces are words, each by its number."""

    def __init__(self) -> None:
        """None is known yet."""
        self._known: dict[str, int] = {}

    def encode(self, word: str, *, add_special_tokens: bool) -> SimpleNamespace:
        """One piece."""
        return SimpleNamespace(ids=[self._known.setdefault(word, 10 + len(self._known))])

    def token_to_id(self, name: str) -> int:
        """The marks."""
        return {"[CLS]": 1, "[SEP]": 2, "[UNK]": 3}[name]


def test_each_piece_of_a_window_has_the_label_of_its_word() -> None:
    """Marks have none, and what no list names stays."""
    conversation, labels = as_read(
        [
            Line(who="A", phrases=(phrase("The", "code?", label=NOTHING),)),
            Line(who="C", phrases=(phrase("4402."), phrase("beep", label="DTMF"))),
        ]
    )
    names = (*SAFE, "PIN")
    (window,) = windows(conversation, Pieces(Words()))

    assert labelled(window, labels, names).labels == (-1, 0, 0, -1, 3, 0, -1)


def test_labels_are_those_of_the_fragments_and_what_stays_comes_first(tmp_path: Path) -> None:
    """The model's scores are counted from there."""
    (tmp_path / "some.txt").write_text("A: [URL|a dot b]?\nC: [PIN|four], [!quantity|six].\n")

    assert label_names(read(tmp_path)) == (NOTHING, HARMLESS, PUBLIC, "PIN", "URL")


def test_fragments_are_held_out_by_their_place_and_written_otherwise_each_time(tmp_path: Path) -> None:
    """Whether some are held out changes nothing in how the others are written."""
    (tmp_path / "some.txt").write_text("\n---\n".join(["A: The code?\nC: [PIN|four oh one]."] * 40))
    files = read(tmp_path)
    fitted, held = parts(files, holds_out=True)
    everything, none = parts(files, holds_out=False)

    assert (len(fitted), len(held), len(none)) == (33, 7, 0)
    assert [each.name for each in everything if each not in fitted] == [each.name for each in held]
    first, again, other = (list(epoch(fitted, {}, Pieces(Words()), label_names(files), n)) for n in (0, 0, 1))
    assert first == again
    assert first != other


def test_calls_that_were_read_count_more_often(tmp_path: Path) -> None:
    """They hold the only mistakes that nobody imagined."""
    (tmp_path / "some.txt").write_text("A: The code?\nC: [PIN|401].\n")

    assert len(list(epoch([], read(tmp_path), Pieces(Words()), (*SAFE, "PIN"), 0))) == HEARD_TIMES


def test_figures_tell_what_is_missed() -> None:
    """Over each limit, and for each label that was held out."""
    names = (*SAFE, "PIN", "URL")
    odds = np.array(
        [[0.9, 0, 0, 0.1, 0], [0, 0.7, 0, 0.3, 0], [0, 0, 0, 1, 0], [0.5, 0, 0, 0.5, 0]], np.float32
    )
    told = list(lines(odds, np.array([0, 1, 3, 3]), names))

    assert told[1].startswith("over 0.3: missed 0.000 of sensitive pieces, cut 0.0000 of others, 0.000 of")
    assert told[0].startswith("over 0.2: missed 0.000 of sensitive pieces, cut 0.5000 of others, 1.000 of")
    assert told[4].startswith("over 0.6: missed 0.500 of sensitive pieces")
    assert [line.split()[:2] for line in told[-3:]] == [["O", "1"], ["HARMLESS", "1"], ["PIN", "2"]]


def test_four_bits_are_read_as_they_are_packed() -> None:
    """Two numbers a byte, the lower half first, less eight, times the block's scale."""
    weights = pytest.importorskip("training.weights", reason="torch and onnx are there for make train alone")
    packed = np.full((1, 1, 16), 0x9F, np.uint8)

    row = weights.dequantized(packed, np.array([[0.5]], np.float32))
    assert row.tolist() == [[3.5, 0.5] * 16]


def test_a_number_that_stays_is_written_as_codes_are_where_it_is_told_in_groups() -> None:
    """Else hyphens between its groups would tell that it goes."""
    serial = Phrase(label=HARMLESS, kind="serial", words=("four", "four,", "oh", "nine,", "two", "two."))
    seen = {" ".join(written(serial, random.Random(n))) for n in range(200)}

    assert "44-09-22." in seen


def test_a_word_without_punctuation_is_bare() -> None:
    """Punctuation is told apart from the word, so that it can be put back."""
    assert (bare("Four,"), end_of("Four,")) == ("four", ",")

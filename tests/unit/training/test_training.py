"""What the tagger is fitted to, how it is written, and the fit."""

from __future__ import annotations

import random
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.records import Entity
from compliance.redact.detect.clues import BUCKETS
from compliance.redact.speech.tokens import DIGIT_WORDS, TEENS, TENS
from training.corpus import conversations
from training.examples import Examples, examples
from training.figures import judged, lines
from training.fit import fit, padded, probabilities
from training.fragments import HARMLESS, NOTHING, PUBLIC, Line, Phrase, read
from training.numerals import bare, digits_of, end_of
from training.stored import store
from training.written import written

FOLDER = Path(__file__).parents[3] / "training" / "fragments"
FILES = sorted(FOLDER.glob("*.txt"))
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
    assert len(FILES) >= 15
    assert sum(len(fragments) for fragments in read(FOLDER).values()) >= 1500


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_line_is_a_turn_and_every_mark_is_closed(path: Path) -> None:
    """What the reader would leave out silently is not there; numbers are in words, as they are said."""
    for line in path.read_text(encoding="utf-8").splitlines():
        assert re.match(r"[AC]:|---$|$", line), line
        assert line.count("[") == line.count("]") == len(MARK.findall(line)), line
        assert not re.search(r"\d", MARK.sub(lambda mark: mark[0].partition("|")[2], line)), line


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_fragment_is_a_talk_with_known_labels(path: Path) -> None:
    """Each has two turns at least, and each phrase is something that the tagger may say."""
    for fragment in read(FOLDER)[path.stem]:
        assert len(fragment) > 1
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


CASES = [(3, 5, 8), (3, 6, 9), (4, 5, 8), (4, 6, 9)] * 40
TRUTH = np.array([0, 0, 1, 1] * 40)


def test_the_fit_learns_which_clue_tells() -> None:
    """The first clue tells two labels apart, the others say nothing."""
    seen = padded(CASES)
    weights = fit(seen, TRUTH, np.ones(len(seen), np.float32), classes=2, epochs=30)

    assert (probabilities(weights[seen].sum(axis=1)).argmax(axis=1) == TRUTH).all()
    assert np.abs(weights[[3, 4]]).min() > 2 * np.abs(weights[[5, 6, 8, 9]]).max()
    assert not weights[BUCKETS].any()


def test_the_same_words_give_the_same_bytes(tmp_path: Path) -> None:
    """Two fits are equal to the last bit, and the file holds no time of the day."""
    files = []
    for name in ("one.npz", "other.npz"):
        weights = fit(padded(CASES), TRUTH, np.ones(len(CASES), np.float32), classes=2, epochs=2)
        store(tmp_path / name, weights, ["O", "PIN"])
        files.append((tmp_path / name).read_bytes())

    assert files[0] == files[1]
    with zipfile.ZipFile(tmp_path / "one.npz") as packed:
        assert {each.date_time[0] for each in packed.infolist()} == {1980}


def test_examples_are_held_out_by_fragment_and_written_alike(tmp_path: Path) -> None:
    """Whether some are held out changes nothing in how the others are written."""
    (tmp_path / "some.txt").write_text("\n---\n".join(["A: The code?\nC: [PIN|four oh one]."] * 7))
    files = read(tmp_path)
    fitted, held = examples(files, lambda _: {}, holds_out=True)
    everything, none = examples(files, lambda _: {}, holds_out=False)

    assert len(fitted.labels) > len(held.labels) > 0
    assert not none.labels
    assert len(everything.labels) == len(fitted.labels) + len(held.labels)
    assert _texts(fitted) <= _texts(everything)


def _texts(them: Examples) -> set[tuple[int, ...]]:
    """The clues of each word."""
    return {tuple(each) for each in them.clues}


def test_figures_tell_what_is_missed() -> None:
    """Over each limit, and for each label that was held out."""
    held = Examples(clues=[list(each) for each in CASES], labels=["O" if n == 0 else "PIN" for n in TRUTH])
    weights = fit(padded(CASES), TRUTH, np.ones(len(CASES), np.float32), classes=2, epochs=30)
    told = list(lines(judged(weights, held, ["O", "PIN"])))

    assert told[3].startswith("over 0.5: missed 0.000 of sensitive words, cut 0.000 of others")
    assert [line.split()[:2] for line in told[-2:]] == [["O", "80"], ["PIN", "80"]]


def test_a_word_without_punctuation_is_bare() -> None:
    """Punctuation is told apart from the word, so that it can be put back."""
    assert (bare("Four,"), end_of("Four,")) == ("four", ",")

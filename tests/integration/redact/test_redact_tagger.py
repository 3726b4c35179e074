"""The tagger: what it makes of a word, and when a rule gives way."""

from __future__ import annotations

import gc
import hashlib
import os
import weakref
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from compliance.errors import ModelAltered
from compliance.records import Action, Conversation, Entity
from compliance.redact.detect.document import Document, Found, Recognised
from compliance.redact.detect.rampart import Rampart
from compliance.redact.detect.stage import detect
from compliance.redact.detect.tagger import NAME, SAFE, WEIGHTS, Opinion, Tagger, digest
from compliance.redact.detect.weighed import Weighed
from compliance.redact.detect.windows import Pieces
from tests.unit.redact.speech.scripts import Rules, script

MODELS = Path(os.environ.get("COMPLIANCE_MODELS", "no-such-folder"))
pytestmark = pytest.mark.skipif(
    not (MODELS / "rampart").exists(), reason="COMPLIANCE_MODELS names no folder with rampart"
)


class Says:
    """A runner with one find, of one word."""

    def __init__(self, detector: str, word: str, entity: Entity) -> None:
        """What it will say, and in whose name."""
        self._detector, self._word, self._entity = detector, word, entity

    def load(self) -> None:
        """There is nothing to load."""

    def recognise(self, document: Document) -> list[Recognised]:
        """The find."""
        place = next(i for i, token in enumerate(document.tokens) if token.text == self._word)
        found = Found(entity=self._entity, first=place, last=place, score=0.9, why="a probe")
        return [Recognised(found=found, detector=self._detector)]


class Both(Rules):
    """Our rules as a runner."""

    def load(self) -> None:
        """There is nothing to load."""


TAGGER = Tagger(MODELS / "rampart")
CALL = (
    "A: Thanks for calling, what can I do for you today?\nC: I would like to renew, please.\n"
    "A: What's the card number?\nC: So is it still thirty-eight a month?\nA: Yes."
)
CODE = "A: And what do you punch in to get past the side gate?\nC: Four four oh two."


def document(call: str) -> Document:
    """A call, read."""
    return Document(script(call, "probe").conversation)


def test_every_word_has_an_opinion() -> None:
    """A row a word, and the probabilities of each add up to one."""
    read = document(CODE)
    opinion = TAGGER.opinion(read)

    assert opinion.odds.shape == (len(read.tokens), len(opinion.labels))
    assert opinion.odds.sum(axis=1) == pytest.approx(np.ones(len(read.tokens)), abs=1e-4)


def test_a_call_without_words_has_none() -> None:
    """Nothing is found in nothing."""
    read = Document(Conversation(duration_ms=0, channels=(), turns=()))

    assert TAGGER.found(read, TAGGER.opinion(read)) == []


def test_every_label_is_a_kind_of_finding_or_stays() -> None:
    """The weights say nothing that a finding could not be called."""
    labels = set(TAGGER.opinion(document(CODE)).labels)

    assert labels - SAFE <= set(Entity)
    assert labels >= SAFE


def test_a_word_is_judged_alike_wherever_windows_begin() -> None:
    """Long talk before a question moves the windows; the answer is read with its question all the same."""
    talk = "A: It rained all day and the garden looks so much better for it now.\nC: Mine too, I must say.\n"
    for times in (0, 3, 8, 21):
        read = document(talk * times + CODE)
        opinion = TAGGER.opinion(read)

        assert opinion.danger[-4:].min() > 0.7
        (found,) = (each for each in TAGGER.found(read, opinion) if each.found.entity is Entity.PIN)
        assert [read.tokens[i].text for i in read.own(found.found)] == ["four", "four", "oh", "two"]


@pytest.mark.parametrize(
    ("call", "danger", "is_found"),
    [("C: Mine too.", 0.4, False), ("C: Mine too.", 0.6, True), ("C: Mine Toohey.", 0.4, True)],
)
def test_a_word_like_a_digit_is_taken_by_itself_only_if_it_likely_is_one(
    call: str, danger: float, is_found: bool
) -> None:
    """ "Too" is a two in a number, and hardly anywhere else."""
    read = document(call)
    odds = np.array([[1, 0], [1 - danger, danger]], np.float32)

    assert bool(TAGGER.found(read, Opinion(labels=("O", "PIN"), odds=odds))) is is_found


@pytest.mark.parametrize("name", ["weights", "vocabulary"])
def test_what_cannot_be_loaded_is_said(tmp_path: Path, name: str) -> None:
    """Weights that are something else, or no pieces of words, stop the run."""
    (tmp_path / "weights").write_bytes(b"no weights")
    parts = {"vocabulary": MODELS / "rampart", "weights": WEIGHTS, name: tmp_path / name}
    with pytest.raises(ModelAltered, match="tagger"):
        Tagger(**parts).load()


def test_the_digest_is_the_files() -> None:
    """A decision names the weights as anyone can check them."""
    assert digest() == hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()


def test_a_code_that_no_rule_asks_for_goes() -> None:
    """It is judged by the words of the question; the find says so, and not what was said."""
    read = document(CODE)
    (found,) = TAGGER.found(read, TAGGER.opinion(read))

    assert (found.detector, found.found.entity) == (NAME, Entity.PIN)
    assert [read.tokens[i].text for i in read.own(found.found)] == ["four", "four", "oh", "two"]
    assert found.found.why == "weighed as PIN by what was asked and by the words round it"


def test_a_code_right_after_another_number_is_judged_by_itself() -> None:
    """Two numbers in a row are one run; the year before a passport's number is no reason to leave it."""
    read = document("C: I came here in 2022. K-6-0 418 it says")
    odds = np.array([[0.99, 0.01]] * 5 + [[0.5, 0.5]] * 2 + [[0.99, 0.01]] * 2, np.float32)
    (found,) = TAGGER.found(read, Opinion(labels=("O", "US_PASSPORT"), odds=odds))

    assert [read.tokens[i].text for i in read.own(found.found)] == ["k-6-0", "418"]


@pytest.mark.parametrize(
    "call",
    [
        "A: How many crates do you need?\nC: Forty-four.",
        "A: Which part is it?\nC: The side says W ten, eight seven six, five three seven.",
        "A: When should the driver come?\nC: After nine thirty is fine, the gate's open.",
    ],
)
def test_counts_parts_and_times_stay(call: str) -> None:
    """Nobody asked for a number that tells anything of anyone."""
    read = document(call)

    assert TAGGER.found(read, TAGGER.opinion(read)) == []


def test_no_word_outlives_its_call_in_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was looked up for one recording is gone before the next."""
    kept: list[weakref.ref[Pieces]] = []

    class Noted(Pieces):
        def __init__(self, tokenizer: object) -> None:
            super().__init__(tokenizer)
            kept.append(weakref.ref(self))

    monkeypatch.setattr("compliance.redact.detect.tagger.Pieces", Noted)
    TAGGER.opinion(document(CODE))
    gc.collect()

    assert [each() for each in kept] == [None]


class Thinks(Tagger):
    """A tagger that gives every word the same danger."""

    def __init__(self, danger: float) -> None:
        """Nothing is loaded."""
        self._danger = danger

    def opinion(self, document: Document) -> Opinion:
        """The same everywhere."""
        odds = np.tile(np.array([1 - self._danger, self._danger], np.float32), (len(document.tokens), 1))
        return Opinion(labels=("O", "PIN"), odds=odds)


def stands(detector: str, entity: Entity, danger: float) -> bool:
    """Whether a find is left by a tagger that thinks so."""
    weighed = Weighed(Says(detector, "thirty-eight", entity), Thinks(danger))  # type: ignore[arg-type]
    return bool(weighed.recognise(document(CALL)))


@pytest.mark.parametrize(
    ("detector", "entity", "danger", "expected"),
    [
        ("spoken_digits", Entity.NUMBER, 0.01, False),
        ("spoken_digits", Entity.NUMBER, 0.03, False),
        ("spoken_digits", Entity.NUMBER, 0.4, True),
        # What opens an account is given up only where there is hardly any doubt.
        ("spoken_digits", Entity.CREDIT_CARD, 0.01, False),
        ("spoken_digits", Entity.CREDIT_CARD, 0.3, True),
        # Words that were hardly understood may be anything.
        ("misread_answers", Entity.UNREAD_SPEECH, 0.02, False),
        ("misread_answers", Entity.UNREAD_SPEECH, 0.05, True),
        # What the profile's own words find is believed, whatever the tagger makes of it.
        ("custom_words", Entity.NUMBER, 0.0, True),
        ("medical_words", Entity.MEDICAL_CONDITION, 0.05, False),
        ("medical_words", Entity.MEDICAL_CONDITION, 0.2, True),
    ],
)
def test_a_rule_gives_way_where_the_tagger_is_sure(
    detector: str, entity: Entity, danger: float, expected: bool
) -> None:
    """By recogniser, and by what is at stake."""
    assert stands(detector, entity, danger) is expected


@pytest.mark.parametrize(("danger", "expected"), [(0.01, set()), (0.15, {"card_companions", "spoken_again"})])
def test_what_follows_from_other_finds_is_weighed_as_well(danger: float, expected: set[str]) -> None:
    """A short number after a card, and digits that were found before, may count or cost something."""
    call = script(
        "A: Whenever you are ready with that number I am too.\nC: It's 4111 1111 1111 1111 and I think the "
        "last time it was 417 or so when I called you.\nA: Good, and that one is in row 71111 now.",
        "probe",
    ).conversation
    runner = Weighed(Both(), Thinks(danger))  # type: ignore[arg-type]
    found = detect(call, runner, dict.fromkeys(Entity, Action.CUT))

    assert {f.detector for f in found} & {"card_companions", "spoken_again"} == expected


@pytest.mark.parametrize(
    ("word", "kind", "danger", "is_found"),
    [
        ("ebony", "PERSON", 0.3, True),
        ("ebony", "PERSON", 0.2, False),
        # What is no common word has no other meaning.
        ("eppy", "MEDICATION", 0.3, True),
        ("arm", "MEDICAL_CONDITION", 0.7, False),
        ("arm", "MEDICAL_CONDITION", 0.85, True),
    ],
)
def test_a_common_word_of_health_needs_more(word: str, kind: str, danger: float, is_found: bool) -> None:
    """A chair has an arm."""
    odds = np.array([[1 - danger, danger]], np.float32)

    assert bool(TAGGER.found(document(f"C: {word}"), Opinion(labels=("O", kind), odds=odds))) is is_found


def test_a_name_written_as_common_words_is_told_by_the_doubt_they_were_read_with() -> None:
    """A recogniser that does not know a name writes other words, and doubts them."""
    call = script(
        "A: Thanks for calling the tow yard, how can I help?\nC: I want my truck back, please.\n"
        "A: The registration says tramp elegant, that's you?\nC: Yes ma'am, it is.",
        "probe",
    ).conversation

    dangers = []
    for confidence in (0.95, 0.5):
        read = Document(_doubted(call, {"tramp", "elegant,"}, confidence))
        odds = TAGGER.opinion(read).danger
        dangers.append(
            max(odds[i] for i, token in enumerate(read.tokens) if token.text in ("tramp", "elegant"))
        )

    assert dangers[0] + 0.15 < dangers[1]


def _doubted(call: Conversation, words: AbstractSet[str], confidence: float) -> Conversation:
    """The call, with some words read with a confidence, and all others surely."""
    turns = [
        replace(turn, words=tuple(
            replace(word, confidence=confidence if word.text in words else 0.95) for word in turn.words
        ))
        for turn in call.turns
    ]  # fmt: skip
    return replace(call, turns=tuple(turns))


@pytest.mark.parametrize(("confidence", "is_left"), [(0.95, False), (1.0, True)])
def test_in_what_was_typed_rampart_is_believed_sooner(confidence: float, is_left: bool) -> None:
    """There the tagger has no doubt of a recogniser's to go by."""
    weighed = Weighed(Says("rampart", "thirty-eight", Entity.PERSON), Thinks(0.01))  # type: ignore[arg-type]
    call = script(CALL, "probe").conversation
    turns = [
        replace(turn, words=tuple(replace(word, confidence=confidence) for word in turn.words))
        for turn in call.turns
    ]

    assert bool(weighed.recognise(Document(replace(call, turns=tuple(turns))))) is is_left


@pytest.mark.parametrize(("danger", "kind"), [(0.45, Entity.STREET_ADDRESS), (0.9, Entity.US_SSN)])
def test_a_number_whose_kind_is_sure_keeps_it(danger: float, kind: Entity) -> None:
    """Five digits are rather a ZIP code than half an SSN; what is sure to be the half is cut as it."""
    read = document("C: 77004")
    odds = np.array([[0.95 - danger, danger, 0.05]], np.float32)
    (found,) = TAGGER.found(read, Opinion(labels=("O", "US_SSN", "STREET_ADDRESS"), odds=odds))

    assert found.found.entity is kind


@pytest.mark.parametrize(
    ("call", "danger", "is_found"),
    [
        ("A: I text the receipt 2 3 1 4 5 5 5 0 1 3 7", 0.7, True),
        ("A: I text the receipt 2 3 1 4 5 5 5 0 1 3 7", 0.4, False),
        ("A: I text the receipt 2 3 1 4", 0.7, False),
        ("A: I text the receipt 2 3 1 4", 0.9, True),
    ],
)
def test_a_long_number_is_not_harmless_by_a_word_before_it(call: str, danger: float, is_found: bool) -> None:
    """A receipt has a number, and is texted to one."""
    read = document(call)
    odds = np.array([[1 - danger, danger] if each.digits else [1, 0] for each in read.tokens], np.float32)

    assert bool(TAGGER.found(read, Opinion(labels=("O", "PHONE_NUMBER"), odds=odds))) is is_found


def test_a_written_address_is_a_find_of_its_own() -> None:
    """Each under its own name, and without the word between."""
    read = document("C: ann@example.org Website: https://example.org was it")
    odds = np.array([[0.1, 0.9], [0.7, 0.3], [0.1, 0.9], [0.99, 0.01], [0.99, 0.01]], np.float32)
    found = TAGGER.found(read, Opinion(labels=("O", "EMAIL_ADDRESS"), odds=odds))

    said = [(each.found.entity, [read.tokens[i].text for i in read.own(each.found)]) for each in found]
    assert (Entity.EMAIL_ADDRESS, ["ann@example.org"]) in said
    assert (Entity.URL, ["https://example.org"]) in said


@pytest.mark.parametrize(
    "call", ["C: Thirty-eight.", "A: The code?\nC: Thirty-eight.", "C: 4 1 2 thirty-eight 7 7"]
)
def test_without_talk_round_it_nothing_is_given_up(call: str) -> None:
    """Digits by themselves may be anything; the tagger cannot know."""
    says = Says("lone_numbers", "thirty-eight", Entity.NUMBER)
    assert Weighed(says, Thinks(0.0)).recognise(document(call))  # type: ignore[arg-type]


def test_words_that_lead_into_an_answer_stay() -> None:
    """A recogniser of whole replies takes them; the tagger leaves them out."""
    read = document("A: Under what name?\nC: It would be under Priscilla Okonkwo.")
    whole = Found(entity=Entity.PERSON, first=3, last=8, score=0.85, why="a probe")

    class One(Both):
        def recognise(self, document: Document) -> list[Recognised]:
            return [Recognised(found=whole, detector="spoken_answers")]

    (kept, *_) = Weighed(One(), TAGGER).recognise(read)
    assert [read.tokens[i].text for i in read.own(kept.found)] == ["priscilla", "okonkwo"]


@pytest.mark.parametrize(
    ("digits", "danger", "stands"),
    [
        ("4" * 12, 0.02, False),  # an order number, perhaps
        ("4" * 16, 0.05, True),
        ("4" * 16, 0.02, False),  # a serial number, told in the talk of a workshop
        ("4242424242424242", 0.0, True),
        ("378282246310005", 0.0, True),
    ],
    ids=["short", "long", "long and no doubt", "card", "card of fifteen"],
)
def test_a_long_number_goes_unless_there_is_no_doubt_and_a_card_whatever(
    digits: str, danger: float, stands: bool
) -> None:
    """Serial and tracking numbers are as long as cards; what checks as a card is never given up."""
    talk = "\nA: Thank you, and is there anything else that I can do for you today, or was that all?"
    read = document("C: " + " ".join(digits) + talk)
    place = Found(entity=Entity.CREDIT_CARD, first=0, last=len(digits) - 1, score=0.9, why="a probe")

    class One(Both):
        def recognise(self, document: Document) -> list[Recognised]:
            return [Recognised(found=place, detector="spoken_digits")]

    assert bool(Weighed(One(), Thinks(danger)).recognise(read)) is stands


def test_rampart_reads_only_where_a_name_of_it_would_stand() -> None:
    """What the tagger takes for ordinary talk costs no second reading; without talk round it all is read."""
    asked: list[frozenset[int]] = []

    class Asked(Rampart):
        def recognise(self, document: Document, worth: AbstractSet[int] | None = None) -> list[Recognised]:
            asked.append(frozenset(worth or ()))
            return super().recognise(document, worth)

    read = document(
        "A: It rained all day and the garden looks so much better for it now.\nC: Mine too, I must say.\n"
        "A: And who signed for the parcel when it came to the house?\nC: it was alejandro martinez"
    )
    found = Weighed(Both(), TAGGER, Asked(MODELS / "rampart")).recognise(read)

    assert asked[0] >= set(range(len(read.tokens) - 2, len(read.tokens)))
    assert asked[0].isdisjoint(range(10))
    assert [read.tokens[each.found.last].text for each in found if each.detector == "rampart"] == ["martinez"]


def test_weights_come_back_from_the_file_that_they_were_written_to(tmp_path: Path) -> None:
    """Each within half a step of its column, and with the labels."""
    weights = pytest.importorskip("training.weights", reason="torch and onnx are there for make train alone")
    labels, rampart = (*sorted(SAFE), "PIN"), MODELS / "rampart" / "onnx" / "model_q4.onnx"
    taught, out = weights.load(rampart, labels), tmp_path / "tagger.onnx"
    weights.save(taught, labels, rampart, out)

    for (name, was), now in zip(
        taught.state_dict().items(), weights.load(out, labels).state_dict().values(), strict=True
    ):
        if was.ndim < 2:
            assert bool((was == now).all()), name
        else:
            columns = was.flatten()[None] if name.startswith("speaker") else was
            steps = abs(columns).max(dim=1, keepdim=True).values / 127
            assert bool((abs(was - now) <= steps * 0.51).all()), name

"""What becomes of finds: models judged, known values hunted, tones joined, sound without words cut."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance.records import Action, Conversation, Entity, Span
from compliance.redact.detect.document import Document, Found, Recognised
from compliance.redact.detect.judged import greets
from compliance.redact.detect.keyed import LONE_MS, keyed
from compliance.redact.detect.medical import kind_of
from compliance.redact.detect.stage import detect
from tests.unit.redact.speech.scripts import Rules, script

ACTIONS = dict.fromkeys(Entity, Action.CUT)


class Says:
    """Finds the given words as people or places, in the name of the given recognisers."""

    def __init__(
        self, word: str, *detectors: str, entity: Entity = Entity.PERSON, score: float = 0.9
    ) -> None:
        """One find a detector, at the first place of the word."""
        self._word, self._detectors, self._entity, self._score = word, detectors, entity, score

    def recognise(self, document: Document) -> list[Recognised]:
        """The finds."""
        place = next(i for i, token in enumerate(document.tokens) if token.text == self._word)
        found = Found(entity=self._entity, first=place, last=place, score=self._score, why="a probe")
        return [Recognised(found=found, detector=name) for name in self._detectors]


def cut(call: str, runner: object) -> set[str]:
    """The words that are found in a conversation."""
    conversation = script(call, "probe").conversation
    findings = detect(conversation, runner, ACTIONS)  # type: ignore[arg-type]
    return {conversation.turns[r.turn].words[r.word].text for f in findings for r in f.words}


@pytest.mark.parametrize(
    ("runner", "is_believed"),
    [
        (Says("brinley", "SpacyRecognizer"), False),
        (Says("brinley", "rampart"), True),
        (Says("brinley", "rampart", score=0.7), False),
        (Says("brinley", "SpacyRecognizer", "rampart", score=0.7), True),
        (Says("package", "SpacyRecognizer", "rampart"), False),
    ],
)
def test_models_of_names_are_believed_when_they_agree_or_one_is_sure(runner: Says, is_believed: bool) -> None:
    """spaCy alone is not enough, Rampart alone must be sure, and a common word is no name."""
    assert bool(cut("A: hello\nC: it was brinley who took the package", runner)) is is_believed


def test_an_agents_greeting_names_the_company() -> None:
    """Names in the first sentence of the agent's stay, however sure the models are."""
    assert not cut(
        "A: Brinley speaking, how can I help?\nC: Hi.", Says("brinley", "SpacyRecognizer", "rampart")
    )


@pytest.mark.parametrize(
    ("call", "place", "is_greeting"),
    [
        ("A: Brinley here.\nC: Hi Brinley.", 0, True),
        ("A: Brinley here.\nC: Hi Brinley.", 3, False),
        ("A: Good day.\nC: Hi.\nA: You're speaking with Brinley.", 6, True),
        ("A: Good day.\nC: Hi.\nA: So Brinley paid.", 4, False),
        ("C: Good day.\nA: Brinley here.", 2, True),
    ],
)
def test_what_an_agent_says_of_itself_greets(call: str, place: int, is_greeting: bool) -> None:
    """The agent's first sentence greets, and so does one that introduces; what a caller says never does."""
    assert greets(Document(script(call, "probe").conversation), place) is is_greeting


@pytest.mark.parametrize(
    ("word", "is_found"),
    [
        ("pinepost.example", True),
        ("www.Pinepost.Example", True),
        ("Pinepost.example/Help", True),
        ("PINEPOST.EXAMPLE/Help", True),
        ("today.Thanks", False),
        ("right.So,", False),
    ],
)
def test_two_sentences_without_a_space_are_no_web_address(word: str, is_found: bool) -> None:
    """What a recogniser wrote together is believed to be an address only where it was written as one."""
    runner = Says(word.lower().rstrip(","), "UrlRecognizer", entity=Entity.URL)

    assert bool(cut(f"A: hello\nC: it was {word} then", runner)) is is_found


class Finds:
    """Finds stretches of tokens, each in the name of a recogniser."""

    def __init__(self, *listed: tuple[str, Entity, int, int]) -> None:
        """Recogniser, kind, first and last token of each find."""
        self._listed = listed

    def recognise(self, document: Document) -> list[Recognised]:
        """The finds."""
        return [
            Recognised(found=Found(entity=e, first=a, last=b, score=0.8, why="a probe"), detector=name)
            for name, e, a, b in self._listed
        ]


@pytest.mark.parametrize(
    ("detector", "entity", "last", "kept"),
    [
        ("IpRecognizer", Entity.IP_ADDRESS, 3, Entity.IP_ADDRESS),
        ("IbanRecognizer", Entity.IBAN_CODE, 4, Entity.IBAN_CODE),
        ("CreditCardRecognizer", Entity.CREDIT_CARD, 4, Entity.CREDIT_CARD),
        ("UsSsnRecognizer", Entity.US_SSN, 4, Entity.US_SSN),
        ("PhoneRecognizer", Entity.PHONE_NUMBER, 4, Entity.NUMBER),
    ],
)
def test_a_checked_form_keeps_its_name(detector: str, entity: Entity, last: int, kept: Entity) -> None:
    """What passed as an IP address or an IBAN is called so, if it is most of what a rule of ours cuts."""
    call = script("C: 10 20 30 40 50 it was", "probe").conversation
    runner = Finds(("spoken_digits", Entity.NUMBER, 0, 4), (detector, entity, 1, last))
    found = [f for f in detect(call, runner, ACTIONS) if f.words]

    assert [(f.entity, f.detector, len(f.words)) for f in found] == [(kept, "spoken_digits", 5)]


def test_a_checked_form_that_is_a_small_part_stays_beside_what_covers_it() -> None:
    """An IP address inside a longer find is told as well, since it is neither the whole nor lost in it."""
    call = script("C: 10 20 30 40 50 it was", "probe").conversation
    runner = Finds(("spoken_digits", Entity.NUMBER, 0, 4), ("IpRecognizer", Entity.IP_ADDRESS, 1, 2))
    found = {(f.entity, len(f.words)) for f in detect(call, runner, ACTIONS) if f.words}

    assert found == {(Entity.NUMBER, 5), (Entity.IP_ADDRESS, 2)}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("C: My name is Wendell.\nA: And is Wendel there now?", {"Wendell.", "Wendel"}),
        ("C: My name is Wendell.\nA: The weekend is fine.", {"Wendell."}),
        ("A: Card number?\nC: 4111 1111 1111 1234\nA: ending 1234 then", {"4111", "1111", "1234"}),
        ("A: Card number?\nC: 4111 1111 1111 1234\nA: that's 60 dollars", {"4111", "1111", "1234"}),
        ("C: So 273 here\nA: My passport number?\nA: It's 604182733", {"273", "604182733"}),
        ("A: What address?\nC: 55 Quince Street\nA: 55 Quinces then", {"55", "Quince", "Street", "Quinces"}),
        (
            "A: Still on Parkside?\nC: Yes, 2417 Parkside Avenue.",
            {"Parkside?", "2417", "Parkside", "Avenue."},
        ),
        ("A: Which town?\nC: Near the lake street.\nA: The lake is fine.", set()),
        ("C: I've been punching 80264 all day.", {"80264"}),
        ("C: I was on the punch list at 1126 yesterday.", set()),
    ],
)
def test_what_was_found_is_hunted(call: str, words: set[str]) -> None:
    """Names by likeness and numbers by their digits are found again, other words are not."""
    assert cut(call, Rules()) == words


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("A: What's your order number?\nC: It's 4 4 1 9 2 2 7.", set()),
        ("A: What's your account number?\nC: It's 4 4 1 9 2 2 7.", {"4", "1", "9", "2", "7."}),
        ("A: We're at 1-800-555-0100.", set()),
        ("C: I'm at 1-800-555-0100.", {"1-800-555-0100."}),
        ("A: The security code?\nC: Hold on, it's 3 minutes away in the car.", set()),
    ],
)
def test_what_was_asked_decides_about_a_number(call: str, words: set[str]) -> None:
    """The same digits stay after a harmless question and go after another."""
    assert cut(call, Rules()) == words


@pytest.mark.parametrize(
    ("word", "entity"),
    [
        ("lisinopril", Entity.MEDICATION),
        ("rosuvastatin", Entity.MEDICATION),
        ("arthritis", Entity.MEDICAL_CONDITION),
        ("nephropathy", Entity.MEDICAL_CONDITION),
        ("amoxacillin", Entity.MEDICATION),
        ("gabapenten", Entity.MEDICATION),
        ("chlamidia", Entity.MEDICAL_CONDITION),
        ("neumonia", None),
        ("addition", None),
        ("conclusion", None),
        ("artistic", None),
        ("diagnosis", None),
        ("sympathy", None),
        ("jason", None),
        ("april", None),
        ("attention", None),
        ("extension", None),
    ],
)
def test_medicine_is_told_by_its_endings(word: str, entity: Entity | None) -> None:
    """Medicines and conditions that no list holds are known by their endings, or are listed a letter off."""
    assert kind_of(word) is entity


def toned(*starts_ms: int, length_ms: int = 100) -> Conversation:
    """A call with keypad tones on the caller's channel."""
    call = script("A: Please key it in.\nC: Sure.", "probe").conversation
    tones = tuple(Span(start_ms=each, end_ms=each + length_ms) for each in starts_ms)
    return replace(call, channels=(call.channels[0], replace(call.channels[1], keyed=tones)))


def test_tones_of_one_number_are_one_finding() -> None:
    """Keys pressed one after another are cut together, with the gaps between them."""
    assert [(k.span.start_ms, k.span.end_ms, k.count) for k in keyed(toned(1_000, 1_300, 1_700, 5_000))] == [
        (1_000, 1_800, 3),
        (5_000, 5_100, 1),
    ]


def test_a_lone_short_tone_is_no_key() -> None:
    """One short sound of two pitches is speech; held longer, or with another beside it, it is a key."""
    short, long = LONE_MS - 10, LONE_MS

    assert list(keyed(toned(1_000, length_ms=short))) == []
    assert list(keyed(toned(1_000, 9_000, length_ms=short))) == []
    assert [k.count for k in keyed(toned(1_000, length_ms=long))] == [1]
    assert [k.count for k in keyed(toned(1_000, 1_200, length_ms=short))] == [2]


def test_tones_become_findings_that_do_not_tell_the_keys() -> None:
    """A finding of tones says how many there were."""
    (found,) = [f for f in detect(toned(9_000, 9_200), Rules(), ACTIONS) if f.entity is Entity.DTMF]
    assert (found.start_ms, found.end_ms, found.why) == (9_000, 9_300, "tones of a keypad")


def test_voice_without_words_while_an_answer_is_awaited_is_cut() -> None:
    """What the recogniser never wrote is found where it answers a question, and only there."""
    call = script("A: What is the security code?\nC: Right.", "probe").conversation
    voiced = (*call.channels[1].voiced, Span(start_ms=4_000, end_ms=4_800))
    unread = [
        f.entity
        for f in detect(
            replace(call, channels=(call.channels[0], replace(call.channels[1], voiced=voiced))),
            Rules(),
            ACTIONS,
        )
    ]
    assert Entity.UNREAD_SPEECH in unread

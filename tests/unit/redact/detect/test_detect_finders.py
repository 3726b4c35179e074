"""Our finders, each by itself: what it finds, and what looks like it and is not."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from compliance.records import Entity
from compliance.redact.detect.ages import ages
from compliance.redact.detect.companions import companions
from compliance.redact.detect.completed import completed
from compliance.redact.detect.digits import digits
from compliance.redact.detect.document import Document, Finder, Found, Recognised
from compliance.redact.detect.lone import lone
from compliance.redact.detect.names import names
from compliance.redact.detect.spelled import letters
from tests.unit.redact.speech.scripts import script


def found(finder: Finder, text: str) -> list[tuple[Entity, str]]:
    """What a finder finds in a conversation, as kinds and words."""
    document = Document(script(text, "probe").conversation)
    return [(each.entity, said(document, each)) for each in finder(document)]


def said(document: Document, each: Found) -> str:
    """The words of a find."""
    return " ".join(document.tokens[i].text for i in document.own(each))


def values(pairs: Iterable[tuple[Entity, str]]) -> list[str]:
    """The words alone."""
    return [text for _, text in pairs]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A: And the thing on the letter.\nC: 417 322.", ["417 322"]),
        ("A: And the thing on the letter.\nC: Uh, 417, um, 322.", ["417 um 322"]),
        ("A: And the thing on the letter.\nC: Four to won seven.", ["four to won seven"]),
        ("A: What's your order number?\nC: 417 322.", []),
        ("A: And the thing on the letter.\nC: I counted 417 322 of them.", []),
        ("C: And the thing on the letter.\nA: 417 322.", []),
        ("A: And the thing on the letter.\nC: 4.", []),
        ("A: And the thing on the letter.\nC: $417.32.", []),
    ],
)
def test_a_number_that_is_a_whole_reply_is_somebodys(text: str, expected: list[str]) -> None:
    """A caller who says a number and nothing else says it for a reason, unless the question was harmless."""
    assert values(found(lone, text)) == expected


@pytest.mark.parametrize(
    ("question", "digits", "entity"),
    [
        ("Zip code?", "94107", Entity.ZIP_CODE),
        ("Card number?", "4111 1111", Entity.CREDIT_CARD),
        ("What's the PIN?", "4417", Entity.PIN),
        ("And the thing?", "415 555 0142", Entity.PHONE_NUMBER),
    ],
)
def test_a_whole_reply_is_named_by_its_question(question: str, digits: str, entity: Entity) -> None:
    """What was asked for names it, so that a profile's rule for that kind holds; else its length does."""
    assert found(lone, f"A: {question}\nC: {digits}") == [(entity, digits)]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("C: We moved to Fort Collins 80525 in the spring.", True),
        ("C: We moved to colorado 80525 in the spring.", True),
        ("C: We moved there with 80525 in the spring.", False),
        ("C: We moved to Fort Collins. 80525 people live there in the spring.", False),
        ("C: We moved to Fort Collins 80 in the spring.", False),
        ("C: 80525 it was in the spring.", False),
    ],
)
def test_five_digits_after_a_place_are_its_code(text: str, is_found: bool) -> None:
    """Right after the name of a place five digits are a ZIP code; after another word, or elsewhere, not."""
    assert found(lone, text) == ([(Entity.ZIP_CODE, "80525")] if is_found else [])


def test_a_number_at_the_very_start_has_no_place_before_it() -> None:
    """The last word of a call is not the one before its first."""
    assert found(lone, "C: 80525 was what they said in Collins") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A: Am I speaking with marlo quist?", "marlo quist"),
        ("A: I'm looking for jonna.", "jonna"),
        ("A: Hi, is this pelham oyelaran?", "pelham oyelaran"),
        ("C: This is marlo quist.", "marlo quist"),
        ("C: Yes, this is jonna.", "jonna"),
        ("A: Am I speaking with the right person?", ""),
        ("A: Is this a good time?", ""),
        ("A: I'm looking for 4 of them.", ""),
        ("A: I'm looking for anything that could help us out of this mess.", ""),
        ("C: This is not what I wanted.", ""),
        ("C: I'm clicking on it now.", ""),
        ("C: I'm Sterling on it now.", "sterling on it now"),
        ("A: Am I speaking with", ""),
    ],
)
def test_whom_somebody_asks_for_is_a_name(text: str, expected: str) -> None:
    """The rest of a short sentence that asks for somebody is a name in lower case too."""
    assert set(values(found(names, text))) == ({expected} if expected else set())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C: It's LIND BERG.", ["lind berg"]),
        ("C: It's K O W A L.", ["k o w a l"]),
        ("C: WHAT? I DON'T KNOW WHAT TO PRESS NEXT!", []),
        ("C: CAN I SPEAK TO A REAL PERSON?", []),
        ("C: WHAT WAS THE NAME AGAIN? then it is K O W A L", ["k o w a l"]),
    ],
)
def test_capitals_spell_something_among_other_talk(text: str, expected: list[str]) -> None:
    """Letters in capitals are a spelling; a turn that is in capitals throughout is somebody who shouts."""
    assert values(found(letters, text)) == expected


def test_an_agents_own_introduction_is_no_name() -> None:
    """ "This is …" tells a caller's name; said by the agent it is the company's."""
    assert found(names, "A: Yes, this is Jonna.") == []
    assert found(names, "C: Yes, this is Jonna.") != []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C: My mother is 82 years old.", [(Entity.AGE, "82")]),
        ("C: He's 7 years old.", [(Entity.AGE, "7")]),
        ("C: It's for a 34 year old man.", [(Entity.AGE, "34")]),
        ("C: It's for a 34-year-old woman.", [(Entity.AGE, "34-year-old")]),
        ("C: It's for a 34 year old boiler.", []),
        ("C: The house is 82 years old.", []),
        ("C: They paid once, now I'm 79 and I pay.", [(Entity.AGE, "79")]),
        ("C: My son is 9, he turned it on.", [(Entity.AGE, "9")]),
        ("C: My son is 9. He turned it on.", [(Entity.AGE, "9")]),
        ("C: I just turned 40 this week.", [(Entity.AGE, "40")]),
        ("C: I'll be eighty seven.", [(Entity.AGE, "eighty seven")]),
        ("C: I'm 30 minutes away.", []),
        ("C: I'm 150 and counting.", []),
        ("C: It is 79 and sunny.", []),
        ("C: The gate is 42.", []),
        ("C: I turned 05 and nothing happened.", []),
        ("C: It's 18, it should be 15.", []),
        ("C: Gosh, no, he's 6'4, an inch more.", []),
        ("C: I am 62 now.", [(Entity.AGE, "62")]),
        ("C: 62 now.", []),
        ("C: They're not in at 374 780 163.", [(Entity.PHONE_NUMBER, "374 780 163")]),
        ("C: It says 374 78 0163 here.", [(Entity.US_SSN, "374 78 0163")]),
        ("C: My mother is 82 miles away.", []),
        ("C: My mother has 1982 years old.", []),
        ("C: The card ending in 8841.", [(Entity.CREDIT_CARD, "8841")]),
        ("C: The weekend is 8841.", []),
        ("A: Call us at 1-800-555-0100.", []),
        ("C: Call me at 1-800-555-0100.", [(Entity.PHONE_NUMBER, "1-800-555-0100")]),
        ("C: I have 4111 1111 1111 1111 here.", [(Entity.CREDIT_CARD, "4111 1111 1111 1111")]),
        ("C: I have 415 555 0142 here.", [(Entity.PHONE_NUMBER, "415 555 0142")]),
        ("C: The order is 415 555 0142.", []),
        ("C: The order is 4111 1111 1111 1111.", [(Entity.CREDIT_CARD, "4111 1111 1111 1111")]),
        ("A: What's the PIN?\nC: 4417.", [(Entity.PIN, "4417")]),
        ("A: How old are you?\nC: 82.", [(Entity.AGE, "82")]),
        ("A: What's your date of birth?\nC: Of us two, 7.", [(Entity.DATE_OF_BIRTH, "two 7")]),
        ("A: And the three digits on the back?\nC: Sure.", []),
    ],
)
def test_digits_are_told_by_what_is_said_round_them(text: str, expected: list[tuple[Entity, str]]) -> None:
    """An age, a card's ending, a number asked for and a long bare one go; counts and orders stay."""
    assert found(ages, text) + found(digits, text) == expected


def carried(text: str, entity: Entity, first: int, last: int) -> str:
    """The words of a find after it was completed."""
    document = Document(script(text, "probe").conversation)
    find = Found(entity=entity, first=first, last=last, score=0.9, why="a probe")
    after = completed(document, Recognised(found=find, detector="probe"))
    assert (after.detector, after.found.entity, after.found.score) == ("probe", entity, 0.9)
    return said(document, after.found)


@pytest.mark.parametrize(
    ("text", "entity", "places", "expected"),
    [
        ("C: It was Mr. Quist then.", Entity.PERSON, (3, 3), "mr quist"),
        ("C: It was Dr. Marlo Quist then.", Entity.PERSON, (3, 4), "dr marlo quist"),
        ("C: It was old Quist then.", Entity.PERSON, (3, 3), "quist"),
        ("C: Quist it was.", Entity.PERSON, (0, 0), "quist"),
        ("A: Tell the doctor\nC: Quist was here.", Entity.PERSON, (3, 3), "quist"),
        ("C: It was Mr. Quist then.", Entity.LOCATION, (3, 3), "quist"),
        ("C: Tulip nineteen, with dashes. Got it?", Entity.PASSWORD, (0, 1), "tulip nineteen with dashes"),
        ("C: Tulip nineteen. Got it?", Entity.PASSWORD, (0, 1), "tulip nineteen"),
        ("C: Tulip nineteen okay?", Entity.PASSWORD, (0, 1), "tulip nineteen"),
        ("C: Tulip nineteen underscore west", Entity.USERNAME, (0, 0), "tulip nineteen underscore west"),
        ("C: Tulip nineteen, with dashes.", Entity.CITY, (0, 1), "tulip nineteen"),
        ("C: Call 814 a new phone 555 0194.", Entity.PHONE_NUMBER, (5, 6), "814 a new phone 555 0194"),
        ("C: Bay 8 has a new phone 555 0194.", Entity.PHONE_NUMBER, (6, 7), "555 0194"),
        ("C: 814 is not the code of this new phone 555 0194.", Entity.PHONE_NUMBER, (9, 10), "555 0194"),
        ("A: Call 814.\nC: No, 555 0194.", Entity.PHONE_NUMBER, (3, 4), "555 0194"),
        ("C: Call 814, 415 555 0194.", Entity.PHONE_NUMBER, (2, 4), "415 555 0194"),
        ("C: Bay 814, box 555 0194.", Entity.ACCOUNT_NUMBER, (3, 4), "555 0194"),
    ],
)
def test_a_find_is_carried_to_its_end(
    text: str, entity: Entity, places: tuple[int, int], expected: str
) -> None:
    """A title belongs to its name, an area code to its number, what follows in its sentence to a password."""
    assert carried(text, entity, *places) == expected


def test_a_password_does_not_go_on_without_end() -> None:
    """Of speech without a full stop only the next words belong to it."""
    text = "C: Tulip nineteen " + "and so it goes on " * 20

    assert len(carried(text, Entity.PASSWORD, 0, 1).split()) < 12


CARD = "5294 1008 3684 0365"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"C: {CARD}. Ten of twenty-seven.", ["ten of twenty-seven"]),
        (f"C: {CARD}.\nA: Okay.\nC: And on the back it's rubbed off, seven four four.", ["seven four four"]),
        (f"C: {CARD}. It says 0327 here, and 744.", ["0327", "744"]),
        (f"C: {CARD}.\nA: That's approved, number 744.", []),
        (f"C: {CARD}. It was $744, right?", []),
        ("C: My number is 415 555 0142. Seven four four.", []),
        ("C: 5294 1008. Ten of twenty-seven.", []),
        (f"C: {CARD}. " + "And so on and so forth, as they say round here. " * 7 + "Seven four four.", []),
    ],
)
def test_who_reads_out_a_card_goes_on_with_what_else_is_on_it(text: str, expected: list[str]) -> None:
    """Expiry and code come unasked; prices do not, nor what the agent says, nor what is said much later."""
    document = Document(script(text, "probe").conversation)
    cards = [
        Recognised(
            found=Found(entity=Entity.CREDIT_CARD, first=run.first, last=run.last, score=1.0, why="probe"),
            detector="probe",
        )
        for run in document.runs
        if len(run) in (8, 10, 16)
    ]

    assert [said(document, each.found) for each in companions(document, cards)] == expected

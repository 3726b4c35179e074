"""What a profile does with finds: lines of review, its own rules, ages and digits that stay."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from compliance.errors import PolicyInvalid
from compliance.records import Action, Entity, Finding, WordRef
from compliance.redact import text
from compliance.redact.detect import rules
from compliance.redact.detect.document import Document, Found, Recognised
from compliance.redact.detect.rules import Rule
from compliance.redact.detect.stage import detect
from compliance.redact.profile import Profile, load, made
from compliance.redact.shown import shown
from compliance.redact.treatment import Lines, Treatment
from tests.unit.redact.speech.scripts import Rules, script

FOLDER = Path(__file__).resolve().parents[3] / "policies" / "redaction"
PCI = (FOLDER / "pci.yaml").read_text()
SHIPPED = load(FOLDER)


def profile(**changed: object) -> Profile:
    """The pci profile with some keys changed."""
    return made("own.yaml", yaml.safe_dump(yaml.safe_load(PCI) | changed).encode())


def found(call: str, treatment: Treatment, runner: object = None) -> list[tuple[str, str, str]]:
    """Kind, action and words of what is found in a conversation."""
    conversation = script(call, "probe").conversation
    return [
        (str(f.entity), str(f.action), said(conversation.turns, f.words))
        for f in detect(conversation, runner or Rules(), treatment)  # type: ignore[arg-type]
    ]


def said(turns, refs: tuple[WordRef, ...]) -> str:
    """Words by their places."""
    return " ".join(turns[ref.turn].words[ref.word].text for ref in refs)


class Says:
    """Finds stretches of words with a kind and a score each, as one of our own recognisers."""

    def __init__(self, *finds: tuple[int, int, Entity, float]) -> None:
        """First and last word, kind, score."""
        self._finds = finds

    def recognise(self, document: Document) -> list[Recognised]:
        """The finds."""
        return [
            Recognised(
                found=Found(entity=entity, first=first, last=last, score=score, why="a probe"),
                detector="spoken_digits",
            )
            for first, last, entity, score in self._finds
        ]


@pytest.mark.parametrize(
    ("action", "score", "becomes"),
    [
        (Action.CUT, 0.9, Action.CUT),
        (Action.CUT, 0.7, Action.CUT),
        (Action.CUT, 0.69, Action.REVIEW),
        (Action.CUT, 0.4, Action.REVIEW),
        (Action.CUT, 0.39, None),
        (Action.REVIEW, 0.9, Action.REVIEW),
        (Action.KEEP_LAST_FOUR, 0.9, Action.KEEP_LAST_FOUR),
        (Action.KEEP_LAST_FOUR, 0.5, Action.REVIEW),
        (Action.KEEP, 0.5, Action.KEEP),
    ],
)
def test_below_its_line_a_find_is_cut_and_reviewed(
    action: Action, score: float, becomes: Action | None
) -> None:
    """Between the two lines a find is cut whole and put up for review; under the lower one it is dropped."""
    lines = {Entity.CREDIT_CARD: Lines(cut=0.7, review=0.4)}
    treatment = Treatment(actions={Entity.CREDIT_CARD: action}, lines=lines)

    assert treatment.action(Entity.CREDIT_CARD, score) is becomes
    assert becomes is None or becomes.cuts is (becomes is not Action.KEEP)


@pytest.mark.parametrize("action", Action)
def test_what_is_up_for_review_is_cut(action: Action) -> None:
    """Every action but keep takes the words out of the text."""
    conversation = script("C: four five", "probe").conversation
    treatment = Treatment(actions={Entity.PIN: action})
    findings = detect(conversation, Says((0, 1, Entity.PIN, 0.9)), treatment)
    (turn,) = text.redacted(conversation, findings, ())

    assert turn.text == ("four five" if action is Action.KEEP else "[PIN]")


def test_a_longer_find_that_takes_less_hides_nothing() -> None:
    """A number inside an address that stays is cut; inside one that is cut it is no find of its own."""
    address, zip_code = (0, 4, Entity.STREET_ADDRESS, 0.9), (4, 4, Entity.ZIP_CODE, 0.8)
    call = "C: 12 Elm Street, Springfield, 62701"
    runner = Says(address, zip_code)

    assert found(call, SHIPPED["default"].treatment, runner) == [
        ("STREET_ADDRESS", "cut", "12 Elm Street, Springfield, 62701")
    ]
    assert found(call, SHIPPED["numbers-only"].treatment, runner) == [
        ("STREET_ADDRESS", "keep", "12 Elm Street, Springfield, 62701"),
        ("ZIP_CODE", "cut", "62701"),
    ]


def test_a_find_that_is_dropped_hides_nothing() -> None:
    """What lies below its review line does not swallow what lies inside it."""
    lines = {Entity.PERSON: Lines(cut=0.9, review=0.8)}
    runner = Says((0, 2, Entity.PERSON, 0.5), (1, 1, Entity.PIN, 0.9))

    assert found("C: John 1234 Smith", Treatment(actions={}, lines=lines), runner) == [("PIN", "cut", "1234")]


@pytest.mark.parametrize("name", ["default", "pci", "gdpr"])
def test_shipped_lines_drop_nothing(name: str) -> None:
    """Whatever its score, a find of a kind that is cut is cut, not dropped and not put up for review."""
    treatment = SHIPPED[name].treatment
    for entity, action in treatment.actions.items():
        assert treatment.action(entity, 0.0) is action


EMPLOYEE = {"name": "EMPLOYEE_ID", "pattern": r"\bemp ?\d{4}\b"}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("C: my id is EMP-4412", ["EMP-4412"]),
        ("C: my id is EMP4412, thanks", ["EMP4412,"]),
        ("C: my id is emp 4412.", ["emp 4412."]),
        ("C: my id is E M P four four one two", ["E M P four four one two"]),
        ("C: my id is E-M-P forty-four twelve", ["E-M-P forty-four twelve"]),
        ("C: the temp 4412 file", []),
        ("C: emp\nA: yes?\nC: 4412", []),
    ],
)
def test_a_pattern_is_matched_over_what_was_said(call: str, words: list[str]) -> None:
    """As written, and with spelled letters and spoken digits joined; within one speaker's words."""
    treatment = profile(custom=[EMPLOYEE], entities={"default": "keep", "CUSTOM": "cut"}).treatment

    assert [w for kind, action, w in found(call, treatment) if kind == "CUSTOM"] == words


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("C: the Red  Falcon launch", ["Red Falcon"]),
        ("C: the red falcon's wing and Bluebird.", ["red falcon's", "Bluebird."]),
        ("C: bluebirds and a red, then a falcon", []),
        ("C: area fifty one", ["area fifty one"]),
    ],
)
def test_words_of_a_list_are_found_whole(call: str, words: list[str]) -> None:
    """Phrases match whole words, in any case, with or without punctuation and the possessive."""
    listed = {"name": "PROJECT", "phrases": ["Red Falcon", "bluebird", "Area 51"]}
    treatment = profile(words=[listed], entities={"default": "keep", "CUSTOM": "cut"}).treatment

    assert [w for kind, action, w in found(call, treatment) if kind == "CUSTOM"] == words


def test_a_rule_can_name_a_kind_and_its_why_names_the_rule() -> None:
    """A rule's matches are what it says, under the action of that kind; the value is not told."""
    rule = EMPLOYEE | {"entity": "USERNAME", "score": 0.5}
    conversation = script("C: it's emp 4412 since the merger last spring", "probe").conversation
    treatment = profile(custom=[rule], thresholds={"USERNAME": {"cut": 0.6}}).treatment
    (finding,) = detect(conversation, Rules(), treatment)

    assert (finding.entity, finding.action, finding.score) == (Entity.USERNAME, Action.REVIEW, 0.5)
    assert (finding.detector, finding.why) == ("custom_patterns", "the profile's pattern EMPLOYEE_ID")


def test_what_a_rule_finds_is_hunted() -> None:
    """A number that a rule found is found again where only part of it is said."""
    treatment = profile(custom=[{"name": "CLAIM", "pattern": r"claim \d{6}\b"}]).treatment

    assert ("CUSTOM", "cut", "7713") in found("C: claim 447713\nA: so 7713 then", treatment)


def test_a_match_that_crosses_pieces_is_found() -> None:
    """A long monologue is matched in pieces that overlap, so that nothing is lost between them."""
    treatment = Treatment(
        actions={}, rules=(Rule(name="X", entity=Entity.CUSTOM, score=0.9, pattern="needle in hay"),)
    )
    for before in (238, 239, 240, 298, 299, 300, 301):
        call = f"C: {'um ' * before} needle in hay {'uh ' * 300}"
        assert [w for kind, _, w in found(call, treatment) if kind == "CUSTOM"] == ["needle in hay"]


def test_a_pattern_is_bounded_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern that backtracks without end, though nothing shows it, stops the run: nothing is skipped."""
    pattern = r"(?:a|aa)+$"
    assert rules.fault_of(pattern) is None
    monkeypatch.setattr(rules, "SECONDS", 0.05)
    rule = Rule(name="SLOW", entity=Entity.CUSTOM, score=0.9, pattern=pattern)

    with pytest.raises(PolicyInvalid, match="rule SLOW takes too long"):
        list(rule.spans("a" * 2_000 + "b"))


@pytest.mark.parametrize(
    ("pattern", "is_refused"),
    [
        (r"(a+)+$", True),
        (r"(a*)*b", True),
        (r"(?:x(?:y|z+)?)+", True),
        (r"((a{2,})b)*c", True),
        (r"(?:\w+ ){0,3}id", False),
        (r"emp(?:loyee)? (?:number )?\d{4,8}", False),
        (r"a+b+c+", False),
        (r"(?<=x)y", False),
        (r"[a", True),
        (r"(?P<a>x)(?P<a>y)", True),
        (r"x?", True),
        ("(" * 500 + ")" * 500, True),
    ],
)
def test_unsafe_patterns_are_refused(pattern: str, is_refused: bool) -> None:
    """Endless repeats within endless repeats, what is no pattern, and what matches nothing."""
    assert (rules.fault_of(pattern) is not None) is is_refused


@pytest.mark.parametrize(
    ("call", "action"),
    [
        ("C: I'm 45 years old", "keep"),
        ("C: I'm eighty nine years old", "keep"),
        ("C: I'm 90 years old", "cut"),
        ("C: I'm ninety two years old", "cut"),
        ("C: I'm a hundred and two years old", "cut"),
        ("A: Your age?\nC: one hundred", "cut"),
    ],
)
def test_safe_harbor_keeps_ages_to_89(call: str, action: str) -> None:
    """Ages over 89 go; so does one that was not read plainly (45 CFR 164.514(b)(2)(i)(C))."""
    ages = [a for kind, a, _ in found(call, SHIPPED["hipaa-safe-harbor"].treatment) if kind == "AGE"]

    assert set(ages) == {action}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("C: admitted March third, 2019", ["March third,"]),
        ("C: on the 4th of July 2020", ["the 4th of July"]),
        ("C: april twenty first nineteen eighty", ["april twenty first"]),
        ("C: it was 3/14/2024 or 2024-03-14", ["3/14/2024", "2024-03-14"]),
        ("C: last Tuesday. In May.", ["Tuesday.", "In May."]),
        ("C: sometime in October", ["October"]),
        ("C: in 2019 you may march with us", []),
        ("C: you may be a second late", []),
    ],
)
def test_safe_harbor_cuts_dates_and_keeps_years(call: str, words: list[str]) -> None:
    """All elements of dates but the year go (45 CFR 164.514(b)(2)(i)(C))."""
    dates = [w for kind, _, w in found(call, SHIPPED["hipaa-safe-harbor"].treatment) if kind == "DATE_TIME"]

    assert dates == words


@pytest.mark.parametrize(
    ("call", "shows"),
    [
        ("A: Zip code?\nC: 94107", "[ZIP_CODE 941]"),
        ("A: Zip code?\nC: nine four one oh seven", "[ZIP_CODE 941]"),
        ("A: Zip code?\nC: 03601", "[ZIP_CODE 000]"),
        ("A: Zip code?\nC: 9410", "[ZIP_CODE]"),
    ],
)
def test_safe_harbor_leaves_three_digits_of_a_zip_code(call: str, shows: str) -> None:
    """The first three stay in the text, unless they stand for too few people; of a part nothing stays."""
    assert redacted(call, SHIPPED["hipaa-safe-harbor"])[-1] == shows


def redacted(call: str, by: Profile) -> list[str]:
    """The turns of a conversation as they may be read."""
    conversation = script(call, "probe").conversation
    findings = detect(conversation, Rules(), by.treatment)
    turns = text.redacted(conversation, findings, (), zips_withheld=by.zips_withheld)
    for turn in turns:
        assert " ".join(entry.text for entry in turn.entries) == turn.text
    return [turn.text for turn in turns]


KEEPS = profile(entities={"default": "cut", "CREDIT_CARD": "keep_last_four", "US_SSN": "keep_last_four"})


@pytest.mark.parametrize(
    ("call", "shows"),
    [
        ("A: Card number?\nC: 4111 1111 1111 1111", ["Card number?", "[CREDIT_CARD 1111]"]),
        ("A: Card number?\nC: 4111 1111 1111 1112", ["Card number?", "[CREDIT_CARD]"]),
        ("A: Card number?\nC: 4111 1111", ["Card number?", "[CREDIT_CARD]"]),
        (
            "A: Card number?\nC: 4111 1111\nA: mm-hm\nC: 1111 1111",
            ["Card number?", "[CREDIT_CARD]", "mm-hm", "[CREDIT_CARD 1111]"],
        ),
        ("A: Your social?\nC: 219 09 9999", ["Your social?", "[US_SSN 9999]"]),
    ],
)
def test_the_last_four_of_a_whole_number_stay_in_the_text(call: str, shows: list[str]) -> None:
    """They stay where the number is whole by its kind, at its end; of a part nothing stays."""
    assert redacted(call, KEEPS) == shows


def test_nothing_stays_of_a_number_that_is_also_something_else() -> None:
    """A code said in one breath with a card is not shown as the card's end."""
    conversation = script("C: 4111 1111 1111 1111", "probe").conversation
    treatment = Treatment(actions={Entity.CREDIT_CARD: Action.KEEP_LAST_FOUR})
    runner = Says((0, 3, Entity.CREDIT_CARD, 0.9), (3, 3, Entity.CARD_VERIFICATION_CODE, 0.9))
    findings: tuple[Finding, ...] = detect(conversation, runner, treatment)

    assert len(findings) == 2
    assert shown(conversation, findings, zips_withheld=frozenset()) == {}


def test_the_digits_that_stay_are_a_field_of_the_transcript() -> None:
    """The label stays the kind, and the digits stand beside it."""
    conversation = script("A: Card number?\nC: 4111 1111 1111 1111", "probe").conversation
    findings = detect(conversation, Rules(), KEEPS.treatment)
    turns = text.redacted(conversation, findings, ())
    document = text.document("rec_" + "0" * 32, 5_000, conversation.channels, turns)  # type: ignore[arg-type]
    (entry,) = document["turns"][1]["words"]  # type: ignore[index]

    assert (entry["redacted"], entry["digits"]) == ("CREDIT_CARD", "1111")
    assert "1111" not in repr(turns)

"""Three sets of sentences by writers who had not seen the matcher: what is found in them, and what is not.

Each set was scored once before anything was learnt from it; ``docs/consent.md`` tells
those figures.  Now that both are learnt from, these tests keep what was reached.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from compliance.consent.law import Disclosure
from compliance.consent.notice import Answer, Heard, Truth, hear

FOLDER = Path(__file__).parents[2] / "fixtures" / "consent"
SETS: dict[str, dict[str, list[Any]]] = {
    name: yaml.safe_load((FOLDER / f"said-{name}.yaml").read_text(encoding="utf-8"))
    for name in ("a", "b", "c")
}
NONE = Disclosure()
SIDES = {"agent": "A", "caller": "C"}


def lines(name: str, listed: str, who: str) -> Iterator[str]:
    """The sentences of a list as lines of a call, said by whom the set says, or else by ``who``."""
    for each in SETS[name][listed]:
        side, text = (SIDES[each[0]], each[1]) if len(each) == 2 else (who, each[0])
        yield f"{side}: {text}"


def share(found: Sequence[bool]) -> float:
    """How many of a list are so."""
    assert found
    return sum(found) / len(found)


@pytest.fixture
def heard(say: Any) -> Callable[..., Heard]:
    """What is heard of lines."""
    return lambda *said: hear(say(*said), NONE)


def test_notices_are_found_in_other_peoples_words(heard: Any) -> None:
    """Of 440 paraphrases at least 97 %, and how firmly each was put of nearly all."""
    told = [(force, heard(f"A: {text}").notices) for name in SETS for force, text in SETS[name]["notices"]]

    assert len(told) >= 400
    assert share([bool(notices) for _, notices in told]) >= 0.97
    assert share([{n.force for n in notices} == {force} for force, notices in told if notices]) >= 0.95


def test_near_misses_are_no_notices(heard: Any) -> None:
    """Of 440 sentences that share words with a notice at most 1 % are taken for one."""
    taken = [bool(heard(line).notices) for name in SETS for line in lines(name, "near_misses", "A")]

    assert len(taken) >= 400
    assert share(taken) <= 0.01


@pytest.mark.parametrize(
    ("yes", "no", "who", "attribute"),
    [
        ("ai_disclosures", "ai_near_misses", "A", "ai_disclosures"),
        ("objections", "objection_near_misses", "C", "objections"),
        ("opt_outs", "opt_out_near_misses", "C", "opt_outs"),
        ("stops", "stop_near_misses", "A", "stops"),
    ],
)
def test_other_acts_are_found_and_their_near_misses_are_not(
    heard: Any, yes: str, no: str, who: str, attribute: str
) -> None:
    """Disclosures, objections, wishes not to be called and stops: nearly all, and nearly nothing else."""
    found = [bool(getattr(heard(line), attribute)) for name in SETS for line in lines(name, yes, who)]
    taken = [bool(getattr(heard(line), attribute)) for name in SETS for line in lines(name, no, who)]

    assert share(found) >= 0.98
    assert share(taken) <= 0.01


def test_the_question_for_a_person_is_found_and_its_answer_read(heard: Any) -> None:
    """Nearly all questions, nearly nothing else, and whether the answer was true of most."""
    asked = [
        (each["truth"], heard(f"C: {each['q']}", f"A: {each['a']}").human_questions)
        for name in SETS
        for each in SETS[name]["human_questions"]
    ]
    taken = [
        bool(heard(line).human_questions)
        for name in SETS
        for line in lines(name, "human_question_near_misses", "C")
    ]

    assert share([bool(questions) for _, questions in asked]) >= 0.99
    assert share([Truth(truth) is questions[0].truth for truth, questions in asked if questions]) >= 0.91
    assert share(taken) <= 0.01


def test_answers_to_a_question_for_consent_are_read(heard: Any) -> None:
    """Yes and no are told apart; what is neither is never taken for a yes."""
    read = [
        (each["answer"], heard(f"A: {each['q']}", f"C: {each['a']}").answer)
        for name in SETS
        for each in SETS[name]["consent_answers"]
    ]
    unclear = {Answer.UNCLEAR, Answer.NONE}

    assert share([got in (unclear if told == "unclear" else {Answer(told)}) for told, got in read]) >= 0.98
    assert not any(got is Answer.YES for told, got in read if told != "yes")


ROWS = {
    "notices": ("notices", "near_misses"),
    "AI disclosures": ("ai_disclosures", "ai_near_misses"),
    "questions for a person": ("human_questions", "human_question_near_misses"),
    "answers to a question for consent, read rightly": ("consent_answers", None),
    "objections": ("objections", "objection_near_misses"),
    "opt-outs": ("opt_outs", "opt_out_near_misses"),
    "stops": ("stops", "stop_near_misses"),
}


@pytest.mark.parametrize("title", ROWS)
def test_the_page_tells_what_was_scored_blind(title: str) -> None:
    """As it is recorded, and nothing rosier."""
    root = Path(__file__).parents[3]
    rounds = json.loads((root / "benchmarks" / "said.json").read_text())["rounds"]
    found, taken = ROWS[title]
    cells = []
    for each in rounds:
        cell = "{} of {}".format(*each["scored"][found])
        cells.append(cell if taken is None else cell + "; {} of {}".format(*each["scored"][taken]))

    assert f"| {' | '.join([title, *cells])} |" in (root / "docs" / "consent.md").read_text()

"""What is cut of conversations written from general knowledge, by class, without any model.

The figures are a gate: they may only get better.  Classes and not cases are
judged, since a rule that is bent for one line breaks ten others.
"""

from __future__ import annotations

import pytest

from compliance.records import Action, Entity
from compliance.redact.detect.stage import detect
from tests.unit.redact.speech.scripts import Rules, leaked, overcut, script, scripts

CASES = scripts()
ACTIONS = dict.fromkeys(Entity, Action.CUT)
LIMITS = {
    "accounts": (0.02, 0.05),
    "cards": (0.0, 0.03),
    "contact": (0.03, 0.02),
    "harmless": (0.0, 0.003),
    "health": (0.0, 0.02),
    "identity": (0.0, 0.01),
    "names": (0.03, 0.01),
    "secrets": (0.0, 0.01),
}
"""Most leaked words and most over-cut words of each class, as shares."""


@pytest.mark.parametrize("kind", sorted(LIMITS))
def test_of_every_class_little_stays_and_little_else_goes(kind: str) -> None:
    """Of sensitive words few stay, and of other words few are cut, in every class of conversation."""
    cases = [case for case in CASES if case.name.rpartition("-")[0] == kind]
    words = sum(len(turn.words) for case in cases for turn in case.conversation.turns)
    found = [(case, detect(case.conversation, Rules(), ACTIONS)) for case in cases]
    left = sum(len(leaked(*each)) for each in found)
    over = sum(len(overcut(*each)) for each in found)
    sensitive = sum(len(case.sensitive) for case in cases)

    assert len(cases) > 10
    assert left / sensitive <= LIMITS[kind][0]
    assert over / (words - sensitive) <= LIMITS[kind][1]


def test_the_gate_can_fail() -> None:
    """A marked word that no rule knows counts as leaked, and an unmarked number as over-cut."""
    case = script("A: What a day.\nC: [Indeed] it is, 4111 1111 1111 1111.", "probe")
    findings = detect(case.conversation, Rules(), ACTIONS)

    assert len(leaked(case, findings)) == 1
    assert len(overcut(case, findings)) == 4


def test_reasons_never_hold_what_was_said() -> None:
    """No finding's reason contains a word of what it covers, names and digits least of all."""
    for case in CASES:
        for finding in detect(case.conversation, Rules(), ACTIONS):
            said = {
                case.conversation.turns[r.turn].words[r.word].text.strip(".,?!").lower()
                for r in finding.words
            }
            assert not {word for word in said if word.isdigit() or len(word) > 6} & set(
                finding.why.lower().split()
            )

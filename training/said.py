"""Sentences of every kind of which the consent weigher learns, each act with its near misses."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from compliance.consent.answered import TURNED
from compliance.consent.clues import TRIGGERS, Act
from compliance.consent.sentences import Sentence, sentences
from compliance.records import Channel, Conversation, Role, Turn, Word
from training.fragments import read as read_fragments

FOLDER = Path(__file__).parent / "said"
TESTS = Path(__file__).parent.parent / "tests"
SETS = (*(f"fixtures/consent/said-{each}.yaml" for each in "abc"), "unit/consent/phrases.yaml")
"""Sets of the tests that were scored before they came here: they measure nothing blind any more."""
NEUTRAL = 800
"""So many sentences of ordinary calls stand beside those of each act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A sentence, and whether the act is said in it."""

    text: str = field(repr=False)
    label: str
    """``yes`` or ``no``; of a notice ``is``, ``may`` or ``asked``."""
    sort: str = ""
    """Of a reply, whether the question is ``plain`` or ``turned``."""


LISTS = {
    Act.NOTICE: ("notices", "notices", "near_misses"),
    Act.MACHINE: ("machines", "ai_disclosures", "ai_near_misses"),
    Act.STOPPED: ("stops", "stops", "stop_near_misses"),
    Act.OBJECTION: ("objections", "objections", "objection_near_misses"),
    Act.OPT_OUT: ("opt_outs", "opt_outs", "opt_out_near_misses"),
    Act.QUESTION: ("questions", "human_questions", "human_question_near_misses"),
}
"""Of each act its file, and the names of its lists in the sets."""
BESIDE = {
    Act.NOTICE: (Act.OBJECTION, Act.STOPPED),
    Act.OBJECTION: (Act.NOTICE, Act.STOPPED),
    Act.STOPPED: (Act.OBJECTION, Act.NOTICE),
    Act.MACHINE: (Act.QUESTION,),
    Act.QUESTION: (Act.MACHINE,),
    Act.OPT_OUT: (Act.OBJECTION,),
}
"""Acts that share words: on a channel of unknown people one must not be taken for the other."""
_OURS = {Act.NOTICE, Act.MACHINE, Act.STOPPED}
_SUSPECT = {
    Act.NOTICE: r"record|tap(?:e|ing)\b|monitor",
    Act.OBJECTION: r"record|tap(?:e|ing)\b|consent",
    Act.STOPPED: r"record|tap(?:e|ing)\b",
    Act.OPT_OUT: r"stop|list|remove|don.t (?:call|contact)|unsub|opt|again",
    Act.MACHINE: r"\bai\b|automat|virtual|robot|comput|machine|bot\b|human|not a",
    Act.QUESTION: r"robot|machine|person|human|\bai\b|real|alive",
}
"""Sentences of ordinary calls that hold such words may say the act, and are left out."""


def examples(act: Act, sets: tuple[str, ...] = SETS) -> list[Example]:
    """Every sentence for an act: those written for it, those of the sets, and some of ordinary calls."""
    name, _, _ = LISTS[act]
    others = [each for other in BESIDE[act] for each in _said(other, sets)]
    return [
        *_written(name),
        *(each for one in sets for each in of_set(act, one)),
        *(Example(text=each.text, label="no") for each in others),
        *_neutral(act),
    ]


def _said(act: Act, sets: tuple[str, ...]) -> list[Example]:
    """Sentences in which an act is said."""
    name, _, _ = LISTS[act]
    found = [*_written(name), *(each for one in sets for each in of_set(act, one))]
    return [each for each in found if each.label != "no"]


def replies(sets: tuple[str, ...] = SETS) -> list[Example]:
    """Replies to questions for consent."""
    found = []
    for each in _written("replies"):
        text, _, label = each.text.rpartition(" = ")
        found.append(Example(text=text, label=label, sort=each.label))
    for one in sets:
        for each in _read(one).get("consent_answers", []):
            sort = "turned" if any(TURNED.search(said.text) for said in spoken(each["q"])) else "plain"
            found.append(Example(text=each["a"], label=each["answer"], sort=sort))
    return found


def of_set(act: Act, name: str) -> Iterator[Example]:
    """The sentences of a set that speak for or against an act."""
    _, yes, no = LISTS[act]
    told = _read(name)
    for each in told.get(yes, []):
        text, label = _plain(each, act)
        yield Example(text=text, label=label)
    for each in told.get("consent_answers", []) if act is Act.NOTICE else []:
        yield Example(text=each["q"], label="asked")
    for each in told.get(no, []):
        is_pair = isinstance(each, list) and len(each) == 2
        who = each[0] if is_pair else "agent" if act in _OURS else "caller"
        if (who == "agent") is (act in _OURS):
            yield Example(text=each[-1] if isinstance(each, list) else each, label="no")


def _plain(each: Any, act: Act) -> tuple[str, str]:
    if isinstance(each, dict):
        return each["q"], "yes"
    if act is Act.NOTICE:
        return each[1], each[0]
    return (each[0] if isinstance(each, list) else each), "yes"


def _read(name: str) -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load((TESTS / name).read_text(encoding="utf-8"))
    return told


def _written(name: str) -> Iterator[Example]:
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        label, colon, text = line.partition(": ")
        if colon and not line.startswith("#"):
            yield Example(text=text, label=label)


def _neutral(act: Act) -> list[Example]:
    """Sentences of the fragments' calls, drawn with a fixed seed."""
    kept = [text for text in ordinary(act) if _is_telling(text.lower(), act)]
    random.Random(3).shuffle(kept)
    return [Example(text=text, label="no") for text in kept[:NEUTRAL]]


def ordinary(act: Act) -> list[str]:
    """What is said in the fragments' calls by the side that can say an act; of opt-outs by either.

    Agents speak of calling more than anybody, and on a channel of unknown people they are heard as callers.
    """
    sides = {"A"} if act in _OURS else {"A", "C"} if act is Act.OPT_OUT else {"C"}
    return [
        " ".join(word for phrase in line.phrases for word in phrase.words)
        for fragments in read_fragments(Path(__file__).parent / "fragments").values()
        for fragment in fragments
        for line in fragment
        if line.who in sides
    ]


def _is_telling(text: str, act: Act) -> bool:
    """Whether a sentence that cannot say the act has a word round which it is looked for."""
    return TRIGGERS[act].search(text) is not None and re.search(_SUSPECT[act], text) is None


def spoken(text: str) -> tuple[Sentence, ...]:
    """A text as the sentences of one channel."""
    words = tuple(
        Word(start_ms=n * 330, end_ms=n * 330 + 300, channel=0, confidence=0.9, text=word)
        for n, word in enumerate(text.split())
    )
    if not words:
        return ()
    channel = Channel(index=0, role=Role.UNKNOWN, language="en", language_probability=1.0, voiced=())
    return sentences(Conversation(duration_ms=0, channels=(channel,), turns=(Turn(channel=0, words=words),)))

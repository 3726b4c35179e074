"""Words that were read get the labels of what was said, whatever their times."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compliance.records import Channel, Conversation, Role, Turn, Word
from training.aligned import labels, marked, said
from training.fragments import read
from training.hear import lines


def utterance(text: str, *spans: tuple[str, str], channel: str = "caller", at: float = 0.0) -> dict[str, Any]:
    """An utterance as a truth tells it; labels of what stays begin with "!", of what may go with "?"."""
    listed: dict[str, Any] = {"channel": channel, "start": at, "text": text, "spans": [], "controls": []}
    for n, (label, words) in enumerate(spans):
        each: dict[str, Any] = {"text": words, "start": at + n / 100}
        if label.startswith("!"):
            listed["controls"].append(each | {"kind": label[1:]})
        else:
            listed["spans"].append(each | {"label": label.lstrip("?"), "optional": label.startswith("?")})
    return listed


def aligned(told: dict[str, Any], heard: str) -> str:
    """What was read, marked."""
    words = heard.split()
    return marked(words, labels(list(said(told)), words))


@pytest.mark.parametrize(
    ("text", "spans", "heard", "expected"),
    [
        (
            "Nine seven four two four.",
            [("ZIP_CODE", "Nine seven four two four")],
            "97424.",
            "[ZIP_CODE|97424.]",
        ),
        (
            "It is D E S H, P A N D E.",
            [("PERSON", "D E S H"), ("PERSON", "P A N D E")],
            "It is D-E-S-H-P-A-N-D-E.",
            "It is [PERSON|D-E-S-H-P-A-N-D-E.]",
        ),
        (
            "Mine, I guess. Anjali Deshpande.",
            [("PERSON", "Anjali Deshpande")],
            "Mine, I guess. And Jolly Despand.",
            "Mine, I guess. [PERSON|And Jolly Despand.]",
        ),
        (
            "Seventy five dollars returned after twelve months.",
            [("!price", "Seventy five dollars"), ("!duration", "twelve months")],
            "$75 returned after 12 months.",
            "[!price|$75] returned after [!duration|12 months.]",
        ),
        (
            "Twenty seven hundred, June twenty first.",
            [("!price", "Twenty seven hundred"), ("!date", "June twenty first")],
            "2700, June 21st.",
            "[!price|2700,] [!date|June 21st.]",
        ),
        (
            "Write to ann dot lee at mail dot com today.",
            [("EMAIL_ADDRESS", "ann dot lee at mail dot com")],
            "Write to ann.lee@mail.com today.",
            "Write to [EMAIL_ADDRESS|ann.lee@mail.com] today.",
        ),
        (
            "Metformin, five hundred milligrams, daily.",
            [("MEDICATION", "Metformin"), ("!dose", "five hundred milligrams")],
            "Met foreman, 500 milligrams, daily.",
            "[MEDICATION|Met foreman, 500 milligrams,] daily.",
        ),
        ("Is Grace there?", [("?PERSON", "Grace")], "Is Grace there?", "Is [?PERSON|Grace] there?"),
        ("Hello there.", [], "Hello [um] there.", "Hello um there."),
        ("Ask Ann Lee.", [("PERSON", "Ann Lee")], "Ask Ann ... Lee.", "Ask [PERSON|Ann ... Lee.]"),
        ("Nobody was heard.", [("PERSON", "Nobody")], "", ""),
    ],
)
def test_words_take_the_label_of_what_was_said(
    text: str, spans: list[tuple[str, str]], heard: str, expected: str
) -> None:
    """Numbers in digits, letters in one word, misheard names, and nothing beside them."""
    assert aligned(utterance(text, *spans), heard) == expected


def test_the_same_words_twice_are_told_apart_by_their_order() -> None:
    """A number said as a price and then as a code is each in its place."""
    told = utterance("Forty dollars. The code is forty.", ("!price", "Forty dollars"), ("PIN", "forty"))

    assert aligned(told, "$40. The code is 40.") == "[!price|$40.] The code is [PIN|40.]"


def test_a_truth_whose_spans_are_not_in_its_text_is_refused() -> None:
    """A label for words that nobody said would be learnt as anything."""
    with pytest.raises(ValueError, match="do not stand in its utterance"):
        list(said(utterance("Hello.", ("PERSON", "Ann"))))


def conversation(*turns: tuple[int, str], roles: tuple[Role, ...]) -> Conversation:
    """A call as it was read."""
    channels = tuple(
        Channel(index=n, role=role, language="en", language_probability=1.0, voiced=())
        for n, role in enumerate(roles)
    )
    listed = []
    for n, (channel, text) in enumerate(turns):
        words = tuple(
            Word(start_ms=n * 1000 + k, end_ms=n * 1000 + k + 1, channel=channel, confidence=0.9, text=text)
            for k, text in enumerate(text.split())
        )
        listed.append(Turn(channel=channel, words=words))
    return Conversation(duration_ms=9_000, channels=channels, turns=tuple(listed))


CALL = {
    "id": "one",
    "utterances": [
        utterance("Who is it?", channel="agent"),
        utterance("It is Bo Wen.", ("PERSON", "Bo Wen"), at=1.0),
        utterance("Thanks, Bo.", ("PERSON", "Bo"), channel="agent", at=2.0),
    ],
}
TURNS = ((0, "Who is it?"), (1, "It is Bow When."), (0, "Thanks, Bow."))


@pytest.mark.parametrize("is_mono", [False, True])
def test_a_call_is_written_in_the_notation_that_is_learnt_from(is_mono: bool, tmp_path: Path) -> None:
    """Each channel against its own party's words; in mono all against all."""
    roles = (Role.UNKNOWN,) if is_mono else (Role.AGENT, Role.CALLER)
    turns = [(0 if is_mono else channel, text) for channel, text in TURNS]
    written = list(lines(conversation(*turns, roles=roles), json.loads(json.dumps(CALL))))
    (tmp_path / "one.txt").write_text("\n".join(written) + "\n", encoding="utf-8")

    caller = "A" if is_mono else "C"
    told, sure = written[::2], written[1::2]
    assert told == ["A: Who is it?", f"{caller}: It is [PERSON|Bow When.]", "A: Thanks, [PERSON|Bow.]"]
    assert [len(each) for each in sure] == [5, 6, 4]
    (turns,) = read(tmp_path)["one"]
    assert [len(turn.sure) for turn in turns] == [3, 4, 2]

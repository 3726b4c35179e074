"""The figures against a scorer written apart from ours, on calls that are made up here.

``tests/fixtures/evaluate/score_cuts.py`` is the reference, kept as it was given.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from compliance.evaluate.calls import call_of
from compliance.evaluate.counts import Score
from compliance.evaluate.score import score
from compliance.evaluate.truth import CutSpan

REFERENCE = Path(__file__).parents[2] / "fixtures" / "evaluate" / "score_cuts.py"
KINDS = ("CREDIT_CARD", "US_SSN", "PERSON", "PIN", "DTMF")
ODD_MS = (201, 303, 407, 449, 611)
"""Lengths of words that no fifth divides: at exactly a fifth a sum of floats may fall on either side."""


class Scene:
    """Makes up calls and cuts; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        """Nothing is made yet."""
        self.dice = random.Random(seed)

    def words(self, at: int, count: int, *, has_digits: bool) -> list[dict[str, Any]]:
        """So many words from a millisecond on, some with pauses between them."""
        made = []
        for _ in range(count):
            end = at + self.dice.choice(ODD_MS)
            digits = {"digits": self.dice.choice(("", "4", "12"))} if has_digits else {}
            made.append({"w": "x", "start": at / 1000, "end": end / 1000, **digits})
            at = end + self.dice.choice((0, 0, 40, 900))
        return made

    def span(self, at: int) -> dict[str, Any]:
        """A sensitive phrase, with or without words, digits, an entity, or a mark."""
        label = self.dice.choice(KINDS)
        words = self.words(at, self.dice.randint(1, 12), has_digits=label != "PERSON")
        made = {"label": label, "text": " ".join("x" * len(words)), "value": "4539148862817037"}
        made |= {"start": words[0]["start"], "end": words[-1]["end"]}
        if self.dice.random() < 0.8:
            made["words"] = words
        else:  # shared out evenly: a length that leaves each word whole, and divides into no fifths
            made["end"] = (at + len(words) * 303) / 1000
        if self.dice.random() < 0.4:
            made |= {"entity": "e", "offset": self.dice.randint(0, 6)}
        for mark in ("optional", "misspoken", "last_four_only"):
            if self.dice.random() < 0.15:
                made[mark] = True
        return made

    def utterance(self, at: int, *, is_old: bool) -> dict[str, Any]:
        """What one party says, in the newer form or the older."""
        said: dict[str, Any] = {
            "channel": self.dice.choice(("agent", "caller")),
            "start": at / 1000,
            "text": "",
        }
        if not is_old:
            said["spans"] = [self.span(at + 500), self.span(at + 21_000)][: self.dice.randint(0, 2)]
            start = (at + 41_000) / 1000
            said["controls"] = [
                {"kind": "price", "start": start, "end": start + self.dice.choice(ODD_MS) / 1000}
            ]
        elif self.dice.random() < 0.7:
            words = self.words(at + 500, 16, has_digits=False)
            said |= {"label": self.dice.choice(("CREDIT_CARD", "CVV")), "pii_start": words[0]["start"]}
            said |= {"pii_end": words[-1]["end"]} | ({"words": words} if self.dice.random() < 0.8 else {})
        return said | {"end": (at + 44_000) / 1000}

    def call(self, name: str) -> dict[str, Any]:
        """A call of three minutes."""
        is_old = self.dice.random() < 0.3
        made = {"id": name, "duration": 180.0, "entities": {"e": {"value": "4539148862817037"}}}
        made["utterances"] = [self.utterance(at, is_old=is_old) for at in range(0, 180_000, 45_000)]
        made["layout"] = "mono" if self.dice.random() < 0.25 else "stereo"
        made["line"] = {"crosstalk": -30} if self.dice.random() < 0.4 else {}
        made["legal"] = {
            "notice": {"channel": "agent", "start": 3.0, "end": 7.5},
            "consent_answer": {"kind": "none"},
            "objection": None,
        }
        return made

    def cuts(self, call: dict[str, Any]) -> list[dict[str, Any]]:
        """Cuts round some of what is sensitive, and some for nothing; none lies over another."""
        made = []
        for channel in (None,) if call["layout"] == "mono" else (0, 1):
            at = self.dice.randint(0, 4000)
            while at < 178_000:
                end = at + self.dice.randint(50, 14_000)
                made.append({"channel": channel, "start_ms": at, "end_ms": end})
                at = end + self.dice.randint(1, 12_000)
        return made


@pytest.fixture(scope="module", params=range(4))
def both(request, tmp_path_factory) -> tuple[str, Score]:
    """What the reference prints of 40 calls, and our counts of the same."""
    folder, scene = tmp_path_factory.mktemp("reference"), Scene(request.param)
    calls = [scene.call(f"call-{n}") for n in range(40)]
    total = Score()
    for call in calls:
        cuts = scene.cuts(call)
        (folder / f"{call['id']}.json").write_text(json.dumps({"cuts": cuts}))
        total += score(call_of(call), [CutSpan(**each) for each in cuts])
    (folder / "truth.json").write_text(json.dumps(calls))
    command = [sys.executable, str(REFERENCE), str(folder / "truth.json"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout, total


def numbers(pattern: str, told: str) -> tuple[float, ...]:
    """The numbers that a pattern finds in what the reference told."""
    found = re.search(pattern, told)
    assert found, pattern
    return tuple(map(float, found.groups()))


def test_words_cards_and_calls_are_the_same(both) -> None:
    """To the last one."""
    told, ours = both

    assert numbers(r"words_leaked (\d+)/(\d+)", told) == (ours.leaked, ours.words)
    assert numbers(r"pan_open (\d+)/(\d+)", told) == (ours.open_cards, ours.cards)
    assert numbers(r"calls_leaking (\d+)/(\d+)", told) == (ours.calls_leaking, ours.calls)
    assert ours.leaked > 100
    assert 0 < ours.open_cards < ours.cards


def test_times_are_the_same(both) -> None:
    """As closely as the reference prints them."""
    told, ours = both
    sensitive, leaked = numbers(r"pii_s ([\d.]+) leaked_s ([\d.]+)", told)
    over, share = numbers(r"over ([\d.]+)s \(([\d.]+)% of other", told)

    assert (ours.sensitive_ms / 1000, ours.leaked_ms / 1000) == pytest.approx((sensitive, leaked), abs=0.06)
    assert ours.over_ms / 1000 == pytest.approx(over, abs=0.06)
    assert 100 * ours.over_ms / ours.other_ms == pytest.approx(share, abs=0.06)


def test_labels_are_the_same(both) -> None:
    """Words and phrases, leaked and in all."""
    told, ours = both
    pattern = r"  (\w+) +words leaked +(\d+)/(\d+) +spans leaking +(\d+)/(\d+)"
    names = {"CVV": "CARD_VERIFICATION_CODE"}
    found = {names.get(name, name): tuple(map(int, rest)) for name, *rest in re.findall(pattern, told)}

    assert found == {
        label: (
            ours.leaked_by_label[label],
            words,
            ours.leaking_by_label[label],
            ours.phrases_by_label[label],
        )
        for label, words in ours.words_by_label.items()
    }


def test_what_should_have_stayed_is_the_same(both) -> None:
    """Harmless numbers, notice, and words open in crosstalk."""
    told, ours = both

    assert numbers(r"controls cut (\d+)/(\d+)", told) == (ours.harmless_cut, ours.harmless)
    assert numbers(r"crosstalk words open (\d+)/(\d+)", told) == (ours.crosstalk_open, ours.crosstalk_words)
    cut, whole = numbers(r"consent cut ([\d.]+)s of ([\d.]+)s", told)
    assert (ours.protected_cut_ms / 1000, ours.protected_ms / 1000) == pytest.approx((cut, whole), abs=0.06)
    assert ours.crosstalk_open > 0

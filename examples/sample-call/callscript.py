"""The notation of call.yaml: turns of words, with marks on what must go and what must stay.

[PERSON: Daniel Reyes]           a sensitive phrase, by its label
[CARD_EXPIRY=09/28: September…]  … with its written form, where the words do not give it
[card: four five three nine,]    part of an entity declared in the header
[card misspoken: six two one,]   said by mistake
[CREDIT_CARD last-four: …]       the last digits of a card, which may be kept
[harmless price: ten dollars]    a number that must stay
[notice: …] [ai_disclosure: …]   what the law asks for
(0.4)                            a pause in seconds; before the first word, the gap before the turn
{Mm-hm.}                         the other party says this here, over the speaker
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

Side = Literal["agent", "caller"]

NUMERALS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIGITS = {word: str(digit) for digit, word in enumerate(NUMERALS)} | {"oh": "0"}

PUNCTUATION = ",.!?;:"
LEGAL = ("notice", "ai_disclosure")
TOKEN = re.compile(
    r"\[(?P<head>[^\]:]+):|(?P<end>\])|\((?P<pause>[\d.]+)\)|\{(?P<aside>[^}]+)\}|(?P<word>[^\s\[\](){}]+)"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a phrase is.  Its number tells it from another phrase of the same kind."""

    number: int
    kind: Literal["span", "harmless", "legal"]
    name: str
    """A label, the kind of a harmless number, or the name of a legal mark."""
    value: str | None = None
    entity: str | None = None
    flag: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A word with the punctuation after it."""

    text: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Aside:
    """What the other party says meanwhile."""

    text: str


Part = Said | Pause | Aside


@dataclass(frozen=True, slots=True)
class Turn:
    """What one party says until the other takes over."""

    side: Side
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A call as written."""

    header: Mapping[str, Any]
    entities: Mapping[str, Mapping[str, str]]
    turns: tuple[Turn, ...]


def load(path: Path) -> Call:
    """Read a call; its card numbers must pass Luhn, so that a detector may ask for it."""
    header = yaml.safe_load(path.read_text(encoding="utf-8"))
    entities = header.pop("entities", {})
    for entity in entities.values():
        if entity["label"] == "CREDIT_CARD" and not luhn(entity["value"]):
            raise SystemExit(f"{path.name}: a card number fails Luhn")
    said = [next(iter(turn.items())) for turn in header.pop("turns")]
    turns = (Turn(side, tuple(_parts(text, entities, 100 * n))) for n, (side, text) in enumerate(said))
    return Call(header, entities, tuple(turns))


def luhn(number: str) -> bool:
    """Whether the check digit of a card number is right (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(each // 10 + each % 10 for each in doubled) % 10 == 0


def bare(word: str) -> str:
    """The word without its punctuation."""
    return word.strip(PUNCTUATION)


def digits(words: Sequence[str]) -> list[str] | None:
    """The digit each word stands for, or None where they are not all digits."""
    read = [DIGITS.get(bare(word).lower()) for word in words]
    return None if None in read else [digit for digit in read if digit is not None]


def _parts(text: str, entities: Mapping[str, Mapping[str, str]], number: int) -> Iterator[Part]:
    mark: Mark | None = None
    for token in TOKEN.finditer(text):
        found = token.group(token.lastgroup or 0)
        match token.lastgroup:
            case "head":
                number += 1
                mark = _mark(found, entities, number)
            case "end":
                mark = None
            case "pause":
                yield Pause(float(found))
            case "aside":
                yield Aside(found)
            case _:
                yield Said(found, mark)


def _mark(head: str, entities: Mapping[str, Mapping[str, str]], number: int) -> Mark:
    name, _, flag = head.partition(" ")
    name, _, value = name.partition("=")
    if name == "harmless":
        return Mark(number, "harmless", flag)
    if name in LEGAL:
        return Mark(number, "legal", name)
    if name in entities:
        return Mark(number, "span", entities[name]["label"], None, name, flag or None)
    return Mark(number, "span", name, value or None, None, flag or None)

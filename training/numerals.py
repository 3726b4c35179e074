"""Numbers as a recogniser writes them: digit by digit, in groups, joined, as a price, or in words.

What must go is written in every style that was seen to hide a number; what counts or
costs something is written as such numbers are, and now and then like a code.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from types import SimpleNamespace

from compliance.redact.speech.numbers import value
from compliance.redact.speech.tokens import DIGIT_WORDS, REPEATS, SCALES, TEENS, TENS, Kind
from training.fragments import HARMLESS, NOTHING, Phrase

NUMBER_WORDS = frozenset({*DIGIT_WORDS, *TEENS, *TENS, *SCALES, *REPEATS})
_PUNCTUATION = ".,?!;:"
_MONEY = (
    "price", "amount", "balance", "fee", "total", "cost", "payment", "deposit", "rent", "refund", "copay",
)  # fmt: skip
_Group = tuple[str, str]
"""Digits up to a pause, and the punctuation there."""


def bare(word: str) -> str:
    """A word in lower case, without the punctuation round it."""
    return word.strip(_PUNCTUATION).lower()


def end_of(word: str) -> str:
    """The punctuation after a word."""
    return word[len(word.rstrip(_PUNCTUATION)) :]


def is_number(word: str) -> bool:
    """Whether a word is one of those that numbers are said with."""
    plain = bare(word)
    return bool(plain) and all(part in NUMBER_WORDS for part in plain.split("-"))


def digits_of(said: Sequence[str]) -> str:
    """What number words stand for."""
    tokens = [SimpleNamespace(kind=Kind.NUMBER_WORD, text=bare(word), digits="") for word in said]
    return value(tokens)  # type: ignore[arg-type]  # it looks at these three fields only


def numeral(said: list[str], phrase: Phrase, rng: random.Random) -> list[str]:
    """Number words of a phrase in one of the ways in which they are written."""
    if [bare(word) for word in said] in (["oh"], ["o"]):
        return said
    is_safe = phrase.label in (HARMLESS, NOTHING)
    if is_safe and not (_is_like_a_code(said) and rng.random() < LIKE_A_CODE):
        return _counted(said, phrase.kind, rng.random())
    groups = [(digits_of(group), end_of(group[-1])) for group in _groups(said)]
    draw = rng.random()
    if draw < AS_SAID:
        return said
    return next(style for limit, style in STYLES if draw < limit)(groups, rng)


def _is_like_a_code(said: Sequence[str]) -> bool:
    """Whether a number that stays is told in groups, as a serial number is: its writing tells nothing."""
    return len(_groups(said)) > 1 and not any(bare(word) in SCALES for word in said)


def _groups(said: Sequence[str]) -> list[list[str]]:
    """Number words in groups, as the commas have it."""
    groups: list[list[str]] = [[]]
    for word in said:
        groups[-1].append(word)
        if end_of(word):
            groups.append([])
    return [group for group in groups if group]


def _joined(groups: Sequence[_Group], sign: str = "") -> str:
    """All digits, with a sign between the groups."""
    return sign.join(digits for digits, _ in groups)


def _one_by_one(groups: Sequence[_Group], rng: random.Random) -> list[str]:
    """Each digit a word; a group's comma may stand after any of its digits."""
    end = groups[-1][1]
    out = [
        digit + ("," if comma and rng.random() < 0.6 else "") for digits, comma in groups for digit in digits
    ]
    return [*out[:-1], groups[-1][0][-1:] + end]


def _as_price(groups: Sequence[_Group], rng: random.Random) -> list[str]:
    """Each group a word with a comma, as sums of money where they are as long."""
    return [("$" if 2 < len(digits) < 5 else "") + digits + (comma or ",") for digits, comma in groups]


def _with_point(groups: Sequence[_Group], rng: random.Random) -> list[str]:
    """One word with a decimal point behind its first digit."""
    joined, end = _joined(groups), groups[-1][1]
    return [f"{joined[:1]}.{joined[1:]}{end}"] if len(joined) > 2 else [joined + end]


LIKE_A_CODE = 0.8
"""So many numbers that stay and are told in groups are written as those are that must go."""
AS_SAID = 0.14
"""So many numbers stay in words."""
STYLES: tuple[tuple[float, Callable[[Sequence[_Group], random.Random], list[str]]], ...] = (
    (0.30, _one_by_one),
    (0.56, lambda groups, _: [digits + comma for digits, comma in groups]),
    (0.64, lambda groups, _: ["-".join(digits) + comma for digits, comma in groups]),
    (0.76, lambda groups, _: [_joined(groups, "-") + groups[-1][1]]),
    (0.90, lambda groups, _: [_joined(groups) + groups[-1][1]]),
    (0.95, _as_price),
    (1.00, _with_point),
)
"""Ways of writing a number that must go, each with the draw below which it is taken; none loses a digit."""


def _counted(said: list[str], kind: str, draw: float) -> list[str]:
    """A number that counts or costs something."""
    digits, end = "".join(digits_of(group) for group in _groups(said)), end_of(said[-1])
    is_scaled = any(bare(word) in SCALES for word in said)
    stays = 0.4 if is_scaled else 0.45 if len(digits) < 2 else 0.15
    if not digits or draw < stays:
        return said
    if is_scaled:
        digits = _scaled(said)
    return _signed(digits, end, kind, draw) or _set_apart(digits, end, draw)


def _signed(digits: str, end: str, kind: str, draw: float) -> list[str]:
    """A time of day or a sum of money with its signs; nothing where it is neither, or not drawn."""
    if "time" in kind and 2 < len(digits) < 5 and draw < 0.75:
        sign = ":" if draw < 0.35 else "." if draw < 0.5 else ""
        return [f"{digits[:-2]}{sign}{digits[-2:]}{end}"]
    if len(digits) > 5 or not any(each in kind for each in _MONEY):
        return []
    if len(digits) > 2 and draw < 0.35:
        return [f"{'$' if draw < 0.28 else ''}{digits[:-2]}.{digits[-2:]}{end}"]
    return [f"${digits}{end}"] if draw < 0.65 else []


def _set_apart(digits: str, end: str, draw: float) -> list[str]:
    """Digits with a comma for thousands, a hyphen before the last two, one by one, or as they are."""
    if 3 < len(digits) < 7 and draw < 0.3:
        return [f"{int(digits):,}{end}"]
    if len(digits) > 2 and draw < 0.4:
        return [f"{digits[:-2]}-{digits[-2:]}{end}"]
    if len(digits) > 4 and draw < 0.6:
        return [*digits[:-1], digits[-1] + end]
    return [digits + end]


def _scaled(said: Sequence[str]) -> str:
    """ "Twelve hundred" as 1200, "two thousand twenty-six" as 2026."""
    total, part = 0, 0
    for word in (bare(each) for each in said):
        if word == "hundred":
            part = max(1, part) * 100
        elif word == "thousand":
            total, part = total + max(1, part) * 1000, 0
        else:
            part += int(digits_of([word]) or 0)
    return str(total + part)

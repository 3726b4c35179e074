"""As a recogniser writes what was said: digits in groups, letters joined, names misspelt.

The same speech is written in many ways, and wrongly in some; what is learnt from one
spelling would not hold for the next.  Every draw is from the generator that is given.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from types import SimpleNamespace

from compliance.redact.speech.numbers import value
from compliance.redact.speech.tokens import DIGIT_WORDS, REPEATS, SCALES, TEENS, TENS, Kind
from compliance.redact.words import words
from training.fragments import HARMLESS, NOTHING, PUBLIC, Phrase

NUMBER_WORDS = (
    frozenset(DIGIT_WORDS) | frozenset(TEENS) | frozenset(TENS) | frozenset(SCALES) | frozenset(REPEATS)
)
ORDINAL = {
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th", "seventh": "7th",
    "eighth": "8th", "ninth": "9th", "tenth": "10th", "eleventh": "11th", "twelfth": "12th", "thirteenth": "13th",
    "fourteenth": "14th", "fifteenth": "15th", "sixteenth": "16th", "seventeenth": "17th", "eighteenth": "18th",
    "nineteenth": "19th", "twentieth": "20th", "twenty-first": "21st", "twenty-second": "22nd", "twenty-third": "23rd",
    "twenty-fourth": "24th", "twenty-fifth": "25th", "twenty-sixth": "26th", "twenty-seventh": "27th",
    "twenty-eighth": "28th", "twenty-ninth": "29th", "thirtieth": "30th", "thirty-first": "31st",
}  # fmt: skip
_PUNCTUATION = ".,?!;:"
_NAMED = frozenset({"PERSON", "CITY", "STREET_ADDRESS", PUBLIC})
_MONEY = (
    "price",
    "amount",
    "balance",
    "fee",
    "total",
    "cost",
    "payment",
    "deposit",
    "rent",
    "refund",
    "copay",
)


def written(phrase: Phrase, rng: random.Random) -> list[str]:
    """A phrase's words as a recogniser may write them."""
    out: list[str] = []
    if phrase.label == "EMAIL_ADDRESS" and rng.random() < 0.7:
        return _address(phrase.words, rng)
    for is_number, part in _parts(phrase.words):
        if is_number:
            out += _number(part, phrase, rng)
        else:
            out += [_word(each, phrase.label, rng) for each in _letters_joined(part, rng)]
    return [each for word in out for each in word.split() if each]


def _bare(word: str) -> str:
    return word.strip(_PUNCTUATION).lower()


def _end(word: str) -> str:
    """The punctuation after a word."""
    return word[len(word.rstrip(_PUNCTUATION)) :]


def _is_number(word: str) -> bool:
    return all(part in NUMBER_WORDS for part in _bare(word).split("-")) and bool(_bare(word))


def _parts(said: Sequence[str]) -> Iterator[tuple[bool, list[str]]]:
    """Number words that follow each other up to a pause, and other words that do."""
    part: list[str] = []
    for word in said:
        if part and (_is_number(word) != _is_number(part[-1])):
            yield _is_number(part[-1]), part
            part = []
        part.append(word)
    if part:
        yield _is_number(part[-1]), part


def _groups(said: Sequence[str]) -> list[list[str]]:
    """Number words in groups, as the commas have it."""
    groups: list[list[str]] = [[]]
    for word in said:
        groups[-1].append(word)
        if _end(word):
            groups.append([])
    return [group for group in groups if group]


def _digits(group: Sequence[str]) -> str:
    """What number words stand for."""
    tokens = [SimpleNamespace(kind=Kind.NUMBER_WORD, text=_bare(word), digits="") for word in group]
    return value(tokens)  # type: ignore[arg-type]  # it looks at these three fields only


def _number(said: list[str], phrase: Phrase, rng: random.Random) -> list[str]:
    """A number in one of the ways in which it is written."""
    if [_bare(word) for word in said] in (["oh"], ["o"]):
        return said
    if phrase.label in (HARMLESS, NOTHING):
        return _harmless(said, phrase.kind, rng)
    groups = [(_digits(group), _end(group[-1])) for group in _groups(said)]
    end, draw = groups[-1][1], rng.random()
    if draw < 0.14:
        return said
    if draw < 0.30:
        return [d + ("," if comma and rng.random() < 0.6 else "") for g, comma in groups for d in g][:-1] + [
            groups[-1][0][-1:] + end
        ]
    if draw < 0.56:
        return [digits + comma for digits, comma in groups]
    if draw < 0.64:
        return ["-".join(digits) + comma for digits, comma in groups]
    if draw < 0.76:
        return ["-".join(digits for digits, _ in groups) + end]
    if draw < 0.90:
        return ["".join(digits for digits, _ in groups) + end]
    if draw < 0.95:
        return [("$" if 2 < len(digits) < 5 else "") + digits + (comma or ",") for digits, comma in groups]
    joined = "".join(digits for digits, _ in groups)
    return [f"{joined[:1]}.{joined[1:]}{end}"] if len(joined) > 2 else [joined + end]


def _harmless(said: list[str], kind: str, rng: random.Random) -> list[str]:
    """A number that counts or costs something."""
    digits, end = "".join(_digits(group) for group in _groups(said)), _end(said[-1])
    is_scaled = any(_bare(word) in SCALES for word in said)
    draw = rng.random()
    if not digits or draw < (0.45 if len(digits) < 2 else 0.15) or is_scaled and draw < 0.4:
        return said
    if is_scaled:
        digits = _scaled(said)
    if "time" in kind and 2 < len(digits) < 5 and draw < 0.6:
        return [f"{digits[:-2]}:{digits[-2:]}{end}"]
    if any(each in kind for each in _MONEY) and len(digits) < 6:
        if len(digits) > 2 and draw < 0.35:
            return [f"{'$' if draw < 0.28 else ''}{digits[:-2]}.{digits[-2:]}{end}"]
        if draw < 0.65:
            return [f"${digits}{end}"]
    if len(digits) > 3 and len(digits) < 7 and draw < 0.3:
        return [f"{int(digits):,}{end}"]
    if len(digits) > 2 and draw < 0.4:
        return [f"{digits[:-2]}-{digits[-2:]}{end}"]
    if len(digits) > 4 and draw < 0.6:
        return [*digits[:-1], digits[-1] + end]
    return [digits + end]


def _scaled(said: Sequence[str]) -> str:
    """ "Twelve hundred" as 1200, "two thousand twenty-six" as 2026."""
    total, part = 0, 0
    for word in (_bare(each) for each in said):
        if word == "hundred":
            part = max(1, part) * 100
        elif word == "thousand":
            total, part = total + max(1, part) * 1000, 0
        else:
            part += int(_digits([word]) or 0)
    return str(total + part)


def _letters_joined(said: Sequence[str], rng: random.Random) -> list[str]:
    """Letters said one by one, joined by hyphens or without."""
    out: list[str] = []
    run: list[str] = []
    style = rng.random()
    for word in [*said, ""]:
        if re.fullmatch(r"[A-Z][.,?!;:]*", word) and word.strip(_PUNCTUATION) not in ("I", "A"):
            run.append(word)
            continue
        if len(run) > 1 and style < 0.75:
            letters, end = [w.strip(_PUNCTUATION) for w in run], _end(run[-1])
            out.append(("-" if style < 0.45 else "").join(letters) + end)
        else:
            out += run
        run = []
        if word:
            out.append(word)
    return out


def _word(word: str, label: str, rng: random.Random) -> str:
    """A word, sometimes misheard; names are more often than not."""
    bare = _bare(word)
    if bare in ORDINAL and rng.random() < 0.6:
        return ORDINAL[bare] + _end(word)
    if label in _NAMED and rng.random() < 0.3:
        return _misheard(word, rng)
    if rng.random() < 0.012:
        return rng.choice(sorted(words("common"))) + _end(word)
    return word


def _misheard(word: str, rng: random.Random) -> str:
    """A name as another name, as a common word, in two pieces, or in lower case."""
    bare, end, draw = word.rstrip(_PUNCTUATION), _end(word), rng.random()
    if draw < 0.2:
        return word.lower()
    if draw < 0.35:
        like = [w for w in words("common") if w[:1] == bare[:1].lower()]
        return (rng.choice(sorted(like)) if like else bare) + end
    if draw < 0.45 and len(bare) > 5:
        cut = rng.randrange(2, len(bare) - 2)
        return f"{bare[:cut]} {bare[cut:]}{end}"
    place = rng.randrange(len(bare)) if bare else 0
    letter = rng.choice("aeioulnrst")
    return bare[:place] + letter + bare[place + rng.choice((0, 1)) :] + end


def _address(said: Sequence[str], rng: random.Random) -> list[str]:
    """An e-mail address, wholly or partly in written form."""
    text = " ".join(_digits([word]) + _end(word) if _is_number(word) else word for word in said)
    text = re.sub(r",? dot ", ".", text)
    if rng.random() < 0.6:
        text = re.sub(r",? at ", "@", text)
    text = text.replace(" underscore ", "_").replace(" dash ", "-")
    if rng.random() < 0.5:
        text = re.sub(r"\b([A-Za-z]) (?=[A-Za-z]\b)", r"\1", text)
    return text.split()

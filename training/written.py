"""As a recogniser writes what was said: digits in groups, letters joined, names misspelt.

The same speech is written in many ways, and wrongly in some; what is learnt from one
spelling would not hold for the next.  Every draw is from the generator that is given.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence

from compliance.redact.words import words
from training.fragments import PUBLIC, Phrase
from training.numerals import bare, digits_of, end_of, is_number, numeral

ADDRESS_WRITTEN = 0.7
"""So many e-mail addresses are written with their signs, the others as words."""
MISHEARD = 0.012
"""So many words are taken for others."""
MISHEARD_OF: Mapping[str, float] = {
    "PERSON": 0.3, "CITY": 0.3, "STREET_ADDRESS": 0.3, PUBLIC: 0.3,
    "MEDICATION": 0.2, "MEDICAL_CONDITION": 0.1, "PASSWORD": 0.1, "USERNAME": 0.15,
}  # fmt: skip
"""What is seldom heard is much more often, by label."""
ORDINAL_WRITTEN = 0.6
ORDINAL = {
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th",
    "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th", "eleventh": "11th", "twelfth": "12th",
    "thirteenth": "13th", "fourteenth": "14th", "fifteenth": "15th", "sixteenth": "16th",
    "seventeenth": "17th", "eighteenth": "18th", "nineteenth": "19th", "twentieth": "20th",
    "twenty-first": "21st", "twenty-second": "22nd", "twenty-third": "23rd", "twenty-fourth": "24th",
    "twenty-fifth": "25th", "twenty-sixth": "26th", "twenty-seventh": "27th", "twenty-eighth": "28th",
    "twenty-ninth": "29th", "thirtieth": "30th", "thirty-first": "31st",
}  # fmt: skip


def written(phrase: Phrase, rng: random.Random) -> list[str]:
    """A phrase's words as a recogniser may write them; all of them are what the phrase is."""
    if phrase.label == "EMAIL_ADDRESS" and rng.random() < ADDRESS_WRITTEN:
        return _address(phrase.words, rng)
    out: list[str] = []
    for is_numeral, part in _parts(phrase.words):
        if is_numeral:
            out += numeral(part, phrase, rng)
        else:
            out += [_word(each, phrase.label, rng) for each in _letters_joined(part, rng)]
    return [each for word in out for each in word.split() if each]


def _parts(said: Sequence[str]) -> Iterator[tuple[bool, list[str]]]:
    """Number words that follow each other, and other words that do; whether they are numbers."""
    part: list[str] = []
    for word in said:
        if part and (is_number(word) != is_number(part[-1])):
            yield is_number(part[-1]), part
            part = []
        part.append(word)
    if part:
        yield is_number(part[-1]), part


def _letters_joined(said: Sequence[str], rng: random.Random) -> list[str]:
    """Letters said one by one, joined by hyphens, joined without, or as they are."""
    out: list[str] = []
    run: list[str] = []
    style = rng.random()
    for word in said:
        if _is_letter(word):
            run.append(word)
            continue
        out += [*_joined(run, style), word]
        run = []
    return out + _joined(run, style)


def _is_letter(word: str) -> bool:
    """Whether a word is a letter by itself; "I" and "A" are words."""
    return bool(re.fullmatch(r"[A-Z][.,?!;:]*", word)) and word[0] not in "IA"


def _joined(run: Sequence[str], style: float) -> list[str]:
    """Letters in a row in the style that was drawn."""
    if len(run) < 2 or style >= 0.75:
        return list(run)
    sign = "-" if style < 0.45 else ""
    return [sign.join(word[0] for word in run) + end_of(run[-1])]


def _word(word: str, label: str, rng: random.Random) -> str:
    """A word, sometimes misheard."""
    plain = bare(word)
    if plain in ORDINAL and rng.random() < ORDINAL_WRITTEN:
        return ORDINAL[plain] + end_of(word)
    if rng.random() < MISHEARD_OF.get(label, 0.0):
        return _misheard(word, rng)
    if rng.random() < MISHEARD:
        return rng.choice(sorted(words("common"))) + end_of(word)
    return word


def _misheard(word: str, rng: random.Random) -> str:
    """A word in lower case, as a common word, in two pieces, or with a letter wrong."""
    end, draw = end_of(word), rng.random()
    plain = word.removesuffix(end)
    if draw < 0.2:
        return word.lower()
    if draw < 0.35:
        like = sorted(each for each in words("common") if each[:1] == plain[:1].lower())
        return (rng.choice(like) if like else plain) + end
    if draw < 0.45 and len(plain) > 5:
        cut = rng.randrange(2, len(plain) - 2)
        return f"{plain[:cut]} {plain[cut:]}{end}"
    return _misspelt(plain, rng) + end


def _misspelt(word: str, rng: random.Random) -> str:
    """A word with one letter replaced or put in."""
    place = rng.randrange(len(word)) if word else 0
    letter = rng.choice("aeioulnrst")
    return word[:place] + letter + word[place + rng.choice((0, 1)) :]


def _address(said: Sequence[str], rng: random.Random) -> list[str]:
    """An e-mail address, wholly or partly in written form."""
    text = " ".join(digits_of([word]) + end_of(word) if is_number(word) else word for word in said)
    text = re.sub(r",? dot ", ".", text)
    if rng.random() < 0.6:
        text = re.sub(r",? at ", "@", text)
    text = text.replace(" underscore ", "_").replace(" dash ", "-")
    if rng.random() < 0.5:
        text = re.sub(r"\b([A-Za-z]) (?=[A-Za-z]\b)", r"\1", text)
    return text.split()

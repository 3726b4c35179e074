"""The lists of words of health as one table, with the forms that a recogniser gives them.

It writes "C section" for "c-section", "kidney stone" for "kidney stones", and a
rare word with a letter missing, added, changed or moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from functools import cache

from compliance.redact.words import named, phrases

LONG_WORD = 8
"""From so many letters on a word one letter off is hardly ever another word."""


class Sort(Enum):
    """What a listed phrase is."""

    CONDITION = auto()
    """A condition, an injury or a procedure."""
    MEDICATION = auto()
    """A medicine, or what it is taken with."""
    SYMPTOM = auto()
    """It counts only in a call that speaks of health."""
    HARMLESS = auto()
    """A saying that holds a word of health."""


_FILES = {"symptoms": Sort.SYMPTOM, "conditions": Sort.CONDITION, "medications": Sort.MEDICATION}


def key(word: str) -> str:
    """A word as the table has it: the recogniser's apostrophe is a matter of luck."""
    return word[:-2] + "s" if word.endswith("'s") else word


@cache
def table() -> dict[str, Sort]:
    """Every phrase in every form, with what it is; a saying wins over the words in it."""
    listed = {
        form: sort for name, sort in _FILES.items() for phrase in phrases(name) for form in _forms(phrase)
    }
    return listed | {_keyed(phrase): Sort.HARMLESS for phrase in phrases("harmless")}


@cache
def longest() -> dict[str, int]:
    """How many words the longest phrase has that begins with a word."""
    lengths: dict[str, int] = {}
    for phrase in table():
        read = phrase.split()
        lengths[read[0]] = max(len(read), lengths.get(read[0], 0))
    return lengths


def plurals(phrase: str) -> tuple[str, ...]:
    """A phrase, and its plural where one can be formed by the end of the word."""
    if phrase.endswith("y"):
        return phrase, phrase[:-1] + "ies", phrase + "s"
    if phrase.endswith(("ch", "sh", "x")):
        return phrase, phrase + "es"
    return (phrase, phrase + "s") if phrase[-1].isalpha() and not phrase.endswith("s") else (phrase,)


def spelled(word: str) -> str:
    """The long word of the lists that a word is one letter away from, else the word itself."""
    if len(word) < LONG_WORD - 1 or not word.isalpha() or word in _RIGHT or word in longest():
        return word
    near = _near()
    ours = (near[piece] for piece in (word, *_shorter(word)) if piece in near)
    return next((each for each in ours if each[0] == word[0]), word)


_RIGHT = named("medical.spelled_right")
"""English words one letter away from one of ours."""
_RARE = named("medical.rare")
"""Words of longer phrases that are said of health alone."""


@cache
def _near() -> dict[str, str]:
    """The long words under every spelling that lacks one letter: two words that share one are a letter apart.

    Only words that speak of health by themselves are among them: "replacement"
    stands in a phrase, and would be found in every order.
    """
    long = {
        word
        for word in _RARE.union(*(plurals(each) for each in phrases("conditions") | phrases("medications")))
        if len(word) >= LONG_WORD and word.isalpha()
    }
    return {piece: word for word in sorted(long) for piece in (word, *_shorter(word))}


def _shorter(word: str) -> Iterator[str]:
    """A word without each of its letters."""
    return (word[:i] + word[i + 1 :] for i in range(len(word)))


def _keyed(phrase: str) -> str:
    """A phrase with its words as the table has them."""
    return " ".join(key(word) for word in phrase.split())


def _forms(phrase: str) -> Iterator[str]:
    """A phrase and its plural, with hyphens, without and in words; abbreviations also letter by letter."""
    if phrase in _LETTERS:
        yield from (" ".join(phrase), ".".join(phrase), "-".join(phrase))
    for form in plurals(_keyed(phrase)):
        yield form
        if "-" in form:
            yield from (form.replace("-", " "), form.replace("-", ""))


_LETTERS = named("medical.letters")

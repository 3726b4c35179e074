"""Labels for the words that a recogniser read: from what was said, letter against letter.

Times cannot tell.  A recogniser's run early and late by a syllable, and one word
of it may be five of the caller's with a pause between them; labelled by its time, a
third of all lines came out wrong: "returned" as a price, a spelled name as nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rapidfuzz.distance import Levenshtein

from compliance.redact.speech.tokens import DIGIT_WORDS, SCALES, TEENS, TENS

Said = tuple[str, str]
"""A word, and its label in the notation of ``fragments/``: ``PERSON``, ``?PERSON``, ``!price`` or nothing."""
_ORDINALS = {
    "first": "1st", "second": "2nd", "third": "3rd", "fifth": "5th", "eighth": "8th", "ninth": "9th",
    "twelfth": "12th", "twentieth": "20th", "thirtieth": "30th",
}  # fmt: skip
SURE = 2
"""A letter that is the same counts as many times one that stands in for another."""


def said(utterance: Mapping[str, Any]) -> Iterator[Said]:
    """The words of an utterance of a ``truth.json``, each with its label."""
    text, marks, at = utterance["text"], list[tuple[int, int, str]](), 0
    for each, label in sorted(labelled(utterance), key=lambda pair: float(pair[0]["start"])):
        words = each["text"]
        start = text.find(words, at)
        if start < 0:
            raise ValueError("a span's words do not stand in its utterance, in order")
        at = start + len(words)
        marks.append((start, at, label))
    for word in re.finditer(r"\S+", text):
        yield word[0], next((each for a, b, each in marks if word.start() < b and word.end() > a), "")


def labelled(utterance: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """What is marked in an utterance, whether it goes or stays, each with its label."""
    for each in utterance.get("spans", ()):
        yield each, ("?" if each.get("optional") else "") + each["label"]
    for each in utterance.get("controls", ()):
        yield each, "!" + each["kind"].replace(" ", "_").lower()


def labels(spoken: Sequence[Said], heard: Sequence[str]) -> list[str]:
    """A label for each word that was read on a channel, all of it in order on both sides."""
    told, read = _plain([word for word, _ in spoken]), _plain(heard)
    letters = [label for text, (_, label) in zip(told, spoken, strict=True) for _ in text]
    owners = [n for n, text in enumerate(read) for _ in text]
    votes = [Counter[str]() for _ in heard]
    for each in Levenshtein.opcodes("".join(told), "".join(read)):
        if each.tag in ("equal", "replace"):
            own, other = each.src_end - each.src_start, each.dest_end - each.dest_start
            for j in range(other):
                label = letters[each.src_start + j * own // other]
                votes[owners[each.dest_start + j]][label] += SURE if each.tag == "equal" else 1
    return _with_doses(_between([_elected(each) for each in votes]))


def _elected(votes: Counter[str]) -> str | None:
    """The label of a word: what must go if half of it is, and else what most of it is."""
    grave = Counter({label: n for label, n in votes.items() if label and label[0] not in "?!"})
    for label, count in grave.most_common(1):
        if 2 * count >= votes.total():
            return label
    return next((label for label, _ in votes.most_common(1)), None)


def _between(elected: Sequence[str | None]) -> list[str]:
    """Words for which nothing speaks take the label on both sides of them, if it is one."""
    out: list[str] = []
    for n, label in enumerate(elected):
        before = out[-1] if out else ""
        after = next((each for each in elected[n:] if each is not None), "")
        out.append(label if label is not None else before if before == after else "")
    return out


def _with_doses(listed: list[str]) -> list[str]:
    """A dose right after its medicine goes with it."""
    for n in range(1, len(listed)):
        if listed[n] == "!dose" and listed[n - 1] == "MEDICATION":
            listed[n] = "MEDICATION"
    return listed


def marked(words: Sequence[str], listed: Sequence[str]) -> str:
    """Words in the notation of ``fragments/``."""
    out = []
    for label, run in groupby(zip(words, listed, strict=True), key=lambda pair: pair[1]):
        text = " ".join(bare(word) for word, _ in run)
        out.append(f"[{label}|{text}]" if label else text)
    return " ".join(out)


def bare(word: str) -> str:
    """A word without the signs of the notation."""
    return re.sub(r"[\[\]|]", "", word)


def _plain(words: Sequence[str]) -> list[str]:
    """Words as bare letters and digits: numbers in digits, marks within addresses as they are said."""
    parts = [_parts(word) for word in words]
    out = []
    for n, own in enumerate(parts):
        after = parts[n + 1][:1] if n + 1 < len(parts) else []
        out.append("".join(_digits(part, (own + after)[k + 1 : k + 2]) for k, part in enumerate(own)))
    return out


def _parts(word: str) -> list[str]:
    """A word in the parts that hyphens make of it, without marks."""
    lower = word.lower().strip().rstrip(".,?!;:").replace("@", "at")
    dotted = re.sub(r"(?<=[a-z])\.(?=[a-z])", "dot", lower)
    return [part for part in re.sub(r"[^a-z0-9-]", "", dotted).split("-") if part]


def _digits(part: str, after: Sequence[str]) -> str:
    """A number word in digits: "twenty" is 2 before "seven", and 20 else."""
    following = after[0] if after else ""
    is_followed = following in DIGIT_WORDS or following in _ORDINALS
    if part in DIGIT_WORDS:
        return DIGIT_WORDS[part]
    if part in TEENS:
        return TEENS[part]
    if part in TENS:
        return TENS[part] + ("" if is_followed else "0")
    if part in SCALES:
        return "" if is_followed or following in TENS or following in TEENS else SCALES[part]
    return _ORDINALS.get(part, part)

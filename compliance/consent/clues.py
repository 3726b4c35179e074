"""What can be seen round a word that may give an act away: clues, each hashed to a number.

An act (a notice, an objection, a wish not to be called) is looked for only round words
without which it is hardly said: its triggers.  Round each, the words and their kinds are
noted with their places.  No clue holds a number that was said, only that there was one.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from compliance.consent.kinds import kind_of
from compliance.consent.sentences import Sentence

BUCKETS = 1 << 16
"""Clues are hashed to so many numbers."""
RULE = 0
"""The number of the clue that a pattern holds, which is given by hand."""
BEFORE, AFTER = 12, 10
"""So many words on either side are looked at; of those nearer than that, their order too."""
NEAR_BEFORE, NEAR_AFTER = 8, 7
REPLY_WORDS = 14
"""So many first words of a reply are looked at."""


class Act(StrEnum):
    """What is weighed; each is a column of the weigher's table."""

    NOTICE = "notice"
    MAY = "may"
    """Of a notice: that it says only "may be recorded"."""
    ASKED = "asked"
    """Of a notice: that it asks."""
    MACHINE = "machine"
    STOPPED = "stopped"
    OBJECTION = "objection"
    OPT_OUT = "opt_out"
    QUESTION = "question"
    """Whether a person speaks."""
    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


def _stems(text: str) -> re.Pattern[str]:
    """Beginnings of words; with ``$`` the whole word."""
    whole = text.replace("$", r"(?= |$)")
    return re.compile(rf"(?:^|(?<= ))(?:{whole})")


TRIGGERS = {
    Act.NOTICE: _stems(
        r"record|recod|taped?$|tapes|taping|audiotape|videotap|monitor|captur|listen|sav(?:e|es|ed|ing)$"
        r"|stor(?:e|es|ed|ing)$|kept$|keep|archiv|retain|logged|audio|beep|preserv"
    ),
    Act.STOPPED: _stems(r"(?:un)?record|recod|tap(?:e|es|ed|ing)$|audio|monitor"),
    Act.MACHINE: _stems(
        r"ai$|automat|virtual|digital|artificial|comput|robot|robo|synthetic|machine|bots?$|chatbot|voicebot"
        r"|program|software|algorithm|human|person$|electronic|conversational|language|code$|operator|nobody"
        r"|flesh|real$|built$|voice|anybody|smart$|simulat|prerecord"
    ),
    Act.OBJECTION: _stems(
        r"(?:un)?record|recod|tap(?:e|es|ed|ing)$|monitor|audio|listen|sav(?:e|ing|ed)$|stor(?:e|ing|ed)$|voice"
        r"|consent|keep|private$"
    ),
    Act.OPT_OUT: _stems(
        r"(?:robo)?call|coal|contact|list$|text|phon|ring|dial|unsubscri|opt|remov|off$|stop|quit|ceas|hear$|communicat"
        r"|solicit|alone|bother|bug|harass|delet|scratch|cross$|block|desist|lose$|mark$|reach"
    ),
    Act.QUESTION: _stems(
        r"ai$|automat|virtual|digital|artificial|comput|robot|robo|synthetic|machine|bots?$|chatbot|program"
        r"|software|human|person$|real$|alive|live$|life$|living|breath|flesh|recording|tape$|girl|lady|man$|guy"
        r"|gentleman|soul|heartbeat|body$|siri|alexa|chatgpt|gpt|dude|anyone|somebody|someone|robocall|voice"
    ),
}
"""The beginnings of words round which each act is looked for."""


_OURS = re.compile("|".join(TRIGGERS[act].pattern for act in (Act.NOTICE, Act.STOPPED, Act.MACHINE)))
_THEIRS = re.compile("|".join(TRIGGERS[act].pattern for act in (Act.OBJECTION, Act.OPT_OUT, Act.QUESTION)))
NEEDED = {
    Act.OPT_OUT: re.compile(
        r"\b(?:stop|quit|ceas|seiz|not|never|no|nobody|remov|off|out|unsubscri|opt|alone|lose|delet|scratch|block"
        r"|desist|drop|cross|put|add|enough|end|lawyer|attorney|su(?:e|ing)|report|again|any ?more|mark|list"
        r"|leave|take|taken|revok|withdraw|harass|bother|get|got|registry|done|sick|tired)"
    )
}
"""Without such a word nobody is asked not to call, however much is said of calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A sentence's words and their kinds between margins, commas among them."""

    words: tuple[str, ...] = field(repr=False)
    kinds: tuple[str, ...] = field(repr=False)
    places: tuple[int, ...]
    """Where each token of the sentence stands among them."""
    is_question: bool


def seen(sentence: Sentence) -> Seen:
    """A sentence as the clues are read from it."""
    listed, places = ["<"] * 3, []
    last = len(sentence.tokens) - 1
    for n, token in enumerate(sentence.tokens):
        places.append(len(listed))
        listed.append(token.text)
        if token.is_before_comma and n != last:
            listed.append(",")
    listed += [">"] * 3
    kinds = tuple(kind_of(word) for word in listed)
    return Seen(words=tuple(listed), kinds=kinds, places=tuple(places), is_question=sentence.is_question)


def may_be_ours(sentence: Sentence) -> bool:
    """Whether any act of an agent may be in a sentence; most sentences are done with by this one look."""
    return _OURS.search(sentence.text) is not None


def may_be_theirs(sentence: Sentence) -> bool:
    """Whether any act of a caller may be in it."""
    return _THEIRS.search(sentence.text) is not None


def triggered(sentence: Sentence, act: Act) -> Iterator[int]:
    """The tokens of a sentence round which an act may have been said."""
    if act in NEEDED and not NEEDED[act].search(sentence.text):
        return iter(())
    return (sentence.index_at(match.start()) for match in TRIGGERS[act].finditer(sentence.text))


def clues(read: Seen, place: int) -> list[int]:
    """The clues round a token, as numbers."""
    at = read.places[place]
    found = {"bias", *_itself(read, at), *_around(read, at), *_near(read, at)}
    return [_bucket(clue) for clue in found]


def reply_clues(sentence: Sentence, *, is_turned: bool) -> list[int]:
    """The clues of a reply to a question for consent; ``is_turned``: one to which no agrees."""
    words = ["<", *(token.text for token in sentence.tokens[:REPLY_WORDS]), ">"]
    kinds = [kind_of(word) for word in words]
    plain = {f"w {word}" for word in words} | {f"k {kind}" for kind in kinds}
    plain |= {f"w2 {a} {b}" for a, b in pairwise(words)}
    plain |= {f"k2 {a} {b}" for a, b in pairwise(kinds)}
    plain |= {f"k3 {' '.join(kinds[n : n + 3])}" for n in range(len(kinds) - 2)}
    plain |= {f"first {' '.join(words[1:n])}" for n in (2, 3, 4)} | {f"? {sentence.is_question}"}
    plain |= {f"long {min(len(sentence.tokens), 6)}"}
    turned = {f"{is_turned} {clue}" for clue in plain}
    return [_bucket(f"reply {clue}") for clue in plain | turned]


def _bucket(clue: str) -> int:
    return zlib.crc32(clue.encode()) & (BUCKETS - 1)


def _itself(read: Seen, at: int) -> Iterator[str]:
    """The word, and how it stands with its next neighbours."""
    words, kinds = read.words, read.kinds
    word, kind = words[at], kinds[at]
    yield f"t {word}"
    yield f"tk {kind}"
    if read.is_question:
        yield "?"
        yield f"? {kind}"
    for n in (1, 2, 3):
        yield f"L{n} {kinds[at - n]}"
        yield f"R{n} {kinds[at + n]}"
    yield f"L12 {kinds[at - 2]} {kinds[at - 1]}"
    yield f"R12 {kinds[at + 1]} {kinds[at + 2]}"
    yield f"L123 {kinds[at - 3]} {kinds[at - 2]} {kinds[at - 1]}"
    yield f"LR {kinds[at - 1]} {kinds[at + 1]}"
    yield f"tL {kinds[at - 1]} {word}"
    yield f"tR {word} {kinds[at + 1]}"
    yield f"tL2 {kinds[at - 2]} {kinds[at - 1]} {kind}"
    yield f"tR2 {kind} {kinds[at + 1]} {kinds[at + 2]}"
    yield f"first {kinds[3]} {kinds[4]}"
    yield f"firstw {words[3]}"


def _around(read: Seen, at: int) -> Iterator[str]:
    """Which words stand before and after, and whether a comma lies between."""
    words, kinds = read.words, read.kinds
    for side, places in (
        ("L", range(at - 1, max(-1, at - BEFORE - 1), -1)),
        ("R", range(at + 1, min(len(words), at + AFTER + 1))),
    ):
        far = side
        for n in places:
            far = f"~{side}" if words[n] == "," else far
            yield f"{far} {words[n]}"
            yield f"{far}k {kinds[n]}"


def _near(read: Seen, at: int) -> Iterator[str]:
    """The nearer words two and three at a time."""
    words, kinds = read.words, read.kinds
    last = min(len(words), at + NEAR_AFTER)
    for n in range(max(0, at - NEAR_BEFORE), last - 1):
        side = "L" if n < at else "R"
        yield f"{side}2 {kinds[n]} {kinds[n + 1]}"
        yield f"{side}w2 {words[n]} {words[n + 1]}"
        if n + 2 < last:
            yield f"{side}3 {kinds[n]} {kinds[n + 1]} {kinds[n + 2]}"
            yield f"{side}_ {kinds[n]} {kinds[n + 2]}"

"""Cues: what a sentence asks for or announces.

"What is the card number?" asks the other party; "my social is" announces what the
speaker goes on to say.  A sentence names every kind that it is about at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto

from compliance.records import Entity
from compliance.redact.speech.cues import ASKS, PATTERNS
from compliance.redact.speech.numbers import BACKCHANNELS, FILLERS
from compliance.redact.speech.tokens import Kind, Token

AFTER_CUE = 2
"""So many words may follow the kind in a fragment: "there will be an email confirming it" asks nothing."""
TOLD = re.compile(
    r"\b(my|our|his|her) (\w+ ){0,4}(is|was|are|'s) |\bthis is |\bname's |^(hi |hello )?(i'm|it's) "
)
"""Ways to say something of oneself rather than ask."""
WHERE = re.compile(
    r"^((the|your|that) \w+ )?"
    r"((on|of|for|from|at|in|with) (the|your|that|this|it|file)( \w+)? ?|please |then |there |also )*$"
)
"""What may follow the kind besides: "the security code on the back, please"."""
LONGEST_SENTENCE = 150
"""Speech without a full stop is read in pieces, so that time grows with its length and no faster."""
FRAGMENT = 7
"""A sentence of no more words that names a kind asks for it: "And the security code"."""


class Act(StrEnum):
    """What a sentence does with the kinds that it names."""

    ASKS = auto()
    """The other party's words answer it."""
    TELLS = auto()
    """The speaker goes on to say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Consecutive tokens of one turn, up to a full stop or the turn's end; indices, end excluded."""

    first: int
    end: int
    channel: int
    text: str = field(repr=False)
    """Its tokens' text, a space after each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A kind named in a sentence: the tokens that name it, end excluded."""

    entity: Entity
    first: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """Kinds of answer that a sentence asked for, or announced."""

    sentence: Sentence
    entities: tuple[Entity, ...]
    """In the order in which they were named."""
    cue_end: int
    """Index of the token after the last cue."""
    cues: tuple[Cue, ...]
    acts: frozenset[Act]


def sentences(read: Sequence[Token]) -> Iterator[Sentence]:
    """The conversation's sentences, in its order."""
    first = 0
    for i, token in enumerate(read):
        is_last = i + 1 == len(read) or read[i + 1].ref.turn != token.ref.turn
        if is_last or token.ends_sentence or i + 1 - first == LONGEST_SENTENCE:
            text = "".join(each.text + " " for each in read[first : i + 1])
            yield Sentence(first=first, end=i + 1, channel=token.channel, text=text)
            first = i + 1


def _owners(read: Sequence[Token], sentence: Sentence) -> list[int]:
    """The token to which each character of a sentence's text belongs."""
    return [i for i in range(sentence.first, sentence.end) for _ in range(len(read[i].text) + 1)]


def expectation(read: Sequence[Token], sentence: Sentence) -> Expectation | None:
    """What a sentence asks for, or announces, if anything."""
    hits = [(m.start(), m.end(), entity) for entity, p in PATTERNS for m in p.finditer(sentence.text)]
    if not hits:
        return None
    owner = _owners(read, sentence)
    hits.sort()
    cues = tuple(
        Cue(entity=entity, first=owner[start], end=owner[max(start, end - 1)] + 1)
        for start, end, entity in hits
    )
    return Expectation(
        sentence=sentence,
        entities=tuple(dict.fromkeys(cue.entity for cue in cues)),
        cue_end=max(cue.end for cue in cues),
        cues=cues,
        acts=_acts(read, sentence, max(cue.end for cue in cues)),
    )


def _acts(read: Sequence[Token], sentence: Sentence, cue_end: int) -> frozenset[Act]:
    """Whether a sentence with a cue asks, tells, or does both ("I have 5502 as your account number")."""
    said = read[sentence.first : sentence.end]
    rest = "".join(token.text + " " for token in read[cue_end : sentence.end])
    ends_in_cue = sentence.end - cue_end <= AFTER_CUE or len(said) < FRAGMENT or bool(WHERE.match(rest))
    is_short = sum(is_content(token) for token in said) <= FRAGMENT and ends_in_cue
    is_short = is_short and not TOLD.search(sentence.text)
    asks = said[-1].is_question or is_short or bool(ASKS.search(sentence.text))
    return frozenset({Act.TELLS} | ({Act.ASKS} if asks else set()))


def is_content(token: Token) -> bool:
    """Whether a token says something, rather than "mm-hm" or "okay"."""
    return token.text not in BACKCHANNELS and token.text not in FILLERS


def is_number(token: Token) -> bool:
    """Whether a token carries digits."""
    return token.kind in (Kind.DIGITS, Kind.MIXED, Kind.NUMBER_WORD)

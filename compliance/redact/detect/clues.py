"""What can be seen of a word in its conversation: the clues from which the tagger judges it.

A clue is a short text ("said before: number", "asked: PIN") that is hashed to a
number.  Written digits stand in clues only as shapes; words, number words among
them, stand as they are, in hashes, and what was learnt of them is of made-up calls.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from compliance.redact.detect.document import Document
from compliance.redact.detect.harmless import is_harmless
from compliance.redact.detect.medical import kind_of
from compliance.redact.speech.numbers import Run
from compliance.redact.speech.questions import Sentence
from compliance.redact.speech.tokens import Kind, Token
from compliance.redact.words import words

BUCKETS = 1 << 16
"""Clues are hashed to so many numbers."""
QUESTION_WORDS = 14
"""So many last words of what the other party said before are looked at."""
BEFORE_WORDS = 8
"""And so many of the speaker's own before the word."""

Hints = Mapping[int, Sequence[tuple[str, float]]]
"""What a model of names says of a token, by index: labels with their probability, the surest first."""


def bucket(clue: str) -> int:
    """The number of a clue."""
    return zlib.crc32(clue.encode()) % BUCKETS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A token with what surrounds it, made once for every clue."""

    token: Token
    sort: str
    """number, letter, word or common: what kind of thing it is judged as."""
    before: tuple[str, ...]
    after: tuple[str, ...]
    asked: tuple[str, ...]
    """The last words of the other party before this turn, or of the sentence before in mono."""
    earlier: tuple[str, ...]
    """The same, one turn of the other party further back."""


def shape(token: Token) -> str:
    """A token's text, its digits as a pattern: "9999", "999-999", "$999"."""
    if not token.digits:
        return token.text
    plain = "".join("9" if char.isdigit() else char for char in token.text)
    return plain if len(plain) <= 8 else f"{plain[:4]}..{len(token.digits)}"


def sort_of(token: Token) -> str:
    """What a token is judged as."""
    if token.kind in (Kind.DIGITS, Kind.NUMBER_WORD, Kind.AMOUNT, Kind.MIXED):
        return "number"
    if token.kind is Kind.LETTERS:
        return "letter"
    return "common" if token.text in words("common") else "word"


def clues(document: Document, hints: Hints) -> Iterator[list[int]]:
    """For every token its clues, as numbers."""
    runs = {i: run for run in document.runs for i in range(run.first, run.last + 1)}
    for i, place in enumerate(_places(document)):
        seen = list(_of_word(place))
        seen += _of_context(place)
        seen += _of_question(document, i, place)
        seen += _of_run(document, i, runs.get(i), place)
        seen += _of_hints(hints.get(i, ()), place)
        yield [bucket(clue) for clue in seen]


def _places(document: Document) -> Iterator[_Place]:
    """Every token with its surroundings."""
    read, listed = document.tokens, document.reading.sentences
    shapes = [shape(token) for token in read]
    for i, token in enumerate(read):
        asked, earlier = _asked_before(document, listed, document.reading.place_of[i], shapes)
        first, last = _turn_of(read, i)
        yield _Place(
            token=token,
            sort=sort_of(token),
            before=tuple(shapes[max(first, i - BEFORE_WORDS) : i]),
            after=tuple(shapes[i + 1 : min(last, i + 5)]),
            asked=asked,
            earlier=earlier,
        )


def _turn_of(read: Sequence[Token], i: int) -> tuple[int, int]:
    """The first token of a token's turn, and the one after its last; no further than is looked at."""
    first = i
    while first > 0 and i - first <= BEFORE_WORDS and read[first - 1].ref.turn == read[i].ref.turn:
        first -= 1
    last = i + 1
    while last < len(read) and last - i <= 5 and read[last].ref.turn == read[i].ref.turn:
        last += 1
    return first, last


def _asked_before(
    document: Document, listed: Sequence[Sentence], place: int, shapes: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The last words of the other party before a sentence, and those before them.

    In mono they are those of the sentences before.
    """
    found: list[tuple[str, ...]] = []
    channel, at = listed[place].channel, place - 1
    while at >= 0 and len(found) < 2 and place - at < 12:
        if document.is_mono or listed[at].channel != channel:
            begin, end = listed[at].first, listed[at].end
            while not document.is_mono and at > 0 and listed[at - 1].channel != channel and end - begin < 8:
                at -= 1
                begin = listed[at].first
            if end - begin > 1 or not found:
                found.append(tuple(shapes[max(begin, end - QUESTION_WORDS) : end]))
        at -= 1
    found += [()] * (2 - len(found))
    return found[0], found[1]


def _of_word(place: _Place) -> Iterator[str]:
    """The word itself."""
    token, text = place.token, shape(place.token)
    yield "bias"
    yield f"s={place.sort}"
    yield f"w={text}"
    yield f"r={token.role[0]}{place.sort}"
    yield f"k={token.kind}{int(token.is_capital)}{int(token.is_shouted)}"
    yield f"p={int(token.has_pause)}{int(token.ends_sentence)}{place.sort}"
    if token.kind is Kind.WORD:
        yield f"suf={text[-3:]}"
        yield f"pre={text[:3]}"
        yield f"len={min(len(text), 9)}{int(token.is_capital)}"
        health = kind_of(text)
        if health:
            yield f"health={health}"
        for name in ("streets", "states"):
            if text in words(name):
                yield f"in={name}{int(token.is_capital)}"
    if token.digits:
        yield f"zero={token.digits.startswith('0')}"
        yield f"digits={min(len(token.digits), 12)}"
        yield f"signs={''.join(sorted({c for c in token.text if not c.isalnum()}))}"


def _of_context(place: _Place) -> Iterator[str]:
    """The words beside it in its turn."""
    before, after, sort = place.before, place.after, place.sort
    padded = ("^", "^", "^", *before)[-3:]
    ahead = (*after, "$", "$", "$")[:3]
    for n, text in enumerate(reversed(padded), 1):
        yield f"-{n}={text}"
        yield f"-{n}={text}|{sort}"
    for n, text in enumerate(ahead, 1):
        yield f"+{n}={text}"
        yield f"+{n}={text}|{sort}"
    yield f"-12={padded[-2]} {padded[-1]}|{sort}"
    yield f"-123={' '.join(padded)}|{sort}"
    yield f"+12={ahead[0]} {ahead[1]}|{sort}"
    yield f"-1+1={padded[-1]} {ahead[0]}|{sort}"
    yield f"-1w={padded[-1]} {shape(place.token)}"
    yield f"w+1={shape(place.token)} {ahead[0]}"
    for text in before:
        yield f"b={text}|{sort}"
    for text in after:
        yield f"a={text}|{sort}"
    yield f"at={min(len(before), 4)}{sort}"


def _of_question(document: Document, i: int, place: _Place) -> Iterator[str]:
    """What was asked before it."""
    sort, role = place.sort, place.token.role[0]
    for text in place.asked:
        yield f"q={text}|{sort}"
        yield f"q={text}|{sort}{role}"
    for one, other in zip(place.asked, place.asked[1:], strict=False):
        yield f"q2={one} {other}|{sort}"
    if place.asked:
        yield f"qend={place.asked[-1]}|{sort}"
    for text in place.earlier:
        yield f"q'={text}|{sort}"
    expected = document.under(i)
    if expected is None:
        yield f"e=none|{sort}{role}"
        return
    is_own = expected.sentence.channel == place.token.channel and not document.is_mono
    for entity in expected.entities or ("nothing",):
        yield f"e={entity}|{sort}"
        yield f"e={entity}|{sort}{int(is_own)}{role}"


def _of_run(document: Document, i: int, run: Run | None, place: _Place) -> Iterator[str]:
    """The run of digits to which it belongs."""
    if run is None or not run.digits:
        return
    role = place.token.role[0]
    size = min(len(run), 20)
    yield f"n={size}"
    yield f"n={size}{role}"
    yield f"nf={'first' if i == run.first else 'last' if i == run.last else 'in'}"
    groups = "-".join(str(len(document.tokens[k].digits) or 1) for k in run.places[:6])
    yield f"g={groups}"
    yield f"harmless={is_harmless(document, run)}"
    yield f"zero={run.digits[:1] == '0'}{min(size, 6)}"
    sentence = document.sentence(run.first)
    before = tuple(shape(t) for t in document.tokens[max(sentence.first, run.first - 4) : run.first])
    after = tuple(shape(t) for t in document.tokens[run.last + 1 : min(sentence.end, run.last + 4)])
    for n, text in enumerate((*before[::-1], "^")[:4], 1):
        yield f"rb{n}={text}"
        yield f"rb={text}{min(size, 7)}"
    for n, text in enumerate((*after, "$")[:3], 1):
        yield f"ra{n}={text}"
    yield f"rb12={' '.join(before[-2:])}"
    yield f"ra12={' '.join(after[:2])}"
    yield f"rba={before[-1] if before else '^'} {after[0] if after else '$'}"
    for text in place.asked:
        yield f"rq={text}{min(size, 7)}"


def _of_hints(hints: Sequence[tuple[str, float]], place: _Place) -> Iterator[str]:
    """What a model of names says of it."""
    for n, (label, probability) in enumerate(hints[:2]):
        sure = min(9, int(probability * 10))
        yield f"h{n}={label}"
        yield f"h{n}={label}{sure}{place.sort}"
        yield f"h{n}={label}{place.token.role[0]}{int(place.token.is_capital)}"

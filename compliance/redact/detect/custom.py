"""What a profile's own rules find.

Each rule is matched over what was said in two forms: word by word, in lower case
and without the punctuation round the words ("my badge is four four one two"), and
with numbers read and spelled letters joined ("my badge is 4412").  A match is cut
by whole words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from compliance.redact.detect.document import Document, Found, Recognised
from compliance.redact.detect.rules import Rule
from compliance.redact.speech.numbers import value
from compliance.redact.speech.tokens import Kind, Token

PATTERNS, WORDS = "custom_patterns", "custom_words"
"""The names under which findings cite them."""
PIECE, OVERLAP = 300, 60
"""Words that are matched at once, and how many of them again with the next: a match has at most so many."""
_JOINED = frozenset({Kind.DIGITS, Kind.NUMBER_WORD, Kind.LETTERS, Kind.MIXED})


def custom(document: Document, rules: Sequence[Rule]) -> Iterator[Recognised]:
    """Everything that a profile's rules find.

    Raises:
        PolicyInvalid: a pattern took too long; what it would have found is not known.
    """
    for piece in _pieces(document) if rules else ():
        forms = (_said(document.tokens, piece), _read(document.tokens, piece))
        for rule in rules:
            for first, last in dict.fromkeys(place for form in forms for place in _matches(rule, form)):
                yield _recognised(rule, first, last)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """One way to write a piece: its text, and for each part of it where it stands and which tokens it is."""

    text: str = field(repr=False)
    parts: tuple[tuple[int, int, int, int], ...]
    """Start and end in the text, first and last token."""


def _pieces(document: Document) -> Iterator[list[int]]:
    """The tokens of each run of turns of one channel, long ones in pieces that overlap."""
    for own in _monologues(document.tokens):
        for start in range(0, max(1, len(own) - OVERLAP), PIECE - OVERLAP):
            yield own[start : start + PIECE]


def _monologues(read: Sequence[Token]) -> Iterator[list[int]]:
    """Tokens that one speaker says before another does."""
    own: list[int] = []
    for i, token in enumerate(read):
        if own and token.channel != read[own[-1]].channel:
            yield own
            own = []
        own.append(i)
    if own:
        yield own


def _said(read: Sequence[Token], piece: Iterable[int]) -> _Form:
    """Word by word."""
    return _form((read[i].text, i, i) for i in piece)


def _read(read: Sequence[Token], piece: Iterable[int]) -> _Form:
    """With numbers as digits and letters joined to them."""
    return _form(_groups(read, list(piece)))


def _groups(read: Sequence[Token], piece: Sequence[int]) -> Iterator[tuple[str, int, int]]:
    """Words as they are; digits and letters in a row as one, cut whole whatever matches in it."""
    group: list[int] = []
    for i in [*piece, None]:
        if i is not None and read[i].kind in _JOINED:
            group.append(i)
            continue
        if group:
            yield "".join(_spelled(read, group)), group[0], group[-1]
            group = []
        if i is not None:
            yield read[i].text, i, i


def _spelled(read: Sequence[Token], group: Sequence[int]) -> Iterator[str]:
    """The letters and digits of a group; numbers said in a row are read together ("forty" "two")."""
    numbers: list[Token] = []
    for i in group:
        if read[i].kind in (Kind.DIGITS, Kind.NUMBER_WORD):
            numbers.append(read[i])
            continue
        yield value(numbers)
        numbers = []
        yield "".join(c for c in read[i].text if c.isalnum())
    yield value(numbers)


def _form(parts: Iterable[tuple[str, int, int]]) -> _Form:
    """Parts joined by spaces, each with its place."""
    texts, places, at = [], [], 0
    for text, first, last in parts:
        texts.append(text)
        places.append((at, at + len(text), first, last))
        at += len(text) + 1
    return _Form(text=" ".join(texts), parts=tuple(places))


def _matches(rule: Rule, form: _Form) -> Iterator[tuple[int, int]]:
    """First and last token of each match of a rule."""
    for start, end in rule.spans(form.text):
        touched = [(first, last) for a, b, first, last in form.parts if a < end and start < b]
        if touched:
            yield touched[0][0], touched[-1][1]


def _recognised(rule: Rule, first: int, last: int) -> Recognised:
    """A match as a find that names its rule."""
    kind, detector = ("word list", WORDS) if rule.phrases else ("pattern", PATTERNS)
    why = f"the profile's {kind} {rule.name}"
    found = Found(entity=rule.entity, first=first, last=last, score=rule.score, why=why)
    return Recognised(found=found, detector=detector)

"""The last look before files leave: is a value that was removed still in one of them, written or spoken?

The transcript is made by the same plan as the cuts; this asks the files themselves.
A word that was left on purpose may be the same as one that was removed ("will",
"four"): what counts is that a file says it no more often than what was left does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from compliance.records import Conversation, Cut, Entity, Finding, Role, WordRef
from compliance.redact.speech.numbers import FILLERS, runs, value
from compliance.redact.speech.tokens import Token, tokens
from compliance.redact.text import removed_words
from compliance.redact.texts.call import call
from compliance.redact.texts.said import Utterance, pieces
from compliance.redact.verify import TELLING_NOTHING
from compliance.redact.words import words

LONG_DIGITS = 7
"""A number of so many digits is nowhere by chance: no file may say it even once."""
SHORT_DIGITS = 3
"""Fewer digits are everywhere, and tell nothing by themselves."""
SHORTEST_WORD = 3
OWN_WORDS = frozenset({Entity.PERSON, Entity.EMAIL_ADDRESS, Entity.USERNAME, Entity.PASSWORD})
"""Kinds of which one word gives the value away, in a sentence of ours too."""
BREAK = ""
"""Stands between words that do not follow each other."""

Form = tuple[str, ...]
"""Words in a row, as they are searched for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """Something that was removed.  Its text stays out of reprs."""

    entity: Entity
    digits: str = field(repr=False)
    """Empty if they are too few to tell anything."""
    words: Form = field(repr=False)
    """As they were said."""

    @property
    def forms(self) -> frozenset[Form]:
        """How it may be said: in a row, and each word that tells of it by itself."""
        singly = {(word,) for word in self.words if _tells(word)}
        row = {self.words} if len(self.words) > 1 or _tells(self.words[0]) else set()
        return frozenset(row | singly | ({(self.digits,)} if self.digits else set()))

    @property
    def giveaways(self) -> frozenset[Form]:
        """Those of its forms that no sentence of ours says by chance."""
        return frozenset(
            form
            for form in self.forms
            if len(form) > 1 or form[0].isdigit() or (self.entity in OWN_WORDS and _is_rare(form[0]))
        )


class Spoken:
    """A text as words in a row, with the numbers that are said in it."""

    def __init__(self, words: Iterable[str], numbers: Iterable[str]) -> None:
        """Index the words by their text."""
        self._words = list(words)
        self._numbers = tuple(numbers)
        self._places: dict[str, list[int]] = {}
        for place, word in enumerate(self._words):
            self._places.setdefault(word, []).append(place)

    def count(self, form: Form) -> int:
        """How often it is said."""
        starts = self._places.get(form[0], [])
        return sum(tuple(self._words[at : at + len(form)]) == form for at in starts)

    def has_number(self, digits: str) -> bool:
        """Whether a long number is said, alone or within another."""
        return len(digits) >= LONG_DIGITS and any(digits in each for each in self._numbers)


class Inventory:
    """What was removed from one recording, to be looked for in whatever of it is to leave."""

    def __init__(
        self,
        conversation: Conversation,
        findings: Sequence[Finding],
        cuts: Sequence[Cut],
        *,
        unheard: frozenset[WordRef] = frozenset(),
    ) -> None:
        """Take down the values that are gone, and what was left.

        ``unheard`` are words that went for the sake of consent: they were not left either.
        """
        read = tokens(conversation)
        gone = frozenset(removed_words(conversation, findings, cuts)) | unheard
        self.values = tuple(_values(read, findings))
        self._left = Spoken(_kept(read, gone), ())

    def said(self, lines: Sequence[str]) -> frozenset[Entity]:
        """Kinds of values that lines of the call say more often than what was left does."""
        spoken = _spoken(lines)
        return frozenset(
            each.entity
            for each in self.values
            if spoken.has_number(each.digits)
            or any(spoken.count(form) > self._left.count(form) for form in each.forms)
        )

    def told(self, sentences: Sequence[str]) -> frozenset[Entity]:
        """Kinds of values that sentences of ours tell of, where there is no occasion to."""
        spoken = _spoken(sentences)
        return frozenset(
            each.entity
            for each in self.values
            if spoken.has_number(each.digits) or any(spoken.count(form) for form in each.giveaways)
        )

    def written(self, chunks: Iterable[bytes]) -> frozenset[Entity]:
        """Kinds of long numbers, and of values of several words, that stand in a file as letters."""
        wanted = {form: each.entity for each in self.values for form in _letters(each)}
        longest = max(map(len, wanted), default=0)
        tail, found = b"", set()
        for chunk in chunks:
            window = tail + chunk.lower()
            found |= {entity for form, entity in wanted.items() if form in window}
            tail = window[-longest:] if longest else b""
        return frozenset(found)


def _values(read: Sequence[Token], findings: Sequence[Finding]) -> Iterator[Value]:
    place = {token.ref: token for token in read}
    for finding in findings:
        own = [place[ref] for ref in finding.words if ref in place] if finding.action.cuts else []
        said = [token for token in own if token.text and token.text not in FILLERS]
        digits = value(said)
        if said:
            yield Value(
                entity=finding.entity,
                digits=digits if len(digits) >= SHORT_DIGITS else "",
                words=tuple(token.text for token in said),
            )


def _tells(word: str) -> bool:
    """Whether a word by itself tells something of a value: not "and", not a single digit."""
    if any(char.isdigit() for char in word):
        return sum(char.isdigit() for char in word) >= SHORT_DIGITS
    return len(word) >= SHORTEST_WORD and word not in TELLING_NOTHING and not value_of(word)


def _is_rare(word: str) -> bool:
    """Whether a word stands in no sentence of ours for its own sake: a caller may be called Said, or Page."""
    return word.isalpha() and word not in words("common")


def value_of(word: str) -> str:
    """The digits of one spoken number word."""
    read = _read([word])
    return value(read) if read else ""


def _kept(read: Sequence[Token], gone: frozenset[WordRef]) -> Iterator[str]:
    turn = 0
    for token in read:
        if token.ref.turn != turn:
            yield BREAK
        turn = token.ref.turn
        yield BREAK if token.ref in gone else token.text


def _spoken(lines: Sequence[str]) -> Spoken:
    read = _read(lines)
    turn, words = 0, []
    for token in read:
        words += [BREAK] * (token.ref.turn != turn) + [token.text]
        turn = token.ref.turn
    return Spoken(words, (run.digits for run in runs(read)))


def _read(lines: Sequence[str]) -> tuple[Token, ...]:
    """Lines as tokens, each line a turn of one speaker."""
    said = [Utterance(channel=0, role=Role.UNKNOWN, words=tuple(pieces(line))) for line in lines]
    kept = [each for each in said if each.words]
    return tokens(call(kept, {0: Role.UNKNOWN})) if kept else ()


def _letters(each: Value) -> Iterator[bytes]:
    if len(each.digits) >= LONG_DIGITS:
        yield each.digits.encode()
    if len(each.words) > 1:
        yield " ".join(each.words).encode()

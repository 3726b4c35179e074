"""Reading spoken numbers: tokens of one speaker to runs of digits.

A run goes on through fillers ("uh", "let me see"), through restarts ("sorry,
seven") and through the other party's "mm-hm", and ends at the first word that
says something else.  What is read serves to name a run and to hunt for it later;
the run is cut whole, whatever was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from unicodedata import digit

from compliance.records import WordRef
from compliance.redact.speech.tokens import (
    DIGIT_WORDS,
    HOMOPHONES,
    REPEATS,
    SCALES,
    TEENS,
    TENS,
    Kind,
    Token,
)
from compliance.redact.words import named

FILLERS = named("numbers.fillers")
BACKCHANNELS = named("numbers.backchannels")
LONGEST_FILLER = 5
"""More words than this between digits say something else."""
OTHERS_WORDS = 1
"""The other party may say so much besides "mm-hm": recognisers write it in many ways."""
LONGEST_PAUSE_MS = 9_000
"""A reader looks for the next group no longer than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Digits said one after another by one speaker."""

    first: int
    """Index of its first token."""
    last: int
    """Index of its last token, included."""
    places: tuple[int, ...] = field(repr=False)
    """Indices of the tokens that carry digits."""
    digits: str = field(repr=False)

    def __len__(self) -> int:
        """How many digits were read."""
        return len(self.digits)


def value(read: Sequence[Token]) -> str:
    """The digits of tokens that carry numbers: "forty-two seventeen" is 4217, "double five" 55."""
    out: list[str] = []
    pending_tens, repeat = "", 1
    for part in _parts(read):
        if part in TENS:
            out.append(pending_tens and pending_tens + "0")
            pending_tens = TENS[part]
            continue
        if part in REPEATS:
            repeat = REPEATS[part]
            continue
        digits = _plain(part)
        if pending_tens:
            out.append(pending_tens + (digits if len(digits) == 1 and digits != "0" else "0" + digits))
            pending_tens = ""
        elif part in SCALES:
            out.append(SCALES[part])
        else:
            out.append(digits * repeat if len(digits) == 1 else digits)
        repeat = 1
    return "".join(out) + (pending_tens + "0" if pending_tens else "")


def _parts(read: Sequence[Token]) -> Iterator[str]:
    """Single spoken numbers or written digit strings."""
    for token in read:
        if token.kind is Kind.NUMBER_WORD and "-" in token.text:
            yield from token.text.split("-")
        else:
            yield token.digits or token.text


def _plain(part: str) -> str:
    """Digits of one part; empty when it has none."""
    if part.isdigit():
        return part
    return DIGIT_WORDS.get(part) or TEENS.get(part) or HOMOPHONES.get(part) or ""


def runs(read: Sequence[Token]) -> tuple[Run, ...]:
    """All runs of digits, of every channel, in order of their start."""
    found = []
    for channel in sorted({token.channel for token in read}):
        own = [i for i, token in enumerate(read) if token.channel == channel]
        found += list(_runs_of(read, own))
    return tuple(sorted(found, key=lambda run: run.first))


def _runs_of(read: Sequence[Token], own: Sequence[int]) -> Iterator[Run]:
    """Runs among one channel's tokens."""
    places: list[int] = []
    between: list[int] = []
    for n, i in enumerate(own):
        token = read[i]
        if places and not (_goes_on(read, places[-1], i, between) and not _counts(read, places[-1], own, n)):
            yield _run(read, places)
            places, between = [], []
        ahead = read[own[n + 1]] if n + 1 < len(own) else None
        if _is_number(token, before=read[places[-1]] if places and not between else None, ahead=ahead):
            places.append(i)
            between = []
        elif places:
            between.append(i)
    if places:
        yield _run(read, places)


def _run(read: Sequence[Token], places: Sequence[int]) -> Run:
    """A run over its digit tokens; a lone homophone at its end is no digit."""
    while len(places) > 1 and read[places[-1]].text in HOMOPHONES:
        places = places[:-1]
    return Run(
        first=places[0], last=places[-1], places=tuple(places), digits=value([read[i] for i in places])
    )


def _is_number(token: Token, *, before: Token | None, ahead: Token | None) -> bool:
    """Whether a token carries digits; "oh" only beside a digit, homophones only after one said singly."""
    if token.text in ("o", "oh"):
        is_led = ahead is not None and ahead.kind in (Kind.DIGITS, Kind.NUMBER_WORD) and not token.has_pause
        return (before is not None and not before.ends_sentence) or is_led
    if token.kind in (Kind.DIGITS, Kind.MIXED, Kind.NUMBER_WORD):
        return True
    if before is None or token.text not in HOMOPHONES or len(before.digits) > 1:
        return False
    return ahead is None or len(ahead.digits) < 2


def _counts(read: Sequence[Token], last: int, own: Sequence[int], n: int) -> bool:
    """Whether a new sentence begins by counting something: "… 80525. Two flights, and a piano"."""
    here, ahead = read[own[n]], read[own[n + 1]] if n + 1 < len(own) else None
    if not read[last].ends_sentence or here.kind is not Kind.NUMBER_WORD or here.has_pause:
        return False
    return ahead is not None and ahead.kind is Kind.WORD and ahead.text not in FILLERS | BACKCHANNELS


def _goes_on(read: Sequence[Token], last: int, now: int, between: Sequence[int]) -> bool:
    """Whether a run that had its last digit at ``last`` may still go on at ``now``."""
    if read[now].start_ms - read[last].end_ms > LONGEST_PAUSE_MS:
        return False
    if any(read[i].text not in FILLERS for i in between) or len(between) > LONGEST_FILLER:
        return False
    others = [t for t in read[last + 1 : now] if t.channel != read[now].channel]
    return sum(token.text not in BACKCHANNELS for token in others) <= OTHERS_WORDS


def words_of(read: Sequence[Token], run: Run) -> tuple[WordRef, ...]:
    """Every word of the speaker from the run's first digit to its last, fillers included."""
    channel = read[run.first].channel
    return tuple(token.ref for token in read[run.first : run.last + 1] if token.channel == channel)


def passes_luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        doubled = digit(char) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return bool(digits) and total % 10 == 0

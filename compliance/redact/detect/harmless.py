"""Readings that make a number harmless: prices, times, units, years, orders.

They win over an open question, since people talk of other things while they
look for a card; only a run too long for any of them is cut all the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from compliance.records import Role
from compliance.redact.detect.document import Document
from compliance.redact.speech.cues import HARMLESS, way
from compliance.redact.speech.numbers import Run
from compliance.redact.speech.questions import Act
from compliance.redact.speech.tokens import ORDINALS, Kind
from compliance.redact.words import named

TOO_LONG = 12
"""A longer run is no price and no order number."""
QUOTES = way("quoted")
QUOTED = 4
"""So many digits in a row tell a number again."""
NEAR = 5
"""In the answer to a question a harmless cue must stand so close before the number."""
_AFTER = named("harmless.after")
"""What is counted or measured."""
_BEFORE_TIME = named("harmless.before_time")
_BEFORE_YEAR = named("harmless.before_year")


def is_harmless(document: Document, run: Run) -> bool:
    """Whether a unit, a sign, a clock, a year or an order-like cue explains a run."""
    if not run.digits or len(run) > TOO_LONG:
        return False
    tokens = document.tokens
    if all(tokens[i].kind is Kind.AMOUNT for i in run.places):
        return True
    return (
        _is_counted(document, run)
        or _is_year(document, run)
        or _is_time(document, run)
        or has_cue(document, run)
        or is_quoted(document, run)
    )


def is_quoted(document: Document, run: Run) -> bool:
    """Whether a run is the number of an order or the like that an agent gives in this call, or part of it."""
    if "quoted" not in document.notes:
        document.notes["quoted"] = _quoted(document)
    return len(run) >= QUOTED and any(piece in document.notes["quoted"] for piece in _pieces(run))


def _quoted(document: Document) -> frozenset[str]:
    """Every few digits in a row of what an agent gives as the number of something."""
    return frozenset(
        piece
        for run in document.runs
        if document.tokens[run.first].role is Role.AGENT and QUOTED <= len(run) <= TOO_LONG
        if has_cue(document, run) and _names_order(document, run)
        for piece in _pieces(run)
    )


def _names_order(document: Document, run: Run) -> bool:
    """Whether the words before a run name an order, a ticket or the like."""
    first = document.sentence(run.first).first
    return QUOTES.search(" ".join(token.text for token in document.tokens[first : run.first])) is not None


def _pieces(run: Run) -> Iterator[str]:
    """Its digits, so many in a row."""
    return (run.digits[i : i + QUOTED] for i in range(len(run) - QUOTED + 1))


def _is_counted(document: Document, run: Run) -> bool:
    """Whether what follows is counted by the number: "48 hours", "the 2 of us"."""
    tokens = document.tokens
    if tokens[run.last].has_pause or len(run) > 6:
        return False
    after = next(
        (t for t in tokens[run.last + 1 : run.last + 2] if t.channel == tokens[run.last].channel), None
    )
    if after is None:
        return False
    return after.text in _AFTER or (after.text in ORDINALS and len(run) < 3)


def _is_year(document: Document, run: Run) -> bool:
    """Whether a run is a year outside a date of birth or an expiry."""
    before = document.tokens[run.first - 1].text if run.first else ""
    is_year = len(run) == 4 and run.digits[:2] in ("19", "20") and run.first == run.last
    return is_year and before in _BEFORE_YEAR and not _is_dated(document, run)


def _is_dated(document: Document, run: Run) -> bool:
    """Whether a date is what was asked for."""
    asked = document.under(run.first)
    return asked is not None and any(entity in ("DATE_OF_BIRTH", "CARD_EXPIRY") for entity in asked.entities)


def _is_time(document: Document, run: Run) -> bool:
    """Whether a run is the time of day: "until 530", "between 1 and 3"."""
    before = document.tokens[run.first - 1].text if run.first else ""
    if before not in _BEFORE_TIME or len(run) > 4 or run.first != run.last or _is_dated(document, run):
        return False
    hour, minute = (run.digits, "0") if len(run) < 3 else (run.digits[:-2], run.digits[-2:])
    return int(hour) < 24 and int(minute) < 60


def has_cue(document: Document, run: Run) -> bool:
    """An order-like cue before the run in its own sentence, and no sensitive one after it."""
    sentence, asked = document.sentence(run.first), document.under(run.first)
    before = [
        token.text
        for token in document.tokens[sentence.first : run.first]
        if token.channel == sentence.channel
    ]
    is_answer = bool(asked and asked.entities and asked.sentence != sentence and Act.ASKS in asked.acts)
    if is_answer:
        before = before[-NEAR:]
    cues = list(HARMLESS.finditer(" ".join(before)))
    if not cues:
        return False
    own_cues = (
        [cue.end for cue in asked.cues if cue.end <= run.first]
        if asked and asked.sentence == sentence
        else []
    )
    place = run.first - len(before) + len(" ".join(before)[: cues[-1].end()].split())
    return not own_cues or place > max(own_cues)

"""A transcript as JSON to utterances: our own schema, or a plain list of turns.

Pydantic stands at this door; what it says of a fault is its place, never a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from compliance.errors import TranscriptInvalid
from compliance.records import Role
from compliance.redact.texts.said import Piece, Utterance, bounded, pieces
from compliance.redact.texts.speakers import MOST, Speakers, role_of

LARGEST = 64 << 20
"""Characters; a JSON document is read whole."""
_JSON = re.compile(r"\s*(\{|\[\s*[{\]])")


class _Door(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class _Word(_Door):
    """A word, or what was removed in place of words."""

    text: str | None = None
    redacted: str | None = None
    start_ms: int | None = Field(default=None, ge=0)
    end_ms: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _is_something(self) -> _Word:
        """It says something, and ends no earlier than it begins."""
        if (self.text is None) == (self.redacted is None):
            raise ValueError("has no text")
        if (self.start_ms is None) != (self.end_ms is None):
            raise ValueError("has one of start_ms and end_ms")
        if self.start_ms is not None and self.end_ms is not None and self.end_ms < self.start_ms:
            raise ValueError("ends before it begins")
        return self


class _Turn(_Door):
    """What one speaker says."""

    speaker: str | None = None
    role: Role | None = None
    channel: int | None = Field(default=None, ge=0, lt=MOST)
    text: str | None = None
    words: tuple[_Word, ...] | None = None

    @model_validator(mode="after")
    def _is_something(self) -> _Turn:
        """Without either nothing would be read, and nobody would know."""
        if self.text is None and self.words is None:
            raise ValueError("has neither text nor words")
        return self


class _Transcript(_Door):
    turns: tuple[_Turn, ...]


def is_json(head: str) -> bool:
    """Whether a text begins as a transcript in JSON does; a time in brackets before a line is none."""
    return _JSON.match(head.removeprefix("\ufeff")) is not None


def utterances(body: str) -> Iterator[Utterance]:
    """The turns of a transcript, with the places of their words.

    Raises:
        TranscriptInvalid: it is no transcript, or contradicts itself; the message tells where.
    """
    turns = _read(body).turns
    speakers = Speakers()
    clock = _Clock()
    for n, turn in enumerate(turns):
        channel, role = _speaker(turn, n, speakers)
        words = list(_pieces(turn, n + 1))
        clock.goes_on(channel, words, n + 1)
        for group in bounded(words):
            yield Utterance(channel=channel, role=role, words=group, turn=n)


def _read(body: str) -> _Transcript:
    """The document, whatever keys it has besides."""
    try:
        loaded = json.loads(body.removeprefix("\ufeff"))
        return _Transcript.model_validate(loaded if isinstance(loaded, dict) else {"turns": loaded})
    except json.JSONDecodeError as error:
        raise TranscriptInvalid(f"line {error.lineno}: the transcript is no JSON") from None
    except (RecursionError, ValueError) as error:
        if not isinstance(error, ValidationError):
            raise TranscriptInvalid("the transcript is no JSON that can be read") from None
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        told = str(first["msg"]).removeprefix("Value error, ")
        raise TranscriptInvalid(f"{_place(first['loc'])}: {told}") from None


def _place(loc: Sequence[Any]) -> str:
    """A place as people count: turn 3, word 7."""
    names = {"turns": "turn", "words": "word"}
    said = [f"{names[a]} {b + 1}" for a, b in pairwise(loc) if a in names and isinstance(b, int)]
    rest = [str(each) for each in loc if isinstance(each, str) and each not in names]
    return ", ".join([*said, *rest]) or "turns"


def _speaker(turn: _Turn, n: int, speakers: Speakers) -> tuple[int, Role]:
    """Channel and role of a turn; turns that say nothing of it take turns."""
    role = turn.role or (role_of(turn.speaker) if turn.speaker else Role.UNKNOWN)
    if turn.channel is not None:
        return turn.channel, role
    label = turn.speaker or (str(turn.role) if turn.role else None)
    return (speakers.channel(label) if label else n % 2), role


def _pieces(turn: _Turn, number: int) -> Iterator[Piece]:
    """The words of a turn with their places in its text.

    Raises:
        TranscriptInvalid: words and text do not agree; one of them would go unread.
    """
    if turn.words is None:
        yield from pieces(turn.text or "")
        return
    text = turn.text if turn.text is not None else " ".join(map(_shown, turn.words))
    at, hides = 0, False
    for n, word in enumerate(turn.words, 1):
        if word.text is None:
            hides = True
            continue
        found = text.find(word.text.strip(), at)
        if found < 0 or _says(text[at:found], hides=hides):
            raise TranscriptInvalid(f"turn {number}, word {n}: is not where the turn's text has it")
        for each in pieces(word.text.strip(), found):
            yield Piece(
                start=each.start, end=each.end, text=each.text, start_ms=word.start_ms, end_ms=word.end_ms
            )
        at, hides = found + len(word.text.strip()), False
    if _says(text[at:], hides=hides):
        raise TranscriptInvalid(f"turn {number}: its text says more than its words")


def _shown(word: _Word) -> str:
    """A word, or the label of what was removed, as a turn's text shows it."""
    return word.text.strip() if word.text is not None else f"[{word.redacted}]"


def _says(gap: str, *, hides: bool) -> bool:
    """Whether text between two words says something besides the label of what was removed."""
    rest = re.sub(r"\[[A-Z0-9_]+( \d{3,4})?\]", "", gap) if hides else gap
    return any(c.isalnum() for c in rest)


class _Clock:
    """Sees to it that time goes on.  Words and turns that overlap are read as they stand."""

    def __init__(self) -> None:
        """Nothing was said."""
        self._word_ms: dict[int, int] = {}
        self._turn_ms = 0

    def goes_on(self, channel: int, words: Sequence[Piece], number: int) -> None:
        """Take one more turn.

        Raises:
            TranscriptInvalid: a word begins before its speaker's last, or a turn ends before the last began.
        """
        starts = [word.start_ms for word in words if word.start_ms is not None]
        ends = [word.end_ms for word in words if word.end_ms is not None]
        if not starts:
            return
        said = [self._word_ms.get(channel, 0), *starts]
        if said != sorted(said) or max(ends) < self._turn_ms:
            raise TranscriptInvalid(f"turn {number}: its times run backwards")
        self._word_ms[channel], self._turn_ms = starts[-1], starts[0]

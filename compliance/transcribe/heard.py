"""What a recogniser gives back for a window of sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from compliance.records import Span
from compliance.transcribe.windows import Samples, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWord:
    """A word, or a piece of one, in a window's own time."""

    start_ms: int
    end_ms: int
    confidence: float
    text: str = field(repr=False)
    continues: bool = False
    """Written without a space before it: a piece of the word before, if that was said just before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was read in one window, and the language it sounded like."""

    words: tuple[HeardWord, ...]
    language: str
    language_probability: float


class Recogniser(Protocol):
    """Reads speech, and tells where a voice is."""

    batch_size: int
    """So many windows are best read at once."""

    def read(self, windows: Sequence[Window]) -> list[Heard]:
        """The words of each window, in its own time."""
        ...

    def otherwise(self) -> Recogniser:
        """The same recogniser with other settings: a second opinion on what was read."""
        ...

    def voiced(self, samples: Samples) -> tuple[Span, ...]:
        """Where a voice is heard in a stretch of sound; loose rather than strict."""
        ...

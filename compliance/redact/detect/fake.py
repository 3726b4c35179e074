"""A runner without a language model, for tests: it finds the words of a list."""

from __future__ import annotations

from collections.abc import Mapping

from compliance.records import Entity
from compliance.redact.detect.document import Document, Found, Recognised


class FakeRunner:
    """Finds each word of a list, and words of one kind that follow each other as one."""

    NAME = "spoken_answers"
    """It speaks as one of our own recognisers, whose finds are believed."""

    def __init__(self, kinds: Mapping[str, Entity]) -> None:
        """``kinds`` says what each word is, in lower case."""
        self._kinds = dict(kinds)

    def load(self) -> None:
        """Nothing to load."""

    def recognise(self, document: Document) -> list[Recognised]:
        """Everything that is found."""
        runs: list[tuple[Entity, int, int]] = []
        for place, token in enumerate(document.tokens):
            entity = self._kinds.get(token.text)
            if entity is None:
                continue
            if runs and runs[-1][0] is entity and runs[-1][2] == place - 1:
                runs[-1] = (entity, runs[-1][1], place)
            else:
                runs.append((entity, place, place))
        return [
            Recognised(
                found=Found(entity=entity, first=first, last=last, score=0.9, why="a word of a list"),
                detector=self.NAME,
            )
            for entity, first, last in runs
        ]

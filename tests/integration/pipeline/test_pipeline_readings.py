"""What one reading does not give another does: the second opinion, and what was skipped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakecall import DIGITS, SECRETS, USER, VOCABULARY, FakeEngines, said

from compliance.byhand import Order, process
from compliance.parts import Parts
from compliance.records import Role, State, Word
from compliance.redact.detect.doubt import DETECTOR
from compliance.redact.media import decode
from compliance.results import manifest_of
from compliance.transcribe.fake import FakeRecogniser
from compliance.transcribe.heard import Heard, HeardWord
from compliance.transcribe.listen import listen
from compliance.transcribe.windows import RATE, Window

CARD = [word for word in said() if word.text in DIGITS]
"""The sixteen digits of the call's card."""


class Mishears(FakeRecogniser):
    """Takes the digits after the tenth for another word, until it is asked for a second opinion."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        super().__init__(VOCABULARY)
        self.opinions: list[FakeRecogniser] = []

    def read(self, windows: Sequence[Window]) -> list[Heard]:
        """The words of each window, some of them wrong."""
        return [replace(heard, words=tuple(self._misheard(heard.words))) for heard in super().read(windows)]

    def _misheard(self, words: Sequence[HeardWord]) -> list[HeardWord]:
        """Words of which no more than ten are digits."""
        digits = [n for n, word in enumerate(words) if word.text in DIGITS]
        return [replace(w, text="porcupine") if n in digits[10:] else w for n, w in enumerate(words)]

    def otherwise(self) -> FakeRecogniser:
        """One that hears aright."""
        self.opinions.append(FakeRecogniser(VOCABULARY))
        return self.opinions[-1]


class Skips(FakeRecogniser):
    """Skips digits that stand beside many other words."""

    def __init__(self) -> None:
        """As the fake."""
        super().__init__(VOCABULARY)

    def read(self, windows: Sequence[Window]) -> list[Heard]:
        """The words of each window, digits only where there is little else."""
        return [replace(heard, words=self._passed(heard.words)) for heard in super().read(windows)]

    def _passed(self, words: tuple[HeardWord, ...]) -> tuple[HeardWord, ...]:
        """What is written of what was heard."""
        others = tuple(word for word in words if word.text not in DIGITS)
        return others if len(others) > 3 else words


def outcome(parts: Parts, order: Order) -> tuple[State, dict[str, Any], list[str]]:
    """State, manifest, and what can still be heard, after a run."""
    row = process(parts, order, USER)
    made = manifest_of(parts, row)
    assert made is not None
    return row.state, made, [word.text for word in left(parts, row.id, order.path.parent)]


def left(parts: Parts, recording_id: str, folder: Path) -> list[Word]:
    """What one who hears all still hears in the redacted recording."""
    path = folder / "redacted.wav"
    path.write_bytes(b"".join(parts.outputs.open(f"{recording_id}/redacted.wav")))
    heard = listen(decode(path, rate=RATE), FakeRecogniser(VOCABULARY), roles=(Role.AGENT, Role.CALLER))
    return [word for turn in heard.turns for word in turn.words]


class TestSecondOpinion:
    """A card of ten digits is read again."""

    @pytest.fixture
    def engines(self) -> FakeEngines:
        """Models of which the recogniser mishears."""
        engines = FakeEngines()
        engines.__dict__["recogniser"] = Mishears()
        return engines

    def test_what_was_misheard_is_cut(
        self, parts: Parts, engines: FakeEngines, order: Callable[..., Order]
    ) -> None:
        """All sixteen digits are gone though the first reading had ten, and what is not of the card stays."""
        state, _, heard = outcome(parts, order())

        assert state is State.RELEASED
        assert not set(SECRETS) & set(heard)
        assert {"porcupine", "goodbye", "recorded"} <= set(heard)
        assert len(engines.recogniser.opinions) == 2, "of the answer, and of what is left"  # type: ignore[attr-defined]

    def test_the_find_names_the_second_reading(self, parts: Parts, order: Callable[..., Order]) -> None:
        """The added find lies over the whole card, and its detector tells whence it is."""
        _, made, _ = outcome(parts, order())
        (extra,) = [each for each in made["findings"] if each["detector"] == DETECTOR]

        assert extra["start_ms"] <= CARD[0].start_ms + 40
        assert extra["end_ms"] >= CARD[-1].end_ms - 40
        assert len({each["id"] for each in made["findings"]}) == len(made["findings"])

    def test_only_the_doubtful_answer_is_read_again(
        self, parts: Parts, engines: FakeEngines, order: Callable[..., Order]
    ) -> None:
        """The second opinion hears the card with what is near it, and not the rest of the call."""
        process(parts, order(), USER)
        opinion, _verification = engines.recogniser.opinions  # type: ignore[attr-defined]

        length_ms = CARD[-1].end_ms - CARD[0].start_ms
        assert length_ms <= opinion.heard_ms <= length_ms + 3_000


class TestNoDoubt:
    """A whole card raises none."""

    def test_a_whole_answer_is_read_once(
        self, parts: Parts, engines: FakeEngines, order: Callable[..., Order], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where answers are whole verification alone reads otherwise, and no find is of a second reading."""
        asked: list[FakeRecogniser] = []
        monkeypatch.setattr(
            engines.recogniser, "otherwise", lambda: asked.append(engines.recogniser) or asked[-1]
        )
        _, made, _ = outcome(parts, order())

        assert len(asked) == 1
        assert DETECTOR not in {each["detector"] for each in made["findings"]}


class TestSkipped:
    """A card that the recogniser skips between two questions."""

    @pytest.fixture
    def engines(self) -> FakeEngines:
        """Models of which the recogniser skips digits."""
        engines = FakeEngines()
        engines.__dict__["recogniser"] = Skips()
        return engines

    def test_what_was_skipped_is_cut(self, parts: Parts, order: Callable[..., Order]) -> None:
        """Read once more by itself the card is found, named as a card, and gone."""
        _, made, heard = outcome(parts, order())

        assert "CREDIT_CARD" in {each["entity"] for each in made["findings"]}
        assert not set(SECRETS) & set(heard)

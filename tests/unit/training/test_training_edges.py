"""What the edges of finds are fitted to."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from compliance.records import Channel, Conversation, Role, Span, Turn, Word
from compliance.redact import edges as shipped
from training import edges

CALL = {
    "layout": "stereo",
    "utterances": [
        {
            "channel": "caller", "start": 1.0, "end": 4.0, "text": "I am Odile Quint, for nine dollars.",
            "spans": [{"label": "PERSON", "text": "Odile Quint", "start": 1.5, "end": 2.3}],
            "controls": [{"kind": "Price", "text": "nine dollars", "start": 3.0, "end": 3.9}],
        },
        {
            "channel": "agent", "start": 5.0, "end": 6.0, "text": "Thanks, Odile.",
            "spans": [{"label": "PERSON", "text": "Odile", "start": 5.5, "end": 5.9}],
        },
    ],
}  # fmt: skip


def read(channel: int, *listed: tuple[int, int, str]) -> Turn:
    """A turn as it was read."""
    words = (Word(start_ms=a, end_ms=b, channel=channel, confidence=0.9, text=text) for a, b, text in listed)
    return Turn(channel=channel, words=tuple(words))


HEARD = Conversation(
    duration_ms=7_000,
    channels=tuple(
        Channel(
            index=n,
            role=role,
            language="en",
            language_probability=1,
            voiced=(Span(start_ms=1_000, end_ms=6_000),),
        )
        for n, role in enumerate((Role.AGENT, Role.CALLER))
    ),
    turns=(
        read(1, (1_000, 1_200, "I"), (1_200, 1_400, "am"), (1_450, 1_800, "O'Deal"), (1_800, 2_100, "Quint,"),
             (2_500, 2_800, "for"), (2_900, 3_600, "$9.")),
        read(0, (5_000, 5_300, "Thanks,"), (5_400, 5_700, "Odile.")),
    ),
)  # fmt: skip


def test_a_phrase_is_measured_where_it_was_read() -> None:
    """Each with how long before its words it began and after them it ended; its party's, and no other's."""
    rows = list(edges.measured(HEARD, CALL))

    assert [row[:3] for row in rows] == [
        ("PERSON", 5_400 - 5_500, 5_900 - 5_700),
        ("PERSON", 1_450 - 1_500, 2_300 - 2_100),
        ("!price", 2_900 - 3_000, 3_900 - 3_600),
    ]


def test_rows_hold_no_word(tmp_path: Path) -> None:
    """Figures alone are written down, and read again as they were."""
    edges.write(tmp_path / "r1.csv", edges.measured(HEARD, CALL))
    text = (tmp_path / "r1.csv").read_text()

    assert not any(word in text for word in ("Quint", "Odile", "Deal"))
    with (tmp_path / "r1.csv").open(newline="") as file:
        assert [row["after_ms"] for row in csv.DictReader(file)] == ["200", "200", "300"]


def test_every_set_can_be_read_and_names_the_fields_of_now() -> None:
    """What is shipped was fitted to these."""
    listed = edges.rows()

    assert {f"{edge}.{name}" for edge in edges.QUANTILES for name in edges.Side._fields} < set(listed[0])
    assert len(listed) > 7_000


def test_what_is_shipped_is_what_the_rows_give(tmp_path: Path) -> None:
    """Byte for byte."""
    pytest.importorskip("sklearn", reason="scikit-learn is there for make train-edges alone")
    edges.store(tmp_path / "edges.json", edges.rows())

    assert (tmp_path / "edges.json").read_bytes() == shipped.WEIGHTS.read_bytes()

"""``compliance detect`` as people run it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from compliance.schemas.check import faults

TALK = """Agent: Thank you for calling, what is your name?
Caller: It's Maria Lopez.
Agent: And the card number?
Caller: 4111 1111 1111 1111.
"""


def written(place, name: str, text: str | bytes) -> Path:
    """A file in the working folder."""
    path = place.here / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def lines(out: str) -> list[dict[str, object]]:
    """JSON lines, each of which keeps its contract."""
    read = [json.loads(line) for line in out.splitlines()]
    assert [faults(each) for each in read] == [[]] * len(read)
    return read


def test_findings_of_a_dialogue_are_json_lines(compliance, place) -> None:
    """Each finding with its place and its rule; what stands there is not printed, and nothing is kept."""
    done = compliance("detect", "--turns", written(place, "talk.txt", TALK))
    read = lines(done.out)

    assert (done.code, done.err) == (0, "")
    assert [(each["entity"], TALK[each["start"] : each["end"]]) for each in read] == [
        ("PERSON", "Maria Lopez"),
        ("CREDIT_CARD", "4111 1111 1111 1111"),
    ]
    assert "Maria" not in done.out
    assert "4111" not in done.out
    assert not place.home.exists()


def test_standard_input_is_read(compliance, place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file the text comes from standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"my social is 219-09-9999")))
    (line,) = lines(compliance("detect").out)

    assert (line["entity"], line["start"], line["end"]) == ("US_SSN", 13, 24)


def test_a_transcript_tells_turns_and_times(compliance, place) -> None:
    """JSON is known by its beginning; places count within a turn, and times are told."""
    word = {"text": "94107", "start_ms": 2_000, "end_ms": 2_900}
    body = [{"speaker": "Agent", "text": "Your zip code?"}, {"speaker": "Caller", "words": [word]}]
    (line,) = lines(compliance("detect", written(place, "call.json", json.dumps(body))).out)

    assert {name: line[name] for name in ("turn", "start", "end", "start_ms", "end_ms")} == {
        "turn": 1,
        "start": 0,
        "end": 5,
        "start_ms": 2_000,
        "end_ms": 2_900,
    }


def test_a_profile_decides(compliance, place) -> None:
    """What the profile does stands in each line."""
    done = compliance("detect", "--turns", "--profile", "numbers-only", written(place, "talk.txt", TALK))

    assert [each["action"] for each in lines(done.out)] == ["keep", "cut"]


def test_findings_are_shown_in_place(compliance, place) -> None:
    """The text with its findings in brackets, and why beneath."""
    out = compliance("detect", "--turns", "--explain", written(place, "talk.txt", TALK)).out

    assert "Caller: ‹4111 1111 1111 1111›1.\n    1  CREDIT_CARD cut  " in out
    assert "Caller: It's ‹Maria Lopez›1." in out


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("latin.txt", b"caf\xe9 secret", "text_invalid"),
        ("back.json", '[{"words": [{"text": "secret", "start_ms": 5, "end_ms": 1}]}]', "transcript_invalid"),
        ("cut.json", '[{"text": "secret"', "transcript_invalid"),
    ],
)
def test_what_cannot_be_read_is_refused(name: str, body: str | bytes, reason: str, compliance, place) -> None:
    """Exit code 2, one line with the reason, and nothing of the text."""
    done = compliance("detect", written(place, name, body))

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert done.err.rstrip().endswith(f"[{reason}]")
    assert "secret" not in done.err


def test_an_unknown_profile_or_file_is_refused(compliance, place) -> None:
    """Both are named."""
    assert "nope" in compliance("detect", "--profile", "nope", written(place, "a.txt", "a")).err
    assert compliance("detect", place.here / "none.txt").err.rstrip().endswith("[argument_invalid]")


def test_policy_check_lists_the_profiles(compliance) -> None:
    """Profiles are policy files, and are checked with the rest."""
    done = compliance("policy", "check")

    assert done.code == 0
    assert "default, gdpr, hipaa-safe-harbor, numbers-only, pci" in done.out

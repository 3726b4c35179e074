"""Every reason word has a sentence, and every hold a way out."""

from __future__ import annotations

import pytest

from compliance.cli.reasons import MEANINGS, classes, commands, exit_code, meaning, remedy
from compliance.records import Outcome, State

HOLDS = [
    *(f"consent_{outcome.value}" for outcome in Outcome if outcome is not Outcome.SATISFIED),
    *("residual_found", "samples_differ", "finding_in_notice", "speech_unread"),
]


@pytest.mark.parametrize("reason", sorted({each.reason for each in classes()} | set(MEANINGS) | set(HOLDS)))
def test_every_reason_has_a_sentence(reason) -> None:
    """No word is left to be guessed at."""
    assert meaning(reason).endswith(".")
    assert "No more is known" not in meaning(reason)


@pytest.mark.parametrize("reason", HOLDS)
def test_every_hold_says_what_can_be_done(reason) -> None:
    """A person who reads why also reads what next."""
    assert remedy(reason).endswith(".")


def test_a_held_recording_has_three_ways_out() -> None:
    """Retry, release, destroy; one that is destroyed has none."""
    assert [each.split()[2] for each in commands(State.HELD)] == ["retry", "release", "destroy"]
    assert commands(State.DESTROYED) == ()


@pytest.mark.parametrize(
    ("reasons", "code"),
    [
        ((), 3),
        (("consent_missing",), 3),
        (("residual_found", "speech_unread"), 3),
        (("language_not_supported",), 3),
        (("internal_error",), 1),
        (("disk_full",), 1),
        (("storage_unavailable",), 1),
        (("media_truncated",), 2),
    ],
)
def test_the_exit_code_follows_the_reason(reasons, code) -> None:
    """A hold is 3, a failure of ours 1, bad input 2."""
    assert exit_code(reasons) == code

"""A tenant's certified wording counts as such, misheard words and all; what is only like it does not."""

from __future__ import annotations

import time
from typing import Any

import pytest

from compliance.consent.law import Disclosure, Script, Wording
from compliance.consent.notice import Force, hear
from compliance.consent.scripts import MOST, scripted
from compliance.consent.sentences import sentences

LOG = "Tidewater keeps an audio log of every chat for its garden academy."
LONG = (
    "Thank you for calling Harbor Bank. This call may be monitored or recorded for quality assurance. "
    "By continuing you agree."
)
SHORT = "Calls are recorded."
MACHINE = "Juno answers for Larkspur, and nobody of flesh and blood does."


def scripts(*texts: str, wording: Wording = Wording.IS) -> Disclosure:
    """A tenant with these wordings of notice."""
    return Disclosure(recording_scripts=tuple(Script(text=text, wording=wording) for text in texts))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (LOG, LOG),
        (LOG, "hi um tied water keeps an all deal log of every chat for it's guard in a cat me okay"),
        (LOG, "Tidewater keep an audio log every chat, for its garden economy. How can I help?"),
        (LONG, LONG),
        (LONG, "thank you for calling harper bang this coal may be mon it ored or recorded for quality"
               " insurance by continuing you agree"),
        (SHORT, "Hello, calls are recorded."),
    ],
)  # fmt: skip
def test_a_script_is_known_though_misheard(say: Any, script: str, said: str) -> None:
    """Words alike in sound or spelling, words torn, joined or lost; over several sentences too."""
    found = hear(say(f"A: {said}"), scripts(script, wording=Wording.MAY)).notices

    assert Force.MAY in [each.force for each in found]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (LOG, "Tidewater keeps a log of its garden."),
        (LOG, "Tidewater keeps a list of every plant at its garden center."),
        (LONG, "Thank you for calling Harbor Bank. How may I help you?"),
        (LONG, "By continuing you agree."),
        (SHORT, "Calls are returned."),
        (SHORT, "Calls are answered in order."),
        (SHORT, "Calls"),
        ("", "Anything at all."),
        ("?!", "Anything at all."),
    ],
)
def test_what_is_only_like_a_script_is_none(say: Any, script: str, said: str) -> None:
    """A part of it, or other words in its place."""
    assert hear(say(f"A: {said}"), scripts(script)).notices == ()


def test_a_script_counts_each_time_it_is_said(say: Any) -> None:
    """Whoever joins later needs a notice of their own."""
    call = say(f"A: {LOG}", "C: My sink is leaking.", f"A: I will say it again. {LOG}")

    first, second = hear(call, scripts(LOG)).notices

    assert first.span.end_ms < second.span.start_ms


def test_a_script_of_the_callers_is_no_notice(say: Any) -> None:
    """The caller may read it out; nobody has been told by that."""
    assert hear(say(f"C: {LOG}"), scripts(LOG)).notices == ()


def test_a_machines_script_is_a_disclosure(say: Any) -> None:
    """By words that nothing else would tell."""
    tenant = Disclosure(ai_scripts=(Script(text=MACHINE),))
    (span,) = hear(
        say("A: Juno answers for lark spur and nobody of flash and blood does."), tenant
    ).ai_disclosures

    assert span.start_ms == 0


def test_a_search_for_scripts_is_bounded(say: Any) -> None:
    """A recogniser in a loop, or a script said without end, costs no more than its length."""
    call = say("A: " + " ".join(["calls are recorded"] * 3_000))

    began = time.process_time()
    hear(call, scripts(SHORT, LONG))

    assert time.process_time() - began < 5
    assert len(list(scripted(sentences(call), [Script(text=SHORT)]))) == MOST

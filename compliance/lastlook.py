"""The last look at a run before anything of it leaves: its files, its sound, and its events in the log."""

from __future__ import annotations

import json
from collections.abc import Sequence

from compliance.artifacts import Checked, media_name
from compliance.cutting import ordered_spans
from compliance.records import Output, Stage
from compliance.redact.inventory import Inventory
from compliance.redact.language import lines, sentences
from compliance.redact.ordered import of_findings, silenced
from compliance.run import Run
from compliance.store import events

EVENTS = "audit events"
"""The name under which the recording's events stand among what was searched."""


def inventory(run: Run, checked: Checked) -> Inventory:
    """What was removed from the run's recording."""
    conversation = run.value(Stage.TRANSCRIBE)
    return Inventory(
        conversation,
        run.value(Stage.DETECT),
        of_findings(checked.redaction.cuts),
        unheard=silenced(conversation, ordered_spans(run)),
    )


def searched(checked: Checked, texts: Sequence[tuple[Output, bytes]]) -> tuple[str, ...]:
    """What is looked at, by name; the manifest, which lists these, is looked at last."""
    sounds = (each.file for each in checked.redaction.outputs)
    return (*sounds, *(each.file for each, _ in texts), EVENTS)


def is_left(run: Run, stock: Inventory, texts: Sequence[tuple[Output, bytes]]) -> bool:
    """Whether a value that was removed is still in the sound's file, in a text, or in an event.

    The log is only looked at, not mended: nothing in it is ever changed.
    """
    said = any(stock.said(each) for output, body in texts for each in lines(output.file, body))
    with run.parts.database.read() as connection:
        told = [json.loads(row.body) for row in events.of_recording(connection, run.id)]
    return said or bool(stock.told(list(sentences(told)))) or _in_sound(run, stock)


def _in_sound(run: Run, stock: Inventory) -> bool:
    names = [media_name(index) for index in range(len(run.value(Stage.INTAKE)))]
    return any(bool(stock.written(run.parts.vault.open(run.id, name))) for name in names)


def tells(stock: Inventory, document: bytes) -> bool:
    """Whether the manifest says something that was removed.

    What it says of consent is left out: it is made of facts without words and cites the law, and a
    caller may be called Smith, as in *Smith v. LoanMe*, or have a code like the number of a section.
    """
    told = {name: each for name, each in json.loads(document).items() if name != "consent"}
    return bool(stock.told(list(sentences(told))))

"""A verdict judged anew, and what other policies would change: as tables, lines and documents."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from compliance.cli.summary import safe
from compliance.consent import verdict_file
from compliance.consent.verdict_file import Difference
from compliance.replay import Impact, Replay

_LISTS = ("reasoning", "places", "policies", "citation")
"""What is too long for a table; the document has it in full."""


def document(found: Replay, as_of: date | None) -> dict[str, Any]:
    """A replay as JSON, schema compliance/consent-replay/1."""
    return {
        "schema": "compliance/consent-replay/1",
        "recording": str(found.kept.recording_id),
        "day": found.kept.facts.day.isoformat(),
        "as_of": None if as_of is None else as_of.isoformat(),
        "is_equal": found.is_equal,
        "facts_sha256": found.kept.facts_sha256,
        "verdict_sha256": found.kept.verdict_sha256,
        "was": dict(found.kept.verdict),
        "now": verdict_file.document(found.now),
        "differences": [_difference(each) for each in found.differences],
    }


def _difference(each: Difference) -> dict[str, Any]:
    return {"field": each.field, "was": each.was, "now": each.now}


def show(found: Replay) -> None:
    """The differences as a table, or that there are none."""
    console = Console()
    if found.is_equal:
        console.print(safe(f"The same verdict, byte for byte: {found.now.outcome}.", "green"))
        console.print(safe(found.now.sentence))
        return
    console.print(safe("Another verdict:", "bold yellow"))
    console.print(_table(found.differences))
    for line in _files(found):
        console.print(line)


def _table(differences: Iterable[Difference]) -> Table:
    table = Table("field", "was", "now", box=None, pad_edge=False)
    for each in differences:
        if each.field not in _LISTS:
            table.add_row(safe(each.field), safe(_cell(each.was)), safe(_cell(each.now)))
    return table


def _cell(value: Any) -> str:
    """A value of a verdict, as people read it in a table."""
    if isinstance(value, list):
        return ", ".join(_cell(each) for each in value) or "none"
    if isinstance(value, Mapping):
        is_span = value.keys() == {"channel", "start_ms", "end_ms"}
        span = f"{value.get('start_ms')}-{value.get('end_ms')} ms on channel {value.get('channel')}"
        return span if is_span else ", ".join(f"{name}: {_cell(each)}" for name, each in value.items())
    return "none" if value is None else str(value)


def _files(found: Replay) -> Iterator[Any]:
    """The policy files that are not those of the first verdict."""
    was = {each["file"]: each["sha256"] for each in found.kept.verdict["policies"]}
    for ref in found.now.policies:
        if was.get(ref.file) != ref.sha256:
            yield safe(f"{ref.file} is another file than the verdict was judged by", "dim")


def write_lines(found: Iterable[Impact], counts: Mapping[str, int]) -> None:
    """A line a call, as it is found."""
    for each in found:
        sys.stdout.write(f"{each.recording_id}  {each.refused or _change(each)}\n")
    sys.stdout.write(f"{counts['changed']} of {counts['calls']} calls would change.\n")


def _change(each: Impact) -> str:
    """Both outcomes and what is done, before and after."""
    assert each.replay is not None, "what changed was judged"
    was, now = each.replay.kept.verdict, each.replay.now
    before = f"{was['outcome']} / {was['ai']['outcome']} ({', '.join(was['acts'])})"
    return f"{before} -> {now.outcome} / {now.ai.outcome} ({', '.join(now.acts)})"


def write_json(found: Iterable[Impact], counts: Mapping[str, int]) -> None:
    """One document, schema compliance/consent-impact/1, written as calls are found."""
    sys.stdout.write('{\n "schema": "compliance/consent-impact/1",\n "changes": [')
    comma = ""
    for each in found:
        sys.stdout.write(f"{comma}\n  {json.dumps(_entry(each), ensure_ascii=False)}")
        comma = ","
    numbers = "".join(f',\n "{name}": {number}' for name, number in counts.items())
    sys.stdout.write(f"\n ]{numbers}\n}}\n")


def _entry(each: Impact) -> dict[str, Any]:
    if each.replay is None:
        return {"recording": each.recording_id, "refused": each.refused, "differences": []}
    changed = [_difference(d) for d in each.replay.differences if d.field not in _LISTS]
    return {"recording": each.recording_id, "refused": None, "differences": changed}

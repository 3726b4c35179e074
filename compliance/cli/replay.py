"""``compliance consent replay`` and ``impact``: verdicts judged anew from the facts that were kept."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from compliance import embedded, replay
from compliance.audit import log
from compliance.audit.events import EventKind, event
from compliance.bootstrap import build
from compliance.cli.policy import Folder, Json, Overlay, loaded
from compliance.cli.process import operator
from compliance.cli.replayed import document, show, write_json, write_lines
from compliance.consent import obligations_file
from compliance.errors import FactsAltered
from compliance.parts import Parts
from compliance.records import PolicyRef
from compliance.replay import Impact, Policies, Replay
from compliance.settings import load
from compliance.store import consent

DIFFERS = 1
AsOf = Annotated[
    datetime | None,
    typer.Option(
        "--as-of", formats=["%Y-%m-%d"], help="Apply the law of this day.  [default: the day of the call]"
    ),
]


def replay_(
    recording_id: Annotated[str, typer.Argument(metavar="RECORDING", show_default=False)],
    policies: Folder = None,
    overlay: Overlay = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Judge a recording's consent anew from the facts that were kept, also when it is long destroyed.

    Exit code 0: the same verdict, byte for byte.  1: a different one; the differences are shown.
    Facts that are not those of the audit log are refused.
    """
    parts = build(load())
    by = _by(parts, policies, overlay, as_of)
    with parts.database.read() as connection:
        was = replay.kept(connection, recording_id)
    found = replay.replayed(was, by)
    _record_replay(parts, found)
    embedded.seal(parts)
    if as_json:
        sys.stdout.write(json.dumps(document(found, by.on_date), indent=2, ensure_ascii=False) + "\n")
    else:
        show(found)
    raise typer.Exit(0 if found.is_equal else DIFFERS)


def impact(
    policies: Annotated[
        Path, typer.Option("--policies", help="Folder of the policies to try.", show_default=False)
    ],
    overlay: Overlay = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """List the stored calls whose verdict, or what is done upon it, would change under other policies.

    Nothing is changed.  Exit code 1: facts of some calls were refused; those are listed too.
    """
    parts = build(load())
    by = _by(parts, policies, overlay, as_of)
    counts = dict.fromkeys(("calls", "changed", "refused"), 0)
    with _bar(parts) as bar:
        task = bar.add_task("judging anew", total=_total(parts))
        found = _counted(replay.impacts(parts.database, by, told=lambda: bar.advance(task)), counts)
        (write_json if as_json else write_lines)(found, counts)
    _record_impact(parts, by, counts)
    embedded.seal(parts)
    if counts["refused"]:
        raise FactsAltered(f"the facts of {counts['refused']} calls are not those of the audit log")


def _by(parts: Parts, policies: Path | None, overlay: Path | None, as_of: datetime | None) -> Policies:
    """The policies of this deployment, but for what is named instead."""
    return Policies(
        law=parts.law if policies is None and overlay is None else loaded(policies, overlay),
        orders=parts.orders if policies is None else obligations_file.load(policies),
        on_date=None if as_of is None else as_of.date(),
    )


def _bar(parts: Parts) -> Progress:
    """A bar on standard error, where that is a terminal.

    Lines go above the bar where standard output is the same screen, and never to it where it is a pipe.
    """
    console = Console(stderr=True)
    return Progress(
        TextColumn("  {task.description}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        redirect_stdout=sys.stdout.isatty(),
    )


def _total(parts: Parts) -> int:
    with parts.database.read() as connection:
        return consent.count(connection)


def _counted(found: Iterable[Impact], counts: dict[str, int]) -> Iterator[Impact]:
    """Those that change or were refused, while all are counted."""
    for each in found:
        counts["calls"] += 1
        counts["changed"] += each.is_changed
        counts["refused"] += each.refused is not None
        if each.is_changed or each.refused:
            yield each


def _record_replay(parts: Parts, found: Replay) -> None:
    """Who had a verdict judged anew, and whether it is the same."""
    told = event(
        EventKind.CONSENT_REPLAYED,
        recording_id=found.kept.recording_id,
        key=secrets.token_hex(16),
        occurred_at_ms=parts.now_ms(),
        actor=operator(),
        verdict=str(found.now.outcome),
        is_equal=found.is_equal,
        facts_sha256=found.kept.facts_sha256,
        verdict_sha256=found.kept.verdict_sha256,
        policies=_refs(found.now.policies),
    )
    with parts.database.begin() as connection:
        log.record(connection, told)


def _record_impact(parts: Parts, by: Policies, counts: Mapping[str, int]) -> None:
    """Who tried other policies on all calls, and how many would change."""
    own = (by.orders.policy, by.law.disclosure.policy, *(rule.policy for rule in by.law.ai))
    rules = (rule.policy for versions in by.law.rules.values() for rule in versions)
    told = event(
        EventKind.CONSENT_IMPACT_LISTED,
        recording_id=None,
        key=secrets.token_hex(16),
        occurred_at_ms=parts.now_ms(),
        actor=operator(),
        policies=_refs(ref for ref in (*own, *rules) if ref is not None),
        calls=counts["calls"],
        changed=counts["changed"],
        refused=counts["refused"],
    )
    with parts.database.begin() as connection:
        log.record(connection, told)


def _refs(refs: Iterable[PolicyRef]) -> dict[str, str]:
    return {ref.file: ref.sha256 for ref in refs}

"""``compliance audit index``: make every sealed event findable, and see that none was hidden."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from compliance.audit.indexing import IndexReport, catch_up, compare
from compliance.bootstrap import build
from compliance.cli.printable import printable
from compliance.settings import load

HIDDEN = 1


def index(
    is_checked: Annotated[
        bool, typer.Option("--check", help="Look up every event of the log as a question would.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Make findable what was sealed; a service does that each second, and after an upgrade it takes a while.

    With --check each event is looked up by all that it is.  Exit code 0: every event is found.  1: some
    would be missed by a question, and the first are named; the log itself is checked by verify.
    """
    database = build(load()).database
    size = catch_up(database)
    if not is_checked:
        _write({"schema": "compliance/audit-index/1", "size": size, "verdict": None}, as_json)
        return
    with database.read() as connection, Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Comparing", total=size)
        report = compare(connection, lambda done, _: bar.update(task, completed=done))
    _write(document(report), as_json)
    raise typer.Exit(0 if report.is_right else HIDDEN)


def document(report: IndexReport) -> dict[str, Any]:
    """The report as a document, schema compliance/audit-index/1."""
    return {
        "schema": "compliance/audit-index/1",
        "size": report.size,
        "verdict": "valid" if report.is_right else "invalid",
        "hidden": list(report.hidden),
        "surplus": report.surplus,
    }


def _write(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
        return
    Console().print(printable(_sentence(told)), soft_wrap=True)


def _sentence(told: dict[str, Any]) -> str:
    if told["verdict"] is None:
        return f"{told['size']} sealed events can be found."
    if told["verdict"] == "valid":
        return f"Valid: each of {told['size']} sealed events is found by all that it is."
    hidden = ", ".join(told["hidden"]) or "none"
    return (
        f"NOT VALID: of {told['size']} sealed events these would be missed or misplaced: {hidden}; "
        f"entries of which the log knows nothing: {told['surplus']}."
    )

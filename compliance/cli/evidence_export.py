"""``compliance evidence export``: recordings for others, in one file that proves itself."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from compliance import embedded
from compliance.bootstrap import build, policies_folder
from compliance.cli.process import operator
from compliance.cli.summary import facts, safe
from compliance.evidence.export import Exported
from compliance.evidence.export import export as export_
from compliance.evidence.request import request
from compliance.settings import load


def export(
    recordings: Annotated[
        list[str],
        typer.Argument(metavar="RECORDING...", help="Ids of released recordings.", show_default=False),
    ],
    matter: Annotated[str, typer.Option(help="What the case is called; in the bundle, not in the log.")],
    purpose: Annotated[str, typer.Option(help="What it is for, in a line; in the bundle, not in the log.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", metavar="FILE", help="The ZIP.  [default: ./<export id>.zip]", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the bundle's index.")] = False,
) -> None:
    """Make a bundle of evidence: released recordings with their log entries, proofs and policies.

    The export is itself in the log, before the first byte is read. Recordings that are held, destroyed
    or were not found clean are refused. Tell the other side the key's fingerprint by another way.
    """
    settings = load()
    parts = build(settings, seals=True)
    wanted = request(recordings, matter=matter, purpose=purpose, created_at_ms=parts.now_ms())
    target = out or Path(f"{wanted.id}.zip")
    done = export_(
        parts,
        wanted,
        target,
        actor=operator(),
        policies=policies_folder(settings),
        seal=partial(embedded.seal, parts),
    )
    if as_json:
        sys.stdout.write(json.dumps(done.index, indent=2, ensure_ascii=False) + "\n")
    else:
        _tell(done, target)


def _tell(done: Exported, target: Path) -> None:
    """What was made, what is missing in it, and what the other side must be told."""
    index, console = done.index, Console()
    count = len(index["recordings"])
    holds = "1 recording" if count == 1 else f"{count} recordings"
    entries = sum(len(each["events"]) for each in index["recordings"])
    gone = [each["file"] for each in index["policies"] if each["path"] is None]
    rows = [
        ("bundle", safe(f"{target} · {target.stat().st_size:,} bytes")),
        ("holds", safe(f"{holds}, {entries} log entries and the export's own")),
        ("sealed by", safe(done.event_id)),
        ("key", safe(done.key_fingerprint, "bold")),
        ("verify.py", safe(f"SHA-256 {done.verifier_sha256}")),
    ]
    rows += [("not in it", safe(f"policies no longer at hand: {', '.join(gone)}", "yellow"))] if gone else []
    console.print(facts(rows), highlight=False)
    console.print(
        Text("Tell the other side the fingerprint of the key and the SHA-256 of verify.py by another way.")
    )

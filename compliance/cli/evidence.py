"""``compliance evidence``: what others need in order not to have to believe us."""

from __future__ import annotations

import typer

from compliance.cli.compare import compare
from compliance.cli.evidence_export import export
from compliance.cli.evidence_verify import verify

HELP = (
    "Hand recordings to others with proof, check such a bundle, and check what a recording proves of itself."
)

app = typer.Typer(no_args_is_help=True, help=HELP)


app.command()(export)
app.command()(verify)
app.command()(compare)

"""``compliance evidence``: what others need in order not to have to believe us."""

from __future__ import annotations

import typer

from compliance.cli.compare import compare

app = typer.Typer(no_args_is_help=True, help="Check what a redacted recording proves about itself.")


@app.callback()
def evidence() -> None:
    """Check what a redacted recording proves about itself."""


app.command()(compare)

"""``compliance settings``: every setting, what it means, what it is here, and who said so."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from compliance.settings import Settings, load

PREFIX = "COMPLIANCE_"
MASK = "********"
MASKED = frozenset({"database_url", "broker_url", "business_number", "anchors", "timestamp_url"})
"""Values that may carry a password or a number, though they are not typed as secrets."""


def settings(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List every setting with its meaning, its value here, and where that value comes from.

    Each is an environment variable.  Secrets, and addresses that may hold a password,
    are never printed.
    """
    rows = listed(load())
    if as_json:
        typer.echo(json.dumps({"schema": "compliance/settings/1", "settings": rows}, indent=2))
        return
    console = Console()
    for row in rows:
        value = escape(row["value"])
        console.print(f"[bold]{row['variable']}[/] = {value} [dim]({row['from']})[/]", highlight=False)
        console.print(Padding(escape(row["meaning"]), (0, 0, 1, 4)), highlight=False)


def listed(chosen: Settings) -> list[dict[str, str]]:
    """Every setting in the order of its class, with secrets masked."""
    return [
        {
            "variable": variable(name),
            "value": shown(name, getattr(chosen, name)),
            "from": "environment" if _is_set(name) else "default",
            "meaning": field.description or "",
        }
        for name, field in Settings.model_fields.items()
    ]


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def shown(name: str, value: object) -> str:
    """A value as it may be printed."""
    if value is None or value == () or value == {}:
        return "not set"
    if isinstance(value, dict):
        return ", ".join(f"{key}:{MASK}" for key in value)
    if isinstance(value, SecretStr) or name in MASKED:
        return MASK
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def page() -> str:
    """``docs/settings.md``, written from the settings themselves."""
    rows = "".join(
        f"| `{variable(name)}` | {default(field)} | {(field.description or '').replace('|', '&#124;')} |\n"
        for name, field in Settings.model_fields.items()
    )
    return (
        "# Settings\n\n"
        "Each is an environment variable, read once, at start. `compliance settings` lists them with their\n"
        "values here, secrets masked. This page is written by `python -m compliance.cli.settings`.\n\n"
        "| variable | default | meaning |\n| --- | --- | --- |\n" + rows
    )


def default(field: FieldInfo) -> str:
    """The default of a setting as the page shows it."""
    value = field.get_default(call_default_factory=False)
    if value in (None, (), "") or field.default_factory:
        return "–"
    return f"`{', '.join(value)}`" if isinstance(value, tuple) else f"`{value}`"


def _is_set(name: str) -> bool:
    """Whether the environment says something of a setting; case does not matter, as when it is read."""
    return any(key.upper() == variable(name) for key in os.environ)


if __name__ == "__main__":
    typer.echo(page(), nl=False)

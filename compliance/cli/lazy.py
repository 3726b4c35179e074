"""A group of commands whose modules are imported only when they are called for.

Speech recognition, spaCy and SQLAlchemy take seconds to import; ``--help``,
completion and a mistyped command need none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One command, and where it is to be found."""

    name: str
    place: str
    """``module:attribute``; the attribute is a Typer app or a function."""
    summary: str
    panel: str

    def load(self) -> Any:
        """The command itself, its module imported now."""
        module, _, attribute = self.place.partition(":")
        found: typer.Typer | Callable[..., None] = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            group = get_group(found)
            group.name = self.name
            return group
        alone = typer.Typer(add_completion=False)
        alone.command(self.name)(found)
        return get_command(alone)

    def stub(self) -> TyperCommand:
        """What help and completion show of it."""
        return TyperCommand(self.name, help=self.summary, rich_help_panel=self.panel)


class LazyGroup(TyperGroup):
    """Lists what ``ENTRIES`` of a subclass name, and imports the one that is called."""

    entries: Sequence[Entry] = ()

    def __init__(self, **attributes: Any) -> None:
        """Every command stands in the list by its summary."""
        super().__init__(**attributes)
        self.commands.update({entry.name: entry.stub() for entry in self.entries})

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that is called, in full."""
        name, stub, rest = super().resolve_command(ctx, args)
        entry = next((each for each in self.entries if each.name == name), None)
        return name, stub if entry is None else entry.load(), rest

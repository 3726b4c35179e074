"""Text from a database that somebody may have altered, made fit for a terminal."""

from __future__ import annotations

from rich.text import Text


def printable(text: str, style: str = "") -> Text:
    """The text with nothing in it that a terminal would obey: rows of an altered log may hold anything."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return Text(shown, style=style, overflow="fold")

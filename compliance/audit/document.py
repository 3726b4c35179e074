"""Writes docs/events.md from the registry: ``python -m compliance.audit.document > docs/events.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from compliance.audit import registry
from compliance.audit.events import SCHEMA

_HEAD = f"""\
# Audit events

Written from `compliance/audit/registry.yaml` by `python -m compliance.audit.document > docs/events.md`;
change the registry, not this page.

Every event has the schema `{SCHEMA}` and this envelope: `id` (the same for every try of the same
step), `kind`, `occurred_at_ms` (Unix time in milliseconds), `recording_id` (or null), `actor` (`type` person,
service or model; `id`; `role`), `outcome` (`success` or `failure`), `reason` (a word of `docs/errors.md` or
another stable word, or null) and `fields`, listed below. The bytes that are stored, hashed and handed over
are its canonical JSON (RFC 8785).

No type has room for a sentence, a telephone number or a card number, and most are closed lists. What was said
is referred to by digests of what lies in the vault.

## Types

| Type | What it admits |
| --- | --- |
"""


def page() -> str:
    """The whole page as Markdown."""
    return _HEAD + "".join(_types()) + "\n## Kinds\n" + "".join(_kinds())


def _types() -> Iterator[str]:
    for name, (meaning, _) in registry.TYPES.items():
        yield f"| {name} | {meaning} |\n"
    yield "| `a` or `b` | one of the words listed |\n"


def _kinds() -> Iterator[str]:
    for kind in registry.kinds().values():
        yield f"\n### {kind.name}\n\n{kind.meaning}\n\n"
        yield from (_field(each) for each in kind.fields.values())


def _field(field: registry.Field) -> str:
    kind = " or ".join(f"`{each}`" for each in field.type.split("|")) if "|" in field.type else field.type
    return f"- `{field.name}`: {kind}{', optional' if field.is_optional else ''}\n"


if __name__ == "__main__":
    sys.stdout.write(page())

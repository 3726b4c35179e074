"""Writes what comes from the registry: the enum of kinds, the contract of an event, and docs/events.md.

python -m compliance.audit.document > docs/events.md
python -m compliance.audit.document kinds > compliance/audit/kinds.py
python -m compliance.audit.document contract > compliance/schemas/event-1.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from compliance.audit import contract, registry

_HEAD = f"""\
# Audit events

Written from `compliance/audit/registry.yaml` by `python -m compliance.audit.document > docs/events.md`;
change the registry, not this page. The enum `compliance/audit/kinds.py` and the JSON Schema
`compliance/schemas/event-1.json` come from it as well (`… document kinds`, `… document contract`).

Every event has the schema `{contract.SCHEMA}` and this envelope: `id` (the same for every try of the same
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

_KINDS = '''\
"""The kinds of event.  Written from ``registry.yaml``: ``python -m compliance.audit.document kinds``."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """The kinds of event, as the registry lists them with meaning and fields."""

'''
_SECRETIVE: Final = ("token", "password", "secret")
"""Words that a linter takes for a secret beside a string."""


def page() -> str:
    """docs/events.md, the whole page as Markdown."""
    return _HEAD + "".join(_types()) + "\n## Kinds\n" + "".join(_kinds())


def kinds() -> str:
    """compliance/audit/kinds.py: the enum as source, since a type checker reads no YAML."""
    return _KINDS + "".join(_member(name) for name in registry.kinds())


def contract_text() -> str:
    """compliance/schemas/event-1.json."""
    return json.dumps(contract.schema(), indent=2) + "\n"


def _member(name: str) -> str:
    noise = "  # noqa: S105 - the name of a kind" if any(each in name for each in _SECRETIVE) else ""
    return f'    {name.replace(".", "_").upper()} = "{name}"{noise}\n'


def _types() -> Iterator[str]:
    for name, each in registry.TYPES.items():
        yield f"| {name} | {each.meaning} |\n"
    yield "| `a` or `b` | one of the words listed |\n"


def _kinds() -> Iterator[str]:
    for kind in registry.kinds().values():
        yield f"\n### {kind.name}\n\n{kind.meaning}\n\n"
        yield from (_field(each) for each in kind.fields.values())


def _field(field: registry.Field) -> str:
    kind = " or ".join(f"`{each}`" for each in field.type.split("|")) if "|" in field.type else field.type
    return f"- `{field.name}`: {kind}{', optional' if field.is_optional else ''}\n"


WRITERS: Mapping[str, Callable[[], str]] = {"page": page, "kinds": kinds, "contract": contract_text}

if __name__ == "__main__":
    sys.stdout.write(WRITERS[sys.argv[1] if len(sys.argv) > 1 else "page"]())

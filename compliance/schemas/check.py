"""The check of our JSON documents against their contracts; the edge to jsonschema.

``compliance/manifest/1`` is described by ``manifest-1.json``, and so on; docs/json.md
tells how they are versioned.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from compliance.errors import ArgumentInvalid


def names() -> tuple[str, ...]:
    """Every contract there is, as documents name it."""
    return tuple(sorted(_schemas()))


def faults(document: Mapping[str, Any]) -> list[str]:
    """Where a document breaks the contract it names, and which rule; empty if it keeps it.

    The values at fault are left out, since they may be anything.

    Raises:
        ArgumentInvalid: it names no contract that is known here.
    """
    name = document.get("schema")
    if not isinstance(name, str) or name not in _schemas():
        raise ArgumentInvalid("the document names no schema that is known here")
    found = _validator(name).iter_errors(document)
    return sorted(f"{each.json_path}: {each.validator}" for each in found)


@cache
def _schemas() -> Mapping[str, dict[str, Any]]:
    """Every schema, by the name that documents give."""
    files = [each for each in resources.files(__package__).iterdir() if each.name.endswith(".json")]
    read = [json.loads(each.read_text(encoding="utf-8")) for each in files]
    return {each["properties"]["schema"]["const"]: each for each in read}


@cache
def _validator(name: str) -> Draft202012Validator:
    """The validator of one contract; the others are known to it by their ids, and nothing is fetched."""
    known = [(each["$id"], Resource.from_contents(each)) for each in _schemas().values()]
    registry: Registry[Any] = Registry().with_resources(known)
    return Draft202012Validator(_schemas()[name], registry=registry)

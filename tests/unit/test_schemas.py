"""The contracts of our JSON documents."""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from compliance import records
from compliance.audit import registry
from compliance.audit.checks import report
from compliance.consent import law
from compliance.errors import ArgumentInvalid
from compliance.evidence import verify_alone as alone
from compliance.redact import recheck
from compliance.schemas.check import faults, names

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "compliance/schemas").glob("*.json"))
FOR_PEOPLE = {
    "event",
    "redaction-profile",
    "consent-policy",
    "ai-policy",
    "consent-obligations",
    "disclosure",
    "retention",
    "vendors",
}
"""Schemas of what is not printed as JSON: events have a page of their own, the rest are policy files."""


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a schema."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from parts(each)
    elif isinstance(value, list):
        for each in value:
            yield from parts(each)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_contract_is_a_schema_and_strict(path) -> None:
    """Draft 2020-12; no object takes what is not described, and every field has a description."""
    schema = json.loads(path.read_text())
    Draft202012Validator.check_schema(schema)

    for each in parts(schema):
        if each.get("type") == "object":
            assert each["additionalProperties"] is False
            assert all(
                "description" in field or "$ref" in field or "const" in field
                for field in each["properties"].values()
            )
    assert path.stem == schema["properties"]["schema"]["const"].removeprefix("compliance/").replace("/", "-")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_closed_lists_are_those_of_the_code(path) -> None:
    """A list of words in a contract is one of our enums or of the registry's, in full, or none of them."""
    enums = closed(*vars(records).values(), *vars(law).values())
    enums += [set(alone.CHECKS), set(alone.STANDINGS), set(alone.VERDICTS.values())]
    # Of one document alone: others may use the same words.
    of_the_log = closed(*vars(report).values(), *vars(recheck).values())
    listed = [
        set(field.type.split("|"))
        for kind in registry.kinds().values()
        for field in kind.fields.values()
        if "|" in field.type
    ]
    for each in parts(json.loads(path.read_text())):
        words = set(each["enum"]) - {None} if isinstance(each.get("enum"), list) else set()
        for known in enums:
            is_whole = words in (known, *enums, *of_the_log, *listed)
            assert not words & known or is_whole, each.get("description")


def closed(*values: Any) -> list[set[str]]:
    """The words of each enum among some values."""
    return [
        {each.value for each in kind}
        for kind in values
        if isinstance(kind, type) and issubclass(kind, enum.StrEnum) and kind is not enum.StrEnum
    ]


def test_the_docs_list_every_contract() -> None:
    """docs/json.md names each schema that the code writes, and links every file."""
    page = (ROOT / "docs/json.md").read_text()
    written = {
        found
        for path in (ROOT / "compliance").rglob("*.py")
        for found in re.findall(r'"compliance/([a-z-]+/[0-9]+)"', path.read_text())
    }

    assert not [
        each
        for each in written
        if each.partition("/")[0] not in FOR_PEOPLE and f"`compliance/{each}`" not in page
    ]
    assert not [path.name for path in FILES if f"`{path.name}`" not in page]


def test_a_fault_is_placed_and_not_quoted() -> None:
    """What breaks a contract is told by its place; the value may be anything and stays unsaid."""
    page = {"schema": "compliance/recordings/1", "recordings": "4539 1488", "after": None}

    assert faults(page) == ["$.recordings: type"]
    assert faults(page | {"recordings": []}) == []


@pytest.mark.parametrize("document", [{}, {"schema": "compliance/unheard-of/1"}, {"schema": 1}])
def test_an_unknown_contract_is_refused(document) -> None:
    """A document that names none of ours is not passed as valid."""
    with pytest.raises(ArgumentInvalid):
        faults(document)


def test_a_small_manifest_keeps_its_contract() -> None:
    """The contracts are found where they are installed."""
    assert resources.files("compliance.schemas").joinpath("manifest-1.json").is_file()
    assert "compliance/manifest/1" in names()

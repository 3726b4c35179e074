"""Redaction profiles: what is cut, how, and what becomes of the original."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from compliance.errors import ArgumentInvalid, PolicyInvalid
from compliance.records import Action, Entity, Method, Originals, PolicyRef

SCHEMA = "compliance/redaction-profile/1"
SENSITIVE_AUTHENTICATION_DATA = frozenset({Entity.CARD_VERIFICATION_CODE, Entity.PIN})
"""What must not be stored after authorisation, even encrypted (PCI DSS v4.0.1, 3.3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One profile, as loaded.  Times in milliseconds."""

    name: str
    actions: Mapping[Entity, Action]
    """For every kind of finding."""
    methods: Mapping[Entity, Method]
    before_ms: int
    after_ms: int
    join_ms: int
    reach_ms: int
    originals: Originals
    keeps_authentication_data: bool
    """Whether a held recording may keep codes and PINs, encrypted."""
    writes_held: bool
    """Whether redacted files of a held recording are written out."""
    ref: PolicyRef


class _Pads(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    before_ms: int = Field(ge=0, le=5_000)
    after_ms: int = Field(ge=0, le=5_000)


class _File(BaseModel):
    """A profile's file, checked at the door."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: Literal["compliance/redaction-profile/1"] = Field(alias="schema")
    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")
    meaning: str
    entities: dict[Literal["default"] | Entity, Action]
    method: Method
    methods: dict[Entity, Method]
    pads: _Pads
    join_ms: int = Field(ge=0, le=5_000)
    reach_ms: int = Field(ge=0, le=5_000)
    originals: Originals
    sensitive_authentication_data: Literal["vault", "never"]
    on_hold: Literal["write_redacted", "write_nothing"]


def load(folder: Path) -> dict[str, Profile]:
    """Every profile of a folder, by name.

    Raises:
        PolicyInvalid: a file cannot be read; the message gives file and line.
    """
    profiles = [_profile(path) for path in sorted(folder.glob("*.yaml"))]
    if not profiles:
        raise PolicyInvalid(f"{folder} holds no redaction profiles")
    return {profile.name: profile for profile in profiles}


def choose(profiles: Mapping[str, Profile], name: str) -> Profile:
    """The profile of that name.

    Raises:
        ArgumentInvalid: there is none; the message lists those there are.
    """
    if name not in profiles:
        raise ArgumentInvalid(
            f"there is no redaction profile {name!r}; there are: {', '.join(sorted(profiles))}"
        )
    return profiles[name]


def _profile(path: Path) -> Profile:
    """One file's profile."""
    body = path.read_bytes()
    file = _checked(path, body)
    rest = file.entities.get("default", Action.CUT)
    return Profile(
        name=file.name,
        actions={entity: file.entities.get(entity, rest) for entity in Entity},
        methods={entity: file.methods.get(entity, file.method) for entity in Entity},
        before_ms=file.pads.before_ms,
        after_ms=file.pads.after_ms,
        join_ms=file.join_ms,
        reach_ms=file.reach_ms,
        originals=file.originals,
        keeps_authentication_data=file.sensitive_authentication_data == "vault",
        writes_held=file.on_hold == "write_redacted",
        ref=PolicyRef(file=f"redaction/{path.name}", sha256=hashlib.sha256(body).hexdigest()),
    )


def _checked(path: Path, body: bytes) -> _File:
    """A file's content, or the place of its first fault."""
    try:
        node = yaml.compose(body, Loader=yaml.SafeLoader)
        return _File.model_validate(yaml.safe_load(body))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyInvalid(f"{path.name}, line {line}: {error.problem}") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        names = [str(part) for part in first["loc"]]
        raise PolicyInvalid(
            f"{path.name}, line {_line(node, names)}: {'.'.join(names)}: {first['msg']}"
        ) from error


def _line(node: yaml.Node | None, names: list[str]) -> int:
    """The line on which a key stands, or that of the mapping that lacks it."""
    line = 1 if node is None else node.start_mark.line + 1
    for name in names:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        found = next((pair for pair in pairs if pair[0].value == name), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line

"""YAML read strictly: a fault is named with its file and line, and nothing is guessed.

The only module of this room that reads YAML.  A misspelt key would otherwise
loosen a rule in silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import yaml
from pydantic import ValidationError

from compliance.consent.policy_file import Door
from compliance.errors import PolicyInvalid
from compliance.records import PolicyRef


class _Loader(yaml.SafeLoader):
    """YAML in which dates stay text, so that they are judged at the door."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

Model = TypeVar("Model", bound=Door)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Generic[Model]):
    """A file that passed its door, and the syntax tree that knows its lines."""

    file: Model
    ref: PolicyRef
    node: yaml.Node

    def fault(self, place: Sequence[int | str], message: str) -> PolicyInvalid:
        """An error at a place in the file, to be raised."""
        return PolicyInvalid(f"{self.ref.file}:{line_of(self.node, place)}: {message}")


def read(path: Path, folder: Path, model: type[Model], *, prefix: str = "") -> Read[Model]:
    """One file through its door, with the digest of the very bytes that were read.

    Raises:
        PolicyInvalid: it cannot be read or is not understood; the message gives file and line.
    """
    name = prefix + path.relative_to(folder).as_posix()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PolicyInvalid(f"{name}: cannot be read: {error.strerror}") from error
    node, value = _parse(data, name)
    try:
        checked = model.model_validate(value)
    except ValidationError as error:
        # An unknown key comes first: it is most often why another is missing.
        first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
        place = (*first["loc"], *((first["ctx"]["key"],) if first["type"] == "contradiction" else ()))
        where = ".".join(str(part) for part in place) or "file"
        raise PolicyInvalid(f"{name}:{line_of(node, place)}: {where}: {first['msg']}") from None
    return Read(file=checked, ref=PolicyRef(file=name, sha256=hashlib.sha256(data).hexdigest()), node=node)


def line_of(node: yaml.Node, path: Sequence[int | str]) -> int:
    """The line of a place in the tree; for what is missing, the line of what should hold it."""
    line = node.start_mark.line + 1
    for part in path:
        found = _child(node, part)
        if found is None:
            break
        line, node = found
    return line


def _parse(data: bytes, name: str) -> tuple[yaml.Node, object]:
    """The syntax tree, which knows the lines, and the plain values."""
    try:
        loader = _Loader(data.decode("utf-8"))
        node = loader.get_single_node()
        if node is None:
            raise PolicyInvalid(f"{name}:1: the file is empty")
        _refuse_twice(node, name)
        return node, loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise PolicyInvalid(f"{name}:{mark.line + 1 if mark else 1}: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PolicyInvalid(f"{name}:1: not YAML in UTF-8") from error


def _refuse_twice(node: yaml.Node, name: str) -> None:
    """YAML takes the last of two equal keys in silence; here that is an error."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise PolicyInvalid(f"{name}:{key.start_mark.line + 1}: {key.value} is given twice")
            seen.add(key.value)
            _refuse_twice(value, name)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_twice(value, name)


def _child(node: yaml.Node, part: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child = node.value[part]
        return child.start_mark.line + 1, child
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line + 1, value
    return None

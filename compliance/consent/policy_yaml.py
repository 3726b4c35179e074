"""YAML read strictly: a fault is named with its file and line, and nothing is guessed.

The only module of this room that reads YAML.  A misspelt key would otherwise
loosen a rule in silence.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import yaml
from pydantic import ValidationError

if TYPE_CHECKING or not yaml.__with_libyaml__:
    from yaml import SafeLoader as Base
else:
    from yaml import CSafeLoader as Base  # libyaml's understands the same, and every command waits for it

from compliance.consent.policy_file import Contradiction
from compliance.errors import PolicyInvalid
from compliance.records import PolicyRef
from compliance.yaml_file import Door

_TIMESTAMP, _BOOL = "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool"


class _Loader(Base):
    """YAML in which dates stay text, to be judged at the door, and only true and false are truths.

    YAML 1.1 takes ``on`` (the day of an approval) for true and ``NO`` (Norway) for false.
    """


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag not in (_TIMESTAMP, _BOOL)]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile("^(?:true|false)$"), ["t", "f"])

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
        cause = first.get("ctx", {}).get("error")
        place = (*first["loc"], *((cause.key,) if isinstance(cause, Contradiction) else ()))
        where = ".".join(str(part) for part in place) or "file"
        said = first["msg"].removeprefix("Value error, ")
        raise PolicyInvalid(f"{name}:{line_of(node, place)}: {where}: {said}") from None
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
        _refuse_tricks(node, name, set())
        return node, loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise PolicyInvalid(f"{name}:{mark.line + 1 if mark else 1}: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PolicyInvalid(f"{name}:1: not YAML in UTF-8") from error


def _refuse_tricks(node: yaml.Node, name: str, met: set[int]) -> None:
    """No key twice, of which YAML takes the last in silence; no anchors; every key a word."""
    if id(node) in met:
        raise PolicyInvalid(f"{name}:{node.start_mark.line + 1}: an anchor is used again; write it out")
    met.add(id(node))
    if isinstance(node, yaml.MappingNode):
        _refuse_keys([key for key, _ in node.value], name)
        for _, value in node.value:
            _refuse_tricks(value, name, met)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_tricks(value, name, met)


def _refuse_keys(keys: Iterable[yaml.Node], name: str) -> None:
    seen: set[str] = set()
    for key in keys:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise PolicyInvalid(f"{name}:{line}: a key is a word")
        if key.value in seen:
            raise PolicyInvalid(f"{name}:{line}: {key.value} is given twice")
        seen.add(key.value)


def _child(node: yaml.Node, part: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child = node.value[part]
        return child.start_mark.line + 1, child
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line + 1, value
    return None

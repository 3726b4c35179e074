"""A policy file's YAML, read strictly: no key twice, and for each fault the line on which it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from compliance.errors import PolicyInvalid

Tree = yaml.Node | None
"""A file as PyYAML composed it, with its marks."""
LARGEST = 1_000_000
"""Bytes of a file."""
_CLASHES = (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError)
"""What PyYAML raises on bytes that are no YAML: besides its own, whatever its constructors meet."""


def parsed(name: str, body: bytes) -> tuple[Tree, Any]:
    """The tree of a file, for the lines of faults, and its content.

    Raises:
        PolicyInvalid: it is no YAML, or has a key twice; the message gives file and line.
    """
    if len(body) > LARGEST:
        raise PolicyInvalid(f"{name}, line 1: is over {LARGEST} bytes")
    try:
        node = yaml.compose(body, Loader=yaml.SafeLoader)
        twice = next(_twice(node, set()), None)
        loaded = yaml.safe_load(body)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PolicyInvalid(f"{name}, line {mark.line + 1 if mark else 1}: {error.problem}") from None
    except _CLASHES as error:
        raise PolicyInvalid(f"{name}, line 1: is no YAML that can be read ({type(error).__name__})") from None
    if twice is not None:
        raise PolicyInvalid(f"{name}, line {twice.start_mark.line + 1}: a key stands twice in one mapping")
    return node, loaded


def _twice(node: Tree, seen: set[int]) -> Iterator[yaml.Node]:
    """Keys that a mapping has twice: the first would be lost without a word."""
    if node is None or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        many = {value for value, count in Counter(key.value for key in keys).items() if count > 1}
        yield from [key for key in keys if key.value in many][1:2]
        for _, value in node.value:
            yield from _twice(value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _twice(each, seen)


def line_of(node: Tree, place: Sequence[str | int]) -> int:
    """The line on which a key or an item stands, or that of the mapping that lacks it."""
    line = 1 if node is None else node.start_mark.line + 1
    for part in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
            continue
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        found = next((pair for pair in pairs if pair[0].value == str(part)), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line

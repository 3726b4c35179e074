"""A policy file read strictly: no key that is not known or stands twice, and for each fault its line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from compliance.errors import PolicyInvalid

Form = TypeVar("Form", bound="Door")
Fault = tuple[Sequence[str | int], str]
"""A place in a file, and what is wrong there."""

Tree = yaml.Node | None
"""A file as PyYAML composed it, with its marks."""
LARGEST = 1_000_000
"""Bytes of a file."""
_CLASHES = (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError)
"""What PyYAML raises on bytes that are no YAML: besides its own, whatever its constructors meet."""


class Door(BaseModel):
    """Refuses keys it does not know, and never prints what it was given."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def read(name: str, body: bytes, form: type[Form], faults: Callable[[Form], Iterable[Fault]]) -> Form:
    """A file's content, checked at the door and then for what is right by itself and wrong beside the rest.

    Raises:
        PolicyInvalid: it cannot be used; the message gives file and line of the first fault.
    """
    node, loaded = parsed(name, body)
    try:
        file = form.model_validate(loaded)
    except RecursionError:
        raise PolicyInvalid(f"{name}, line 1: is nested too deeply") from None
    except ValidationError as error:
        raise _invalid(name, node, *_first(error)) from None  # the cause would repeat the file's content
    for place, told in faults(file):
        raise _invalid(name, node, place, told)
    return file


def _first(error: ValidationError) -> Fault:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = [part for part in first["loc"] if part != "[key]"]
    return place, str(first["msg"]).removeprefix("Value error, ")


def _invalid(name: str, node: Tree, place: Sequence[str | int], told: str) -> PolicyInvalid:
    return PolicyInvalid(f"{name}, line {line_of(node, place)}: {'.'.join(map(str, place))}: {told}")


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

"""Policy files, read strictly: a file that is not understood in full is refused with its line.

The only module of this room that reads YAML.  A misspelt key would otherwise
loosen a rule in silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError

from compliance.consent import policy_file
from compliance.consent.law import AiRule, Disclosure, Extra, Kind, Law, Rule, Script
from compliance.errors import PolicyInvalid
from compliance.records import PolicyRef

__all__ = ["Law", "Rule", "load", "packaged"]


class _Loader(yaml.SafeLoader):
    """YAML in which dates stay text, so that they are judged at the door."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

Model = TypeVar("Model", bound=policy_file.Door)


def load(folder: Path) -> Law:
    """The law as a folder of policy files states it.

    Raises:
        PolicyInvalid: a file is missing or not understood; the message gives file and line.
    """
    files = sorted((folder / "consent").rglob("*.yaml"))
    if not files:
        raise PolicyInvalid(f"{folder}/consent: no policy files")
    rules: dict[str, tuple[Rule, ...]] = {}
    for path in files:
        jurisdiction, ref = _read(path, folder, policy_file.Jurisdiction)
        if jurisdiction.code in rules:
            line = _line_of(path, ("code",))
            raise PolicyInvalid(f"{ref.file}:{line}: {jurisdiction.code} has a file already")
        rules[jurisdiction.code] = _rules(jurisdiction, ref)
    return Law(rules=rules, disclosure=_disclosure(folder))


def packaged() -> Path:
    """The folder of policies that this package carries: in a wheel inside it, in a checkout beside it."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_policies"
    return inside if inside.is_dir() else package.parent / "policies"


def _read(path: Path, folder: Path, model: type[Model]) -> tuple[Model, PolicyRef]:
    """One file through its door, with the digest of the very bytes that were read."""
    name = path.relative_to(folder).as_posix()
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
        where = ".".join(str(part) for part in first["loc"]) or "file"
        raise PolicyInvalid(f"{name}:{_line(node, first['loc'])}: {where}: {first['msg']}") from None
    return checked, PolicyRef(file=name, sha256=hashlib.sha256(data).hexdigest())


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


def _line(node: yaml.Node, path: Sequence[int | str]) -> int:
    """The line of a place in the tree; for what is missing, the line of what should hold it."""
    line = node.start_mark.line + 1
    for part in path:
        found = _child(node, part)
        if found is None:
            break
        line, node = found
    return line


def _child(node: yaml.Node, part: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child = node.value[part]
        return child.start_mark.line + 1, child
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line + 1, value
    return None


def _line_of(path: Path, place: Sequence[int | str]) -> int:
    node, _ = _parse(path.read_bytes(), path.name)
    return _line(node, place)


def _rules(file: policy_file.Jurisdiction, ref: PolicyRef) -> tuple[Rule, ...]:
    """Every version in a file; refused where two are in force on one day."""
    versions = [_rule(file, each, ref) for each in file.versions]
    made = sorted(versions, key=lambda rule: rule.effective_from or date.min)
    for earlier, later in pairwise(made):
        if earlier.covers(later.effective_from or date.min):
            raise PolicyInvalid(f"{ref.file}:1: two versions are in force on {later.effective_from}")
    return tuple(made)


def _rule(file: policy_file.Jurisdiction, version: policy_file.Version, ref: PolicyRef) -> Rule:
    return Rule(
        code=file.code,
        name=file.name,
        kind=version.rule,
        treat_as=Kind(version.treat_as),
        condition=version.condition,
        summary=version.summary,
        wording=version.notice.wording,
        is_inside_recording=version.notice.inside_recording,
        contents=version.notice.contents,
        tone=version.notice.tone,
        continuing=version.continuing,
        extras=tuple(Extra(obligation=e.obligation, needs=e.needs, text=e.text) for e in version.extra),
        statutes=version.statutes,
        cases=version.cases,
        criminal=version.penalties.criminal,
        civil=version.penalties.civil,
        cross_border=version.cross_border,
        checked_on=version.checked_on,
        confidence=version.confidence,
        unverified=version.unverified,
        sources=version.sources,
        effective_from=version.effective.since,
        effective_until=version.effective.until,
        policy=ref,
    )


def _disclosure(folder: Path) -> Disclosure:
    file, ref = _read(folder / "disclosure.yaml", folder, policy_file.Disclosure)
    return Disclosure(
        recording_scripts=_scripts(file.recording_scripts),
        ai_scripts=_scripts(file.ai_scripts),
        suggested=file.suggested,
        ai_rules=tuple(
            AiRule(
                jurisdiction=each.jurisdiction,
                citation=each.citation,
                trigger=each.trigger,
                confidence=each.confidence,
                effective_from=each.since,
            )
            for each in file.ai_rules
        ),
        policy=ref,
    )


def _scripts(given: Sequence[policy_file.Script]) -> tuple[Script, ...]:
    return tuple(Script(text=each.text, wording=each.wording) for each in given)

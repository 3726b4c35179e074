"""What changed between two folders of policies, and whether more is asked or less."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.text import Text

from compliance.cli.policy_shown import iso, plain, plain_ai
from compliance.consent.law import AiRule, Disclosure, Law, Rule
from compliance.consent.overlay import days
from compliance.consent.stricter import Change, ai_change, change

_STYLES = {Change.STRICTER: "green", Change.LOOSER: "bold red", Change.UNLIKE: "bold red", Change.SAME: "dim"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One key that differs, from a day on (None: from the beginning)."""

    since: date | None
    name: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What differs of one jurisdiction, of one law on AI disclosure, or of the wordings."""

    kind: str
    """``recording``, ``ai-disclosure`` or ``wordings``."""
    name: str
    presence: str
    """``added``, ``removed`` or ``changed``."""
    change: Change | None
    """None for wordings, of which nobody can tell."""
    fields: tuple[Field, ...]


def differences(old: Law, new: Law) -> tuple[Difference, ...]:
    """Every difference that a reader of the files could see; those of their comments are none."""
    found = [
        *(_place(code, old, new) for code in sorted({*old.rules, *new.rules})),
        *(_ai(name, old, new) for name in sorted({rule.id for rule in (*old.ai, *new.ai)})),
        _wordings(old.disclosure, new.disclosure),
    ]
    return tuple(each for each in found if each.fields)


def document(found: Iterable[Difference]) -> dict[str, Any]:
    """The differences as JSON, ``compliance/policy-diff/1``."""
    return {"schema": "compliance/policy-diff/1", "differences": [_plain(each) for each in found]}


def lines(found: Sequence[Difference]) -> Iterator[Text]:
    """The differences for people: each subject with what the change does, then the keys that differ."""
    for each in found:
        does = "wordings" if each.change is None else str(each.change)
        head = Text(f"{each.name}: {each.presence}, ", style="bold")
        yield head.append(does, style=_STYLES.get(each.change, "dim") if each.change else "dim")
        if each.presence == "changed":
            for field in each.fields:
                since = "" if field.since is None else f" from {field.since}"
                yield Text(f"  {field.name}{since}: {_short(field.old)} -> {_short(field.new)}")


def _place(code: str, old: Law, new: Law) -> Difference:
    """A jurisdiction; a missing file counts as what speaks for the place without it."""
    moved = old.members.get(code, frozenset()) | new.members.get(code, frozenset())
    touched = [code, *sorted(each for each in moved if each not in old.rules and each not in new.rules)]
    changes = [
        change(old.rule(place, day), new.rule(place, day))
        for place in touched
        for day in days([*old.versions(place), *new.versions(place)])
    ]
    union = [_union(code, old), _union(code, new)]
    pairs = _by_day(old.rules.get(code, ()), new.rules.get(code, ()), plain)
    return Difference(
        kind="recording",
        name=code,
        presence=_presence(code in old.rules, code in new.rules),
        change=_overall(changes),
        fields=(*_fields(pairs), *_unlike(None, *union)),
    )


def _union(code: str, law: Law) -> Mapping[str, Any]:
    return {
        "members": sorted(law.members.get(code, ())),
        "stands_in_for_members": code in law.stand_ins,
    }


def _ai(name: str, old: Law, new: Law) -> Difference:
    before = [rule for rule in old.ai if rule.id == name]
    after = [rule for rule in new.ai if rule.id == name]
    changes = [ai_change(_on(before, day), _on(after, day)) for day in days([*before, *after])]
    return Difference(
        kind="ai-disclosure",
        name=name,
        presence=_presence(bool(before), bool(after)),
        change=_overall(changes),
        fields=tuple(_fields(_by_day(before, after, plain_ai))),
    )


def _wordings(old: Disclosure, new: Disclosure) -> Difference:
    before, after = (
        {
            "suggested": each.suggested,
            "recording_scripts": [f"{script.wording}: {script.text}" for script in each.recording_scripts],
            "ai_scripts": [script.text for script in each.ai_scripts],
        }
        for each in (old, new)
    )
    fields = tuple(_unlike(None, before, after))
    return Difference(kind="wordings", name="disclosure.yaml", presence="changed", change=None, fields=fields)


def _presence(was: bool, is_: bool) -> str:
    return "changed" if was and is_ else "added" if is_ else "removed"


def _overall(changes: Iterable[Change]) -> Change:
    """Of several days or places: stricter or looser if all that change agree, else unlike."""
    seen = set(changes) - {Change.SAME}
    if not seen:
        return Change.SAME
    return seen.pop() if len(seen) == 1 else Change.UNLIKE


def _on(versions: Iterable[Any], day: date) -> Any:
    return next((each for each in versions if each.covers(day)), None)


def _by_day(
    old: Sequence[Rule] | Sequence[AiRule],
    new: Sequence[Rule] | Sequence[AiRule],
    to_json: Callable[[Any], Any],
) -> Iterator[tuple[date, Mapping[str, Any], Mapping[str, Any]]]:
    """What stands in force before and after, on a day of each stretch of time."""
    for day in days([*old, *new]):
        before, after = _on(old, day), _on(new, day)
        yield day, _flat(before and to_json(before)), _flat(after and to_json(after))


def _flat(value: Mapping[str, Any] | None, prefix: str = "") -> dict[str, Any]:
    """The keys of a document with their values, inner ones by their path; the file's digest left out."""
    flat: dict[str, Any] = {}
    for key, each in (value or {}).items():
        if isinstance(each, dict) and key != "loosened_by":
            flat.update(_flat(each, f"{prefix}{key}."))
        elif not prefix.startswith("policy."):
            flat[prefix + key] = each
    return flat


def _fields(pairs: Iterable[tuple[date, Mapping[str, Any], Mapping[str, Any]]]) -> Iterator[Field]:
    """The keys that differ; what differs on from an earlier stretch in the same way is told once."""
    told: set[tuple[str, str, str]] = set()
    for day, before, after in pairs:
        for field in _unlike(day if day > date.min else None, before, after):
            what = (field.name, repr(field.old), repr(field.new))
            if what not in told:
                told.add(what)
                yield field


def _unlike(since: date | None, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Field]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield Field(since=since, name=name, old=before.get(name), new=after.get(name))


def _plain(each: Difference) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "name": each.name,
        "presence": each.presence,
        "change": None if each.change is None else each.change.value,
        "fields": [
            {"from": iso(field.since), "field": field.name, "old": field.old, "new": field.new}
            for field in each.fields
        ],
    }


def _short(value: Any) -> str:
    """A value for a line of text: lists by their entries, long sentences cut."""
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = "nothing" if value in (None, [], "") else text
    return text if len(text) <= 70 else f"{text[:67]}..."

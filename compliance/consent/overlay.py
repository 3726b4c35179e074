"""A business's own policies, laid over the law as packaged: they may tighten it.

A file of the overlay takes the place of the whole file of the same jurisdiction (or of
the same law on AI disclosure).  It is compared with what it replaces on every day on
which either changes, for every place it speaks for; where it asks for less
(``stricter``), it is refused, unless it names who approved that.  Such a file is known
in every verdict by the folder in its name, ``overlay-loosening/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from compliance.consent import policy_file, policy_folder, policy_made
from compliance.consent.law import AiRule, Approval, Law, Rule
from compliance.consent.policy_yaml import Read
from compliance.consent.stricter import ai_change, change
from compliance.errors import PolicyInvalid
from compliance.records import PolicyRef

TIGHTENING, LOOSENING = "overlay/", "overlay-loosening/"
"""What goes before the name of a file of the overlay."""

Version = TypeVar("Version", Rule, AiRule)


def laid_over(base: Law, folder: Path) -> Law:
    """The law with an overlay upon it.

    Raises:
        PolicyInvalid: a file is not understood, or asks for less with nobody named who approved it.
    """
    _refuse_strays(folder)
    places = policy_folder.jurisdictions(folder, prefix=TIGHTENING)
    laws = policy_folder.ai_laws(folder, prefix=TIGHTENING)
    if not places and not laws:
        raise PolicyInvalid(f"{folder}: the overlay holds no policy files")
    law = base
    for place in places.values():
        law = _placed(law, place, policy_made.rules(place))
    for place in places.values():
        law = _answered_for(base, law, place)
    for each in laws.values():
        law = _with_ai_law(law, each)
    return law


def days(versions: Iterable[Rule] | Iterable[AiRule]) -> Sequence[date]:
    """A day in each stretch of time in which the same versions are in force."""
    found = {date.min}
    for each in versions:
        found.add(each.effective_from or date.min)
        if each.effective_until is not None and each.effective_until < date.max:
            found.add(each.effective_until + timedelta(days=1))
    return sorted(found)


def _refuse_strays(folder: Path) -> None:
    """What is not read would be missed by nobody."""
    if not folder.is_dir():
        raise PolicyInvalid(f"{folder}: there is no such folder")
    for path in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")]):
        name = path.relative_to(folder)
        if name.parts[0] not in ("consent", "ai") or len(name.parts) == 1:
            raise PolicyInvalid(f"{TIGHTENING}{name.as_posix()}: an overlay holds consent/ and ai/ only")


def _answered_for(base: Law, law: Law, source: Read[policy_file.Jurisdiction]) -> Law:
    """The law as it is, or with the approval of what one file loosens in it."""
    loosened = next(_loosened(base, law, source), None)
    if loosened is None:
        return law
    return _placed(law, source, _approved(source, law.rules[source.file.code], loosened))


def _loosened(base: Law, law: Law, source: Read[policy_file.Jurisdiction]) -> Iterator[str]:
    """The places this file speaks for, with the day, in which less is asked than before."""
    code, members = source.file.code, frozenset(source.file.members)
    known = base.members.get(code, frozenset())
    for place in sorted({code, *(each for each in members | known if each not in law.rules)}):
        for day in days([*base.versions(place), *law.versions(place)]):
            if change(base.rule(place, day), law.rule(place, day)).loosens:
                yield place if day == date.min else f"{place} from {day}"
    yield from (f"{place}, which is no longer a member" for place in sorted(known - members))


def _placed(base: Law, source: Read[policy_file.Jurisdiction], rules: tuple[Rule, ...]) -> Law:
    file = source.file
    return replace(
        base,
        rules={**base.rules, file.code: rules},
        members={
            **_without(base.members, file.code),
            **({file.code: frozenset(file.members)} if file.members else {}),
        },
        stand_ins=(base.stand_ins - {file.code}) | ({file.code} if file.stands_in_for_members else set()),
    )


def _without(members: Mapping[str, frozenset[str]], code: str) -> Mapping[str, frozenset[str]]:
    return {union: each for union, each in members.items() if union != code}


def _with_ai_law(base: Law, source: Read[policy_file.AiLaw]) -> Law:
    """The law with one law on AI disclosure replaced or added."""
    old = [rule for rule in base.ai if rule.id == source.file.id]
    new = policy_made.ai_rules(source)
    loosening = [
        str(day) if day > date.min else "the beginning"
        for day in days([*old, *new])
        if ai_change(_on(old, day), _on(new, day)).loosens
    ]
    if loosening:
        new = _approved(source, new, f"{source.file.id} from {loosening[0]}")
    kept = [rule for rule in base.ai if rule.id != source.file.id]
    return replace(base, ai=tuple(sorted([*kept, *new], key=lambda rule: rule.id)))


def _on(versions: Iterable[AiRule], day: date) -> AiRule | None:
    return next((each for each in versions if each.covers(day)), None)


def _approved(
    source: Read[policy_file.Jurisdiction] | Read[policy_file.AiLaw], versions: tuple[Version, ...], what: str
) -> tuple[Version, ...]:
    """The versions of a file that loosens, with who approved it; refused where nobody did."""
    given = source.file.loosened_by
    if given is None:
        raise source.fault(
            ("versions",),
            f"asks for less than what it replaces ({what}); name who approved it in loosened_by",
        )
    approval = Approval(name=given.name, role=given.role, on=given.on, why=given.why)
    ref = PolicyRef(file=source.ref.file.replace(TIGHTENING, LOOSENING, 1), sha256=source.ref.sha256)
    return tuple(replace(each, policy=ref, loosened_by=approval) for each in versions)

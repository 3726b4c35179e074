"""The law as a folder of policy files states it, loaded whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

from compliance.consent import policy_file
from compliance.consent.law import AiRule, Disclosure, Extra, Kind, Law, Rule, Script
from compliance.consent.policy_yaml import Read, read
from compliance.errors import PolicyInvalid

__all__ = ["Law", "Rule", "load", "packaged"]


def load(folder: Path) -> Law:
    """The law as a folder of policy files states it.

    Raises:
        PolicyInvalid: a file is missing or not understood; the message gives file and line.
    """
    places = _jurisdictions(folder)
    return Law(
        rules={code: _rules(each) for code, each in places.items()},
        disclosure=_disclosure(read(folder / "disclosure.yaml", folder, policy_file.Disclosure)),
        ai=tuple(rule for each in _ai_laws(folder).values() for rule in _ai_rules(each)),
        members={code: frozenset(each.file.members) for code, each in places.items() if each.file.members},
        stand_ins=frozenset(code for code, each in places.items() if each.file.stands_in_for_members),
    )


def packaged() -> Path:
    """The folder of policies that this package carries: in a wheel inside it, in a checkout beside it."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_policies"
    return inside if inside.is_dir() else package.parent / "policies"


def _jurisdictions(folder: Path) -> Mapping[str, Read[policy_file.Jurisdiction]]:
    """Every file under ``consent/`` by its code."""
    found: dict[str, Read[policy_file.Jurisdiction]] = {}
    for path in _files(folder, "consent"):
        each = read(path, folder, policy_file.Jurisdiction)
        if each.file.code in found:
            raise each.fault(("code",), f"{each.file.code} has a file already")
        found[each.file.code] = each
    return found


def _ai_laws(folder: Path) -> Mapping[str, Read[policy_file.AiLaw]]:
    """Every file under ``ai/`` by its id, in order."""
    found: dict[str, Read[policy_file.AiLaw]] = {}
    for path in _files(folder, "ai"):
        each = read(path, folder, policy_file.AiLaw)
        if each.file.id in found:
            raise each.fault(("id",), f"{each.file.id} has a file already")
        found[each.file.id] = each
    return dict(sorted(found.items()))


def _files(folder: Path, kind: str) -> Sequence[Path]:
    """The YAML files of one kind; to have none is not the same as to have no law."""
    files = sorted((folder / kind).rglob("*.yaml"))
    if not files:
        raise PolicyInvalid(f"{folder}/{kind}: no policy files")
    return files


def _rules(source: Read[policy_file.Jurisdiction]) -> tuple[Rule, ...]:
    """Every version in a file, the oldest first."""
    order = _in_order(source, source.file.versions)
    return tuple(_rule(source, source.file.versions[place]) for place in order)


def _ai_rules(source: Read[policy_file.AiLaw]) -> Iterator[AiRule]:
    for place in _in_order(source, source.file.versions):
        yield _ai_rule(source, source.file.versions[place])


def _in_order(
    source: Read[policy_file.Jurisdiction] | Read[policy_file.AiLaw],
    versions: Sequence[policy_file.Version] | Sequence[policy_file.AiVersion],
) -> Sequence[int]:
    """The places of the versions by date; refused where two are in force on one day."""
    since = [each.effective.since or date.min for each in versions]
    order = sorted(range(len(versions)), key=lambda place: since[place])
    for earlier, later in pairwise(order):
        if since[later] <= (versions[earlier].effective.until or date.max):
            day = f"on {since[later]}" if since[later] > date.min else "from the beginning"
            raise source.fault(("versions", later, "effective", "from"), f"two versions are in force {day}")
    return order


def _rule(source: Read[policy_file.Jurisdiction], version: policy_file.Version) -> Rule:
    return Rule(
        code=source.file.code,
        name=source.file.name,
        kind=version.rule,
        treat_as=Kind(version.treat_as),
        condition=version.condition,
        summary=version.summary,
        wording=version.notice.wording,
        is_inside_recording=version.notice.inside_recording,
        contents=version.notice.contents,
        tone=version.notice.tone,
        tone_is_notice=version.notice.tone_is_notice,
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
        policy=source.ref,
    )


def _ai_rule(source: Read[policy_file.AiLaw], version: policy_file.AiVersion) -> AiRule:
    return AiRule(
        id=source.file.id,
        jurisdiction=source.file.jurisdiction,
        law=source.file.law,
        citation=version.citation,
        who=version.who,
        trigger=version.trigger,
        form=version.form,
        condition=version.condition,
        reach=version.reach,
        evidence=version.evidence,
        confidence=version.confidence,
        checked_on=version.checked_on,
        unverified=version.unverified,
        sources=version.sources,
        effective_from=version.effective.since,
        effective_until=version.effective.until,
        when=version.when,
        policy=source.ref,
    )


def _disclosure(source: Read[policy_file.Disclosure]) -> Disclosure:
    return Disclosure(
        recording_scripts=_scripts(source.file.recording_scripts),
        ai_scripts=_scripts(source.file.ai_scripts),
        suggested=source.file.suggested,
        policy=source.ref,
    )


def _scripts(given: Iterable[policy_file.Script]) -> tuple[Script, ...]:
    return tuple(Script(text=each.text, wording=each.wording) for each in given)

"""From what passed the doors to the frozen values of ``law``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from compliance.consent import policy_file
from compliance.consent.law import AiRule, Disclosure, Extra, Kind, Rule, Script
from compliance.consent.policy_yaml import Read


def rules(source: Read[policy_file.Jurisdiction]) -> tuple[Rule, ...]:
    """Every version in a file, the oldest first.

    Raises:
        PolicyInvalid: two are in force on one day.
    """
    order = _in_order(source, source.file.versions)
    return tuple(_rule(source, source.file.versions[place]) for place in order)


def ai_rules(source: Read[policy_file.AiLaw]) -> tuple[AiRule, ...]:
    """Every version in a file, the oldest first.

    Raises:
        PolicyInvalid: two are in force on one day.
    """
    order = _in_order(source, source.file.versions)
    return tuple(_ai_rule(source, source.file.versions[place]) for place in order)


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
        basis=version.basis,
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


def disclosure(source: Read[policy_file.Disclosure]) -> Disclosure:
    """The wordings."""
    return Disclosure(
        recording_scripts=_scripts(source.file.recording_scripts),
        ai_scripts=_scripts(source.file.ai_scripts),
        suggested=source.file.suggested,
        policy=source.ref,
    )


def _scripts(given: Iterable[policy_file.Script]) -> tuple[Script, ...]:
    return tuple(Script(text=each.text, wording=each.wording) for each in given)

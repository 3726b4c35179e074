"""The rules as pages for people and as documents for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Column, Table
from rich.text import Text

from compliance.consent.law import AiRule, Approval, Continuing, Kind, Rule, Wording
from compliance.records import PolicyRef

_WIDE = 100
"""From here on there is room for what going on is worth."""
_BETWEEN = 3
"""Characters between two columns."""
_CONTINUING = {
    Continuing.NOT_NEEDED: "not needed",
    Continuing.CONSENT: "whoever hears the notice and goes on has agreed",
    Continuing.NOTICE_IS_ENOUGH: "the notice alone is enough",
    Continuing.NOT_ENOUGH: "is not agreement; only a yes in words is",
}


def document(rules: Iterable[Rule], ai_rules: Iterable[AiRule] = ()) -> dict[str, Any]:
    """Rules as one JSON document, ``compliance/policy/1``."""
    return {
        "schema": "compliance/policy/1",
        "rules": [plain(rule) for rule in rules],
        "ai_rules": [plain_ai(rule) for rule in ai_rules],
    }


def plain(rule: Rule) -> dict[str, Any]:
    """One rule on recording as JSON knows it."""
    return {
        "code": rule.code,
        "name": rule.name,
        "rule": rule.kind.value,
        "treat_as": rule.treat_as.value,
        "condition": rule.condition,
        "summary": rule.summary,
        "notice": {
            "wording": rule.wording.value,
            "inside_recording": rule.is_inside_recording,
            "contents": list(rule.contents),
            "tone": rule.tone,
            "tone_is_notice": rule.tone_is_notice,
        },
        "continuing": rule.continuing.value,
        "extra": [{"obligation": e.obligation, "needs": e.needs, "text": e.text} for e in rule.extras],
        "statutes": list(rule.statutes),
        "cases": list(rule.cases),
        "penalties": {"criminal": rule.criminal, "civil": rule.civil},
        "cross_border": rule.cross_border,
        "basis": rule.basis,
        **_known(rule),
    }


def plain_ai(rule: AiRule) -> dict[str, Any]:
    """One law on AI disclosure as JSON knows it."""
    return {
        "id": rule.id,
        "jurisdiction": rule.jurisdiction,
        "law": rule.law,
        "citation": rule.citation,
        "who": rule.who,
        "trigger": rule.trigger,
        "form": rule.form,
        "condition": rule.condition,
        "when": rule.when.value,
        "reach": rule.reach,
        "evidence": rule.evidence,
        **_known(rule),
    }


def _known(rule: Rule | AiRule) -> dict[str, Any]:
    """How well it is known, when it is in force, and the file it stands in."""
    return {
        "confidence": rule.confidence.value,
        "checked_on": iso(rule.checked_on),
        "unverified": list(rule.unverified),
        "sources": list(rule.sources),
        "effective": {"from": iso(rule.effective_from), "until": iso(rule.effective_until)},
        "policy": _ref(rule.policy),
        "loosened_by": _approval(rule.loosened_by),
    }


def _ref(ref: PolicyRef | None) -> dict[str, str] | None:
    return None if ref is None else {"file": ref.file, "sha256": ref.sha256}


def _approval(given: Approval | None) -> dict[str, str] | None:
    if given is None:
        return None
    return {"name": given.name, "role": given.role, "on": given.on.isoformat(), "why": given.why}


def iso(day: date | None) -> str | None:
    """A day as YYYY-MM-DD, or None."""
    return None if day is None else day.isoformat()


def at_a_glance(rules: Iterable[Rule], width: int) -> Table:
    """A line for each rule, so many characters wide; what does not fit is cut, since ``show`` tells it."""
    heads = {"code": 6, "name": 0, "rule": 20, "going on": 16, "confidence": 10, "statute": 0}
    if width < _WIDE:
        del heads["going on"]
    room = width - sum(heads.values()) - _BETWEEN * len(heads)
    heads |= {"name": room * 2 // 5, "statute": room - room * 2 // 5}
    columns = (Column(head, no_wrap=True, overflow="ellipsis", width=wide) for head, wide in heads.items())
    table = Table(*columns, box=SIMPLE_HEAD, pad_edge=False)
    for rule in rules:
        cells = _cells(rule)
        table.add_row(*(Text(cells[head]) for head in heads))
    return table


def _cells(rule: Rule) -> dict[str, str]:
    plainly = rule.kind.value == rule.applied.value
    return {
        "code": rule.code,
        "name": rule.name if rule.loosened_by is None else f"LOOSENED: {rule.name}",
        "rule": str(rule.kind) if plainly else f"{rule.kind}: {rule.applied}",
        "going on": str(rule.continuing),
        "confidence": str(rule.confidence),
        "statute": rule.statutes[0],
    }


def page(rule: Rule) -> Table:
    """One rule on recording as a page of labelled lines."""
    treated = "" if rule.kind is rule.treat_as else f", treated as {rule.treat_as}"
    memory = ", which counts as all-party since it is known from memory only" if _is_lifted(rule) else ""
    rows = [
        ("rule", f"{rule.kind}{treated}{memory}"),
        ("condition", rule.condition or ""),
        ("summary", rule.summary),
        ("notice", "; ".join(rule.contents)),
        ("wording", _wording(rule)),
        ("recorded", "the notice must be heard in the recording" if rule.is_inside_recording else ""),
        ("tone", rule.tone),
        ("going on", _CONTINUING[rule.continuing]),
        ("also", "; ".join(extra.text for extra in rule.extras)),
        ("statutes", "; ".join(rule.statutes)),
        ("cases", "; ".join(rule.cases)),
        ("criminal", rule.criminal),
        ("civil", rule.civil),
        ("across borders", rule.cross_border),
        ("was read", rule.basis),
    ]
    return _page(rule.code, rule.name, [*rows, *_footing(rule)])


def ai_page(rule: AiRule) -> Table:
    """One law on AI disclosure as a page of labelled lines."""
    rows = [
        ("law", rule.law),
        ("citation", rule.citation),
        ("who", rule.who),
        ("trigger", rule.trigger),
        ("form", rule.form),
        ("only", rule.condition or ""),
        ("treated as", rule.when.value),
        ("reach", rule.reach),
        ("evidence", rule.evidence),
    ]
    return _page(rule.id, f"AI disclosure, {rule.jurisdiction}", [*rows, *_footing(rule)])


def _is_lifted(rule: Rule) -> bool:
    return rule.is_all_party and rule.treat_as is Kind.ONE_PARTY


def _wording(rule: Rule) -> str:
    if not rule.is_all_party:
        return ""
    return '"may be recorded" is enough' if rule.wording is Wording.MAY else 'must say "is recorded"'


def _footing(rule: Rule | AiRule) -> Sequence[tuple[str, str]]:
    """The lines every page ends with."""
    approval = rule.loosened_by
    return [
        ("in force", _period(rule)),
        ("confidence", f"{rule.confidence}, checked on {rule.checked_on}"),
        ("not verified", "; ".join(rule.unverified)),
        ("sources", "; ".join(rule.sources)),
        ("file", "" if rule.policy is None else f"{rule.policy.file} (SHA-256 {rule.policy.sha256})"),
        (
            "LOOSENED",
            "" if approval is None else f"by {approval.name}, {approval.role}, {approval.on}: {approval.why}",
        ),
    ]


def _period(rule: Rule | AiRule) -> str:
    """Nothing where neither day is known: the rule is in force, since when was not looked up."""
    since = "" if rule.effective_from is None else f"from {rule.effective_from}"
    until = "" if rule.effective_until is None else f"until {rule.effective_until}"
    return " ".join(filter(None, (since, until)))


def _page(name: str, title: str, rows: Iterable[tuple[str, str]]) -> Table:
    grid = Table.grid(Column(), Column(overflow="fold"), padding=(0, 2))
    grid.add_row(Text(name, style="bold"), Text(title, style="bold"))
    for label, value in rows:
        if value:
            grid.add_row(Text(label, style="dim"), Text(value))
    return grid

"""``compliance policy``: check the policy files, show one rule, show all at a glance."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from compliance.consent import policy
from compliance.consent.law import Law, Rule
from compliance.errors import ArgumentInvalid
from compliance.redact import profile
from compliance.redact.profile import Profile
from compliance.settings import load

app = typer.Typer(no_args_is_help=True, help="Check the policy files, and show the rules in them.")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--policies", help="Folder of policy files. Unset: COMPLIANCE_POLICIES, or the packaged ones."
    ),
]


@app.command()
def check(policies: Folder = None) -> None:
    """Read every policy file strictly; the first fault is named with file and line (exit code 2)."""
    law = loaded(policies)
    versions = sum(len(each) for each in law.rules.values())
    names = ", ".join(profiles(policies))
    typer.echo(f"{len(law.rules)} jurisdictions, {versions} rules, no fault found.")
    typer.echo(f"Redaction profiles: {names}.")


@app.command()
def show(
    code: Annotated[
        str, typer.Argument(help="A jurisdiction: US-CA, CA for short, or US for the federal rule.")
    ],
    policies: Folder = None,
    as_json: Json = False,
) -> None:
    """Show the rule of one jurisdiction with its citations, and what in it is not verified."""
    rules = _of(loaded(policies), code)
    if as_json:
        typer.echo(json.dumps(_document(rules), indent=2, ensure_ascii=False))
        return
    for rule in rules:
        _print(rule)


@app.command()
def table(policies: Folder = None, as_json: Json = False) -> None:
    """Show every jurisdiction with the rule in force today."""
    law = loaded(policies)
    rules = [law.rule(code, today()) for code in law.codes()]
    if as_json:
        typer.echo(json.dumps(_document(rules), indent=2, ensure_ascii=False))
        return
    columns = Table("code", "name", "rule", "treated as", "after notice", "confidence", "statute")
    for rule in rules:
        cells = (
            rule.code,
            rule.name,
            rule.kind,
            rule.treat_as,
            rule.continuing,
            rule.confidence,
            rule.statutes[0],
        )
        columns.add_row(*(Text(str(cell)) for cell in cells))
    Console().print(columns)


def loaded(folder: Path | None) -> Law:
    """The law from the folder given, else the configured one, else the one the package carries."""
    return policy.load(folder or load().policies or policy.packaged())


def profiles(folder: Path | None) -> dict[str, Profile]:
    """The redaction profiles beside the law."""
    return profile.load((folder or load().policies or policy.packaged()) / "redaction")


def today() -> date:
    """The day by which rules are chosen where none is given."""
    return datetime.now(UTC).date()


def _of(law: Law, code: str) -> tuple[Rule, ...]:
    name = code.upper()
    found = law.rules.get(f"US-{name}") or law.rules.get(name)
    if found is None:
        known = ", ".join(law.codes())
        raise ArgumentInvalid(f"no policy for {code!r}, so it counts as all-party; there are: {known}")
    return found


def _document(rules: Any) -> dict[str, Any]:
    return {"schema": "compliance/policy/1", "rules": [_plain(rule) for rule in rules]}


def _plain(rule: Rule) -> dict[str, Any]:
    """One rule as JSON knows it."""
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
        },
        "continuing": rule.continuing.value,
        "extra": [{"obligation": e.obligation, "needs": e.needs, "text": e.text} for e in rule.extras],
        "statutes": list(rule.statutes),
        "cases": list(rule.cases),
        "penalties": {"criminal": rule.criminal, "civil": rule.civil},
        "cross_border": rule.cross_border,
        "confidence": rule.confidence.value,
        "checked_on": _iso(rule.checked_on),
        "unverified": list(rule.unverified),
        "sources": list(rule.sources),
        "effective": {"from": _iso(rule.effective_from), "until": _iso(rule.effective_until)},
        "policy": None if rule.policy is None else {"file": rule.policy.file, "sha256": rule.policy.sha256},
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _print(rule: Rule) -> None:
    """One rule as a page of labelled lines."""
    rows = [
        ("rule", rule.kind.value if rule.condition is None else f"{rule.kind} (treated as {rule.treat_as})"),
        ("condition", rule.condition or ""),
        ("summary", rule.summary),
        ("notice", "; ".join(rule.contents)),
        ("wording", '"may be recorded" is enough' if rule.wording == "may" else 'must say "is recorded"'),
        ("tone", rule.tone),
        ("after notice", rule.continuing.value),
        ("also", "; ".join(extra.text for extra in rule.extras)),
        ("statutes", "; ".join(rule.statutes)),
        ("cases", "; ".join(rule.cases)),
        ("criminal", rule.criminal),
        ("civil", rule.civil),
        ("other states", rule.cross_border),
        ("confidence", f"{rule.confidence}, checked on {rule.checked_on}"),
        ("not verified", "; ".join(rule.unverified)),
        ("file", "" if rule.policy is None else f"{rule.policy.file} (SHA-256 {rule.policy.sha256})"),
    ]
    page = Table.grid(padding=(0, 2))
    page.add_row(Text(rule.code, style="bold"), Text(rule.name, style="bold"))
    for label, value in rows:
        if value:
            page.add_row(Text(label, style="dim"), Text(value))
    Console().print(page)

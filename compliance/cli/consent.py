"""``compliance consent``: which law would apply to a call between two numbers."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from compliance.cli.policy import Folder, Json, Overlay, loaded, today
from compliance.consent import phone, reasons
from compliance.consent.demand import Demand, demand
from compliance.consent.jurisdiction import places
from compliance.records import Party, Place, Role
from compliance.settings import load

app = typer.Typer(no_args_is_help=True, help="Consent to recording: what applies to a call, and why.")


@app.callback()
def consent() -> None:
    """Consent to recording: what applies to a call, and why."""


@app.command()
def explain(
    caller: Annotated[
        str | None, typer.Option(help="The caller's number, +1...; leave out if withheld.")
    ] = None,
    business: Annotated[
        str | None, typer.Option(help="The business's number. Unset: COMPLIANCE_BUSINESS_NUMBER.")
    ] = None,
    on: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Day of the call. Unset: today.")
    ] = None,
    policies: Folder = None,
    overlay: Overlay = None,
    as_json: Json = False,
) -> None:
    """Say where both sides are taken to be, which rule would apply, and what should be said.

    The numbers are not stored or logged.
    """
    day = today() if on is None else on.date()
    law = loaded(policies, overlay)
    parties = [_party(Role.CALLER, caller), _party(Role.AGENT, business or load().business_number)]
    found = demand(places(parties, phone.locate), law, on_date=day)
    if as_json:
        typer.echo(json.dumps(document(found, day, law.disclosure.suggested), indent=2, ensure_ascii=False))
    else:
        _print(found, law.disclosure.suggested)


def document(found: Demand, day: date, script: str) -> dict[str, Any]:
    """The answer as JSON, without the numbers it was asked about."""
    return {
        "schema": "compliance/consent-explanation/1",
        "date": day.isoformat(),
        "places": [_place(place) for place, _ in found.rules],
        "rule": "all-party" if found.rule.is_all_party else "one-party",
        "jurisdiction": found.rule.code,
        "citation": list(found.rule.statutes),
        "confidence": found.rule.confidence.value,
        "notice_needed": found.rule.is_all_party,
        "notice_must_say_is": found.needs_is,
        "keep_notice_in_recording": found.keeps_notice,
        "also": [extra.text for extra in found.extras],
        "reasoning": list(reasons.of_law(found)),
        "script": script,
        "policies": [{"file": ref.file, "sha256": ref.sha256} for ref in found.policies],
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "jurisdiction": place.jurisdiction,
        "role": place.role.value,
        "evidence": place.evidence,
        "is_weak": place.is_weak,
    }


def _party(role: Role, number: str | None) -> Party:
    return Party(role=role, number=number, channel=None, joined_ms=None)


def _print(found: Demand, script: str) -> None:
    console = Console()
    for sentence in reasons.of_law(found):
        console.print(Text(sentence))
    for extra in found.extras:
        console.print(Text(extra.text))
    console.print(Text("\nA script that meets every rule in the folder:", style="dim"))
    console.print(Padding(Text(script), (0, 0, 0, 4)))

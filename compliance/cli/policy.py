"""``compliance policy``: check the files, show the rules in them, compare two folders, draw the map."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from compliance.cli import policy_diff, policy_map
from compliance.cli.policy_notes import notes
from compliance.cli.policy_shown import ai_page, at_a_glance, document, page
from compliance.consent import obligations_file, policy
from compliance.consent.law import AiRule, Kind, Law, Rule, Treated, When
from compliance.duties import files as duties
from compliance.errors import ArgumentInvalid
from compliance.records import AiOutcome, Outcome
from compliance.redact import profile
from compliance.redact.profile import Profile
from compliance.settings import load

app = typer.Typer(
    no_args_is_help=True, help="Check the policy files, show and compare the rules in them, draw the map."
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--policies", help="Folder of policy files. Unset: COMPLIANCE_POLICIES, or the packaged ones."
    ),
]
Overlay = Annotated[
    Path | None,
    typer.Option(
        "--overlay",
        help="Folder of rules of your own, laid over the policy files. Unset: COMPLIANCE_POLICY_OVERLAY.",
    ),
]
Day = Annotated[
    datetime | None,
    typer.Option("--date", formats=["%Y-%m-%d"], help="Day on which the rules are in force. Unset: today."),
]


@app.command()
def check(policies: Folder = None, overlay: Overlay = None) -> None:
    """Read every policy file strictly; the first fault is named with file and line (exit code 2)."""
    law = loaded(policies, overlay)
    versions = sum(len(each) for each in law.rules.values())
    laws = len({rule.id for rule in law.ai})
    typer.echo(
        f"{len(law.rules)} jurisdictions, {versions} rules, {laws} laws on AI disclosure, no fault found."
    )
    for note in notes(law):
        typer.echo(note)
    typer.echo(f"Redaction profiles: {', '.join(profiles(policies))}.")
    folder = policies or load().policies or policy.packaged()
    clocks, vendors = duties.load_retention(folder).clocks, duties.load_vendors(folder).vendors
    typer.echo(f"Retention: {len(clocks)} clocks; vendors: {len(vendors)}.")
    typer.echo(f"Without consent: {', '.join(sorted(without_consent(policies)))}.")


@app.command()
def show(
    place: Annotated[
        str,
        typer.Argument(
            metavar="PLACE",
            help="US-CA, or CA for short; a country by its code or name; US, the federal rule.",
        ),
    ],
    on: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Only what is in force on this day."),
    ] = None,
    policies: Folder = None,
    overlay: Overlay = None,
    as_json: Json = False,
) -> None:
    """Show the rules of one place with their citations, and what in them is not verified."""
    law = loaded(policies, overlay)
    code = _resolved(law, place)
    rules, ai_rules = _of(law, code, None if on is None else on.date())
    if as_json:
        typer.echo(json.dumps(document(rules, ai_rules), indent=2, ensure_ascii=False))
        return
    if code not in law.rules:
        typer.echo(f"{code} has no file of its own; that of {rules[0].code} is applied.\n")
    asking = [rule for rule in ai_rules if rule.when is not When.NOT_ON_CALLS]
    _print([*(page(rule) for rule in rules), *(ai_page(rule) for rule in asking)])
    for rule in ai_rules:
        if rule.when is When.NOT_ON_CALLS:
            typer.echo(f"\n{rule.id} asks nothing of a voice call: {rule.law} ({rule.citation}).")


@app.command()
def table(
    kind: Annotated[Kind | None, typer.Option("--rule", help="Only these by the law itself.")] = None,
    treated: Annotated[Treated | None, typer.Option("--treated", help="Only these as applied here.")] = None,
    on: Day = None,
    policies: Folder = None,
    overlay: Overlay = None,
    as_json: Json = False,
) -> None:
    """Show every jurisdiction at a glance, the United States first."""
    law = loaded(policies, overlay)
    rules = [
        rule
        for code in sorted(law.rules, key=lambda code: (not code.startswith("US"), code))
        for rule in [law.rule(code, _day(on))]
        if kind in (None, rule.kind) and treated in (None, rule.applied)
    ]
    if as_json:
        typer.echo(json.dumps(document(rules), indent=2, ensure_ascii=False))
        return
    console = Console()
    console.print(at_a_glance(rules, console.width))


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="Folder of policy files.", show_default=False)],
    new: Annotated[Path, typer.Argument(help="Another.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Say what changed between two folders, and whether more is asked or less: 0 the same, 1 they differ."""
    found = policy_diff.differences(policy.load(old), policy.load(new))
    if as_json:
        typer.echo(json.dumps(policy_diff.document(found), indent=2, ensure_ascii=False))
    else:
        console = Console()
        for line in policy_diff.lines(found):
            console.print(line, soft_wrap=True)
    if found:
        raise typer.Exit(1)


@app.command("map")
def map_(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write. Unset: standard output.")
    ] = None,
    on: Day = None,
    policies: Folder = None,
    overlay: Overlay = None,
) -> None:
    """Draw the states and territories as tiles, coloured by rule, as SVG."""
    picture = policy_map.svg(loaded(policies, overlay), _day(on))
    if output is None:
        typer.echo(picture, nl=False)
        return
    try:
        output.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise ArgumentInvalid(f"{output} cannot be written: {error.strerror}") from error
    typer.echo(f"{output} written.")


def loaded(folder: Path | None, overlay: Path | None = None) -> Law:
    """The law from the folder given, else the configured one, else the packaged; with the overlay upon it."""
    settings = load()
    return policy.load(folder or settings.policies or policy.packaged(), overlay or settings.policy_overlay)


def profiles(folder: Path | None) -> dict[str, Profile]:
    """The redaction profiles beside the law."""
    return profile.load((folder or load().policies or policy.packaged()) / "redaction")


def without_consent(folder: Path | None) -> set[str]:
    """What is done where consent or disclosure is not satisfied, as the file of obligations orders."""
    orders = obligations_file.load(folder or load().policies or policy.packaged())
    recording = [acts for each, acts in orders.recording.items() if each is not Outcome.SATISFIED]
    fine = (AiOutcome.SATISFIED, AiOutcome.NOT_REQUIRED)
    disclosure = [acts for each, acts in orders.ai.items() if each not in fine]
    return {act for acts in (*recording, *orders.one_party.values(), *disclosure) for act in acts}


def today() -> date:
    """The day by which rules are chosen where none is given."""
    return datetime.now(UTC).date()


def _day(given: datetime | None) -> date:
    return today() if given is None else given.date()


def _resolved(law: Law, place: str) -> str:
    """The code that is meant: a state before a country of the same letters, then a name."""
    code = place.upper()
    if f"US-{code}" in law.rules:
        if code in law.rules:
            name = law.rules[code][-1].name
            typer.echo(f'note: {code} is also {name}: compliance policy show "{name}"', err=True)
        return f"US-{code}"
    if law.versions(code):
        return code
    named = [key for key, rules in law.rules.items() if rules[-1].name.casefold() == place.casefold()]
    if not named:
        raise ArgumentInvalid(
            f"no policy for {place!r}, so it counts as all-party; compliance policy table lists what there is"
        )
    return named[0]


def _of(law: Law, code: str, day: date | None) -> tuple[Sequence[Rule], Sequence[AiRule]]:
    """What speaks for a place: in every version, or as it is in force on a day."""
    if day is None:
        return law.versions(code), law.ai_laws([code])
    return (law.rule(code, day),), law.ai_rules([code], day)


def _print(pages: Iterable[Table]) -> None:
    console = Console()
    for number, each in enumerate(pages):
        console.print(*([""] if number else []), each)

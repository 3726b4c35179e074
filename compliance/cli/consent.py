"""``compliance consent``: before a call, which law would apply to it and what must be said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from compliance.cli import replay
from compliance.cli.policy import Folder, Json, Overlay, loaded, today
from compliance.consent.document import document
from compliance.consent.jurisdiction import declared
from compliance.consent.requirements import Requirements, of_call
from compliance.consent.to_say import Moment, Requirement
from compliance.records import AgentKind, Clue, Party, Role
from compliance.settings import Settings, load

app = typer.Typer(no_args_is_help=True, help="Consent to recording: what applies to a call, and why.")
app.command("replay")(replay.replay_)
app.command("impact")(replay.impact)


@app.callback()
def consent() -> None:
    """Consent to recording: what applies to a call, and why."""


@app.command()
def explain(
    caller: Annotated[
        list[str] | None,
        typer.Option(help="The caller's number, +1...; once for each caller; leave out if withheld."),
    ] = None,
    business: Annotated[
        str | None, typer.Option(help="The business's number. Unset: COMPLIANCE_BUSINESS_NUMBER.")
    ] = None,
    agent: Annotated[
        AgentKind | None, typer.Option(help="Who the agent is. Unset: COMPLIANCE_AGENT_KIND.")
    ] = None,
    on: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Day of the call. Unset: today.")
    ] = None,
    caller_place: Annotated[
        list[str] | None,
        typer.Option(help="Where the caller is said to be (US-CA); once for each place."),
    ] = None,
    ask: Annotated[
        bool,
        typer.Option("--ask", help="Ask for a yes where all must agree, as COMPLIANCE_EXPLICIT_CONSENT."),
    ] = False,
    policies: Folder = None,
    overlay: Overlay = None,
    as_json: Json = False,
) -> None:
    """Say where both sides are taken to be, what must be said, when and why, and words that meet it all.

    The numbers are not stored or logged.
    """
    settings = load()
    found = of_call(
        [*_callers(caller or [], caller_place or []), _business(business, settings)],
        loaded(policies, overlay),
        declared=declared(
            business=settings.business_places, agent=settings.agent_place, recorder=settings.recorder_region
        ),
        agent=agent or AgentKind(settings.agent_kind),
        day=today() if on is None else on.date(),
        explicit_consent=ask or settings.explicit_consent,
    )
    if as_json:
        typer.echo(json.dumps(document(found), indent=2, ensure_ascii=False))
    else:
        _print(found)


def _callers(numbers: Sequence[str], places: Sequence[str]) -> list[Party]:
    """A party for each number, one at least, each with the places that were named."""
    clues = tuple(Clue(evidence="declared", value=place) for place in places)
    given: list[str | None] = [*numbers] or [None]
    return [
        Party(role=Role.CALLER, number=number, channel=None, joined_ms=None, clues=clues) for number in given
    ]


def _business(number: str | None, settings: Settings) -> Party:
    given = number or settings.business_number
    return Party(role=Role.AGENT, number=given, channel=None, joined_ms=None)


def _print(found: Requirements) -> None:
    """The script first, since it is what is looked for; then each demand, then the grounds."""
    console = Console()
    _heading(console, "Say, before anything of substance and uninterrupted:")
    console.print(Padding(Text(found.opening.text), (0, 0, 1, 4)))
    _heading(console, "Again to whoever joins later, and after a transfer or a pause in the recording:")
    console.print(Padding(Text(found.opening.again), (0, 0, 1, 4)))
    if found.must_ask:
        console.print(
            Text("Record on only after a clear yes. On a no, stop the recording or end the call.\n")
        )
    if found.true_answer is not None:
        _heading(console, "If asked whether a machine speaks:")
        console.print(Padding(Text(found.true_answer), (0, 0, 1, 4)))
    _heading(console, "What each part is for:")
    for each in found.to_say:
        console.print(Padding(Text(_line(each)), (0, 0, 0, 4)))
    _heading(console, "\nWhy:")
    for sentence in found.reasoning:
        console.print(Padding(Text(sentence), (0, 0, 0, 4)))


def _heading(console: Console, text: str) -> None:
    console.print(Text(text, style="bold"))


def _line(each: Requirement) -> str:
    """One requirement with what asks for it."""
    name = each.says.value.replace("_", " ")
    when = " when asked" if each.when is Moment.WHEN_ASKED else ""
    by = "required" if each.is_required else "prudent"
    laws = "; ".join(f"{g.jurisdiction} {g.citation[0]}, {g.confidence}" for g in each.grounds)
    return f"{name}{when} ({by}): {each.why}" + (f" [{laws}]" if laws else "")

"""``compliance audit erase``: all that leads to a person is destroyed, and the log still proves."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from compliance import embedded
from compliance.bootstrap import build
from compliance.cli.process import operator
from compliance.cli.summary import safe
from compliance.errors import ArgumentInvalid
from compliance.intake.parties import e164
from compliance.keeping.erase import erase_person
from compliance.settings import load


def number_of(text: str) -> str:
    """A person's number in E.164.

    Raises:
        ArgumentInvalid: it is none; it is not repeated.
    """
    number = e164(text)
    if number is None:
        raise ArgumentInvalid("--person wants a number with country code, such as +14155550142")
    return number


def erase(
    person: Annotated[str, typer.Option(help="The person's number, in E.164.")],
    reason: Annotated[str, typer.Option(help="Why, in your own words. Kept sealed.")],
    despite_duties: Annotated[
        bool, typer.Option("--despite-duties", help="Although disclosures must still be accounted for.")
    ] = False,
    is_sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase every recording of a person, and the salt by which they could be told from others in the log.

    Exit code 0: done.  2: a duty forbids it; it waits for a person.  3: a recording of theirs must wait (it
    is under a legal hold or being processed, or a store refuses); the rest is erased.
    """
    number = number_of(person)
    if not is_sure and not typer.confirm("Erase all that leads to this person for good?", err=True):
        raise typer.Exit(1)
    parts = build(load(), seals=True)
    try:
        left = erase_person(parts, number, operator(), reason, despite_duties=despite_duties)
    finally:
        embedded.seal(parts)
    told = f"{left} recordings of theirs must wait; the rest is erased" if left else "erased"
    Console().print(safe(told))
    raise typer.Exit(3 if left else 0)

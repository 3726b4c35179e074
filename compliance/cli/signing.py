"""``compliance audit disclose`` and ``review``: what people put on record by their own act."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

from compliance import embedded
from compliance.bootstrap import build
from compliance.cli.individuals import number_of
from compliance.cli.periods import From, To, period, unix_ms
from compliance.cli.process import operator
from compliance.cli.summary import safe
from compliance.errors import ArgumentInvalid
from compliance.keeping import reviews
from compliance.keeping.disclosures import Basis, Disclosure
from compliance.keeping.disclosures import disclose as disclose_
from compliance.keeping.reviews import Finding
from compliance.settings import load


def disclose(
    recipient: Annotated[str, typer.Option(help="Who received it. Kept sealed, as all of these are.")],
    description: Annotated[str, typer.Option(help="What was disclosed, in a line.")],
    purpose: Annotated[str, typer.Option(help="Why, or where the copy of the request lies.")],
    basis: Annotated[Basis, typer.Option(help="By which ground; the first five need no accounting.")],
    address: Annotated[str, typer.Option(help="The recipient's address, where it is known.")] = "",
    person: Annotated[
        str | None, typer.Option(help="The individual's number, in E.164.", show_default=False)
    ] = None,
    recording: Annotated[
        str | None, typer.Option(help="The recording it is about.", show_default=False)
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="The day. Unset: now.", show_default=False),
    ] = None,
) -> None:
    """Put a disclosure on record, for the accounting that 45 CFR 164.528 gives an individual.

    The log has the day, the ground and a commitment; recipient, address, description and purpose are sealed.
    """
    parts = build(load(), seals=True)
    made = Disclosure(
        disclosed_at_ms=parts.now_ms() if on is None else unix_ms(on),
        basis=basis,
        recipient=recipient,
        address=address,
        description=description,
        purpose=purpose,
        number=None if person is None else number_of(person),
        recording_id=recording,
    )
    digest = disclose_(parts, made, operator())
    embedded.seal(parts)
    counts = "accountable" if basis.is_accountable else "needs no accounting"
    Console().print(safe(f"on record ({counts}): {digest}"), soft_wrap=True)


def review(
    is_signed: Annotated[bool, typer.Option("--sign-off", help="Sign it off: you have looked.")],
    reason: Annotated[
        str, typer.Option(help="What you looked at and found, in your own words. Kept sealed.")
    ],
    finding: Annotated[Finding, typer.Option(help="What came of it.")] = Finding.NOTHING,
    first: From = None,
    last: To = None,
) -> None:
    """Sign off a review of the log of a period: who read what, what was refused, what failed.

    Read the report first: compliance audit report hipaa.  Without --from and --to it is the last 30 days.
    """
    if not is_signed:
        raise ArgumentInvalid("say --sign-off once you have looked; nothing was put on record")
    parts = build(load(), seals=True)
    embedded.seal(parts)
    now_ms = parts.now_ms()
    from_ms, to_ms = period(first, last, now_ms - 1, days=30)
    size = reviews.sign_off(
        parts,
        from_ms=from_ms,
        to_ms=min(to_ms, now_ms),
        finding=finding,
        statement=reason,
        actor=operator(),
    )
    embedded.seal(parts)
    Console().print(safe(f"signed off, for a log of {size} events"))

"""``compliance token``: who may ask the API."""

from __future__ import annotations

import json
import os
import secrets
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Connection

from compliance.api.auth import Issued, TokenRole, issue
from compliance.api.parts import wall_clock
from compliance.audit import events as audit
from compliance.audit import log
from compliance.errors import ArgumentInvalid
from compliance.settings import load
from compliance.store import tokens
from compliance.store.database import Database
from compliance.store.tokens import TokenRow

app = typer.Typer(
    name="token", help="Create, list and revoke the bearer tokens of the HTTP API.", no_args_is_help=True
)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command("create")
def create_token(
    name: Annotated[str, typer.Argument(help="Whose it is, for the list: a person, team or program.")],
    role: Annotated[
        TokenRole,
        typer.Option(
            help="engineer reads the state of recordings; officer and legal read their audit trails too; "
            "agent only asks what must be said before a call."
        ),
    ],
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days until it expires.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Create a token and show it, this once: only its digest is kept."""
    issued = issue(_name(name), role, now_ms=wall_clock(), days=days)
    with _database().begin() as connection:
        created(connection, issued)
    if as_json:
        document = {"schema": "compliance/token/1", **_public(issued.row), "token": issued.token}
        typer.echo(json.dumps(document, indent=2))
        return
    row = issued.row
    typer.echo(
        f"Token {row.id} ({row.role}) until {_day(row.expires_at_ms)}; it is not shown again:", err=True
    )
    typer.echo(issued.token)


@app.command("list")
def list_tokens(as_json: AsJson = False) -> None:
    """List the tokens, those that are expired or revoked too.  Being read, the list is on record."""
    now_ms = wall_clock()
    with _database().begin() as connection:
        rows = tokens.page(connection, limit=10_000)
        log.record(connection, _listed(len(rows), now_ms))
    if as_json:
        listed = [{**_public(row), "is_valid": row.is_valid(now_ms)} for row in rows]
        typer.echo(json.dumps({"schema": "compliance/tokens/1", "tokens": listed}, indent=2))
        return
    Console().print(_table(rows, now_ms))


@app.command("revoke")
def revoke_token(token_id: Annotated[str, typer.Argument(metavar="ID", help="As in the list.")]) -> None:
    """End a token at once."""
    with _database().begin() as connection:
        revoked(connection, token_id, now_ms=wall_clock())
    typer.echo(f"Token {token_id} is revoked.", err=True)


def created(connection: Connection, issued: Issued) -> None:
    """Keep a new token's digest, with the event that tells of it."""
    row = issued.row
    tokens.create(connection, row)
    told = audit.event(
        audit.EventKind.TOKEN_CREATED,
        recording_id=None,
        key=row.id,
        occurred_at_ms=row.created_at_ms,
        actor=_operator(),
        token_id=row.id,
        role=row.role,
        expires_at_ms=row.expires_at_ms,
    )
    log.record(connection, told)


def revoked(connection: Connection, token_id: str, *, now_ms: int) -> None:
    """End a token, with the event that tells of it.

    Raises:
        ArgumentInvalid: no such token, or it had been revoked.
    """
    if not tokens.revoke(connection, token_id, now_ms):
        raise ArgumentInvalid(
            "there is no token of that id that could be revoked; see: compliance token list"
        )
    told = audit.event(
        audit.EventKind.TOKEN_REVOKED,
        recording_id=None,
        key=token_id,
        occurred_at_ms=now_ms,
        actor=_operator(),
        token_id=token_id,
    )
    log.record(connection, told)


def _listed(entries: int, now_ms: int) -> audit.AuditEvent:
    return audit.event(
        audit.EventKind.ACCESS_LIST,
        recording_id=None,
        key=secrets.token_hex(16),
        occurred_at_ms=now_ms,
        actor=_operator(),
        object="tokens",
        entries=entries,
    )


def _database() -> Database:
    from compliance.bootstrap import build  # chooses every part, which --help does not need

    return build(load()).database


def _operator() -> audit.Actor:
    """Whoever has a shell on this machine, by the number of their account; its name may be a person's."""
    return audit.Actor(type="person", id=f"uid:{os.getuid()}", role="operator")


def _name(name: str) -> str:
    """The name, if a terminal shows it as it is."""
    if not name.strip() or len(name) > 80 or not name.isprintable():
        raise ArgumentInvalid("a token's name has 1 to 80 printable characters")
    return name.strip()


def _public(row: TokenRow) -> dict[str, str | int | None]:
    names = ("id", "name", "role", "created_at_ms", "expires_at_ms", "revoked_at_ms")
    return {each: getattr(row, each) for each in names}


def _table(rows: list[TokenRow], now_ms: int) -> Table:
    table = Table("ID", "Name", "Role", "Created", "Expires", "State")
    for row in rows:
        ended = "revoked" if row.revoked_at_ms is not None else "expired"
        state = "valid" if row.is_valid(now_ms) else ended
        table.add_row(
            row.id, escape(row.name), row.role, _day(row.created_at_ms), _day(row.expires_at_ms), state
        )
    return table


def _day(moment_ms: int | None) -> str:
    return "never" if moment_ms is None else datetime.fromtimestamp(moment_ms / 1000, UTC).date().isoformat()

"""The table of bearer tokens: their digests, never themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, select, update

from compliance.store.database import values_of
from compliance.store.schema import tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """One token."""

    id: str
    name: str
    role: str
    """engineer, officer or legal."""
    digest: str = field(repr=False)
    """SHA-256 of the token, in hex."""
    created_at_ms: int
    expires_at_ms: int | None = None
    revoked_at_ms: int | None = None

    def is_valid(self, now_ms: int) -> bool:
        """Whether it may still be used: neither revoked nor expired."""
        return self.revoked_at_ms is None and (self.expires_at_ms is None or now_ms < self.expires_at_ms)


def create(connection: Connection, row: TokenRow) -> None:
    """Add a token."""
    connection.execute(tokens.insert().values(values_of(row, tokens)))


def page(connection: Connection, *, after: str | None = None, limit: int = 50) -> list[TokenRow]:
    """Tokens in order of their ids, beginning behind ``after``; revoked and expired ones too."""
    statement = select(tokens).order_by(tokens.c.id).limit(limit)
    if after is not None:
        statement = statement.where(tokens.c.id > after)
    return [TokenRow(**row._mapping) for row in connection.execute(statement)]


def revoke(connection: Connection, token_id: str, now_ms: int) -> bool:
    """End a token; False if it is not known or had been revoked, whose time then stays."""
    statement = update(tokens).where(tokens.c.id == token_id, tokens.c.revoked_at_ms.is_(None))
    return connection.execute(statement.values(revoked_at_ms=now_ms)).rowcount == 1


def by_digest(connection: Connection, digest: str) -> TokenRow | None:
    """The token of that digest, valid or not, or None."""
    row = connection.execute(select(tokens).where(tokens.c.digest == digest)).one_or_none()
    return None if row is None else TokenRow(**row._mapping)

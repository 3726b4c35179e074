"""Bearer tokens: who asks, and what their role permits.

A token is ``cpl_<id>_<secret>``; the database holds its SHA-256 only.  A fast
digest is enough, since the secret is 256 random bits and not a password.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Connection

from compliance.errors import AccessError, RoleInsufficient, TokenInvalid, TokenMissing
from compliance.store import tokens
from compliance.store.tokens import TokenRow

_SHAPE = re.compile(r"cpl_(t[0-9a-f]{12})_[0-9a-f]{64}")
DAY_MS = 86_400_000


class TokenRole(StrEnum):
    """What a token's bearer works as."""

    ENGINEER = "engineer"
    OFFICER = "officer"
    LEGAL = "legal"
    AGENT = "agent"
    """A voice agent: it may ask what to say before a call, and read nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A new token, shown once."""

    row: TokenRow
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody whose token holds."""

    token_id: str
    role: TokenRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a caller is sent away, and whose token it was if that is known."""

    error: AccessError
    token_id: str | None = None


def issue(
    name: str,
    role: TokenRole,
    *,
    now_ms: int,
    days: int,
    random_hex: Callable[[int], str] = secrets.token_hex,
) -> Issued:
    """A new token that lives so many days; its row is for ``tokens.create``."""
    token_id = "t" + random_hex(6)
    token = f"cpl_{token_id}_{random_hex(32)}"
    row = TokenRow(
        id=token_id,
        name=name,
        role=role.value,
        digest=digest_of(token),
        created_at_ms=now_ms,
        expires_at_ms=now_ms + days * DAY_MS,
    )
    return Issued(row=row, token=token)


def digest_of(token: str) -> str:
    """SHA-256 of a token, in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def identify(connection: Connection, header: str | None, now_ms: int) -> Caller | Refusal:
    """Who sends this ``Authorization`` header."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return Refusal(error=TokenMissing("this needs a bearer token: Authorization: Bearer cpl_..."))
    row = _row_of(connection, token.strip())
    if row is None:
        return Refusal(error=TokenInvalid("the token is not known"))
    if not row.is_valid(now_ms):
        return Refusal(error=TokenInvalid("the token is expired or revoked"), token_id=row.id)
    return Caller(token_id=row.id, role=TokenRole(row.role))


def permitted(caller: Caller, roles: frozenset[TokenRole]) -> Caller | Refusal:
    """The caller, if their role is among these."""
    if caller.role in roles:
        return caller
    return Refusal(
        error=RoleInsufficient(f"this is not for the role {caller.role}"), token_id=caller.token_id
    )


def _row_of(connection: Connection, token: str) -> TokenRow | None:
    """The row of a token: found by digest, compared in constant time, and of the id that the token names."""
    shape = _SHAPE.fullmatch(token)
    if shape is None:
        return None
    digest = digest_of(token)
    row = tokens.by_digest(connection, digest)
    if row is None or not hmac.compare_digest(row.digest, digest):
        return None
    return row if row.id == shape[1] else None

"""The edge to LiveKit's signature: a webhook is believed only after its token matches its bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from livekit import api
from pydantic import SecretStr

from compliance.errors import BodyInvalid, SignatureInvalid
from compliance.intake.fields import identifier

_TOKEN_LIFE = timedelta(minutes=5)
_SECONDS = re.compile(r"[0-9]{1,11}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedEvent:
    """A webhook whose signature holds."""

    event_id: str
    name: str
    """LiveKit's word for what happened; the list of them grows."""
    created_at_ms: int
    body: Mapping[str, object] = field(repr=False)
    """The parsed JSON, secrets and phone numbers included."""


def verify(
    body: bytes, token: str | None, keys: Mapping[str, SecretStr], *, now_ms: int, max_age_s: int
) -> SignedEvent:
    """The event in a webhook's body, once all of this holds:

    (1) The token names one of our keys and is signed with that key's secret.
    (2) The SHA-256 in it is that of the bytes received, so nothing was altered on the way.
    (3) The bytes are a JSON object that says what event it is.
    (4) The event is not old: a token lives five minutes, but one who knows a secret signs anew.

    The body is read as plain JSON, not through the protobuf classes: those read
    a status they do not know as EGRESS_STARTING, and refuse messages that a
    newer server may well send, and a refused event is never sent again.

    Raises:
        SignatureInvalid: (1), (2) or (4) fails.
        BodyInvalid: (3) fails.
    """
    # (1) (2)
    _check_digest(body, _signed_digest(_bare(token), keys))
    # (3)
    parsed = _parsed(body)
    name = parsed.get("event")
    if not isinstance(name, str) or not name:
        raise BodyInvalid("the body is signed but names no event")
    # (4)
    created_at_ms = _created_at_ms(parsed)
    if now_ms - created_at_ms > max_age_s * 1000:
        raise SignatureInvalid(f"the event was made more than {max_age_s} seconds ago")
    return SignedEvent(event_id=_event_id(parsed, body), name=name, created_at_ms=created_at_ms, body=parsed)


def sign(body: bytes, key: str, secret: SecretStr) -> str:
    """The token that LiveKit's server would send with a body; the demo and the tests stand in for it."""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")
    token = api.AccessToken(key, secret.get_secret_value()).with_ttl(_TOKEN_LIFE).with_sha256(digest)
    return str(token.to_jwt())


def _bare(token: str | None) -> str:
    """The token without the ``Bearer`` that some proxies and testers put before it."""
    if not token or not token.strip():
        raise SignatureInvalid("the webhook carries no token")
    bare = token.strip()
    return bare[7:].strip() if bare[:7].lower() == "bearer " else bare


def _signed_digest(token: str, keys: Mapping[str, SecretStr]) -> str:
    """The digest that the token vouches for.

    The SDK raises PyJWT's errors, ValueError and bare Exception alike; to us
    they all say that the token is no good.
    """
    key = _claimed_key(token)
    secret = keys[key].get_secret_value() if key in keys else ""
    if not secret:  # the SDK would fall back on LIVEKIT_API_SECRET of the environment
        raise SignatureInvalid("the token is signed with a key that is not configured here")
    try:
        return api.TokenVerifier(key, secret).verify(token).sha256 or ""
    except Exception as error:
        raise SignatureInvalid(f"the token does not hold ({type(error).__name__})") from error


def _claimed_key(token: str) -> str:
    """The key id in the token's ``iss``, not verified yet: it only picks the secret to verify with."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["iss"])
    except (IndexError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise SignatureInvalid("the token is not a LiveKit token") from error


def _check_digest(body: bytes, digest: str) -> None:
    try:
        signed = base64.b64decode(digest, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise SignatureInvalid("the token holds no digest of a body") from error
    if not hmac.compare_digest(hashlib.sha256(body).digest(), signed):
        raise SignatureInvalid("the token is for another body")


def _parsed(body: bytes) -> dict[str, object]:
    try:
        parsed = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        # Without the cause: the decoder's message may show a piece of the body.
        raise BodyInvalid("the body is signed but is not JSON") from None
    if not isinstance(parsed, dict):
        raise BodyInvalid("the body is signed but is not a JSON object")
    return parsed


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object in which no name comes twice: readers differ on which of the two counts."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name comes twice")
    return members


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _created_at_ms(parsed: Mapping[str, object]) -> int:
    """When the event was made; protojson writes the seconds as a string."""
    seconds = str(parsed.get("createdAt", ""))
    if not _SECONDS.fullmatch(seconds):
        raise BodyInvalid("the body is signed but does not say when the event was made")
    return int(seconds) * 1000


def _event_id(parsed: Mapping[str, object], body: bytes) -> str:
    """LiveKit's id of the event; the body's digest where there is none, since its retries are equal."""
    return identifier(parsed, "id") or "sha256-" + hashlib.sha256(body).hexdigest()

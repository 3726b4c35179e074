"""A webhook is believed only after its token matches its bytes."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import time

import jwt
import pytest
from livekit import api
from pydantic import SecretStr

from compliance.errors import BodyInvalid, SignatureInvalid
from compliance.intake.livekit import SignedEvent, sign, verify

KEY = "APItestKey0001"
SECRET = SecretStr("a-secret-made-up-for-the-tests-0123456789")
OTHER = SecretStr("another-secret-made-up-for-the-tests-012345")
KEYS = {KEY: SECRET, "APItestKey0002": OTHER}
CREATED = 1_795_500_080
BODY = json.dumps({"event": "room_started", "id": "EV_1", "createdAt": str(CREATED)}).encode()


def check(body: bytes = BODY, token: str | None = "", *, after_s: int = 1) -> SignedEvent:
    given = sign(body, KEY, SECRET) if token == "" else token
    return verify(body, given, KEYS, now_ms=(CREATED + after_s) * 1000, max_age_s=3600)


def claims(**changes: object) -> str:
    """A token made by hand, with some claims replaced."""
    now = int(time.time())
    digest = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    whole = {"iss": KEY, "nbf": now, "exp": now + 300, "sha256": digest, **changes}
    kept = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode(kept, SECRET.get_secret_value(), algorithm="HS256")


def test_a_signed_event_is_believed():
    """The token that LiveKit's own SDK makes is accepted, and the event is told apart from its body."""
    event = check()
    assert (event.event_id, event.name, event.created_at_ms) == ("EV_1", "room_started", CREATED * 1000)


def test_the_secret_is_picked_by_the_key_id():
    """A receiver with several keys verifies with the one that the token names."""
    assert check(token=sign(BODY, "APItestKey0002", OTHER)).name == "room_started"
    with pytest.raises(SignatureInvalid):
        check(token=sign(BODY, "APItestKey0002", SECRET))


@pytest.mark.parametrize("prefix", ["Bearer ", "bearer ", "BEARER   "])
def test_an_accidental_bearer_is_taken_off(prefix):
    """LiveKit sends the bare token; a proxy or a tester may add the usual word."""
    assert check(token=prefix + sign(BODY, KEY, SECRET)).name == "room_started"


@pytest.mark.parametrize(
    "token", [None, " ", "Bearer ", "x", "a.b.c", "..", "é.é.é", "a." + "W" * 50_000 + ".c"]
)
def test_what_is_no_token_is_refused(token):
    """Absent, empty and garbled tokens are all one kind of wrong."""
    with pytest.raises(SignatureInvalid):
        check(token=token)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "APIunknown"},
        {"iss": None},
        {"sha256": None},
        {"sha256": hashlib.sha256(BODY).hexdigest()},
        {"sha256": "not base64!"},
        {"sha256": 5},
        {"exp": None},
        {"exp": -120},
        {"nbf": 120},
    ],
)
def test_a_token_that_does_not_hold_is_refused(changes):
    """Unknown key, no digest or another's, no expiry, expired, not valid yet."""
    # Moments are told from now, when the test runs: it may be collected minutes before.
    moments = {
        name: int(time.time()) + changes[name] for name in {"exp", "nbf"} & changes.keys() if changes[name]
    }
    assert check(token=claims()).name == "room_started"
    with pytest.raises(SignatureInvalid):
        check(token=claims(**(changes | moments)))


@pytest.mark.parametrize("algorithm", ["none", "HS512"])
def test_only_the_agreed_algorithm_counts(algorithm):
    """A token that names its own algorithm, or none, is refused."""
    secret = None if algorithm == "none" else SECRET.get_secret_value() * 2
    token = jwt.encode(jwt.decode(claims(), options={"verify_signature": False}), secret, algorithm=algorithm)
    with pytest.raises(SignatureInvalid):
        check(token=token)


def test_an_access_token_for_a_room_is_no_webhook():
    """The same secret signs the tokens that let people into rooms; those vouch for no body."""
    token = api.AccessToken(KEY, SECRET.get_secret_value()).with_ttl(datetime.timedelta(minutes=5)).to_jwt()
    with pytest.raises(SignatureInvalid):
        check(token=token)


@pytest.mark.parametrize(
    "body",
    [BODY + b" ", BODY.replace(b"started", b"stopped"), b"", json.dumps(json.loads(BODY), indent=1).encode()],
)
def test_another_body_is_refused(body):
    """One byte more, one word changed, or the same JSON written anew."""
    with pytest.raises(SignatureInvalid):
        check(body, sign(BODY, KEY, SECRET))


def test_the_environment_lends_no_secret(monkeypatch):
    """The SDK would take a missing secret from the environment; an empty one here is no key at all."""
    monkeypatch.setenv("LIVEKIT_API_SECRET", SECRET.get_secret_value())
    with pytest.raises(SignatureInvalid):
        verify(BODY, sign(BODY, KEY, SECRET), {KEY: SecretStr("")}, now_ms=CREATED * 1000, max_age_s=60)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"no json",
        b"\xff\xfe",
        b'{"event": 5, "createdAt": "1795500080"}',
        b'{"event": "", "createdAt": "1795500080"}',
        b'{"event": "x"}',
        b'{"event": "x", "createdAt": "soon"}',
        b'{"event": "x", "event": "y", "createdAt": "1795500080"}',
        b'{"event": "x", "n": NaN, "createdAt": "1795500080"}',
        b'{"event": "x", "createdAt": "1795500080", "deep": ' + b"[" * 200_000,
        b'{"event": "x", "createdAt": ' + b"9" * 5000 + b"}",
        b'{"event": "x", "createdAt": ' + b"9" * 50 + b"}",
        b'{"event": "x", "createdAt": -5}',
    ],
)
def test_signed_but_no_event_is_another_error(body):
    """A body that is properly signed and is no event is told apart from a wrong signature, and not shown."""
    with pytest.raises(BodyInvalid) as caught:
        check(body)
    assert "1795500080" not in str(caught.value)
    assert caught.value.__cause__ is None or "1795500080" not in str(caught.value.__cause__)


def test_an_old_event_is_refused():
    """One who learns a secret can sign an old body anew; its age gives it away."""
    assert check(after_s=3600).name == "room_started"
    with pytest.raises(SignatureInvalid, match="3600 seconds"):
        check(after_s=3601)


@pytest.mark.parametrize("given", [None, "", 5, "has space", "EV_\x00", "x" * 129])
def test_an_event_without_a_proper_id_gets_its_digest(given):
    """Its retries have the same bytes, so the digest of them serves as the id."""
    body = json.dumps({"event": "x", "id": given, "createdAt": str(CREATED)}).encode()
    assert check(body).event_id == "sha256-" + hashlib.sha256(body).hexdigest()


def test_the_body_stays_out_of_reprs():
    """What was verified is still private."""
    assert "room_started" in repr(check())
    assert "createdAt" not in repr(check())

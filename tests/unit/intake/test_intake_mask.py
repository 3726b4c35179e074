"""Secrets are masked before anything is stored."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.intake.mask import MASK, masked, without_url_secrets

KEYS = ["accessKey", "access_key", "ACCESS_KEY", "secret", "sessionToken", "session_token", "credentials"]
KEYS += ["accountKey", "account-key", "password", "Password"]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("depth", [0, 1, 7])
def test_a_secret_is_masked_wherever_it_is(key, depth):
    """Camel, snake or capitals, in messages and lists, at any depth."""
    value: object = {key: "made-up-secret", "region": "us-west-2"}
    for _ in range(depth):
        value = {"outputs": [value, {"kept": 1}]}
    shown = json.dumps(masked(value))
    assert "made-up-secret" not in shown
    assert MASK in shown
    assert "us-west-2" in shown


def test_a_secret_that_is_a_message_is_masked_whole():
    """Google's credentials may come as an object; nothing of it stays."""
    assert masked({"credentials": {"private_key_id": "k", "x": ["y"]}}) == {"credentials": MASK}


def test_an_unredacted_request_is_masked(body):
    """The report of an egress that was not launched carries real keys; its bucket and ids stay readable."""
    shown = json.dumps(masked(body("ended_not_launched")))
    assert "MADE-UP-ACCESS-KEY" not in shown
    assert "made-up-secret" not in shown
    assert "northwind-calls" in shown


def test_what_holds_no_secret_is_unchanged(body):
    """Masking a participant's event changes nothing."""
    assert masked(body("caller_joined")) == body("caller_joined")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://b.s3.amazonaws.com/k.ogg?X-Amz-Signature=abc", "https://b.s3.amazonaws.com/k.ogg?{masked}"),
        ("see https://h/p?a=b, and https://h/q?c=d", "see https://h/p?{masked} and https://h/q?{masked}"),
        ("https://user:pass@h/p", "https://{masked}@h/p"),
        ("rtmp://live.example.org/app/stream-key", "rtmp://live.example.org/{masked}"),
        ("https://h/p#token", "https://h/p?{masked}"),
        ("really? yes", "really? yes"),
        ("https://h/p", "https://h/p"),
    ],
)
def test_urls_lose_what_opens_them(text, shown):
    """Query, user and stream key of a URL are as good as a key."""
    assert without_url_secrets(text) == shown


def test_deep_nesting_is_masked_not_followed():
    """A body nested deeper than LiveKit's messages ends in a mask, not in an exhausted stack."""
    value: object = "bottom"
    for _ in range(500):
        value = [value]
    assert "bottom" not in json.dumps(masked(value))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "a", "b"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(json_values)
def test_masking_twice_is_masking_once(value):
    """What is masked stays as it is."""
    assert masked(masked(value)) == masked(value)

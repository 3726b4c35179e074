"""Taking the keys to other people's storage out of a webhook before it is kept.

LiveKit masks them itself, except where its server could not launch an automatic
egress: the ``egress_ended`` that follows echoes the request with real keys.
"""

from __future__ import annotations

import re

MASK = "{masked}"

_SECRETS = frozenset(
    {
        *("accesskey", "accesskeyid", "secret", "secretkey", "secretaccesskey", "apisecret", "sessiontoken"),
        *("credentials", "accountkey", "password", "passphrase", "token", "authorization", "privatekey"),
        *("streamkey", "assumeroleexternalid"),
    }
)
_DEEPEST = 64
_QUERY = re.compile(r"([a-z][a-z0-9+.-]*://[^\s?#\"'<>]*)[?#][^\s\"'<>]*", re.IGNORECASE)
_USER = re.compile(r"([a-z][a-z0-9+.-]*://)[^\s/@]+@", re.IGNORECASE)
_STREAM = re.compile(r"((?:rtmps?|srt|mux|twitch)://[^\s/\"'<>]*)/[^\s\"'<>]*", re.IGNORECASE)


def masked(value: object, *, depth: int = 0) -> object:
    """The same JSON value with every secret replaced by ``{masked}``.

    A secret is whatever lies under a name that promises one, in camel or snake
    case and at any depth; the query of any URL (presigned ones are keys); a
    user in a URL; and the path of a streaming URL, which is the stream's key.
    What is nested deeper than any of LiveKit's messages is masked whole.
    """
    if depth > _DEEPEST:
        return MASK
    if isinstance(value, dict):
        return {
            key: MASK if _is_secret(key) else masked(each, depth=depth + 1) for key, each in value.items()
        }
    if isinstance(value, list):
        return [masked(each, depth=depth + 1) for each in value]
    return without_url_secrets(value) if isinstance(value, str) else value


def without_url_secrets(text: str) -> str:
    """The text with query, user and stream key of every URL in it replaced."""
    if "://" not in text:
        return text
    for pattern, replacement in ((_USER, rf"\1{MASK}@"), (_STREAM, rf"\1/{MASK}"), (_QUERY, rf"\1?{MASK}")):
        text = pattern.sub(replacement, text)
    return text


def _is_secret(name: str) -> bool:
    """Whether a field of this name holds a secret; ``access_key``, ``accessKey`` and ``ACCESS-KEY`` do."""
    return name.replace("_", "").replace("-", "").lower() in _SECRETS

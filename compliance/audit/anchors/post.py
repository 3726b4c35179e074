"""One POST over HTTP, and nothing more: no redirects, no proxies, no second try, little patience."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult

from compliance.audit.anchors.sink import LIMIT
from compliance.errors import AnchorUnavailable

TIMEOUT_S: Final = 10


def post(url: SplitResult, body: bytes, headers: Mapping[str, str]) -> bytes:
    """What the server answers to the body; certificates are checked.

    A redirect is not followed, wherever it leads: a checkpoint, and the token that
    goes with it, are for the host that was set and for no other.

    Raises:
        AnchorUnavailable: no answer in time, another status than 2xx, or too long an answer.
    """
    try:
        connection = _connection(url)
        try:
            target = f"{url.path or '/'}{f'?{url.query}' if url.query else ''}"
            connection.request("POST", target, body, dict(headers))
            answer = connection.getresponse()
            data = answer.read(LIMIT + 1)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise AnchorUnavailable(f"{url.hostname} did not answer ({type(error).__name__})") from error
    if not 200 <= answer.status < 300:
        raise AnchorUnavailable(f"{url.hostname} answered {answer.status}")
    if len(data) > LIMIT:
        raise AnchorUnavailable(f"{url.hostname} answered with more than {LIMIT} bytes")
    return data


def _connection(url: SplitResult) -> http.client.HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, url.port, timeout=TIMEOUT_S, context=context)
    return http.client.HTTPConnection(host, url.port, timeout=TIMEOUT_S)

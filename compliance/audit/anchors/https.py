"""An HTTPS endpoint as a sink: the note is posted, and the answer is the receipt."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from compliance.audit.anchors.here import is_here
from compliance.audit.anchors.post import post
from compliance.audit.anchors.sink import Held, Reach

_TYPES: Final = {".note": "text/plain; charset=utf-8", ".tsr": "application/timestamp-reply"}


class EndpointSink:
    """Somebody's service that takes notes.  What it holds has to be asked of whoever runs it."""

    def __init__(self, url: str, token: str | None) -> None:
        """``token`` goes along as a bearer token."""
        self._url: Final = urlsplit(url)
        self._token: Final = token

    @property
    def id(self) -> str:
        """See ``Sink``."""
        return f"https-{sha256(self._url.geturl().encode()).hexdigest()[:12]}"

    @property
    def where(self) -> str:
        """See ``Sink``; without the query, which may hold a secret."""
        return self._url._replace(query="", fragment="").geturl()

    @property
    def reach(self) -> Reach:
        """A witness, unless it is this machine."""
        return Reach.COPY if is_here(self._url.hostname or "localhost") else Reach.WITNESS

    def put(self, name: str, data: bytes) -> bytes:
        """See ``Sink``."""
        headers = {"Content-Type": _TYPES[name[name.rindex(".") :]], "Compliance-Anchor": name}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        return post(self._url, data, headers)

    def read(self, prefix: str) -> Iterator[Held] | None:
        """None: it is not asked."""
        return None

"""A place in an answer, as a word that only this deployment can have made and only its question can use.

It holds a place and no offset: what is written while somebody reads moves nothing.
It holds the size of the log at the first page, too, and every page is of the log of
that size: what commits late is not slipped in between, and shows in the next answer.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from typing import Final

from compliance.audit.question import Question
from compliance.errors import CursorInvalid
from compliance.store.event_scan import Walk
from compliance.store.seal import derive

_VERSION: Final = 1
_PLACE: Final = struct.Struct(">B?QQQ8s")
"""Version, direction, size of the log, time, leaf index, question."""
_MAC_BYTES: Final = 16


def write(key: bytes, question: Question, walk: Walk) -> str:
    """The cursor that goes on behind ``walk.after``; ``key`` is the deployment key."""
    assert walk.after is not None, "a cursor is a place"
    place = _PLACE.pack(_VERSION, walk.is_oldest_first, walk.size, *walk.after, question.digest)
    return base64.urlsafe_b64encode(place + _mac(key, place)).decode().rstrip("=")


def read(key: bytes, question: Question, cursor: str, *, is_oldest_first: bool) -> Walk:
    """The walk that a cursor goes on with.

    Raises:
        CursorInvalid: it is not one of ours, was altered, or is of another question or order.
    """
    data = _decoded(cursor)
    place, mac = data[: _PLACE.size], data[_PLACE.size :]
    if len(place) != _PLACE.size or not hmac.compare_digest(mac, _mac(key, place)):
        raise CursorInvalid("this is not a cursor of this service; begin again without one")
    version, was_oldest_first, size, when, leaf, digest = _PLACE.unpack(place)
    if (version, was_oldest_first, digest) != (_VERSION, is_oldest_first, question.digest):
        raise CursorInvalid(
            "the cursor is of another question; give it the filters and the order it came with"
        )
    return Walk(size=size, is_oldest_first=is_oldest_first, after=(when, leaf))


def _mac(key: bytes, place: bytes) -> bytes:
    return hmac.new(derive(key, b"cursor"), place, hashlib.sha256).digest()[:_MAC_BYTES]


def _decoded(cursor: str) -> bytes:
    """The bytes, in their one spelling; empty if it is none."""
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
    return data if base64.urlsafe_b64encode(data).decode().rstrip("=") == cursor else b""

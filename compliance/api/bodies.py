"""Reading a request's body, and no more of it than is allowed."""

from __future__ import annotations

from fastapi import Request

from compliance.errors import BodyTooLarge


async def body_of(request: Request, max_bytes: int) -> bytes:
    """The body's bytes.

    Raises:
        BodyTooLarge: by what its length is said to be, before any of it is read,
            or as soon as what came is more than the limit.
    """
    if (claimed_size(request) or 0) > max_bytes:
        raise BodyTooLarge(f"the body has {max_bytes} bytes at most")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise BodyTooLarge(f"the body has {max_bytes} bytes at most")
    return bytes(body)


def claimed_size(request: Request) -> int | None:
    """Content-Length, where it is one; the server has refused what is none."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None

"""The format of large objects in the vault: encrypted in chunks that cannot be moved about.

    "CV1\\n"  salt (32 bytes)  chunk 0  chunk 1 … last chunk

Each chunk is AES-256-GCM with its 16-byte tag, under a key derived from the
recording's key, the salt and the object's context.  Its nonce is its number and
whether it is the last one (the STREAM construction: Hoang, Reyhanitabar, Rogaway,
Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance",
2015).  So a chunk that is altered, missing, doubled, in another place or from
another object does not open, and neither does a stream that ends early.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from compliance.errors import SealBroken
from compliance.store.seal import SALT_BYTES, derive

CHUNK: Final = 1024 * 1024
"""Bytes of plaintext in every chunk but the last."""
_MAGIC: Final = b"CV1\n"
_HEADER: Final = len(_MAGIC) + SALT_BYTES
_TAG: Final = 16


def encrypt(
    key: bytes, context: bytes, parts: Iterable[bytes], *, salt: bytes, chunk: int = CHUNK
) -> Iterator[bytes]:
    """The encrypted stream of ``parts``, however they are divided.

    The salt must be fresh and random: with the same key, context and salt twice,
    nonces repeat and the encryption is broken.
    """
    header = _MAGIC + salt
    cipher = AESGCM(derive(key, b"stream/" + context, salt))
    yield header
    for number, is_last, block in _numbered(_blocks(parts, chunk)):
        yield cipher.encrypt(_nonce(number, is_last), block, header)


def decrypt(key: bytes, context: bytes, parts: Iterable[bytes], *, chunk: int = CHUNK) -> Iterator[bytes]:
    """The plaintext, chunk by chunk.

    Every chunk is authentic when it is handed out, but only the end shows that
    none is missing: act on the whole, never on the beginning.

    Raises:
        SealBroken: a chunk does not open, or the stream ends early.
    """
    rest = iter(parts)
    header, begun = _header(rest)
    cipher = AESGCM(derive(key, b"stream/" + context, header[len(_MAGIC) :]))
    for number, is_last, block in _numbered(_blocks(_chained(begun, rest), chunk + _TAG)):
        try:
            yield cipher.decrypt(_nonce(number, is_last), block, header)
        except (InvalidTag, ValueError) as error:
            raise SealBroken("an encrypted object does not open") from error


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _header(parts: Iterator[bytes]) -> tuple[bytes, bytes]:
    """The header, and what was read beyond it."""
    read = b""
    while len(read) < _HEADER and (part := next(parts, None)) is not None:
        read += part
    if len(read) < _HEADER or not read.startswith(_MAGIC):
        raise SealBroken("an encrypted object has no header")
    return read[:_HEADER], read[_HEADER:]


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _blocks(parts: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in blocks of ``size``, the last one shorter; one empty block of nothing."""
    held = bytearray()
    is_any = False
    for part in parts:
        held += part
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
            is_any = True
    if held or not is_any:
        yield bytes(held)


def _numbered(blocks: Iterator[bytes]) -> Iterator[tuple[int, bool, bytes]]:
    """Each block with its number and whether it is the last."""
    number, held = 0, next(blocks)
    for block in blocks:
        yield number, False, held
        number, held = number + 1, block
    yield number, True, held

"""Small secrets at rest: AES-256-GCM, each under a key of its own.

The key of a blob is derived (HKDF-SHA-256, RFC 5869) from the deployment key and
a random salt, so no nonce can repeat however many blobs there are (NIST SP
800-38D §8.3 bounds random nonces under one key to 2^32).
"""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from compliance.errors import SealBroken

KEY_BYTES: Final = 32
SALT_BYTES: Final = 32
_VERSION: Final = b"S1"
_NONCE: Final = bytes(12)
"""Fixed, as every derived key seals one blob only."""


def seal(key: bytes, plaintext: bytes, context: bytes) -> bytes:
    """The sealed form of ``plaintext``, which opens only with this key and this context.

    The context says where the blob belongs (a table and a row), so that a blob
    copied to another row does not open there.
    """
    salt = secrets.token_bytes(SALT_BYTES)
    body = AESGCM(derive(key, b"seal", salt)).encrypt(_NONCE, plaintext, _VERSION + context)
    return _VERSION + salt + body


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """What was sealed.

    Raises:
        SealBroken: altered, cut off, of another context, or sealed under another key.
    """
    start = len(_VERSION) + SALT_BYTES
    salt, body = sealed[len(_VERSION) : start], sealed[start:]
    try:
        if not sealed.startswith(_VERSION):
            raise InvalidTag
        return AESGCM(derive(key, b"seal", salt)).decrypt(_NONCE, body, _VERSION + context)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("a sealed value does not open") from error


def derive(key: bytes, purpose: bytes, salt: bytes = b"") -> bytes:
    """A key for one purpose; nothing learnt of it tells anything of ``key`` or of another purpose's."""
    hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt or None, info=b"compliance/" + purpose)
    return hkdf.derive(key)

"""Time stamps of RFC 3161; the edge to rfc3161-client.

An authority signs a digest together with the time.  It sees the digest alone,
and its statement is checked by its certificates, which were pinned beforehand,
without asking it again.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from compliance.audit.anchors.post import post
from compliance.errors import AnchorUnavailable, SettingInvalid, TimestampInvalid, TimestampUnavailable

_HEADERS: Final = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class Pins:
    """The certificates of an authority that are believed, and no others."""

    def __init__(self, pem: bytes) -> None:
        """``pem``: the root, and any certificates between it and the one that signs.

        Raises:
            SettingInvalid: there is no certificate in it that could be a root.
        """
        try:
            found = load_pem_x509_certificates(pem)
        except ValueError:
            found = []
        self._roots: Final = [each for each in found if each.issuer == each.subject]
        self._between: Final = [each for each in found if each.issuer != each.subject]
        if not self._roots:
            raise SettingInvalid("COMPLIANCE_TIMESTAMP_CERTIFICATES holds no root certificate (PEM)")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the first root certificate, in hex."""
        return sha256(_der(self._roots[0])).hexdigest()

    def stated_at_ms(self, token: bytes, message: bytes) -> int:
        """When the message was there, as the token states it; Unix milliseconds.

        Raises:
            TimestampInvalid: it is no token, not of this authority, or over another message.
        """
        return self._checked(_decoded(token), message, None)

    def _checked(self, answer: TimeStampResponse, message: bytes, nonce: int | None) -> int:
        builder = VerifierBuilder(roots=list(self._roots), intermediates=list(self._between), nonce=nonce)
        try:
            builder.build().verify_message(answer, message)
            return round(answer.tst_info.gen_time.timestamp() * 1000)
        except (VerificationError, ValueError) as error:
            raise TimestampInvalid("the time stamp is not the pinned authority's over this") from error


class Authority:
    """A time-stamping authority that answers over HTTP (RFC 3161, 3.4)."""

    def __init__(self, url: str, pins: Pins) -> None:
        """Nothing is asked yet."""
        self._url: Final = urlsplit(url)
        self.pins: Final = pins

    @property
    def id(self) -> str:
        """Its name in events: a digest of where it is."""
        return f"authority-{sha256(self._url.geturl().encode()).hexdigest()[:12]}"

    def stamp(self, message: bytes) -> tuple[bytes, int]:
        """A token over the message, and the time it states in Unix milliseconds.

        It is checked at once, with the random number that went along, so that an
        old answer cannot be given again.

        Raises:
            TimestampUnavailable: no answer, or a refusal.
            TimestampInvalid: the answer is not the authority's, or over something else.
        """
        request = TimestampRequestBuilder(data=message, hash_algorithm=HashAlgorithm.SHA256).build()
        token = self.ask(request.as_bytes())
        return token, self.pins._checked(_decoded(token), message, request.nonce)

    def ask(self, query: bytes) -> bytes:
        """The authority's answer to a request, both in DER.

        Raises:
            TimestampUnavailable: there is none.
        """
        try:
            return post(self._url, query, _HEADERS)
        except AnchorUnavailable as error:
            raise TimestampUnavailable(str(error)) from error


def pins(path: Path) -> Pins:
    """The certificates in a file.

    Raises:
        SettingInvalid: it cannot be read, or holds no root.
    """
    try:
        return Pins(path.read_bytes())
    except OSError as error:
        raise SettingInvalid("the file COMPLIANCE_TIMESTAMP_CERTIFICATES names cannot be read") from error


def _decoded(token: bytes) -> TimeStampResponse:
    try:
        return decode_timestamp_response(token)
    except ValueError as error:
        raise TimestampInvalid("this is no time stamp (RFC 3161)") from error


def _der(certificate: Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)

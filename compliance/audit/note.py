"""Signed notes and checkpoints, in the formats of C2SP (signed-note and tlog-checkpoint), with Ed25519.

A checkpoint states the size and the root of the log in three lines of text; the
note carries it with its signatures.  Both are formats that others' tools read,
so that nobody has to trust this program to check what it signed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from compliance.audit.merkle import HASH_BYTES
from compliance.errors import AuditInvalid, KeyMissing

ED25519 = b"\x01"
"""The signature type in key ids and verifier keys."""

_SIGNATURE = "— "
_KEY_ID_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The size and the root of a log, as it states them of itself."""

    origin: str
    """The log's name, by which one log's checkpoint cannot pass for another's."""
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The lines that are signed."""
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """A public key under the name it signs by."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that tell this key's signatures from others'."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:_KEY_ID_BYTES]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, in hex: what an officer compares, and what evidence is checked by."""
        return hashlib.sha256(self.public).hexdigest()

    def __str__(self) -> str:
        """The verifier key, as C2SP writes it: name, key id and key, joined by plus signs."""
        return f"{self.name}+{self.key_id.hex()}+{encoded(ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """The key that a verifier key string holds.

        Raises:
            KeyMissing: it is not one, or its key id belongs to another key.
        """
        name, _, rest = text.strip().partition("+")
        key_id, _, key = rest.partition("+")
        try:
            data = decoded(key)
        except AuditInvalid:
            data = b""
        verifier = cls(name=name, public=data[1:])
        if data[:1] != ED25519 or len(data) != 1 + HASH_BYTES or key_id != verifier.key_id.hex():
            raise KeyMissing("this is not a verifier key (name+id+key, Ed25519)")
        return verifier

    def text_of(self, note: str) -> str:
        """The text of a note that this key signed; signatures of others are passed over.

        Raises:
            AuditInvalid: it is not a note, or this key's signature is absent or wrong.
        """
        text, signatures = _split(note)
        mine = [each for name, key_id, each in signatures if (name, key_id) == (self.name, self.key_id)]
        if not mine:
            raise AuditInvalid(f"the note is not signed by {self.name} with the key {self.key_id.hex()}")
        if not all(self.has_signed(text.encode(), signature) for signature in mine):
            raise AuditInvalid("the note's signature does not match its text")
        return text

    def checkpoint_of(self, note: str) -> Checkpoint:
        """The checkpoint that a note of this key's states.

        Raises:
            AuditInvalid: the note is not of this key, or does not hold a checkpoint of this log.
        """
        checkpoint = parse_checkpoint(self.text_of(note))
        if checkpoint.origin != self.name:
            raise AuditInvalid("the checkpoint is of another log")
        return checkpoint

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over that message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class Verifies(Protocol):
    """A key, or several in their order, by which checkpoints are believed."""

    @property
    def fingerprint(self) -> str:
        """Of the key, or of the newest of them."""
        ...

    def checkpoint_of(self, note: str) -> Checkpoint:
        """The checkpoint that a note states; AuditInvalid if it is not to be believed."""
        ...


class Signer(Protocol):
    """Signs with a key that it need not show: one from a file, or one that a KMS keeps to itself."""

    @property
    def verifier(self) -> Verifier:
        """The public half, under the name it signs by."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of an Ed25519 signature (RFC 8032)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedSigner:
    """A private key in this process's memory.  It stays out of reprs."""

    name: str
    seed: bytes = field(repr=False)
    """The 32 bytes of an Ed25519 private key (RFC 8032)."""

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(name=self.name, public=self._key().public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The signature of the message."""
        return self._key().sign(message)

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def sign(text: str, *signers: Signer) -> str:
    """The text as a signed note, with a line for each signer; it ends in a newline."""
    if not text.endswith("\n"):
        raise ValueError("the text of a note ends in a newline")
    lines = [_signature_line(each.verifier, each.sign(text.encode())) for each in signers]
    return "\n".join([text, *lines, ""])


def text_of(note: str) -> str:
    """The text of a note, its signatures not looked at.

    Raises:
        AuditInvalid: it is not a note.
    """
    return _split(note)[0]


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that a note's text holds; extension lines are allowed and passed over.

    Raises:
        AuditInvalid: it does not hold one.
    """
    origin, size, root, *extensions = [*text.split("\n")[:-1], "", "", ""][: max(3, text.count("\n"))]
    if not origin or not is_decimal(size) or not all(extensions):
        raise AuditInvalid("the note holds no checkpoint")
    digest = decoded(root)
    if len(digest) != HASH_BYTES:
        raise AuditInvalid("the checkpoint's root is not a SHA-256 digest")
    return Checkpoint(origin=origin, size=int(size), root=digest)


def is_decimal(text: str) -> bool:
    """Whether it is a whole number as these formats spell it: ASCII digits, no leading zero."""
    return text.isascii() and text.isdigit() and (text == "0" or not text.startswith("0"))


def _signature_line(verifier: Verifier, signature: bytes) -> str:
    return f"{_SIGNATURE}{verifier.name} {encoded(verifier.key_id + signature)}"


def _split(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """A note's text, and its signatures as name, key id and signature."""
    text, gap, lines = note.rpartition("\n\n")
    if not gap or not text or not lines.endswith("\n") or any(ord(c) < 32 and c != "\n" for c in note):
        raise AuditInvalid("this is not a signed note")
    return text + "\n", list(_signatures(lines.removesuffix("\n").split("\n")))


def _signatures(lines: list[str]) -> Iterator[tuple[str, bytes, bytes]]:
    for line in lines:
        name, _, signature = line.removeprefix(_SIGNATURE).partition(" ")
        if not line.startswith(_SIGNATURE) or not name or "+" in name:
            raise AuditInvalid("a signature line of the note cannot be read")
        data = decoded(signature)
        if len(data) <= _KEY_ID_BYTES:
            raise AuditInvalid("a signature line of the note cannot be read")
        yield name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:]


def encoded(data: bytes) -> str:
    """The bytes in base64."""
    return base64.b64encode(data).decode()


def decoded(text: str) -> bytes:
    """The bytes that base64 in its one canonical spelling stands for.

    Raises:
        AuditInvalid: it is not base64, or spelt otherwise.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise AuditInvalid("base64 in a note cannot be read") from None
    if encoded(data) != text:
        raise AuditInvalid("base64 in a note is not canonical")
    return data

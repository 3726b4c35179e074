"""Ed25519 in the stand-alone check: it judges as RFC 8032 and as cryptography do."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.audit.note import SeedSigner, Verifier
from compliance.evidence.verify_alone import Refused, SigningKey, chosen, is_signed, keys_of

VECTORS = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
        "454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
        "3dca179c138ac17ad9bef1177331a704",
    ),
)
"""RFC 8032, 7.1: tests 1, 2, 3 and SHA(abc); public key, message, signature."""
ORDER = 2**252 + 27742317777372353535851937790883648493


def theirs(public: bytes, message: bytes, signature: bytes) -> bool:
    """What cryptography says."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@pytest.mark.parametrize("vector", VECTORS, ids=["1", "2", "3", "sha-abc"])
def test_the_vectors_of_the_rfc_hold(vector: tuple[str, str, str]) -> None:
    """Each signature of RFC 8032 holds over its message, and over no other."""
    public, message, signature = map(bytes.fromhex, vector)

    assert theirs(public, message, signature)
    assert is_signed(public, message, signature)
    assert not is_signed(public, message + b"\0", signature)


@settings(max_examples=60)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 64 * 8 - 1))
def test_it_judges_as_cryptography_does(seed: bytes, message: bytes, bit: int) -> None:
    """A signature is accepted by both, and with any bit flipped by neither."""
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    flipped = bytearray(signature)
    flipped[bit // 8] ^= 1 << bit % 8

    assert is_signed(public, message, signature)
    assert not theirs(public, message, bytes(flipped))
    assert not is_signed(public, message, bytes(flipped))


@settings(max_examples=60)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
def test_noise_is_no_signature(public: bytes, signature: bytes) -> None:
    """What is no point, and what is no signature, is refused and raises nothing."""
    assert is_signed(public, b"message", signature) is theirs(public, b"message", signature) is False


def test_a_signature_has_one_spelling() -> None:
    """The order of the group added to s is refused (RFC 8032, 5.1.7), as is any other length."""
    private = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    public, signature = private.public_key().public_bytes_raw(), private.sign(b"m")
    more = (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(32, "little")

    assert not is_signed(public, b"m", signature[:32] + more)
    assert not is_signed(public, b"m", signature + b"\0")
    assert not is_signed(public[:31], b"m", signature)


@pytest.mark.parametrize(
    "encoded",
    [
        (2**255 - 19).to_bytes(32, "little"),
        (2**255 - 18).to_bytes(32, "little"),
        (1 | 1 << 255).to_bytes(32, "little"),
    ],
    ids=["zero spelt as p", "one spelt as p + 1", "minus zero"],
)
def test_a_key_has_one_spelling(encoded: bytes) -> None:
    """A point that is not spelt as RFC 8032, 5.1.3 has it is no key."""
    assert not is_signed(encoded, b"m", b"\0" * 64)


def test_a_key_reads_as_the_log_writes_it() -> None:
    """The key of a bundle is the log's verifier key: same id, same fingerprint, one spelling."""
    verifier: Verifier = SeedSigner(name="compliance/audit", seed=b"s" * 32).verifier
    (key,) = keys_of(f"{verifier}\n")

    assert key == SigningKey(verifier.name, verifier.public)
    assert (key.key_id, key.fingerprint) == (verifier.key_id, verifier.fingerprint)
    for wrong in (str(verifier), f"{verifier}\n\n", f"{verifier}\n".replace("+", "-"), "", "a+b+c\n"):
        with pytest.raises(Refused):
            keys_of(wrong)


def test_while_one_key_takes_over_from_another_either_may_be_asked_for() -> None:
    """Of two keys that sign, the one of the fingerprint counts; the newest if none is given; no third."""
    new, old, none = (
        SeedSigner(name="compliance/audit", seed=each * 32).verifier for each in (b"n", b"o", b"x")
    )
    keys = keys_of(f"{new}\n{old}\n")

    assert chosen(keys, None).public == new.public
    assert chosen(keys, old.fingerprint).public == old.public
    with pytest.raises(Refused, match=old.fingerprint):
        chosen(keys, none.fingerprint)

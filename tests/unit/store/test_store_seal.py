"""Sealed values and the keys they are sealed under."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import KeyMissing, SealBroken
from compliance.store import keys
from compliance.store.seal import seal, unseal

KEY = b"k" * 32


@given(st.binary(), st.binary())
def test_a_sealed_value_opens(value: bytes, context: bytes) -> None:
    """What was sealed opens with its key and context."""
    assert unseal(KEY, seal(KEY, value, context), context) == value


@given(st.binary(max_size=40), st.data())
def test_an_altered_or_shortened_value_does_not_open(value: bytes, data: st.DataObject) -> None:
    """Any bit changed, or any end cut off, is seen."""
    sealed = seal(KEY, value, b"c")
    place = data.draw(st.integers(0, len(sealed) - 1))
    flipped = bytearray(sealed)
    flipped[place] ^= 1 << data.draw(st.integers(0, 7))

    for broken in (bytes(flipped), sealed[:place]):
        with pytest.raises(SealBroken):
            unseal(KEY, broken, b"c")


def test_a_value_does_not_open_elsewhere() -> None:
    """A blob copied to another row, or read under another key, does not open."""
    sealed = seal(KEY, b"+14155550100", b"rec_1")
    for key, context in ((KEY, b"rec_2"), (b"o" * 32, b"rec_1")):
        with pytest.raises(SealBroken):
            unseal(key, sealed, context)


def test_equal_values_are_sealed_unalike() -> None:
    """Nobody sees from two blobs that they hold the same number."""
    assert seal(KEY, b"same", b"c") != seal(KEY, b"same", b"c")


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    """At first use 32 random bytes are written with mode 0600; later uses read them."""
    folder = tmp_path / "keys"
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(keys.deployment_key, [folder] * 8))

    assert len(found) == 1
    assert found == {keys.deployment_key(folder)}
    assert [each.name for each in folder.iterdir()] == ["vault.key"]
    assert stat.S_IMODE((folder / "vault.key").stat().st_mode) == 0o600
    assert len(found.pop()) == 32


@pytest.mark.parametrize(
    ("content", "mode"), [(b"k" * 31, 0o600), (b"k" * 33, 0o600), (b"", 0o600), (KEY, 0o640), (KEY, 0o604)]
)
def test_a_key_that_is_cut_off_or_open_to_others_is_refused(
    tmp_path: Path, content: bytes, mode: int
) -> None:
    """The key must be 32 bytes that only its owner may read; it is never replaced."""
    path = tmp_path / "vault.key"
    path.write_bytes(content)
    path.chmod(mode)

    with pytest.raises(KeyMissing, match=r"vault\.key"):
        keys.deployment_key(tmp_path)
    assert path.read_bytes() == content


def test_a_key_that_cannot_be_read_is_missing(tmp_path: Path) -> None:
    """A folder in the key's place is key_missing."""
    (tmp_path / "vault.key").mkdir()

    with pytest.raises(KeyMissing):
        keys.deployment_key(tmp_path)


def test_lookups_need_the_key(tmp_path: Path) -> None:
    """A number's digest is the same each time, and another under another deployment's key."""
    ours, theirs = keys.lookup_key(KEY), keys.lookup_key(b"o" * 32)

    assert keys.lookup(ours, "+14155550100") == keys.lookup(ours, "+14155550100")
    assert keys.lookup(ours, "+14155550100") != keys.lookup(ours, "+14155550101")
    assert keys.lookup(ours, "+14155550100") != keys.lookup(theirs, "+14155550100")
    assert ours != KEY

"""The vault's stream: it opens whole and unaltered, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import SealBroken
from compliance.store.stream import CHUNK, decrypt, encrypt

KEY, OTHER, SALT = b"k" * 32, b"o" * 32, b"s" * 32
CHUNK_BYTES = 8
"""Small, so that short examples have many chunks."""
HEADER, SEALED = 36, CHUNK_BYTES + 16

texts = st.binary(max_size=5 * CHUNK_BYTES + 3)


def _encrypt(data: bytes, *, key: bytes = KEY, context: bytes = b"c", salt: bytes = SALT) -> bytes:
    return b"".join(encrypt(key, context, [data], salt=salt, chunk=CHUNK_BYTES))


def _decrypt(data: bytes, *, key: bytes = KEY, context: bytes = b"c") -> bytes:
    return b"".join(decrypt(key, context, [data], chunk=CHUNK_BYTES))


@given(st.lists(texts, max_size=5), st.integers(1, 50))
def test_what_goes_in_comes_out(parts: list[bytes], size: int) -> None:
    """However the bytes are divided on their way in and out, the same come back."""
    sealed = b"".join(encrypt(KEY, b"c", parts, salt=SALT, chunk=CHUNK_BYTES))
    divided = [sealed[start : start + size] for start in range(0, len(sealed), size)]

    assert b"".join(decrypt(KEY, b"c", divided, chunk=CHUNK_BYTES)) == b"".join(parts)


@given(texts, st.data())
def test_a_stream_that_is_cut_off_does_not_open(text: bytes, data: st.DataObject) -> None:
    """Wherever it ends early, between two chunks included, the stream is broken."""
    sealed = _encrypt(text)
    end = data.draw(st.integers(0, len(sealed) - 1))

    with pytest.raises(SealBroken):
        _decrypt(sealed[:end])


@pytest.mark.parametrize("size", [0, 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 1])
def test_a_stream_without_its_last_chunks_does_not_open(size: int) -> None:
    """Cut off exactly between two chunks, where each one left is authentic, the stream is broken."""
    sealed = _encrypt(bytes(size))

    for end in range(HEADER, len(sealed), SEALED):
        with pytest.raises(SealBroken):
            _decrypt(sealed[:end])


@given(texts, st.data())
def test_a_flipped_bit_is_seen(text: bytes, data: st.DataObject) -> None:
    """Any bit changed, of the header or a chunk, breaks the stream."""
    sealed = bytearray(_encrypt(text))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(SealBroken):
        _decrypt(bytes(sealed))


@given(st.binary(min_size=1), texts)
def test_bytes_added_to_the_end_are_seen(extra: bytes, text: bytes) -> None:
    """A stream that goes on after its last chunk is broken."""
    with pytest.raises(SealBroken):
        _decrypt(_encrypt(text) + extra)


@given(st.permutations(range(4)).filter(lambda order: list(order) != [0, 1, 2, 3]))
def test_chunks_in_another_order_are_seen(order: list[int]) -> None:
    """Equal chunks even, put into another order, break the stream."""
    sealed = _encrypt(b"x" * 4 * CHUNK_BYTES)
    chunks = [sealed[HEADER + place * SEALED : HEADER + (place + 1) * SEALED] for place in range(4)]

    with pytest.raises(SealBroken):
        _decrypt(sealed[:HEADER] + b"".join(chunks[place] for place in order))


@pytest.mark.parametrize("place", range(3))
def test_a_chunk_of_another_stream_is_seen(place: int) -> None:
    """A chunk of the same bytes from another object or another writing does not fit."""
    ours = _encrypt(b"x" * 3 * CHUNK_BYTES)
    theirs = [
        _encrypt(b"x" * 3 * CHUNK_BYTES, context=b"d"),
        _encrypt(b"x" * 3 * CHUNK_BYTES, salt=b"t" * 32),
        _encrypt(b"x" * 3 * CHUNK_BYTES, key=OTHER),
    ]
    start, stop = HEADER + place * SEALED, HEADER + (place + 1) * SEALED

    for each in theirs:
        with pytest.raises(SealBroken):
            _decrypt(ours[:start] + each[start:stop] + ours[stop:])


def test_another_key_or_context_does_not_open_it() -> None:
    """A stream opens under its own key and context only."""
    sealed = _encrypt(b"x")
    for other in ({"key": OTHER}, {"context": b"d"}):
        with pytest.raises(SealBroken):
            _decrypt(sealed, **other)


def test_nothing_of_the_plaintext_shows() -> None:
    """Neither the text nor a repetition in it can be seen in the stream."""
    sealed = _encrypt(b"password" * 4)

    assert b"password" not in sealed
    chunks = {sealed[HEADER + place * SEALED : HEADER + (place + 1) * SEALED] for place in range(4)}
    assert len(chunks) == 4


def test_chunks_are_a_mebibyte() -> None:
    """The format that lies on disks is fixed: 36 bytes of header, a tag of 16 for each mebibyte begun."""
    sealed = b"".join(encrypt(KEY, b"c", [bytes(CHUNK), b"x"], salt=SALT))

    assert CHUNK == 1024 * 1024
    assert len(sealed) == 36 + CHUNK + 16 + 1 + 16

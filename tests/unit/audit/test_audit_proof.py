"""The file of a proof: others' tools read it, and nothing but a proof passes for one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.audit import merkle, proof
from compliance.audit.note import Checkpoint, SeedSigner, sign
from compliance.audit.proof import Proof
from compliance.errors import AuditInvalid

SIGNER = SeedSigner(name="example.org/log", seed=bytes(range(32)))
BODIES = [b"%d" % number for number in range(130)]
LEAVES = [merkle.leaf_hash(body) for body in BODIES]


def made(index: int, size: int) -> Proof:
    """The proof of one leaf of a tree of that size."""
    checkpoint = Checkpoint(origin=SIGNER.name, size=size, root=merkle.root(LEAVES[:size]))
    hashes = merkle.inclusion_proof(LEAVES[:size], index)
    return Proof(leaf_index=index, hashes=hashes, note=sign(checkpoint.text, SIGNER))


PLACES = st.integers(1, 130).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n)))


@given(PLACES)
def test_a_file_says_what_it_was_made_of(place: tuple[int, int]) -> None:
    """A proof written and read again is the same, and holds for its event."""
    index, size = place
    read = proof.parse(made(index, size).text)

    assert read == made(index, size)
    assert read.size == size
    assert read.check(BODIES[index], SIGNER.verifier) == read.checkpoint


@given(PLACES, st.data())
def test_any_flipped_bit_is_refused(place: tuple[int, int], data: st.DataObject) -> None:
    """A file with one bit changed is no file, or proves nothing of the event."""
    index, size = place
    text = bytearray(made(index, size).text.encode())
    at = data.draw(st.integers(0, len(text) * 8 - 1))
    text[at // 8] ^= 1 << at % 8

    with pytest.raises((AuditInvalid, UnicodeDecodeError)):
        proof.parse(text.decode()).check(BODIES[index], SIGNER.verifier)


def test_a_proof_holds_for_its_event_only() -> None:
    """Another event, another index and another key are refused."""
    good = made(5, 9)

    with pytest.raises(AuditInvalid, match="does not lead"):
        good.check(BODIES[6], SIGNER.verifier)
    with pytest.raises(AuditInvalid, match="does not lead"):
        replace(good, leaf_index=4).check(BODIES[5], SIGNER.verifier)
    with pytest.raises(AuditInvalid, match="not signed"):
        good.check(BODIES[5], SeedSigner(name=SIGNER.name, seed=bytes(32)).verifier)


def test_the_file_is_laid_out_as_the_format_says() -> None:
    """The format's name, the index, one hash a line, an empty line, the checkpoint as it was signed."""
    good = made(2, 3)
    lines = good.text.split("\n")

    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 2"]
    assert lines[3] == ""
    assert "\n".join(lines[4:]) == good.note


def test_extra_data_is_passed_over() -> None:
    """A line of extra data, which nothing vouches for, changes nothing."""
    good = made(2, 3)

    assert proof.parse(good.text.replace("index", "extra aGk=\nindex")) == good


TEXT = made(5, 9).text


@pytest.mark.parametrize(
    "text",
    [
        "",
        TEXT.replace("@v1", "@v2"),
        TEXT.replace("index 5", "index 05"),
        TEXT.replace("index 5", "index -5"),
        TEXT.replace("index 5", "index"),
        TEXT.replace("index 5\n", ""),
        TEXT.replace("index 5", "index 5\nextra aGk="),
        TEXT.replace("index 5", "extra aGk\nindex 5"),
        TEXT.replace("index 5", "extra aGk=\nextra aGk=\nindex 5"),
        TEXT.replace("index 5\n", "index 5\naGk=\n"),
        TEXT.replace("\n\n", "\n", 1),
        TEXT.replace("index", "Index"),
        TEXT.rstrip("\n"),
        TEXT.partition("\n\n")[0] + "\n\n",
    ],
)
def test_what_is_not_laid_out_so_is_refused(text: str) -> None:
    """A file that is anything else is no proof."""
    with pytest.raises(AuditInvalid):
        proof.parse(text)


def test_a_proof_at_a_billion_leaves_is_small() -> None:
    """Thirty hashes and a signed checkpoint come to less than 1.7 KB."""
    size = 10**9
    checkpoint = Checkpoint(origin="compliance/audit", size=size, root=bytes(32))
    index = 234_567_890
    hashes = (bytes(32),) * len(merkle.inclusion_path(index, size))
    note = sign(checkpoint.text, SeedSigner(name=checkpoint.origin, seed=bytes(32)))

    assert len(hashes) == 30
    assert len(Proof(leaf_index=index, hashes=hashes, note=note).text) <= 1_700

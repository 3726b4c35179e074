"""Signed notes and checkpoints: others' notes are read, and altered ones refused."""

from __future__ import annotations

import base64

import pytest

from compliance.audit.note import Checkpoint, SeedSigner, Verifier, parse_checkpoint, sign
from compliance.errors import AuditInvalid, KeyMissing

# The example of Go's package golang.org/x/mod/sumdb/note, which the format comes from.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_KEY = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = (
    TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUg"
    + "YN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

SIGNER = SeedSigner(name="example.org/log", seed=bytes(range(32)))
CHECKPOINT = Checkpoint(origin="example.org/log", size=7, root=bytes(32))


def test_the_published_example_verifies_and_is_signed_alike() -> None:
    """A note of Go's implementation is read, and signing its text with its key gives the same note."""
    signer = SeedSigner(name="PeterNeumann", seed=base64.b64decode(PETERS_KEY)[1:])

    assert Verifier.parse(PETER).text_of(NOTE) == TEXT
    assert sign(TEXT, signer) == NOTE
    assert str(signer.verifier) == PETER


def test_a_checkpoint_is_read_back_from_its_note() -> None:
    """What was signed is what is read."""
    assert SIGNER.verifier.checkpoint_of(sign(CHECKPOINT.text, SIGNER)) == CHECKPOINT


def test_signatures_of_others_are_passed_over() -> None:
    """A witness may add its line; ours is still found, and still needed."""
    witness = SeedSigner(name="witness.example", seed=bytes(32))
    ours, theirs = sign(CHECKPOINT.text, SIGNER), sign(CHECKPOINT.text, witness)
    both = ours + theirs.rpartition("\n\n")[2]

    assert SIGNER.verifier.checkpoint_of(both) == CHECKPOINT
    with pytest.raises(AuditInvalid, match="not signed by"):
        SIGNER.verifier.checkpoint_of(theirs)


@pytest.mark.parametrize("place", range(0, 130, 7))
def test_a_note_with_any_character_changed_is_refused(place: int) -> None:
    """Nothing in a note can be changed without being seen."""
    note = sign(CHECKPOINT.text, SIGNER)
    changed = note[:place] + ("A" if note[place] != "A" else "B") + note[place + 1 :]

    with pytest.raises(AuditInvalid):
        SIGNER.verifier.checkpoint_of(changed)


def test_a_key_of_the_same_name_is_another_key() -> None:
    """A forger who signs under the log's name is told apart by the key id."""
    forger = SeedSigner(name=SIGNER.name, seed=bytes(32))

    with pytest.raises(AuditInvalid, match="not signed by"):
        SIGNER.verifier.checkpoint_of(sign(CHECKPOINT.text, forger))


def test_another_logs_checkpoint_is_refused() -> None:
    """A checkpoint of another origin does not count, though this key signed it."""
    other = Checkpoint(origin="example.org/other", size=7, root=bytes(32))

    with pytest.raises(AuditInvalid, match="another log"):
        SIGNER.verifier.checkpoint_of(sign(other.text, SIGNER))


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        "origin\n1\n",
        f"\n1\n{ROOT}\n",
        f"origin\n01\n{ROOT}\n",
        f"origin\n-1\n{ROOT}\n",
        f"origin\n١\n{ROOT}\n",
        "origin\n1\nAAAA\n",
        f"origin\n1\n{ROOT[:-1]}\n",
        f"origin\n1\n{ROOT}\n\nextension\n",
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    """Sizes and roots have one spelling each."""
    with pytest.raises(AuditInvalid):
        parse_checkpoint(text)


def test_extension_lines_are_allowed() -> None:
    """Lines after the root belong to versions to come."""
    assert parse_checkpoint(CHECKPOINT.text + "more\n") == CHECKPOINT


@pytest.mark.parametrize("text", ["", "name", "name+00000000+AAAA", PETER.replace("c74f20a3", "c74f20a4")])
def test_what_is_not_a_verifier_key_is_refused(text: str) -> None:
    """A key is taken only with the id that belongs to it."""
    with pytest.raises(KeyMissing):
        Verifier.parse(text)


def test_the_private_key_stays_out_of_reprs() -> None:
    """Printing a signer shows its name and nothing else."""
    assert repr(SIGNER) == "SeedSigner(name='example.org/log')"

"""A proof that an event is in the log, and its file: C2SP tlog-proof, version 1.

The file is text: a line that names the format, an optional line of extra data,
the leaf's index, the hashes from below, an empty line, and the checkpoint as it
was signed.  Whoever has the event's bytes and the log's public key can check it,
with nothing of ours and no network.
"""

from __future__ import annotations

from dataclasses import dataclass

from compliance.audit.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from compliance.audit.note import (
    Checkpoint,
    Verifies,
    decoded,
    encoded,
    is_decimal,
    parse_checkpoint,
    text_of,
)
from compliance.errors import AuditInvalid

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """That the leaf at an index is in the tree that a checkpoint states."""

    leaf_index: int
    hashes: tuple[bytes, ...]
    """From the leaf's sibling up to the root's child."""
    note: str
    """The signed checkpoint."""

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note states, its signatures not looked at."""
        return parse_checkpoint(text_of(self.note))

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self.checkpoint.size

    @property
    def text(self) -> str:
        """The proof as the file that tlog-proof describes."""
        lines = [HEADER, f"index {self.leaf_index}", *(encoded(each) for each in self.hashes)]
        return "\n".join([*lines, "", self.note])

    def check(self, body: bytes, key: Verifies) -> Checkpoint:
        """The checkpoint under which an event of these bytes is shown to be.

        Raises:
            AuditInvalid: the checkpoint is not signed by the key, or the proof does not hold.
        """
        checkpoint = key.checkpoint_of(self.note)
        place = (leaf_hash(body), self.leaf_index, checkpoint.size)
        if not verify_inclusion(*place, self.hashes, checkpoint.root):
            raise AuditInvalid("the proof does not lead from the event to the checkpoint")
        return checkpoint


def parse(text: str) -> Proof:
    """The proof that a file holds; extra data is passed over, since nothing vouches for it.

    Raises:
        AuditInvalid: it is not such a file.
    """
    head, gap, note = text.partition("\n\n")
    header, *lines = head.split("\n")
    if lines and lines[0].startswith("extra "):
        decoded(lines.pop(0).removeprefix("extra "))
    word, _, index = lines.pop(0).partition(" ") if lines else ("", "", "")
    hashes = tuple(decoded(each) for each in lines)
    if not gap or header != HEADER or word != "index" or not is_decimal(index):
        raise AuditInvalid("this is not a proof in the format tlog-proof, version 1")
    if any(len(each) != HASH_BYTES for each in hashes):
        raise AuditInvalid("a hash of the proof is not a SHA-256 digest")
    proof = Proof(leaf_index=int(index), hashes=hashes, note=note)
    parse_checkpoint(text_of(note))
    return proof

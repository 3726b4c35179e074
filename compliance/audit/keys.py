"""The key that signs the log's checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from compliance.audit.note import SeedSigner
from compliance.store.keys import secret

NAME: Final = "audit.key"

ORIGIN: Final = "compliance/audit"
"""The log's name in every checkpoint; logs are told apart by their keys."""


def signer(folder: Path) -> SeedSigner:
    """The signing key of this deployment, in ``folder/audit.key``, made at first use with mode 0600.

    A new key in place of a lost one is noticed: the sequencer goes on from no
    checkpoint that it did not sign, and verification calls them invalid.

    Raises:
        KeyMissing: it cannot be read, is not 32 bytes, or others than its owner may read it.
        DiskFull: there was no space to make it.
    """
    return SeedSigner(name=ORIGIN, seed=secret(folder, NAME))

"""The checkpoint up to which the log was found valid here, kept from one check to the next."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from compliance.audit.note import Checkpoint, Verifies
from compliance.errors import AuditInvalid
from compliance.store.disk import refusals

NAME: Final = "verified.note"


class Remembered:
    """A file with the signed checkpoint.  It lies with whoever checks, and not in what is checked."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read yet."""
        self._path: Final = folder / NAME

    def checkpoint(self, key: Verifies) -> Checkpoint | None:
        """What was found valid last, or None before the first time.

        Raises:
            AuditInvalid: the key did not sign it: it is another log, or another key.
        """
        try:
            note = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            note = ""
        try:
            return key.checkpoint_of(note)
        except AuditInvalid as error:
            raise AuditInvalid(f"what was found valid here before was signed otherwise: {error}") from None

    def keep(self, note: str) -> None:
        """Remember this one from now on; put into place whole.

        Raises:
            DiskFull, StorageUnavailable: it was not; the next check takes longer.
        """
        draft = self._path.with_name(f".{NAME}.part")
        with refusals("the home folder"):
            draft.write_text(note, encoding="utf-8")
            draft.replace(self._path)

"""What a person asks to be handed over, and to what end."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from compliance.errors import ArgumentInvalid
from compliance.records import RecordingId

LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One export.  Two of the same request over the same log give the same bytes."""

    id: str
    created_at_ms: int
    """Unix time; every date in the bundle is this one."""
    recordings: tuple[RecordingId, ...]
    matter: str = field(repr=False)
    """What the lawyers call the case; in the bundle, never in the log."""
    purpose: str = field(repr=False)
    salt: str = field(repr=False)
    """64 hex digits, without which nobody can try names of cases against the digest in the log."""

    def __post_init__(self) -> None:
        """Refuse what cannot be carried out or cannot stand in a tag file.

        Raises:
            ArgumentInvalid: no recording, one twice, or words that are empty, too long or of several lines.
        """
        if not self.recordings or len(set(self.recordings)) != len(self.recordings):
            raise ArgumentInvalid("name each recording once, and at least one")
        for name, words in (("matter", self.matter), ("purpose", self.purpose)):
            if not words.strip() or len(words) > LONGEST or not words.isprintable():
                raise ArgumentInvalid(f"--{name} wants one line of at most {LONGEST} characters")

    @property
    def statement(self) -> bytes:
        """The person's own words with their salt, as a JSON document."""
        words = {"matter": self.matter, "purpose": self.purpose, "salt": self.salt}
        return (json.dumps(words, ensure_ascii=False, indent=1) + "\n").encode()

    @property
    def statement_sha256(self) -> str:
        """All that the log says of these words."""
        return hashlib.sha256(self.statement).hexdigest()


def request(
    recordings: Sequence[str],
    *,
    matter: str,
    purpose: str,
    created_at_ms: int,
    random_hex: Callable[[int], str] = secrets.token_hex,
) -> Request:
    """A new request, with an id and a salt of its own.

    Raises:
        ArgumentInvalid: as above.
    """
    return Request(
        id="exp_" + random_hex(16),
        created_at_ms=created_at_ms,
        recordings=tuple(RecordingId(each) for each in recordings),
        matter=matter,
        purpose=purpose,
        salt=random_hex(32),
    )

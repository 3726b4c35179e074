"""A deployment that ran for an hour: its log, the copies elsewhere, and the times that were stated of it.

Its clock is ours, so that an hour passes at once.  The copies and the stamps lie in
folders that stand for somebody else's machines: no attack touches them unless it says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from anchoring import SIGNER
from authority import TestAuthority

from compliance.audit import canonical, log
from compliance.audit.anchors.anchorer import Anchorer
from compliance.audit.anchors.folder import FolderSink
from compliance.audit.anchors.outages import Outages
from compliance.audit.anchors.rfc3161 import Authority, Pins
from compliance.audit.anchors.stamper import Stamper
from compliance.audit.events import Actor, AuditEvent, EventKind, event
from compliance.audit.note import SeedSigner
from compliance.audit.pulse import Pulse
from compliance.audit.sequencer import Sequencer
from compliance.store.database import Database

BEGAN_MS: Final = 1_700_000_000_000
MINUTE_MS: Final = 60_000
MINUTES: Final = 100
STAMP_S: Final = 600
"""In this world an authority is asked every ten minutes, rather than every hour."""
OFFICER: Final = Actor(type="person", id="officer-1", role="officer")


@dataclass
class Clock:
    """The machine's clock, and how far somebody has set it back."""

    true_ms: int = BEGAN_MS
    back_ms: int = 0

    def __call__(self) -> int:
        """What the machine takes for the time."""
        return self.true_ms - self.back_ms

    def true(self) -> datetime:
        """The time by everybody else's clock."""
        return datetime.fromtimestamp(self.true_ms / 1000, UTC)


class InProcess(Authority):
    """The authority, asked without a network."""

    def __init__(self, authority: TestAuthority) -> None:
        """One that answers at once."""
        super().__init__("http://localhost/tsa", Pins(authority.pem))
        self._authority = authority

    def ask(self, query: bytes) -> bytes:
        """See ``Authority``."""
        return self._authority.answer(query)


def released(number: int, at_ms: int) -> AuditEvent:
    """An event that somebody might like to be rid of."""
    return event(
        EventKind.PERSON_RELEASED,
        recording_id=f"rec_{number:032x}",
        key=str(number),
        occurred_at_ms=at_ms,
        actor=OFFICER,
        statement_sha256=f"{number:064x}",
    )


class World:
    """The deployment, as one process that lives through its hour minute by minute."""

    def __init__(self, url: str, folder: Path, like: World | None = None) -> None:
        """Nothing has happened yet; or all that did in a world that was copied here."""
        self.url = url
        self.folder = folder
        self.clock = Clock() if like is None else replace(like.clock)
        self.authority = TestAuthority(self.clock.true) if like is None else like.authority
        self.authority.clock = self.clock.true
        self.pins = Pins(self.authority.pem)
        self.elsewhere = FolderSink(folder / "elsewhere")
        self.receipts = FolderSink(folder / "receipts")
        self.local = FolderSink(folder / "local")
        self.signer: SeedSigner = SIGNER
        self.database = Database(url)
        self.database.migrate()
        self.restart()

    def restart(self) -> None:
        """Begin as a process does that knows nothing of what it did before."""
        outages = Outages(self.database, self.clock)
        self._pulse = Pulse(self.database, component="serve", heartbeat_s=60, now_ms=self.clock)
        self._anchorer = Anchorer(self.database, (self.elsewhere, self.local), outages, self.clock)
        asked = InProcess(self.authority)
        sinks = (self.receipts,)
        self._stamper = Stamper(self.database, asked, sinks, outages, self.clock, every_s=STAMP_S)
        self._sequencer = Sequencer(self.database, self.signer)

    def live(self) -> None:
        """Live through the whole time, to half a minute after the last copy."""
        self._pulse.beat()
        self.go_on(range(MINUTES))
        self.write(2 * MINUTES)
        self.seal()
        self.clock.true_ms += MINUTE_MS // 2

    def go_on(self, minutes: range) -> None:
        """Let minutes pass: a heartbeat, two acts of people, a checkpoint, a copy, and at times a stamp."""
        for minute in minutes:
            self._pulse.beat()
            self.write(2 * minute, 2 * minute + 1)
            self.seal()
            self._anchorer.anchor()
            self._stamper.stamp_if_due()
            self.clock.true_ms += MINUTE_MS

    def anchor(self) -> None:
        """Give the copies what is newest."""
        self._anchorer.anchor()

    def write(self, *numbers: int) -> None:
        """Write what people did."""
        with self.database.begin() as connection:
            for number in numbers:
                log.record(connection, released(number, self.clock() + 1_000))

    def seal(self) -> None:
        """Sign a checkpoint over everything that was written."""
        self._sequencer.seal(self.clock())

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def kind_of(body: bytes) -> str:
    """The kind that an event's bytes tell."""
    return str(canonical.decode(body)["kind"])

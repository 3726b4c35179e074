"""All that is done with checkpoints once they are signed, and before: anchors, time stamps, the guard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from compliance.audit.anchors import places, rfc3161
from compliance.audit.anchors.anchorer import Anchorer
from compliance.audit.anchors.guard import Guard, Keys
from compliance.audit.anchors.outages import Outages
from compliance.audit.anchors.sink import Sink
from compliance.audit.anchors.stamper import Stamper
from compliance.settings import Settings
from compliance.store.database import Database

LOOK_S: Final = 30
"""Seconds between two looks whether a time stamp is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """What one process does with the log's checkpoints."""

    sinks: tuple[Sink, ...] = field(repr=False)
    anchorer: Anchorer = field(repr=False)
    guard: Guard = field(repr=False)
    stamper: Stamper | None = field(repr=False)
    """None where no authority is set."""

    def anchor(self) -> int:
        """Compare the log with its anchors, then give each sink what is newest; how many took it.

        A log that contradicts its anchors is not anchored any further.

        Raises:
            DatabaseUnavailable: see ``Anchorer``.
        """
        return 0 if self.sinks and self.guard.look() else self.anchorer.anchor()

    def stamp(self) -> None:
        """Have the newest checkpoint time-stamped, if it is time.

        Raises:
            DatabaseUnavailable: see ``Stamper``.
        """
        if self.stamper is not None:
            self.stamper.stamp_if_due()


def keeper(settings: Settings, database: Database, keys: Keys, now_ms: Callable[[], int]) -> Keeper:
    """The keeper that the settings ask for.  Nothing is asked of anybody yet.

    Raises:
        SettingInvalid: the file of a secret or of certificates cannot be read.
    """
    sinks, outages = places.sinks(settings), Outages(database, now_ms)
    return Keeper(
        sinks=sinks,
        anchorer=Anchorer(database, sinks, outages, now_ms),
        guard=Guard(database, sinks, keys),
        stamper=_stamper(settings, database, sinks, outages, now_ms),
    )


def _stamper(
    settings: Settings,
    database: Database,
    sinks: tuple[Sink, ...],
    outages: Outages,
    now_ms: Callable[[], int],
) -> Stamper | None:
    if settings.timestamp_url is None or settings.timestamp_certificates is None:
        return None
    authority = rfc3161.Authority(settings.timestamp_url, rfc3161.pins(settings.timestamp_certificates))
    return Stamper(database, authority, sinks, outages, now_ms, every_s=settings.timestamp_s)

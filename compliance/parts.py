"""What a deployment is made of; ``bootstrap`` chooses each part, everything else is handed them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from compliance.audit.anchors.keeper import Keeper
from compliance.audit.events import Actor
from compliance.audit.sequencer import Sequencer
from compliance.consent.law import Law
from compliance.consent.obligations import Orders
from compliance.duties.retention import Retention
from compliance.duties.vendors import Vendors
from compliance.engines import Engines
from compliance.intake.parts import IntakeParts
from compliance.records import RecordingId, Source, Stage
from compliance.redact.profile import Profile
from compliance.settings import Settings
from compliance.store.database import Database
from compliance.store.home import Home
from compliance.store.objects import Objects
from compliance.store.vault import Vault

PIPELINE = Actor(type="service", id="pipeline", role="pipeline")
"""Who writes the events of stages."""


class Progress(Protocol):
    """Is told how far a stage is."""

    def __call__(self, recording_id: RecordingId, stage: Stage, done: float) -> None:
        """``done`` runs from 0 to 1."""
        ...


def no_progress(recording_id: RecordingId, stage: Stage, done: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of one deployment in one process."""

    settings: Settings
    home: Home
    database: Database = field(repr=False)
    key: bytes = field(repr=False)
    """The deployment key."""
    vault: Vault = field(repr=False)
    outputs: Objects = field(repr=False)
    stores: Mapping[str, Objects] = field(repr=False)
    """Where sources may be fetched, by the entry of the setting ``source_buckets``."""
    intake: IntakeParts = field(repr=False)
    law: Law = field(repr=False)
    orders: Orders = field(repr=False)
    """What is done upon each outcome of the question of consent."""
    profiles: Mapping[str, Profile] = field(repr=False)
    retention: Retention = field(repr=False)
    """How long each thing is kept."""
    vendors: Vendors = field(repr=False)
    """Who else handles what was said, and by which contract."""
    engines: Engines = field(repr=False)
    probe: Callable[[Path], Source] = field(repr=False)
    """Says what a file is, having read it to its end."""
    sequencer: Sequencer | None = field(repr=False)
    """Takes events into the log and signs it; only in a process that is alone on its machine."""
    keeper: Keeper = field(repr=False)
    """Takes what was signed to where nobody here can change it, and has it time-stamped."""
    pin: str | None
    """Fingerprint of the key in which trust in the log begins, where one is known."""
    now_ms: Callable[[], int]
    owner: str
    """This process, in leases."""
    progress: Progress = no_progress

"""What the check says of each attack, under each compromise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from attacks.acts import Attack
from attacks.world import World
from compliance.audit.anchors.sink import Sink
from compliance.audit.checks import outside
from compliance.audit.checks.outside import Testimony
from compliance.audit.checks.report import AuditReport, Finding, Standing
from compliance.audit.checks.source import StoredLog
from compliance.audit.note import Checkpoint
from compliance.audit.verify import Terms, check


class Compromise(Enum):
    """What the attacker has, and what lies where he cannot reach it."""

    DATABASE = "database only"
    KEY = "database and key"
    DATABASE_ANCHORS = "database only; anchors elsewhere"
    KEY_ANCHORS = "database and key; anchors elsewhere"
    KEY_STAMPS = "database and key; time stamps elsewhere, no anchors"

    @property
    def has_key(self) -> bool:
        """Whether the attacker can sign."""
        return self not in (Compromise.DATABASE, Compromise.DATABASE_ANCHORS)

    @property
    def has_anchors(self) -> bool:
        """Whether copies lie elsewhere."""
        return self in (Compromise.DATABASE_ANCHORS, Compromise.KEY_ANCHORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one attack."""

    finding: Finding | None
    """The most telling that the check found, or None."""

    @property
    def is_seen(self) -> bool:
        """Whether the check tells of anything."""
        return self.finding is not None

    def __str__(self) -> str:
        """As the table has it."""
        if self.finding is None:
            return "**not seen**"
        word = "INVALID" if self.finding.standing is Standing.INVALID else self.finding.standing.value
        return f"{word} ({self.finding.check.value})"


def result(
    world: World, attack: Attack, compromise: Compromise, *, since: Checkpoint | None = None
) -> Result:
    """Check a log that was attacked; ``since`` is what was found valid before, where somebody remembers."""
    key = attack.key if attack.key is not None and compromise.has_key else world.signer
    sinks: list[Sink] = [world.local] if attack.reads_local else []
    sinks += [world.elsewhere] if compromise.has_anchors else []
    heard = outside.hear(sinks, world.pins, is_full=True)
    if compromise is Compromise.KEY_STAMPS:
        heard = replace(heard, testimonies=(*heard.testimonies, _receipts(world)))
    with world.database.read() as connection:
        source = StoredLog(connection)
        terms = Terms(outside=heard, since=since, now_ms=world.clock())
        return Result(finding=_told(check(source, key.verifier, terms)))


def _receipts(world: World) -> Testimony:
    """The stamps alone, without the checkpoints that are kept beside them."""
    (all_,) = outside.hear([world.receipts], None, is_full=True).testimonies
    return replace(all_, notes=())


def _told(report: AuditReport) -> Finding | None:
    gaps = (each for each in report.findings if each.standing is Standing.GAP)
    return report.first or next(gaps, None)

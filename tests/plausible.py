"""A log as a deployment of some months has it: the pipeline's own events of a few hundred calls, made up.

Every event goes through ``event`` and ``log.record``, so that none is there that
the service could not write.  The same seed gives the same calls.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from compliance.audit import log
from compliance.audit.events import Actor, EventKind, event
from compliance.records import AgentKind, Entity, Outcome, RecordingId, Role, Stage, State
from compliance.store import recordings
from compliance.store.database import Database
from compliance.store.recordings import RecordingRow

PIPELINE = Actor(type="service", id="pipeline", role="pipeline")
OFFICERS = tuple(Actor(type="person", id=f"t{n:012x}", role="officer") for n in (0xA11CE, 0xB0B))
MINUTE_MS, DAY_MS = 60_000, 86_400_000
PLACES = (
    ("US-CA", 30),
    ("US-TX", 22),
    ("US-FL", 14),
    ("US-NY", 12),
    ("US-WA", 8),
    ("US-PA", 7),
    ("DE", 5),
    ("unknown", 2),
)
MODELS = (
    {"whisper-base": "5f" * 32, "rampart": "1c" * 32},
    {"whisper-base": "5f" * 32, "rampart": "77" * 32},
)
"""The second set is in use from the middle of the period on."""
POLICY = {"redaction/default.yaml": "d0" * 32}


@dataclass
class Maker:
    """Writes the events of calls, one after another."""

    connection: Connection
    chance: random.Random
    now_ms: int = 0
    ids: list[RecordingId] = field(default_factory=list)

    def tell(self, kind: EventKind, recording: str | None, actor: Actor = PIPELINE, **fields: Any) -> None:
        """One event, a little later than the one before."""
        self.now_ms += self.chance.randrange(2_000, 40_000)
        key = f"{recording}:{self.now_ms}:{self.chance.random()}"
        log.record(
            self.connection,
            event(kind, recording_id=recording, key=key, occurred_at_ms=self.now_ms, actor=actor, **fields),
        )

    def digest(self) -> str:
        """Some SHA-256."""
        return f"{self.chance.getrandbits(256):064x}"


def fill(
    database: Database, *, calls: int, start_ms: int, days: int = 180, seed: int = 7
) -> list[RecordingId]:
    """Write the events of so many calls over so many days; the recordings' ids, in order."""
    chance = random.Random(seed)
    with database.begin() as connection:
        maker = Maker(connection, chance)
        times = sorted(start_ms + int(chance.random() * days * DAY_MS) for _ in range(calls))
        for n, at_ms in enumerate(times):
            maker.now_ms = at_ms
            _call(maker, models=MODELS[n * 2 >= calls], late=n / calls)
            if n % 9 == 0:
                _reads(maker)
    return maker.ids


def _call(maker: Maker, *, models: dict[str, str], late: float) -> None:
    """One call, from its webhook to its end."""
    chance, recording = maker.chance, RecordingId(f"rec_{maker.chance.getrandbits(128):032x}")
    maker.ids.append(recording)
    verdict, place, obligations, spans = _verdict(chance)
    profile = chance.choices(("default", "hipaa-safe-harbor", "pci"), (60, 25, 15))[0]
    began_ms, source = maker.now_ms, maker.digest()
    maker.tell(
        EventKind.RECORDING_RECEIVED,
        recording,
        origin="webhook",
        profile=profile,
        egress_id=f"EG_{recording[4:16]}",
    )
    maker.tell(
        EventKind.RECORDING_INGESTED,
        recording,
        source_sha256=[source],
        size_bytes=chance.randrange(10**5, 10**7),
    )
    maker.tell(
        EventKind.TRANSCRIPT_CREATED,
        recording,
        models=models,
        words=chance.randrange(80, 1500),
        turns=40,
        output_sha256=maker.digest(),
    )
    findings = _findings(chance, 1.9 if late > 0.92 else 1.0)
    maker.tell(
        EventKind.DETECTION_RUN,
        recording,
        profile=profile,
        findings=findings,
        cut=sum(findings.values()),
        models=models,
        policies=POLICY,
        output_sha256=maker.digest(),
    )
    maker.tell(
        EventKind.CONSENT_EVALUATED,
        recording,
        verdict=verdict,
        rule="all-party" if place != "US-TX" else "one-party",
        jurisdiction=place,
        obligations=obligations,
        policies={"consent/us/us.yaml": "ab" * 32},
        **spans,
    )
    maker.tell(
        EventKind.REDACTION_APPLIED,
        recording,
        cuts=sum(findings.values()),
        cut_ms=900 * sum(findings.values()),
        input_sha256=[source],
        output_sha256=[maker.digest()],
    )
    residual = chance.choices((0, 1), (97, 3))[0]
    maker.tell(
        EventKind.REDACTION_VERIFIED,
        recording,
        is_clean=not residual,
        passes=1 + residual,
        checks=["duration", "metadata"],
        residual=residual,
        models=models,
    )
    state = _end(maker, recording, verdict, residual)
    recordings.insert(
        maker.connection,
        RecordingRow(
            id=recording,
            state=state,
            stage=Stage.RELEASE,
            profile=profile,
            agent_kind=AgentKind.AI,
            roles=(Role.AGENT, Role.CALLER),
            created_at_ms=began_ms,
            updated_at_ms=maker.now_ms,
            source_sha256=source,
        ),
    )


def _verdict(chance: random.Random) -> tuple[str, str, list[str], dict[str, Any]]:
    """A verdict, its place, what was lacking, and where the notices are."""
    verdict = chance.choices(tuple(Outcome), (84, 6, 4, 3, 1, 2))[0].value
    place = chance.choices([name for name, _ in PLACES], [weight for _, weight in PLACES])[0]
    if chance.random() < 0.07:
        return verdict, place, ["ai_disclosure_missing"], {}
    spans = {"ai_disclosure": [[0, 800, 2_400]]} if chance.random() < 0.85 else {}
    return verdict, place, [], spans


def _findings(chance: random.Random, scale: float) -> dict[str, int]:
    counts = {
        Entity.PERSON: chance.randrange(0, 5),
        Entity.PHONE_NUMBER: chance.randrange(0, 3),
        Entity.STREET_ADDRESS: chance.randrange(0, 2),
    }
    if chance.random() < 0.3:
        counts |= {
            Entity.CREDIT_CARD: 1,
            Entity.CARD_EXPIRY: 1,
            Entity.CARD_VERIFICATION_CODE: chance.randrange(0, 2),
        }
    return {kind.value: round(count * scale) for kind, count in counts.items() if count}


def _end(maker: Maker, recording: RecordingId, verdict: str, residual: int) -> State:
    """Released, or held and then decided by a person, or not."""
    chance = maker.chance
    if verdict == Outcome.SATISFIED and not residual:
        maker.tell(EventKind.RECORDING_RELEASED, recording, outputs={"redacted.ogg": maker.digest()})
        maker.tell(EventKind.SOURCE_DELETED, recording, objects=2)
        maker.tell(EventKind.VAULT_DESTROYED, recording)
        return State.RELEASED
    reasons = [f"consent_{verdict}"] if verdict != Outcome.SATISFIED else ["residual_found"]
    maker.tell(EventKind.RECORDING_HELD, recording, reason=reasons[0], reasons=reasons, stage=Stage.RELEASE)
    decided = chance.random()
    maker.now_ms += chance.randrange(1, 72) * 60 * MINUTE_MS
    officer = chance.choice(OFFICERS)
    if decided < 0.35:
        maker.tell(
            EventKind.PERSON_RELEASED, recording, officer, statement_sha256=maker.digest(), reasons=reasons
        )
        maker.tell(
            EventKind.RECORDING_RELEASED,
            recording,
            outputs={"redacted.ogg": maker.digest()},
            reasons=["released_by_person", *reasons],
        )
        maker.tell(EventKind.SOURCE_DELETED, recording, objects=2)
        return State.RELEASED
    if decided < 0.75:
        maker.tell(
            EventKind.PERSON_DESTROYED, recording, officer, statement_sha256=maker.digest(), reasons=reasons
        )
        maker.tell(EventKind.RECORDING_DESTROYED, recording, authority="person")
        return State.DESTROYED
    return State.HELD


def _reads(maker: Maker) -> None:
    """Somebody looks at something, and now and then may not."""
    recording, officer = maker.chance.choice(maker.ids), maker.chance.choice(OFFICERS)
    maker.tell(EventKind.ACCESS_READ, recording, officer, object="recording", token_id=officer.id)
    maker.tell(EventKind.ACCESS_LIST, None, officer, object="recordings", entries=50, token_id=officer.id)
    if maker.chance.random() < 0.3:
        maker.tell(
            EventKind.ACCESS_DENIED,
            recording,
            officer,
            object="audit_trail",
            outcome="failure",
            reason="role_insufficient",
        )

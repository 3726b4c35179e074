"""What is scored: anything that makes cuts in a call; ours runs the stages of ``compliance process``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from compliance import byhand, release
from compliance.artifacts import Redaction
from compliance.audit.events import Actor
from compliance.byhand import Order
from compliance.consent.notice import hear
from compliance.errors import ComplianceError
from compliance.evaluate.folder import Case
from compliance.evaluate.legal import Judged, judged
from compliance.evaluate.truth import AGENT, CALLER, CutSpan
from compliance.parts import Parts
from compliance.pipeline import run_all
from compliance.records import Decision, Party, Role, Stage, State, Verdict
from compliance.redact.ordered import of_findings
from compliance.results import manifest_of
from compliance.run import begin
from compliance.store import recordings
from compliance.store.recordings import RecordingRow

ACTOR = Actor(type="person", id="evaluation", role="operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The cuts in one call, and what was decided of it."""

    cuts: tuple[CutSpan, ...]
    decision: Decision | None = None
    """None where nothing decides."""
    reasons: tuple[str, ...] = ()
    judged: Judged | None = None
    """What was heard of legal weight, and the verdict; None where nothing judges, or it came to none."""


class Cutter(Protocol):
    """Makes cuts."""

    name: str
    decides: bool
    """Whether it holds or releases."""

    def cut(self, case: Case) -> Made:
        """The cuts in a call.

        Raises:
            ComplianceError: it cannot be treated.
        """
        ...


class Ours:
    """The pipeline: all of it, or as far as the cuts are planned and made."""

    name = "ours"

    def __init__(self, parts: Parts, profile: str, *, verifies: bool) -> None:
        """The parts are of a deployment of its own: calls are put into its vault and removed again."""
        self._parts, self._profile, self.decides = parts, profile, verifies

    def cut(self, case: Case) -> Made:
        """The cuts of the manifest; of a call that was held before its cuts were planned, none."""
        last = Stage.RELEASE if self.decides else Stage.REDACT
        row = byhand.process(self._parts, order_of(case, self._profile), ACTOR, last=Stage.CONSENT)
        try:
            # Judged now: what was said is destroyed when the run is over.
            found = self._judged(row)
            if found is not None:
                run_all(self._parts, row.id, Stage.REDACT, last=last)
            with self._parts.database.read() as connection:
                row = recordings.get(connection, row.id)
            return replace(self._made(row), judged=found)
        finally:
            self._parts.vault.destroy(row.id)
            release.withdraw(self._parts, row.id)

    def _judged(self, row: RecordingRow) -> Judged | None:
        """What was heard, and the verdict; None for a call that was held before it."""
        if row.state is not State.PROCESSING:
            return None
        run = begin(self._parts, row.id, Stage.REDACT, 1)
        verdict: Verdict = run.value(Stage.CONSENT)
        return judged(hear(run.value(Stage.TRANSCRIBE), self._parts.law.disclosure), str(verdict.outcome))

    def _made(self, row: RecordingRow) -> Made:
        if row.state is State.PROCESSING:
            redaction: Redaction = begin(self._parts, row.id, Stage.VERIFY, 1).value(Stage.REDACT)
            found = of_findings(redaction.cuts)
            return Made(cuts=tuple(_span(cut.channel, cut.start_ms, cut.end_ms) for cut in found))
        document = manifest_of(self._parts, row)
        if document is None:
            raise ComplianceError(f"a call came to no end: {', '.join(row.reasons)}")
        # What is cut for the sake of consent says nothing of how well anything was found.
        cuts = tuple(
            _span(each["channel"], each["start_ms"], each["end_ms"])
            for each in document["cuts"]
            if each["findings"]
        )
        is_released = row.state is State.RELEASED
        return Made(
            cuts=cuts,
            decision=Decision.RELEASED if is_released else Decision.HELD,
            reasons=() if is_released else row.reasons,
        )


def order_of(case: Case, profile: str) -> Order:
    """What would be told of the call to ``compliance process``."""
    call = case.call
    sides = ((Role.AGENT, call.agent_number, AGENT), (Role.CALLER, call.caller_number, CALLER))
    return Order(
        path=case.path,
        profile=profile,
        agent_kind=call.agent_kind,
        roles=(Role.UNKNOWN,) if call.is_mono else (Role.AGENT, Role.CALLER),
        parties=tuple(
            Party(role=role, number=number, channel=None if call.is_mono else channel, joined_ms=0)
            for role, number, channel in sides
            if number
        ),
    )


def _span(channel: int | None, start_ms: int, end_ms: int) -> CutSpan:
    return CutSpan(channel=channel, start_ms=start_ms, end_ms=end_ms)

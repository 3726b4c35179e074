"""The seven stages with their edges: what each reads, what it leaves, and the event that tells of it."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from compliance import artifacts
from compliance.artifacts import MEDIA, Checked, Redaction
from compliance.audit.events import AuditEvent, EventKind, event
from compliance.consent.verdict import judge
from compliance.errors import SealBroken, SourceMissing
from compliance.intake.fetch import SOURCE, fetch
from compliance.intake.recording import open_, recording_of
from compliance.parts import PIPELINE, Parts
from compliance.records import (
    Action,
    ChannelSpan,
    Conversation,
    Cut,
    Finding,
    Output,
    Place,
    Recording,
    RecordingId,
    Role,
    Source,
    Stage,
    Verdict,
    Verification,
)
from compliance.redact import verify
from compliance.redact.compare import Comparison, compare
from compliance.redact.detect.stage import detect
from compliance.redact.media import decode, probe
from compliance.redact.plan import plan
from compliance.redact.profile import Profile, choose
from compliance.redact.rewrite import rewrite
from compliance.redact.sniff import CONTAINERS
from compliance.redact.tone import Tone
from compliance.settings import Settings
from compliance.store import recordings, work
from compliance.store.recordings import RecordingRow
from compliance.transcribe.again import read_again
from compliance.transcribe.language import require_measured_language
from compliance.transcribe.listen import listen
from compliance.transcribe.windows import RATE

TONE = Tone()
MOST_PASSES = 2
"""Verification widens the cuts and looks again once; then a person decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One recording on its way through the stages in this process."""

    parts: Parts
    row: RecordingRow
    recording: Recording
    stage: Stage
    fence: int
    """Grows with every claim of the stage, also after a person's retry: no two tell the same events."""

    @property
    def id(self) -> RecordingId:
        """The recording's id."""
        return self.row.id

    @property
    def profile(self) -> Profile:
        """The redaction profile that applies to it."""
        return choose(self.parts.profiles, self.row.profile)

    def value(self, stage: Stage) -> Any:
        """What an earlier stage left."""
        return self.left(stage)[1]

    def left(self, stage: Stage) -> tuple[float, Any]:
        """What an earlier stage left, and how many seconds it took.

        Raises:
            SourceMissing: it is not done, or what it left was destroyed.
            SealBroken: it is not what the stage left.
        """
        with self.parts.database.read() as connection:
            output = work.output(connection, self.id, stage)
        if output is None or output.sha256 is None:
            raise SourceMissing(f"{stage} left nothing of {self.id}")
        return artifacts.load(self.parts.vault, self.id, stage, output.sha256)

    def told(self, done: float) -> None:
        """Tell how far this stage is."""
        self.parts.progress(self.id, self.stage, min(1.0, done))

    def event(self, kind: EventKind, key: str = "", **fields: Any) -> AuditEvent:
        """An event of this stage.  Of all claims of a stage one finishes, so it tells of itself once."""
        return event_of(self.parts, self.id, kind, key or f"{self.stage}:{self.fence}", **fields)

    @contextlib.contextmanager
    def file(self, name: str, sha256: str | None = None) -> Iterator[Path]:
        """An object of the vault as a file, for as long as it is needed.

        Raises:
            SealBroken: it has another digest than the one asked for.
        """
        with self.scratch() as folder:
            path = folder / "media"
            self.parts.vault.copy_to(self.id, name, path)
            if sha256 is not None and _digest(path) != sha256:
                raise SealBroken(f"{name} of {self.id} is not what an earlier stage left")
            yield path

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder that is gone afterwards."""
        with self.parts.home.scratch() as folder:
            yield folder


def _digest(path: Path) -> str:
    """A file's SHA-256, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def event_of(parts: Parts, recording_id: RecordingId, kind: EventKind, key: str, **fields: Any) -> AuditEvent:
    """An event of the pipeline's."""
    now_ms = parts.now_ms()
    return event(kind, recording_id=recording_id, key=key, occurred_at_ms=now_ms, actor=PIPELINE, **fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a stage made: its value, and how to tell of it once the value's digest is known."""

    value: Any
    told: Callable[[str], AuditEvent]
    amend: dict[str, Any] | None = None
    """Facts learnt of the recording, by column."""


def run_intake(run: Run) -> Done:
    """The source into the vault, hashed while it streams; then what it is."""
    source_object = open_(run.row, run.parts.key).source
    if source_object is not None:
        fetch(
            run.id,
            source_object,
            run.parts.stores,
            run.parts.vault,
            max_bytes=run.parts.settings.source_max_bytes,
        )
    with run.file(SOURCE) as path:
        source = probe(path)
    roles = roles_of(run.row.roles, source.channels)
    return Done(
        value=source,
        amend={"roles": roles, "duration_ms": source.duration_ms, "source_sha256": source.sha256},
        told=lambda _: run.event(
            EventKind.RECORDING_INGESTED,
            source_sha256=[source.sha256],
            size_bytes=source.size_bytes,
            duration_ms=source.duration_ms,
            container=source.container,
            codec=source.codec.lower(),
            rate=source.rate,
            channels=source.channels,
            roles=[str(role) for role in roles],
        ),
    )


def roles_of(told: tuple[Role, ...], channels: int) -> tuple[Role, ...]:
    """Who speaks on each channel: as told if that fits the file, else unknown."""
    return told if len(told) == channels and channels > 1 else (Role.UNKNOWN,) * channels


def run_transcribe(run: Run) -> Done:
    """The words of every channel, with their times."""
    source: Source = run.value(Stage.INTAKE)
    engine = run.parts.engines.recogniser
    with run.file(SOURCE, source.sha256) as path:
        conversation = listen(
            decode(path, rate=RATE),
            engine,
            roles=run.recording.roles,
            progress=lambda ms: run.told(ms / max(1, source.duration_ms)),
        )
    require_measured_language(conversation)
    return Done(
        value=conversation,
        told=lambda sha256: run.event(
            EventKind.TRANSCRIPT_CREATED,
            models=_refs(run),
            languages=[channel.language or "unknown" for channel in conversation.channels],
            words=sum(len(turn.words) for turn in conversation.turns),
            turns=len(conversation.turns),
            channels=len(conversation.channels),
            input_sha256=[source.sha256],
            output_sha256=sha256,
        ),
    )


def _refs(run: Run) -> dict[str, str]:
    """The models in use, for events."""
    return {ref.name: ref.sha256 for ref in run.parts.engines.refs}


def run_detect(run: Run) -> Done:
    """Every stretch of speech that may have to go."""
    conversation: Conversation = run.value(Stage.TRANSCRIBE)
    findings = detect(conversation, run.parts.engines.runner, run.profile.actions)
    cut = sum(finding.action is Action.CUT for finding in findings)
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.entity] = counts.get(finding.entity, 0) + 1
    return Done(
        value=findings,
        told=lambda sha256: run.event(
            EventKind.DETECTION_RUN,
            profile=run.profile.name,
            detectors=sorted({finding.detector.lower() for finding in findings}),
            findings=counts,
            cut=cut,
            kept=len(findings) - cut,
            models=_refs(run),
            policies={run.profile.ref.file: run.profile.ref.sha256},
            output_sha256=sha256,
        ),
    )


def run_consent(run: Run) -> Done:
    """Whether the recording was lawful to make."""
    conversation: Conversation = run.value(Stage.TRANSCRIBE)
    verdict = judge(
        conversation, run.recording, run.parts.law, on_date=_day(run), declared=_declared(run.parts.settings)
    )
    return Done(
        value=verdict,
        told=lambda sha256: run.event(
            EventKind.CONSENT_EVALUATED,
            verdict=str(verdict.outcome),
            rule=verdict.rule,
            jurisdiction=verdict.jurisdiction,
            jurisdictions=sorted({place.jurisdiction for place in verdict.places}),
            confidence=verdict.confidence,
            obligations=list(verdict.obligations),
            notice=_spans(verdict.notice),
            ai_disclosure=_spans(verdict.ai_disclosure),
            consent=_spans(verdict.consent),
            objection=_spans(verdict.objection),
            policies={ref.file: ref.sha256 for ref in verdict.policies},
            output_sha256=sha256,
        ),
    )


def _declared(settings: Settings) -> tuple[Place, ...]:
    """Where the recorder runs, if the deployment says that it counts."""
    if settings.recorder_region is None:
        return ()
    region = settings.recorder_region
    return (Place(jurisdiction=region, role=Role.UNKNOWN, evidence="declared", is_weak=False),)


def _day(run: Run) -> date:
    """The day whose law applies: the call's, or the one on which it came to us."""
    ms = run.recording.started_at_ms or run.row.created_at_ms
    return datetime.fromtimestamp(ms / 1000, UTC).date()


def _spans(spans: tuple[ChannelSpan, ...]) -> list[list[int]]:
    """Spans for an event: channel, start and end."""
    return [[each.channel, each.start_ms, each.end_ms] for each in spans]


def run_redact(run: Run) -> Done:
    """The cuts, and the recording with them made."""
    source: Source = run.value(Stage.INTAKE)
    findings: tuple[Finding, ...] = run.value(Stage.DETECT)
    verdict: Verdict = run.value(Stage.CONSENT)
    planned = plan(findings, run.value(Stage.TRANSCRIBE), run.profile, verdict.protected)
    with run.file(SOURCE, source.sha256) as path:
        redaction = _made(run, path, source, planned.cuts, planned.spared)
    return Done(value=redaction, told=lambda _: _applied(run, source, redaction))


def _made(run: Run, path: Path, source: Source, cuts: tuple[Cut, ...], spared: tuple[Any, ...]) -> Redaction:
    """The recording rewritten with its cuts, into the vault."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        target = Path(folder) / "redacted"
        rewrite(path, target, cuts, tone=TONE)
        with target.open("rb") as file:
            sha256 = run.parts.vault.put_stream(run.id, MEDIA, iter(lambda: file.read(1 << 20), b""))
    name = f"redacted.{CONTAINERS[source.container].suffix.lstrip('.')}"
    return Redaction(cuts=cuts, spared=spared, output=Output(file=name, sha256=sha256))


def _applied(run: Run, source: Source, redaction: Redaction, *, attempt: int = 1) -> AuditEvent:
    """The event of cuts made."""
    return run.event(
        EventKind.REDACTION_APPLIED,
        attempt=attempt,
        methods=sorted({str(cut.method) for cut in redaction.cuts}),
        cuts=len(redaction.cuts),
        cut_ms=sum(cut.end_ms - cut.start_ms for cut in redaction.cuts),
        policies={run.profile.ref.file: run.profile.ref.sha256},
        input_sha256=[source.sha256],
        output_sha256=[redaction.output.sha256],
    )


def run_verify(run: Run) -> Done:
    """The redacted recording, compared with the original and listened to again; widened once if need be."""
    source: Source = run.value(Stage.INTAKE)
    redaction = _present(run, source)
    verification = _check(run, source, redaction, redaction.cuts, passes=1)
    checked = Checked(verification=verification, redaction=redaction)
    if checked.verification.residual:
        checked = _second_pass(run, source, checked)
    verification = checked.verification
    return Done(
        value=checked,
        told=lambda sha256: run.event(
            EventKind.REDACTION_VERIFIED,
            is_clean=verification.is_clean,
            passes=verification.passes,
            checks=list(verification.checks),
            residual=len(verification.residual),
            relistened_ms=verification.relistened_ms,
            models=_refs(run),
            output_sha256=checked.redaction.output.sha256,
        ),
    )


def _present(run: Run, source: Source) -> Redaction:
    """The redaction with its file; that is made anew if a try of this stage which died had widened it."""
    redaction: Redaction = run.value(Stage.REDACT)
    try:
        with run.file(MEDIA, redaction.output.sha256):
            return redaction
    except SealBroken:
        with run.file(SOURCE, source.sha256) as path:
            return _made(run, path, source, redaction.cuts, redaction.spared)


def _second_pass(run: Run, source: Source, first: Checked) -> Checked:
    """Cuts widened over what was heard again, and checked once more."""
    verdict: Verdict = run.value(Stage.CONSENT)
    cuts = verify.widened(
        first.redaction.cuts,
        first.verification.residual,
        join_ms=run.profile.join_ms,
        duration_ms=source.duration_ms,
        protected=verdict.protected,
    )
    with run.file(SOURCE, source.sha256) as path:
        redaction = _made(run, path, source, cuts, first.redaction.spared)
    doubtful = verify.in_doubt(cuts, first.redaction.cuts, first.verification.residual)
    again = _check(run, source, redaction, doubtful, passes=MOST_PASSES)
    heard_ms = first.verification.relistened_ms + again.relistened_ms
    return Checked(verification=replace(again, relistened_ms=heard_ms), redaction=redaction)


def _check(
    run: Run, source: Source, redaction: Redaction, doubtful: tuple[Cut, ...], *, passes: int
) -> Verification:
    """One look at the redacted recording: round doubtful cuts by listening, then all of it by its samples.

    A recording that is to be made anew is not compared first: only the one that stays has to hold.
    """
    conversation: Conversation = run.value(Stage.TRANSCRIBE)
    wanted = verify.flanks(doubtful, conversation)
    with run.file(MEDIA, redaction.output.sha256) as target:
        heard = read_again(decode(target, rate=RATE), wanted, run.parts.engines.recogniser) if wanted else ()
        run.told(0.7)
        residual = verify.residuals(heard, redaction.cuts, run.value(Stage.DETECT), conversation)
        stays = not residual or passes == MOST_PASSES
        comparison = _compared(run, source, redaction, target) if stays else None
    return Verification(
        is_clean=comparison is not None and comparison.is_clean and not residual,
        passes=passes,
        checks=(*(_passed(comparison) if comparison else ()), *(() if residual else ("relistened",))),
        relistened_ms=sum(each.end_ms - each.start_ms for each in wanted),
        residual=residual,
    )


def _compared(run: Run, source: Source, redaction: Redaction, target: Path) -> Comparison:
    """The redacted recording held against the original."""
    with run.file(SOURCE, source.sha256) as original:
        return compare(original, target, redaction.cuts, tone=TONE)


def _passed(comparison: Comparison) -> Iterator[str]:
    """The checks by samples that held."""
    yield from (
        name
        for name, held in (
            ("duration", comparison.duration_equal),
            ("samples_in_cuts", comparison.inside_ok),
            ("samples_outside_cuts", comparison.outside_ok),
            ("metadata", comparison.metadata_ok),
        )
        if held
    )


STEPS: dict[Stage, Callable[[Run], Done]] = {
    Stage.INTAKE: run_intake,
    Stage.TRANSCRIBE: run_transcribe,
    Stage.DETECT: run_detect,
    Stage.CONSENT: run_consent,
    Stage.REDACT: run_redact,
    Stage.VERIFY: run_verify,
}
"""Every stage but the last, which decides and is in ``release``."""


def begin(parts: Parts, recording_id: RecordingId, stage: Stage, fence: int) -> Run:
    """The recording as it stands, for one stage."""
    with parts.database.read() as connection:
        row = recordings.get(connection, recording_id)
        recording = recording_of(connection, row, parts.intake)
    return Run(parts=parts, row=row, recording=recording, stage=stage, fence=fence)

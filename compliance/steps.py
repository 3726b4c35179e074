"""The stages with their edges: what each reads, what it leaves, and the event that tells of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime

from compliance.audit.events import EventKind
from compliance.consent import facts_file, verdict_file
from compliance.consent.decide import decide
from compliance.consent.facts import Facts, facts_of
from compliance.consent.jurisdiction import declared
from compliance.cutting import run_redact, run_verify
from compliance.intake.fetch import fetch, source_name
from compliance.intake.files import CallFile
from compliance.intake.objects import SourceObject
from compliance.intake.recording import Sealed, close, files_of, open_, segments_of
from compliance.intake.segments import join, listed, with_segments
from compliance.records import (
    Action,
    ChannelSpan,
    Conversation,
    Finding,
    Place,
    Source,
    Stage,
    Verdict,
)
from compliance.redact.detect.doubt import added, doubtful, reread
from compliance.redact.detect.stage import detect, numbered
from compliance.reels import listened, naming, originals
from compliance.run import Done, Run
from compliance.settings import Settings
from compliance.store import consent, recordings
from compliance.store.consent import ConsentRow
from compliance.strands import duration_ms, on_file, roles_of, slack_ms, strands_of
from compliance.transcribe.again import read_again
from compliance.transcribe.language import require_measured_language
from compliance.transcribe.listen import listen


def run_intake(run: Run) -> Done:
    """The source into the vault, hashed while it streams; then what it is.  Of several files, each."""
    sealed = open_(run.row, run.parts.key)
    files = files_of(sealed)
    sources = tuple(_taken_in(run, sealed, each, index, len(files)) for index, each in enumerate(files))
    roles, length_ms = roles_of(run.row.roles, sources), duration_ms(sources)
    return Done(
        value=sources,
        amend={"roles": roles, "duration_ms": length_ms, "source_sha256": sources[0].sha256},
        told=lambda _: run.event(
            EventKind.RECORDING_INGESTED,
            source_sha256=[each.sha256 for each in sources],
            size_bytes=sum(each.size_bytes for each in sources),
            duration_ms=length_ms,
            container=_common(each.container for each in sources),
            codec=_common(each.codec.lower() for each in sources),
            rate=_common(each.rate for each in sources),
            channels=len(roles),
            roles=[str(role) for role in roles],
        ),
    )


def _taken_in(run: Run, sealed: Sealed, file: CallFile, index: int, count: int) -> Source:
    """One file into the vault, and what it is; by hand it lies there already."""
    with naming(index, count), ExitStack() as stack:
        if file.source is not None:
            _fetch(run, sealed, file.source, index)
        path = stack.enter_context(run.file(source_name(index)))
        probed = replace(run.parts.probe(path), index=index, told_ms=file.told_ms, offset_ms=file.offset_ms)
        return probed if count > 1 else with_segments(run.id, probed, run.parts.vault)


def _fetch(run: Run, sealed: Sealed, source: SourceObject, index: int) -> None:
    """An object that the webhook named, or the segments that it lists, into the vault."""
    parts, max_bytes = run.parts, run.parts.settings.source_max_bytes
    if (told := segments_of(sealed)) is None:
        fetch(run.id, source, parts.stores, parts.vault, max_bytes=max_bytes, name=source_name(index))
        return
    found = listed(source, told, parts.stores)
    # Written down before the first is fetched: whatever becomes of the recording, they have to go with it.
    kept = close(replace(sealed, segments=found.objects), parts.key, run.id)
    with parts.database.begin() as connection:
        recordings.amend(connection, run.id, now_ms=parts.now_ms(), sealed=kept)
    join(run.id, found, parts.vault, max_bytes=max_bytes, told_bytes=told.playlist.size_bytes)


def _common(values: Iterable[object]) -> object:
    """What all have, or None where they differ."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def run_transcribe(run: Run) -> Done:
    """The words of every channel, with their times."""
    sources: tuple[Source, ...] = run.value(Stage.INTAKE)
    engine, length_ms = run.parts.engines.recogniser, max(1, duration_ms(sources))
    with originals(run) as paths:
        conversation = listen(
            listened(paths, sources),
            engine,
            roles=run.recording.roles,
            slack_ms=slack_ms(sources),
            files=[each.source for each in strands_of(sources)],
            progress=lambda ms: run.told(ms / length_ms),
        )
    require_measured_language(conversation)
    return Done(
        value=conversation,
        told=lambda sha256: run.event(
            EventKind.TRANSCRIPT_CREATED,
            models=run.models,
            languages=[channel.language or "unknown" for channel in conversation.channels],
            words=sum(len(turn.words) for turn in conversation.turns),
            turns=len(conversation.turns),
            channels=len(conversation.channels),
            input_sha256=[each.sha256 for each in sources],
            output_sha256=sha256,
        ),
    )


def run_detect(run: Run) -> Done:
    """Every stretch of speech that may have to go."""
    conversation: Conversation = run.value(Stage.TRANSCRIBE)
    findings = on_file(_found(run, conversation), run.value(Stage.INTAKE))
    cut = sum(finding.action.cuts for finding in findings)
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
            review=sum(finding.action is Action.REVIEW for finding in findings),
            models=run.models,
            policies={run.profile.ref.file: run.profile.ref.sha256},
            output_sha256=sha256,
        ),
    )


def _found(run: Run, conversation: Conversation) -> tuple[Finding, ...]:
    """What either reading finds: answers that look incomplete are read once more with other settings."""
    engines, treatment = run.parts.engines, run.profile.treatment
    first = detect(conversation, engines.runner, treatment)
    spans = doubtful(conversation)
    if not spans:
        return first
    with originals(run) as paths:
        blocks = listened(paths, run.value(Stage.INTAKE), spans)
        words = read_again(blocks, spans, engines.recogniser.otherwise())
    second = detect(reread(conversation, spans, words), engines.runner, treatment)
    return numbered((*first, *added(first, second, spans)))


def run_consent(run: Run) -> Done:
    """Whether the recording was lawful to make."""
    conversation: Conversation = run.value(Stage.TRANSCRIBE)
    law, told = run.parts.law, _declared(run.parts.settings)
    facts = facts_of(conversation, run.recording, law, on_date=_day(run), declared=told)
    verdict = decide(facts, law, run.parts.orders)
    row = _row(run, facts, verdict)
    return Done(
        value=verdict,
        kept=lambda connection: consent.keep(connection, row),
        told=lambda sha256: run.event(
            EventKind.CONSENT_EVALUATED,
            verdict=str(verdict.outcome),
            rule=verdict.rule,
            jurisdiction=verdict.jurisdiction,
            jurisdictions=sorted({place.jurisdiction for place in verdict.places}),
            confidence=verdict.confidence,
            obligations=list(verdict.obligations),
            ai_outcome=str(verdict.ai.outcome),
            acts=[str(act) for act in verdict.acts],
            notice=_spans(verdict.notice),
            tones=_spans(verdict.tones),
            ai_disclosure=_spans(verdict.ai_disclosure),
            consent=_spans(verdict.consent),
            objection=_spans(verdict.objection),
            human_questions=_spans(verdict.ai.questions),
            cut=_spans(verdict.cut),
            policies={ref.file: ref.sha256 for ref in verdict.policies},
            facts_sha256=row.facts_sha256,
            verdict_sha256=row.verdict_sha256,
            output_sha256=sha256,
        ),
    )


def _row(run: Run, facts: Facts, verdict: Verdict) -> ConsentRow:
    """What is kept so that the verdict can be replayed once the words are gone."""
    made = verdict_file.document(verdict)
    return ConsentRow(
        recording_id=run.id,
        verdict_sha256=verdict_file.digest(made),
        facts_sha256=verdict.facts_sha256,
        facts=facts_file.encode(facts),
        verdict=verdict_file.encode(made),
        created_at_ms=run.parts.now_ms(),
    )


def _declared(settings: Settings) -> tuple[Place, ...]:
    """Where the deployment says that business, agent and recorder are."""
    return declared(
        business=settings.business_places, agent=settings.agent_place, recorder=settings.recorder_region
    )


def _day(run: Run) -> date:
    """The day whose law applies: the call's, or the one on which it came to us."""
    ms = run.recording.started_at_ms or run.row.created_at_ms
    return datetime.fromtimestamp(ms / 1000, UTC).date()


def _spans(spans: tuple[ChannelSpan, ...]) -> list[list[int]]:
    """Spans for an event: channel, start and end."""
    return [[each.channel, each.start_ms, each.end_ms] for each in spans]


STEPS: dict[Stage, Callable[[Run], Done]] = {
    Stage.INTAKE: run_intake,
    Stage.TRANSCRIBE: run_transcribe,
    Stage.DETECT: run_detect,
    Stage.CONSENT: run_consent,
    Stage.REDACT: run_redact,
    Stage.VERIFY: run_verify,
}
"""Every stage but the last, which decides and is in ``release``."""

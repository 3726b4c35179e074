"""The stages that change sound: the cuts made, and the result compared and listened to again."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from compliance.artifacts import MEDIA, Checked, Redaction
from compliance.audit.events import AuditEvent, EventKind
from compliance.errors import SealBroken
from compliance.intake.fetch import SOURCE
from compliance.records import (
    ChannelSpan,
    Conversation,
    Cut,
    Finding,
    Output,
    Source,
    Stage,
    Unaltered,
    Verdict,
    Verification,
    Word,
)
from compliance.redact import verify
from compliance.redact.compare import Comparison, compare
from compliance.redact.media import decode
from compliance.redact.ordered import of_findings, to_the_end, with_ordered
from compliance.redact.plan import plan
from compliance.redact.rewrite import Made, rewrite
from compliance.redact.sniff import CONTAINERS
from compliance.redact.tape import paced
from compliance.redact.tone import Tone
from compliance.redact.unaltered import unaltered
from compliance.run import Done, Run
from compliance.transcribe.again import read_again
from compliance.transcribe.windows import RATE

TONE = Tone()
MOST_PASSES = 2
"""Verification widens the cuts and looks again once; then a person decides."""


def run_redact(run: Run) -> Done:
    """The cuts, and the recording with them made."""
    source: Source = run.value(Stage.INTAKE)
    findings: tuple[Finding, ...] = run.value(Stage.DETECT)
    verdict: Verdict = run.value(Stage.CONSENT)
    planned = plan(findings, run.value(Stage.TRANSCRIBE), run.profile, verdict.protected)
    cuts = with_ordered(planned.cuts, ordered_spans(run))
    with run.file(SOURCE, source.sha256) as path:
        redaction = _made(run, path, source, cuts, planned.spared)
    return Done(value=redaction, told=lambda _: _applied(run, source, redaction))


def ordered_spans(run: Run) -> tuple[ChannelSpan, ...]:
    """What is to go for the sake of consent."""
    verdict: Verdict = run.value(Stage.CONSENT)
    source: Source = run.value(Stage.INTAKE)
    conversation: Conversation = run.value(Stage.TRANSCRIBE)
    return to_the_end(verdict.cut, heard_ms=conversation.duration_ms, duration_ms=source.duration_ms)


def _made(
    run: Run,
    path: Path,
    source: Source,
    cuts: tuple[Cut, ...],
    spared: tuple[Any, ...],
    before: Made | None = None,
) -> Redaction:
    """The recording rewritten with its cuts, into the vault."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        target = Path(folder) / "redacted"
        rewrite(path, target, cuts, tone=TONE, before=before)
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
        consent_cuts=len(redaction.cuts) - len(of_findings(redaction.cuts)),
        cut_ms=sum(cut.end_ms - cut.start_ms for cut in redaction.cuts),
        policies={run.profile.ref.file: run.profile.ref.sha256},
        input_sha256=[source.sha256],
        output_sha256=[redaction.output.sha256],
    )


def run_verify(run: Run) -> Done:
    """The redacted recording, compared with the original and listened to again; widened once if need be."""
    source: Source = run.value(Stage.INTAKE)
    redaction = _present(run, source)
    verification = _check(run, source, redaction, of_findings(redaction.cuts), passes=1)
    checked = Checked(verification=verification, redaction=redaction)
    if checked.verification.residual:
        checked = _second_pass(run, source, checked)
    verification = checked.verification
    if verification.is_clean:
        checked = replace(checked, unaltered=_unaltered(run, source, checked.redaction))
    return Done(
        value=checked,
        told=lambda sha256: run.event(
            EventKind.REDACTION_VERIFIED,
            is_clean=verification.is_clean,
            passes=verification.passes,
            checks=list(verification.checks),
            residual=len(verification.residual),
            entities=Counter(str(each.entity) for each in verification.residual),
            relistened_ms=verification.relistened_ms,
            models=run.models,
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
    found = of_findings(first.redaction.cuts)
    wider = verify.widened(
        found,
        first.verification.residual,
        join_ms=run.profile.join_ms,
        duration_ms=source.duration_ms,
        protected=verdict.protected,
    )
    cuts = with_ordered(wider, ordered_spans(run))
    with (
        run.file(SOURCE, source.sha256) as path,
        run.file(MEDIA, first.redaction.output.sha256) as narrower,
    ):
        before = Made(path=narrower, cuts=first.redaction.cuts)
        redaction = _made(run, path, source, cuts, first.redaction.spared, before)
    doubtful = verify.in_doubt(wider, found, first.verification.residual)
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
        heard = _heard_again(run, target, wanted) if wanted else ()
        run.told(0.7)
        found = of_findings(redaction.cuts)
        residual = verify.residuals(heard, found, run.value(Stage.DETECT), conversation)
        stays = not residual or passes == MOST_PASSES
        comparison = _compared(run, source, redaction, target) if stays else None
    return Verification(
        is_clean=comparison is not None and comparison.is_clean and not residual,
        passes=passes,
        checks=(*(_passed(comparison) if comparison else ()), *(() if residual else ("relistened",))),
        relistened_ms=sum(each.end_ms - each.start_ms for each in wanted),
        residual=residual,
    )


def _unaltered(run: Run, source: Source, redaction: Redaction) -> Unaltered:
    """The hash trees of both recordings."""
    with run.file(SOURCE, source.sha256) as original, run.file(MEDIA, redaction.output.sha256) as target:
        return unaltered(original, target, paced(original))


def _heard_again(run: Run, target: Path, wanted: tuple[ChannelSpan, ...]) -> tuple[Word, ...]:
    """The words of some stretches of the redacted recording; of the rest as little as can be is decoded."""
    blocks = decode(target, rate=RATE, only=[each.span for each in wanted])
    return read_again(blocks, wanted, run.parts.engines.recogniser)


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
            ("packets_outside_cuts", comparison.outside_ok and comparison.copied),
            ("metadata", comparison.metadata_ok),
        )
        if held
    )

"""The stages that change sound: the cuts made, and the result compared and listened to again."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from compliance.artifacts import Checked, Redaction, media_file, media_name
from compliance.audit.events import AuditEvent, EventKind
from compliance.errors import SealBroken
from compliance.records import (
    ChannelSpan,
    Conversation,
    Cut,
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
from compliance.redact.ordered import of_findings, to_the_end, with_ordered
from compliance.redact.plan import plan
from compliance.redact.rewrite import Made, rewrite
from compliance.redact.sniff import CONTAINERS
from compliance.redact.tape import paced
from compliance.redact.tone import Tone
from compliance.redact.unaltered import unaltered
from compliance.reels import listened, original, originals
from compliance.run import Done, Run
from compliance.strands import duration_ms, of_file, placed, slack_ms
from compliance.transcribe.again import read_again

TONE = Tone()
MOST_PASSES = 2
"""Verification widens the cuts and looks again once; then a person decides."""


def run_redact(run: Run) -> Done:
    """The cuts, and the recording with them made."""
    sources: tuple[Source, ...] = run.value(Stage.INTAKE)
    verdict: Verdict = run.value(Stage.CONSENT)
    # Among themselves the cuts know channels alone, since a voice may leak into another file.
    findings = tuple(replace(each, source=0) for each in run.value(Stage.DETECT))
    planned = plan(
        findings,
        run.value(Stage.TRANSCRIBE),
        run.profile,
        verdict.protected,
        slack_ms=slack_ms(sources),
    )
    cuts = placed(with_ordered(planned.cuts, ordered_spans(run)), sources)
    redaction = _made(run, sources, cuts, planned.spared)
    return Done(value=redaction, told=lambda _: _applied(run, sources, redaction))


def ordered_spans(run: Run) -> tuple[ChannelSpan, ...]:
    """What is to go for the sake of consent."""
    verdict: Verdict = run.value(Stage.CONSENT)
    conversation: Conversation = run.value(Stage.TRANSCRIBE)
    length_ms = duration_ms(run.value(Stage.INTAKE))
    return to_the_end(verdict.cut, heard_ms=conversation.duration_ms, duration_ms=length_ms)


def _made(
    run: Run,
    sources: tuple[Source, ...],
    cuts: tuple[Cut, ...],
    spared: tuple[Any, ...],
    before: Redaction | None = None,
) -> Redaction:
    """Every file of the recording rewritten with its cuts, into the vault."""
    outputs = tuple(_file_made(run, sources, each.index, cuts, before) for each in sources)
    return Redaction(cuts=cuts, spared=spared, outputs=outputs)


def _file_made(
    run: Run, sources: tuple[Source, ...], index: int, cuts: tuple[Cut, ...], before: Redaction | None
) -> Output:
    """One file rewritten; sooner with what was made of it ``before``."""
    with ExitStack() as stack:
        path = stack.enter_context(original(run, index))
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=path.parent))
        made = stack.enter_context(_earlier(run, sources, index, before)) if before else None
        target = Path(folder) / "redacted"
        rewrite(path, target, of_file(cuts, sources, index), tone=TONE, before=made)
        with target.open("rb") as file:
            chunks = iter(lambda: file.read(1 << 20), b"")
            sha256 = run.parts.vault.put_stream(run.id, media_name(index), chunks)
    suffix = CONTAINERS[sources[index].container].suffix.lstrip(".")
    return Output(file=media_file(index, len(sources), suffix), sha256=sha256)


@contextmanager
def _earlier(run: Run, sources: tuple[Source, ...], index: int, before: Redaction) -> Iterator[Made]:
    """What was made of a file before."""
    with run.file(media_name(index), before.outputs[index].sha256) as path:
        yield Made(path=path, cuts=of_file(before.cuts, sources, index))


def _applied(run: Run, sources: tuple[Source, ...], redaction: Redaction, *, attempt: int = 1) -> AuditEvent:
    """The event of cuts made."""
    return run.event(
        EventKind.REDACTION_APPLIED,
        attempt=attempt,
        methods=sorted({str(cut.method) for cut in redaction.cuts}),
        cuts=len(redaction.cuts),
        consent_cuts=len(redaction.cuts) - len(of_findings(redaction.cuts)),
        cut_ms=sum(cut.end_ms - cut.start_ms for cut in redaction.cuts),
        policies={run.profile.ref.file: run.profile.ref.sha256},
        input_sha256=[each.sha256 for each in sources],
        output_sha256=[each.sha256 for each in redaction.outputs],
    )


def run_verify(run: Run) -> Done:
    """The redacted recording, compared with the original and listened to again; widened once if need be."""
    sources: tuple[Source, ...] = run.value(Stage.INTAKE)
    redaction = _present(run, sources)
    verification = _check(run, sources, redaction, of_findings(redaction.cuts), passes=1)
    checked = Checked(verification=verification, redaction=redaction)
    if checked.verification.residual:
        checked = _second_pass(run, sources, checked)
    verification = checked.verification
    if verification.is_clean:
        proofs = tuple(_unaltered(run, each.index, checked.redaction) for each in sources)
        checked = replace(checked, unaltered=proofs)
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
            **_vouched(checked.redaction.outputs),
        ),
    )


def _vouched(outputs: tuple[Output, ...]) -> dict[str, Any]:
    """What was verified, for its event."""
    if len(outputs) == 1:
        return {"output_sha256": outputs[0].sha256}
    return {"outputs": {each.file: each.sha256 for each in outputs}}


def _present(run: Run, sources: tuple[Source, ...]) -> Redaction:
    """The redaction with its files; those are made anew if a try of this stage which died had widened one."""
    redaction: Redaction = run.value(Stage.REDACT)
    try:
        with _redacted(run, redaction):
            return redaction
    except SealBroken:
        return _made(run, sources, redaction.cuts, redaction.spared)


@contextmanager
def _redacted(run: Run, redaction: Redaction) -> Iterator[tuple[Path, ...]]:
    """Every redacted file.

    Raises:
        SealBroken: one is not what was made.
    """
    with ExitStack() as stack:
        yield tuple(
            stack.enter_context(run.file(media_name(index), each.sha256))
            for index, each in enumerate(redaction.outputs)
        )


def _second_pass(run: Run, sources: tuple[Source, ...], first: Checked) -> Checked:
    """Cuts widened over what was heard again, and checked once more."""
    verdict: Verdict = run.value(Stage.CONSENT)
    found = of_findings(first.redaction.cuts)
    wider = verify.widened(
        found,
        first.verification.residual,
        join_ms=run.profile.join_ms,
        duration_ms=duration_ms(sources),
        protected=verdict.protected,
    )
    cuts = placed(with_ordered(wider, ordered_spans(run)), sources)
    redaction = _made(run, sources, cuts, first.redaction.spared, first.redaction)
    doubtful = verify.in_doubt(placed(wider, sources), found, first.verification.residual)
    again = _check(run, sources, redaction, doubtful, passes=MOST_PASSES)
    heard_ms = first.verification.relistened_ms + again.relistened_ms
    return Checked(verification=replace(again, relistened_ms=heard_ms), redaction=redaction)


def _check(
    run: Run, sources: tuple[Source, ...], redaction: Redaction, doubtful: tuple[Cut, ...], *, passes: int
) -> Verification:
    """One look at the redacted recording: round doubtful cuts by listening, then all of it by its samples.

    A recording that is to be made anew is not compared first: only the one that stays has to hold.
    """
    conversation: Conversation = run.value(Stage.TRANSCRIBE)
    wanted = verify.flanks(doubtful, conversation)
    with _redacted(run, redaction) as targets:
        heard = _heard_again(run, targets, sources, wanted) if wanted else ()
        run.told(0.7)
        found = of_findings(redaction.cuts)
        residual = verify.residuals(heard, found, run.value(Stage.DETECT), conversation)
        stays = not residual or passes == MOST_PASSES
        comparisons = _compared(run, sources, redaction, targets) if stays else ()
    is_same = bool(comparisons) and all(each.is_clean for each in comparisons)
    return Verification(
        is_clean=is_same and not residual,
        passes=passes,
        checks=(*_passed(comparisons), *(() if residual else ("relistened",))),
        relistened_ms=sum(each.end_ms - each.start_ms for each in wanted),
        residual=residual,
    )


def _unaltered(run: Run, index: int, redaction: Redaction) -> Unaltered:
    """The hash trees of one file before and after."""
    sha256 = redaction.outputs[index].sha256
    with original(run, index) as path, run.file(media_name(index), sha256) as target:
        return unaltered(path, target, paced(path))


def _heard_again(
    run: Run, targets: tuple[Path, ...], sources: tuple[Source, ...], wanted: tuple[ChannelSpan, ...]
) -> tuple[Word, ...]:
    """The words of some stretches of the redacted recording; of the rest as little as can be is decoded.

    Read greedily: that notices as much of what a cut left, and takes less time.
    """
    return read_again(listened(targets, sources, wanted), wanted, run.parts.engines.recogniser.otherwise())


def _compared(
    run: Run, sources: tuple[Source, ...], redaction: Redaction, targets: tuple[Path, ...]
) -> tuple[Comparison, ...]:
    """Each redacted file held against its original."""
    with originals(run) as paths:
        return tuple(
            compare(path, target, of_file(redaction.cuts, sources, index), tone=TONE)
            for index, (path, target) in enumerate(zip(paths, targets, strict=True))
        )


def _passed(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """The checks by samples that held, of every file."""
    questions: tuple[tuple[str, Callable[[Comparison], bool]], ...] = (
        ("duration", lambda one: one.duration_equal),
        ("samples_in_cuts", lambda one: one.inside_ok),
        ("samples_outside_cuts", lambda one: one.outside_ok),
        ("packets_outside_cuts", lambda one: one.outside_ok and one.copied),
        ("metadata", lambda one: one.metadata_ok),
    )
    for name, held in questions:
        if comparisons and all(held(each) for each in comparisons):
            yield name

"""The last stage: release, hold or destroy; what is written out, and what is destroyed then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from compliance import artifacts, lastlook
from compliance.artifacts import Checked, media_name, media_of
from compliance.audit import log
from compliance.audit.events import EventKind
from compliance.consent.ending import held_for, let_go, marks
from compliance.cutting import ordered_spans
from compliance.errors import SealBroken, SourceMissing, ValueLeft
from compliance.manifest import Manifest, document
from compliance.originals import fate
from compliance.parts import PIPELINE, Parts
from compliance.records import (
    Act,
    Decision,
    Health,
    Originals,
    Output,
    RecordingId,
    Release,
    Stage,
    State,
    Verdict,
)
from compliance.redact import hls, text
from compliance.redact.inventory import Inventory
from compliance.redact.multiplexed import entries
from compliance.redact.ordered import of_findings
from compliance.run import Run, event_of
from compliance.store import recordings
from compliance.store.work import Claim

MANIFEST = "manifest.json"
OUTPUTS = "outputs/"
"""Where the files of a held recording lie in the vault."""
NOT_DESTROYED = "source_not_destroyed"
COPIES_LEFT = "working_copies_left"
"""What a released recording still owes; ``tidy`` pays it, at once or after a crash."""
MOST_DRIFT_MS = 100
"""A word's time is no better known; beyond that, a cut may miss it."""
_TYPES = {
    ".json": "application/json",
    ".txt": "text/plain",
    ".vtt": "text/vtt",
    ".srt": "application/x-subrip",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file of a run: its digest, and its bytes unless it is the recording itself."""

    output: Output
    body: bytes | None = field(repr=False, default=None)


def reasons(run: Run, checked: Checked, verdict: Verdict) -> tuple[str, ...]:
    """Why a recording may not be released, as stable words; empty if it may."""
    verification = checked.verification
    missing = {"samples_in_cuts", "samples_outside_cuts", "duration", "metadata"} - set(verification.checks)
    found = [
        (bool(verification.residual), "residual_found"),
        (bool(missing), "samples_differ"),
        (bool(checked.redaction.spared), "finding_in_notice"),
        (_is_unread(run), "speech_unread"),
        *(each for source in run.value(Stage.INTAKE) for each in _ailing(source.health)),
    ]
    return (*held_for(verdict), *dict.fromkeys(reason for is_so, reason in found if is_so))


def _ailing(health: Health | None) -> tuple[tuple[bool, str], ...]:
    """Faults of the recording itself in which what was said may have been lost, or be elsewhere than told."""
    if health is None:
        return ()
    return (
        (bool(health.broken), "gap_in_speech"),
        (abs(health.drift_ms) > MOST_DRIFT_MS, "clock_drift"),
    )


def _is_unread(run: Run) -> bool:
    """Whether a channel holds plenty of voice and not one word: the recogniser failed there."""
    conversation = run.value(Stage.TRANSCRIBE)
    read = {turn.channel for turn in conversation.turns}
    voice = {c.index: sum(v.length_ms for v in c.voiced) for c in conversation.channels}
    return any(length_ms > 3_000 and index not in read for index, length_ms in voice.items())


def texts(run: Run, checked: Checked) -> Iterable[Written]:
    """Transcript and captions."""
    conversation = run.value(Stage.TRANSCRIBE)
    turns = text.redacted(
        conversation,
        run.value(Stage.DETECT),
        of_findings(checked.redaction.cuts),
        zips_withheld=run.profile.zips_withheld,
        ordered=ordered_spans(run),
    )
    is_several = len(run.value(Stage.INTAKE)) > 1
    transcript = text.document(
        run.id, conversation.duration_ms, conversation.channels, turns, is_several=is_several
    )
    for name, body in (
        ("transcript.json", as_json(transcript)),
        ("transcript.txt", text.plain(turns)),
        ("transcript.vtt", text.vtt(turns)),
        ("transcript.srt", text.srt(turns)),
    ):
        yield written(name, body.encode())


def playlists(run: Run, checked: Checked) -> Iterable[Written]:
    """The segments of the redacted recording, of one that came in segments."""
    source, output = run.value(Stage.INTAKE)[0], checked.redaction.outputs[0]
    if not source.segments:
        return
    with run.file(media_name(0), output.sha256) as path:
        found = hls.stretches(
            tuple(entries(path)),
            source.segments,
            size_bytes=path.stat().st_size,
            duration_ms=source.duration_ms,
        )
    yield written(hls.PLAYLIST, hls.playlist(output.file, found).encode())


def as_json(value: object) -> str:
    """JSON as it is written out."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def written(name: str, body: bytes) -> Written:
    """A file with its digest."""
    return Written(output=Output(file=name, sha256=hashlib.sha256(body).hexdigest()), body=body)


def manifest(run: Run, release: Release, outputs: tuple[Output, ...] = ()) -> Written:
    """The manifest of a run, from what its stages left; of one held early, as far as it came."""
    left: dict[Stage, object] = {}
    seconds: dict[str, float] = {}
    for stage in list(Stage)[:-1]:
        try:
            seconds[str(stage)], left[stage] = run.left(stage)
        except SourceMissing:
            break
    checked = left.get(Stage.VERIFY)
    redaction = checked.redaction if isinstance(checked, Checked) else left.get(Stage.REDACT)
    body = document(
        Manifest(
            recording=run.id,
            profile=run.profile.name,
            roles=run.recording.roles,
            sources=left.get(Stage.INTAKE, ()),  # type: ignore[arg-type]  # typed by KINDS
            outputs=outputs,
            findings=left.get(Stage.DETECT, ()),  # type: ignore[arg-type]
            cuts=redaction.cuts if isinstance(redaction, artifacts.Redaction) else (),
            consent=left.get(Stage.CONSENT),  # type: ignore[arg-type]
            verification=checked.verification if isinstance(checked, Checked) else None,
            unaltered=checked.unaltered if isinstance(checked, Checked) else (),
            release=release,
            models=run.parts.engines.refs,
            policies=(run.profile.ref,),
            timings=seconds,
        )
    )
    return written(MANIFEST, as_json(body).encode())


def prepare(run: Run) -> tuple[Release, tuple[Output, ...]]:
    """Decide, and put every file of the run into the vault; nothing is visible outside yet.

    What is to be destroyed gets no files.
    """
    checked: Checked = run.value(Stage.VERIFY)
    verdict: Verdict = run.value(Stage.CONSENT)
    if verdict.ending is Act.DESTROY:
        return Release(decision=Decision.DESTROYED, reasons=marks(verdict)), ()
    files = [*texts(run, checked), *playlists(run, checked)]
    bodies = [(each.output, each.body or b"") for each in files]
    stock = lastlook.inventory(run, checked)
    is_left = lastlook.is_left(run, stock, bodies)
    why = reasons(run, checked, verdict) + (ValueLeft.reason,) * is_left
    is_released = not why
    release = Release(
        decision=Decision.RELEASED if is_released else Decision.HELD,
        reasons=why or let_go(verdict),
        by=PIPELINE.id if is_released else None,
        searched=() if is_left else lastlook.searched(checked, bodies),
    )
    may_stay = is_released or (run.profile.writes_held and not is_left)
    return release, _kept(run, release, files if may_stay else [], stock)


def _kept(run: Run, release: Release, files: list[Written], stock: Inventory) -> tuple[Output, ...]:
    """Transcripts and manifest in the vault, beside the redacted recording.

    Raises:
        ValueLeft: the manifest itself says something that was removed.
    """
    checked: Checked = run.value(Stage.VERIFY)
    outputs = (*checked.redaction.outputs, *(each.output for each in files)) if files else ()
    told = manifest(run, release, outputs)
    if lastlook.tells(stock, told.body or b""):
        raise ValueLeft(f"the manifest of {run.id} says something that was removed")
    for each in (*files, told):
        run.parts.vault.put(run.id, OUTPUTS + each.output.file, each.body or b"")
    return (*outputs, told.output)


def body_of(run: Run, output: Output) -> Iterable[bytes]:
    """A file of the run, from the vault."""
    return run.parts.vault.open(run.id, media_of(output.file) or OUTPUTS + output.file)


def publish(run: Run, outputs: Iterable[Output]) -> None:
    """Write the files where those who may have them find them; the manifest last, as it names the others.

    Raises:
        SealBroken: a file in the vault is not the one that was verified; no such file is shown.
    """
    with run.scratch() as folder:
        for output in sorted(outputs, key=lambda each: each.file == MANIFEST):
            path = folder / "output"
            if _write(path, body_of(run, output)) != output.sha256:
                raise SealBroken(f"{output.file} of {run.id} is not the one that was verified")
            suffix = "." + output.file.rpartition(".")[2]
            kind = _TYPES.get(suffix, "application/octet-stream")
            run.parts.outputs.put(f"{run.id}/{output.file}", path, content_type=kind)


def _write(path: Path, chunks: Iterable[bytes]) -> str:
    """Write a file; its SHA-256."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def withdraw(parts: Parts, recording_id: RecordingId) -> None:
    """Remove what a run wrote out that died before its release was committed."""
    for name in list(parts.outputs.names(f"{recording_id}/")):
        parts.outputs.delete(name)


def commit_released(
    connection: Connection, run: Run, outputs: tuple[Output, ...], why: tuple[str, ...] = ()
) -> None:
    """State and event of a release; the source's destruction is owed from the same moment on."""
    owed = (NOT_DESTROYED, COPIES_LEFT) if owes_destruction(run) else (COPIES_LEFT,)
    recordings.move(
        connection, run.id, state=State.RELEASED, stage=Stage.RELEASE, reasons=owed, now_ms=run.parts.now_ms()
    )
    manifest_sha256 = next(each.sha256 for each in outputs if each.file == MANIFEST)
    log.record(
        connection,
        run.event(
            EventKind.RECORDING_RELEASED,
            outputs={each.file: each.sha256 for each in outputs},
            manifest_sha256=manifest_sha256,
            reasons=list(why),
        ),
    )


def commit_destroyed(
    connection: Connection,
    run: Run,
    *,
    authority: str,
    why: tuple[str, ...] = (),
    expected: tuple[State, ...] | None = None,
) -> None:
    """State and event of a destruction, by a person's word or the policy's; what it owes is paid after it.

    Raises:
        StateConflict: it is in none of the states expected; somebody else decided first.
    """
    owed = (NOT_DESTROYED, COPIES_LEFT) if run.row.sources else (COPIES_LEFT,)
    recordings.move(
        connection,
        run.id,
        state=State.DESTROYED,
        stage=Stage.RELEASE,
        reasons=owed,
        now_ms=run.parts.now_ms(),
        expected=expected,
    )
    told = run.event(EventKind.RECORDING_DESTROYED, authority=authority, reasons=list(why) or None)
    log.record(connection, told)


def owes_destruction(run: Run) -> bool:
    """Whether a source object lies in a bucket and must not stay there."""
    return bool(run.row.sources) and fate(run) is not Originals.KEEP


def commit_held(connection: Connection, parts: Parts, claim: Claim, why: tuple[str, ...]) -> None:
    """State and event of a hold; each hold is an event of its own, also after a retry."""
    now_ms, stage = parts.now_ms(), claim.stage
    recordings.move(connection, claim.recording_id, state=State.HELD, stage=stage, reasons=why, now_ms=now_ms)
    key = f"{stage}:{claim.fence}"
    held = event_of(
        parts,
        claim.recording_id,
        EventKind.RECORDING_HELD,
        key,
        reason=why[0],
        reasons=list(why),
        stage=str(stage),
    )
    log.record(connection, held)

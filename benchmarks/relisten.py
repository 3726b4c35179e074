"""What listening again notices of cuts that are too short: those of evaluation calls, shortened on purpose.

A cut is shortened at one end, the recording is made with it, and the sound round it is
read again as verification does.  Only cuts count of which a sensitive word can then be heard.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import corpus
from benchmarks.report import share, table, write
from compliance import byhand, release
from compliance.cli.eval import apart
from compliance.cutting import TONE
from compliance.evaluate.cutters import ACTOR, order_of
from compliance.evaluate.folder import Case, read
from compliance.evaluate.score import is_audible
from compliance.evaluate.truth import Call
from compliance.parts import Parts, no_progress
from compliance.records import (
    ChannelSpan,
    Conversation,
    Cut,
    Finding,
    Source,
    Stage,
    State,
    Verdict,
    Word,
)
from compliance.redact import verify
from compliance.redact.plan import plan
from compliance.redact.rewrite import rewrite
from compliance.reels import listened, originals
from compliance.run import Run, begin
from compliance.settings import load
from compliance.strands import of_file, placed, slack_ms
from compliance.transcribe.again import read_again

SHORTER_MS = (500, 1_000)
APART_MS = 10_000
"""Cuts that are shortened in one recording lie so far from each other that they are heard apart."""
SEED = 5
ENDS = ("beginning", "end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortened:
    """A cut that is too short."""

    before: Cut
    cut: Cut
    end: str
    by_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One cut that left something to be heard."""

    call: str
    by_ms: int
    end: str
    is_noticed: bool


def measure(data: Path | None) -> None:
    """Shorten every cut of every call at both ends; write how many were noticed."""
    folder = data / "dev-calls" if data is not None else corpus.SAMPLE
    with TemporaryDirectory() as home, apart(load(home=Path(home)), no_progress) as parts:
        parts.engines.load()
        trials = [trial for case in read(folder).cases for trial in _of_call(parts, case)]
    write("relisten", page(trials), has_data=data is not None)


def _of_call(parts: Parts, case: Case) -> Iterator[Trial]:
    row = byhand.process(parts, order_of(case, parts.settings.profile), ACTOR, last=Stage.CONSENT)
    print(case.call.id, flush=True)
    try:
        if row.state is State.PROCESSING:
            yield from _Listening(begin(parts, row.id, Stage.REDACT, 1), case.call).trials()
    finally:
        parts.vault.destroy(row.id)
        release.withdraw(parts, row.id)


class _Listening:
    """A call whose cuts are planned."""

    def __init__(self, run: Run, call: Call) -> None:
        """Nothing is shortened yet."""
        self._run, self._call = run, call
        self._conversation: Conversation = run.value(Stage.TRANSCRIBE)
        self._findings: tuple[Finding, ...] = run.value(Stage.DETECT)
        self._sources: tuple[Source, ...] = run.value(Stage.INTAKE)
        verdict: Verdict = run.value(Stage.CONSENT)
        slack = slack_ms(self._sources)
        planned = plan(self._findings, self._conversation, run.profile, verdict.protected, slack_ms=slack)
        self._cuts = placed(planned.cuts, self._sources)

    def trials(self) -> Iterator[Trial]:
        """Each cut shortened once at each end and by each length, those far enough apart at a time."""
        ahead = [
            each
            for cut in self._cuts
            for end in ENDS
            for by_ms in SHORTER_MS
            if (each := shortened(cut, end, by_ms)) and self._leaves(each)
        ]
        random.Random(SEED).shuffle(ahead)
        while ahead:
            batch = far_apart(ahead)
            ahead = [each for each in ahead if each not in batch]
            yield from self._noticed(batch)

    def _leaves(self, each: Shortened) -> bool:
        """Whether a sensitive word can be heard that the whole cut removed."""
        others = [cut for cut in self._cuts if cut is not each.before]
        words = [
            (phrase.channel, word)
            for phrase in self._call.phrases
            if not phrase.is_optional
            for word in phrase.words
            if word[0] < each.before.end_ms and each.before.start_ms < word[1]
        ]
        return any(
            is_audible(word, self._spans([*others, each.cut], channel))
            and not is_audible(word, self._spans(self._cuts, channel))
            for channel, word in words
        )

    def _spans(self, cuts: Sequence[Cut], channel: int) -> list[tuple[int, int]]:
        """What is cut on a party's channel."""
        index = 0 if self._call.is_mono else channel
        return [(cut.start_ms, cut.end_ms) for cut in cuts if cut.channel in (None, index)]

    def _noticed(self, batch: Sequence[Shortened]) -> Iterator[Trial]:
        """One recording with some cuts too short, and beside which of them something was heard."""
        short = {id(each.before): each.cut for each in batch}
        cuts = tuple(short.get(id(cut), cut) for cut in self._cuts)
        wanted = verify.flanks([each.cut for each in batch], self._conversation)
        heard = self._heard(cuts, wanted)
        residual = verify.residuals(heard, cuts, self._findings, self._conversation)
        for each in batch:
            noticed = verify.in_doubt([each.cut], [each.cut], residual)
            yield Trial(call=self._call.id, by_ms=each.by_ms, end=each.end, is_noticed=bool(noticed))

    def _heard(self, cuts: Sequence[Cut], wanted: Sequence[ChannelSpan]) -> tuple[Word, ...]:
        """The words of some stretches of the recording with these cuts."""
        with originals(self._run) as paths, TemporaryDirectory(dir=paths[0].parent) as folder:
            targets = tuple(Path(folder) / str(index) for index in range(len(paths)))
            for index, (path, target) in enumerate(zip(paths, targets, strict=True)):
                rewrite(path, target, of_file(cuts, self._sources, index), tone=TONE)
            blocks = listened(targets, self._sources, wanted)
            return read_again(blocks, wanted, self._run.parts.engines.recogniser.otherwise())


def shortened(cut: Cut, end: str, by_ms: int) -> Shortened | None:
    """A cut without its beginning or its end; None where hardly anything would be left of it."""
    if cut.end_ms - cut.start_ms < 2 * by_ms:
        return None
    if end == ENDS[0]:
        left = replace(cut, start_ms=cut.start_ms + by_ms)
    else:
        left = replace(cut, end_ms=cut.end_ms - by_ms)
    return Shortened(before=cut, cut=left, end=end, by_ms=by_ms)


def far_apart(ahead: Sequence[Shortened]) -> list[Shortened]:
    """As many as there are at a distance from each other, in their order."""
    taken: list[Shortened] = []
    for each in ahead:
        is_near = (
            each.before.start_ms < other.before.end_ms + APART_MS
            and other.before.start_ms < each.before.end_ms + APART_MS
            for other in taken
        )
        if not any(is_near):
            taken.append(each)
    return taken


def page(trials: Sequence[Trial]) -> str:
    """How many were noticed, by how much and at which end; and calls of which none was."""
    rows = []
    for by_ms, end in product(SHORTER_MS, ENDS):
        own = [trial for trial in trials if (trial.by_ms, trial.end) == (by_ms, end)]
        rows.append([f"{by_ms / 1000:g} s off the {end}", *_cells(own)])
    calls = {trial.call for trial in trials}
    noticed = {trial.call for trial in trials if trial.is_noticed}
    return "\n\n".join(
        [
            table(["cuts that left a sensitive word", "noticed", "share"], [*rows, ["all", *_cells(trials)]]),
            f"Calls with at least one such cut noticed: {len(noticed)} of {len(calls)}.",
        ]
    )


def _cells(trials: Sequence[Trial]) -> list[str]:
    noticed = sum(trial.is_noticed for trial in trials)
    return [f"{noticed} of {len(trials)}", share(noticed, len(trials)) if trials else ""]

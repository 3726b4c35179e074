"""A folder of calls to be scored: ``truth.json``, and beside it the recordings that it names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from compliance.errors import MediaError, TruthInvalid
from compliance.evaluate.truth import Call
from compliance.evaluate.truth_file import parse
from compliance.records import Source
from compliance.redact.media import probe

TRUTH = "truth.json"
SLACK_MS = 250
"""A lossy codec may drop so much of the end: a time this little behind it is let pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A call, and the recording of it that is scored."""

    call: Call
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """The calls of a folder."""

    name: str
    sha256: str
    """Of its truth: figures of another one cannot be compared."""
    cases: tuple[Case, ...]

    @property
    def duration_ms(self) -> int:
        """The length of all calls."""
        return sum(case.call.duration_ms for case in self.cases)


def read(folder: Path, *, wants_mono: bool = False) -> Corpus:
    """The calls of a folder, each with the first recording it names, or the first of one channel.

    Every recording is opened before any is scored: an hour's work should not end at
    a misspelt name.

    Raises:
        TruthInvalid: there is no truth, it cannot be used, or it does not fit the recordings.
        MediaError: a recording cannot be read.
    """
    try:
        body = (folder / TRUTH).read_bytes()
    except OSError as error:
        raise TruthInvalid(f"{folder} holds no {TRUTH} that can be read") from error
    cases = tuple(_case(folder, call, wants_mono=wants_mono) for call in parse(body))
    return Corpus(name=folder.resolve().name, sha256=hashlib.sha256(body).hexdigest(), cases=cases)


def _case(folder: Path, call: Call, *, wants_mono: bool) -> Case:
    paths = list(_paths(folder, call))
    opened = ((path, _probed(path)) for path in paths)
    found = next((each for each in opened if not wants_mono or each[1].channels == 1), None)
    if found is None:
        raise TruthInvalid(f"{TRUTH} names no recording of {call.id} with one channel")
    path, source = found
    return Case(call=_fitted(call, source, is_mono=wants_mono or call.is_mono), path=path)


def _paths(folder: Path, call: Call) -> Iterator[Path]:
    """The recordings a call names; what stands in brackets behind a name is a remark."""
    if not call.files:
        raise TruthInvalid(f"{TRUTH} names no file for {call.id}")
    for each in call.files:
        name = PurePosixPath(each.partition(" (")[0])
        if name.is_absolute() or ".." in name.parts:
            raise TruthInvalid(f"{TRUTH} names a file of {call.id} that lies outside the folder")
        if not (folder / name).is_file():
            raise TruthInvalid(f"{TRUTH} names {name} for {call.id}, and it is not there")
        yield folder / name


def _probed(path: Path) -> Source:
    try:
        return probe(path)
    except MediaError as error:
        raise type(error)(f"{path.name}: {error}") from error


def _fitted(call: Call, source: Source, *, is_mono: bool) -> Call:
    """The call with what the recording says of itself.

    Raises:
        TruthInvalid: the truth says otherwise.
    """
    if source.channels != (1 if is_mono else 2) and call.layout is not None:
        raise TruthInvalid(f"{call.id}: {TRUTH} does not have as many channels as the recording")
    if _last_ms(call) > source.duration_ms + SLACK_MS:
        raise TruthInvalid(f"{call.id}: {TRUTH} has a time after the end of the recording")
    return replace(call, is_mono=source.channels == 1, duration_ms=source.duration_ms)


def _last_ms(call: Call) -> int:
    """The latest time that is told of a call."""
    ends = [end for each in call.phrases for _, end in ((each.start_ms, each.end_ms), *each.words)]
    ends += [each.interval[1] for each in call.controls]
    ends += [end for _, (_, end) in call.protected]
    return max(ends, default=0)

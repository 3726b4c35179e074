"""A deployment in which any one write fails: before it happens, or after, when nobody is told that it did."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from pydantic import SecretStr
from sqlalchemy import Connection

from compliance.audit.opening import opened
from compliance.bootstrap import build
from compliance.embedded import seal, sweep
from compliance.errors import DatabaseUnavailable, StorageUnavailable
from compliance.intake.handle import drain
from compliance.intake.livekit import sign
from compliance.intake.parts import parts_of
from compliance.intake.receive import receive
from compliance.parts import Parts
from compliance.pipeline import advance
from compliance.records import ModelRef, RecordingId, Span, Stage, State
from compliance.redact.detect.document import Document, Recognised
from compliance.redact.detect.stage import FINDERS
from compliance.redact.media import probe
from compliance.settings import Settings
from compliance.store import keys, recordings
from compliance.store.database import Database
from compliance.store.folder import FolderObjects
from compliance.store.home import Home
from compliance.store.recordings import RecordingRow
from compliance.store.vault import Vault
from compliance.tidy import Tidier
from compliance.transcribe.heard import Heard, HeardWord
from compliance.transcribe.windows import Samples, Window

FIXTURES = Path(__file__).parents[1] / "fixtures" / "livekit"
BUCKET = "northwind-calls"
KEY, SECRET = "APItestKey0001", SecretStr("a-secret-made-up-for-the-tests-0123456789")
NOW = 1_795_500_081_000
LEASE_S = 60
SCRIPT = (
    "hello this is an automated assistant and this call is being recorded my card number is "
    "four five three nine one four eight eight zero three four three six four six seven thank you"
)


class Killed(BaseException):
    """The process died here.  Nothing catches it, as nothing would catch that."""


@dataclass
class Faults:
    """Counts the writes, and fails the one it was told to."""

    at: int = 0
    """Which write fails; 0 for none."""
    is_after: bool = False
    """Whether it fails once it has happened."""
    is_kill: bool = False
    for_good: Callable[[str], bool] = lambda name: False
    """Writes that never work."""
    count: int = 0
    names: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def write(self, name: str, error: type[Exception]) -> Iterator[None]:
        """A write of that name; ``error`` is what its edge would raise."""
        self.count += 1
        self.names.append(name)
        is_due = self.count == self.at
        if self.for_good(name) or (is_due and not self.is_after):
            self._fail(error)
        yield
        if is_due and self.is_after:
            self._fail(error)

    def _fail(self, error: type[Exception]) -> None:
        raise Killed if self.is_kill else error("made to fail by a test")


class BrokenDatabase(Database):
    """A database whose commits may fail."""

    def __init__(self, url: str, faults: Faults) -> None:
        super().__init__(url)
        self._faults = faults

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        with contextlib.ExitStack() as stack:
            # Entered first, so left last: a failure after the write comes after the commit.
            late = stack.enter_context(contextlib.ExitStack())
            with super().begin() as connection:
                yield connection
                late.enter_context(self._faults.write("commit", DatabaseUnavailable))


class BrokenObjects(FolderObjects):
    """A folder whose writes may fail."""

    def __init__(self, root: Path, name: str, faults: Faults) -> None:
        super().__init__(root)
        self._name = name
        self._faults = faults

    def put(self, name: str, path: Path, *, content_type: str) -> None:
        with self._faults.write(f"{self._name}.put", StorageUnavailable):
            super().put(name, path, content_type=content_type)

    def delete(self, name: str) -> None:
        with self._faults.write(f"{self._name}.delete", StorageUnavailable):
            super().delete(name)


@dataclass
class ScriptedSpeech:
    """Hears the script in whatever is no redacted audio, and in that what it is told to."""

    again: tuple[str, ...] = ()
    batch_size: int = 4

    def read(self, windows: Sequence[Window]) -> list[Heard]:
        return [self._heard(window) for window in windows]

    def _heard(self, window: Window) -> Heard:
        spectrum = np.abs(np.fft.rfft(window.samples)) ** 2
        has_tone = spectrum.max() > 0.02 * spectrum.sum()
        words = self.again if has_tone else tuple(SCRIPT.split())
        step = window.length_ms // max(1, len(words))
        said = [
            HeardWord(start_ms=i * step, end_ms=(i + 1) * step, confidence=0.9, text=word)
            for i, word in enumerate(words)
        ]
        return Heard(words=tuple(said), language="en", language_probability=0.99)

    def otherwise(self) -> ScriptedSpeech:
        return self

    def voiced(self, samples: Samples) -> tuple[Span, ...]:
        return ()


class Finders:
    """Our own recognisers without Presidio."""

    def recognise(self, document: Document) -> list[Recognised]:
        return [
            Recognised(found=each, detector=name) for name, finder in FINDERS for each in finder(document)
        ]


@dataclass
class Deployment:
    """One machine with SQLite and folders, a clock that tests turn, and one recording on its way."""

    home: Path
    faults: Faults = field(default_factory=Faults)
    again: tuple[str, ...] = ()
    profile: str = "default"
    now_ms: int = NOW

    @cached_property
    def parts(self) -> Parts:
        """The parts, each of which may fail."""
        settings = Settings(
            home=self.home,
            livekit_keys={KEY: SECRET},
            source_buckets=(BUCKET,),
            lease_s=LEASE_S,
            profile=self.profile,
        )
        whole = _built()
        home = Home(self.home)
        database = BrokenDatabase(settings.database, self.faults)
        database.migrate()
        key = keys.deployment_key(home.keys)
        sequencer = opened(database, home.keys, owner="broken", now_ms=self.now_ms)
        return replace(
            whole,
            settings=settings,
            home=home,
            database=database,
            key=key,
            vault=Vault(BrokenObjects(home.vault, "vault", self.faults), database, key, scratch=home.runs),
            outputs=BrokenObjects(home.outputs, "outputs", self.faults),
            stores={BUCKET: BrokenObjects(self.home / "bucket", "source", self.faults)},
            intake=parts_of(settings, database, key=key),
            sequencer=sequencer,
            pin=None,
            engines=SimpleNamespace(
                recogniser=ScriptedSpeech(again=self.again),
                runner=Finders(),
                refs=(ModelRef(name="scripted", sha256="0" * 64),),
            ),
            probe=probe,  # in this process: no write of ours is in it, and there are hundreds of runs
            now_ms=lambda: self.now_ms,
        )

    def put_source(self, data: bytes) -> None:
        """Put the recording, and what Egress writes beside it, where the webhook will say."""
        for name in self.sources:
            path = self.home / "bucket" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data if name.endswith(".ogg") else b"{}")

    @property
    def sources(self) -> tuple[str, str]:
        """The names of the source object and of its side file."""
        name = _webhook("ended_complete")["egressInfo"]["file"]["filename"]
        return name, f"{name.rpartition('/')[0]}/{_webhook('ended_complete')['egressInfo']['egressId']}.json"

    def run(self, rounds: int = 30) -> RecordingRow:
        """Everything, from the webhooks on, by processes that die and services that fail; how it ended."""
        for name in ("caller_joined", "egress_started", "ended_complete"):
            self._until_done(lambda name=name: self._post(name))
        for _ in range(rounds):
            self._until_done(self.look)
            row = self.row
            if row is not None and row.state in (State.HELD, State.RELEASED) and self.is_quiet:
                return row
            self.now_ms += 2 * LEASE_S * 1000
        raise AssertionError("the recording was not brought to an end")

    def look(self) -> None:
        """What the embedded worker does again and again."""
        drain(self.parts.intake, now_ms=self.now_ms)
        sweep(self.parts, self._run_here)
        Tidier(self.parts).tidy()
        seal(self.parts)
        self.is_quiet = self.row is not None and not (self.row.state is State.RELEASED and self.row.reasons)

    is_quiet = False

    def _run_here(self, recording_id: RecordingId, stage: Stage) -> None:
        following: Stage | None = stage
        while following is not None:
            following = advance(self.parts, recording_id, following)

    def _until_done(self, job: Callable[[], object]) -> None:
        """Do a job again until nothing stops it: as LiveKit does at a 503, and whoever restarts a process."""
        for _ in range(10):
            try:
                job()
                return
            except (Killed, DatabaseUnavailable, StorageUnavailable):
                self.now_ms += 1000

    def _post(self, name: str) -> None:
        body = (FIXTURES / f"{name}.json").read_bytes()
        receive(body, sign(body, KEY, SECRET), self.parts.intake, now_ms=self.now_ms)

    @property
    def row(self) -> RecordingRow | None:
        """The recording, once there is one."""
        with self.parts.database.read() as connection:
            return next(iter(recordings.page(connection)), None)


@cache
def _built() -> Parts:
    """Parts as they are put together, for the policies: reading them takes longer than a whole run."""
    with tempfile.TemporaryDirectory() as home:
        parts = build(Settings(home=Path(home)))
        parts.database.close()
    return parts


def _webhook(name: str) -> dict[str, Any]:
    return dict(json.loads((FIXTURES / f"{name}.json").read_bytes()))

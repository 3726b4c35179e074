"""One bar over all calls of an evaluation, on standard error, and only where that is a terminal."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from compliance.evaluate.cutters import Cutter
from compliance.evaluate.folder import Case
from compliance.records import RecordingId, Stage

ENDS = {Stage.TRANSCRIBE: 0.6, Stage.DETECT: 0.65, Stage.CONSENT: 0.65, Stage.REDACT: 0.7, Stage.VERIFY: 1.0}
"""How much of a call is done at the end of a stage, about."""


class CallBar:
    """Is a ``Progress`` of the pipeline, hears which call is about to begin, and shows both in a context."""

    def __init__(self, calls: int, duration_ms: int, console: Console | None = None) -> None:
        """So many calls, which take that long together; nothing is shown yet."""
        console = console or Console(stderr=True)
        self._progress = Progress(
            TextColumn("  {task.description:<44}"),
            BarColumn(bar_width=32),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("loading models", total=max(1, duration_ms))
        self._calls, self._begun = calls, 0
        self._before_ms, self._length_ms = 0, 0

    def __enter__(self) -> CallBar:
        """Show it."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave it as it stands, full if all calls were done."""
        if kind is None:
            self._progress.update(self._task, completed=self._before_ms + self._length_ms)
        self._progress.stop()

    def begin(self, cutter: Cutter, case: Case) -> None:
        """A call is about to begin; the one before it is done."""
        self._before_ms += self._length_ms
        self._length_ms = case.call.duration_ms
        self._begun += 1
        told = f"{self._begun}/{self._calls} {cutter.name}: {case.call.id}"
        self._progress.update(self._task, description=told[:44], completed=self._before_ms)

    def __call__(self, recording_id: RecordingId, stage: Stage, done: float) -> None:
        """Move within a call."""
        stages = list(ENDS)
        if stage in ENDS:
            since = ENDS[stages[stages.index(stage) - 1]] if stage is not stages[0] else 0.0
            share = since + done * (ENDS[stage] - since)
            self._progress.update(self._task, completed=self._before_ms + share * self._length_ms)

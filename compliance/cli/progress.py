"""A bar for every stage, on standard error, and only where that is a terminal."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from compliance.records import RecordingId, Stage

WORDS = {
    Stage.INTAKE: "take in and hash",
    Stage.TRANSCRIBE: "transcribe",
    Stage.DETECT: "detect",
    Stage.CONSENT: "judge consent",
    Stage.REDACT: "redact",
    Stage.VERIFY: "verify by listening",
    Stage.RELEASE: "release or hold",
}


class Bars:
    """Is a ``Progress`` of the pipeline, and a context in which the bars are shown."""

    def __init__(self, console: Console | None = None) -> None:
        """Nothing is shown yet."""
        self._console = console or Console(stderr=True)
        self._progress = Progress(
            TextColumn("  {task.description:<20}"),
            BarColumn(bar_width=32),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._tasks: dict[Stage, TaskID] = {}

    def __enter__(self) -> Bars:
        """Have a bar ready for each stage; it is shown once the stage begins."""
        self._tasks = {
            stage: self._progress.add_task(words, total=1.0, start=False, visible=False)
            for stage, words in WORDS.items()
        }
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the bars as they stand."""
        self._progress.stop()

    def __call__(self, recording_id: RecordingId, stage: Stage, done: float) -> None:
        """Move a stage's bar."""
        if stage in self._tasks:
            self._progress.start_task(self._tasks[stage])
            self._progress.update(self._tasks[stage], completed=done, visible=True)

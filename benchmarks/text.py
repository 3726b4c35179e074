"""How well, how fast and in how little memory sensitive text is found, ours beside stock Presidio.

Both read the same transcripts in turn, in one process; memory is measured in one of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import transcripts
from benchmarks.finders import Finds, Hit, Rules, ours, stock
from benchmarks.measure import run_apart
from benchmarks.report import PAGE, write
from benchmarks.text_page import page
from benchmarks.transcripts import Transcript
from compliance import bootstrap
from compliance.engines import LANGUAGE_MODEL
from compliance.models.verify import require
from compliance.redact.profile import choose
from compliance.settings import load

CORPORA: Mapping[str, Callable[[Path], list[Transcript]]] = {
    "spoken-numbers": transcripts.spoken_numbers,
    "vcon-transcripts": transcripts.vcon_transcripts,
    "sgd-dialogues": transcripts.sgd_dialogues,
    "presidio-synth": transcripts.presidio_synth,
}


def measure(data: Path | None) -> None:
    """Score everybody on every corpus, take time and memory; write the figures."""
    if data is None:
        print("Without DATA there is no text to read: skipped, and the figures on the page stay.")
        return
    with finders() as who:
        found = {name: runs(read(data), who) for name, read in CORPORA.items()}
    with TemporaryDirectory() as home:
        memory = run_apart("text", data, Path(home))
    write("text", page(found, memory, PAGE.read_text(encoding="utf-8")), has_data=True)


@contextmanager
def finders(*names: str) -> Iterator[dict[str, Finds]]:
    """Everybody who finds, or those named, loaded and warm."""
    with TemporaryDirectory() as home:
        settings = load(home=Path(home))
        parts = bootstrap.build(settings)
        actions = choose(parts.profiles, settings.profile).actions
        makers: dict[str, Callable[[], Finds]] = {
            "ours": lambda: ours(parts.engines.runner, actions),
            "stock Presidio": lambda: stock(require(settings.models_dir, LANGUAGE_MODEL).path),
            "our rules alone": lambda: ours(Rules(), actions),
        }
        who = {name: make() for name, make in makers.items() if not names or name in names}
        for finds in who.values():
            finds(transcripts.line("warm", "My name is Ann, call me at 555 0100.", ()))
        yield who


@dataclass(slots=True, kw_only=True)
class Run:
    """What one of them found in a corpus, and what that took."""

    scored: list[tuple[Transcript, list[Hit]]] = field(default_factory=list)
    cpu_s: float = 0.0
    """Seconds of all cores together, so that other work on the machine does not count."""
    words: int = 0


def runs(texts: Sequence[Transcript], who: Mapping[str, Finds]) -> dict[str, Run]:
    """Each transcript read by everybody in turn."""
    made = {name: Run() for name in who}
    for text in texts:
        for name, finds in who.items():
            began = time.process_time()
            hits = finds(text)
            made[name].cpu_s += time.process_time() - began
            made[name].words += len(text.bounds)
            made[name].scored.append((text, hits))
    return made

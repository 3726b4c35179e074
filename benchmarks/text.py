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
from typing import Any

from benchmarks.finders import Finds, Hit, Rules, ours, stock
from benchmarks.measure import run_apart
from benchmarks.report import PAGE, write
from benchmarks.text_cost import grown, recognition_rtf, speed
from benchmarks.text_page import mentions, numbers, precise, written
from benchmarks.texts import CORPORA
from benchmarks.transcripts import Transcript, line
from compliance import bootstrap
from compliance.engines import LANGUAGE_MODEL
from compliance.models.verify import require
from compliance.redact.profile import choose
from compliance.settings import load


def measure(data: Path | None) -> None:
    """Score everybody on every corpus, take time and memory; write the figures."""
    if data is None:
        print("Without DATA there is no text to read: skipped, and the figures on the page stay.")
        return
    with finders() as who:
        found = {name: runs(read(data), who) for name, read in CORPORA.items()}
    with TemporaryDirectory() as home:
        memory = run_apart("text", data, Path(home))
    rtf = recognition_rtf(PAGE.read_text(encoding="utf-8"))
    write("text", "\n\n".join(tables(found, memory, rtf)), has_data=True)


def tables(found: Mapping[str, Mapping[str, Run]], memory: Mapping[str, Any], rtf: float) -> Iterator[str]:
    """What was found, corpus by corpus, then what it cost."""
    scored = {name: {who: run.scored for who, run in runs.items()} for name, runs in found.items()}
    yield numbers(scored["spoken-numbers"])
    yield mentions(scored)
    yield precise(scored["vcon-transcripts"])
    yield written(scored["presidio-synth"])
    yield speed([found["vcon-transcripts"], found["sgd-dialogues"]], rtf)
    yield grown(memory)


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
            finds(line("warm", "My name is Ann, call me at 555 0100.", ()))
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

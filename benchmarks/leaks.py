"""What our pipeline leaves audible, against what anybody would chain together.

Ours is every stage, verification and release included; the plain chain is that of
``compliance eval --baseline``.  Both on the same calls, in one process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import corpus
from benchmarks.report import table, write
from compliance.cli.eval import apart, plain_chain
from compliance.cli.eval_table import counted, share
from compliance.errors import TruthInvalid
from compliance.evaluate.cutters import Cutter, Ours
from compliance.evaluate.figures import Figure, figures, recall
from compliance.evaluate.folder import TRUTH, Case, Corpus, read
from compliance.evaluate.run import Measured
from compliance.evaluate.run import measure as measured
from compliance.parts import no_progress
from compliance.settings import load

COLUMNS = {
    "leaked_words": "leaked words",
    "calls_leaking": "calls leaking",
    "open_cards": "open cards",
    "crosstalk_open": "crosstalk open",
    "over_cut_ms": "over-cut",
    "harmless_cut": "harmless cut",
    "protected_cut_ms": "notice cut",
    "precision": "precision",
    "held": "held",
}
"""The figures that are shown, by their names in ``compliance eval --json``."""


def measure(data: Path | None) -> None:
    """Score both on every folder there is; write the figures."""
    with TemporaryDirectory() as home, apart(load(home=Path(home)), no_progress) as parts:
        parts.engines.load()
        cutters: list[Cutter] = [Ours(parts, parts.settings.profile, verifies=True), plain_chain(parts)]
        found = {
            name: [measured(cutter, calls.cases, _told) for cutter in cutters]
            for name, calls in corpora(data)
        }
    write("leaks", page(found, has_data=data is not None), has_data=data is not None)


def corpora(data: Path | None) -> Iterator[tuple[str, Corpus]]:
    """Each folder of calls by name; where all its calls have a recording of one channel too, that as well."""
    yield "the sample call", read(corpus.SAMPLE)
    for folder in sorted(path.parent for path in data.rglob(TRUTH)) if data is not None else ():
        name, calls = str(folder.relative_to(data or folder)), read(folder)
        yield name, calls
        if not all(case.call.is_mono for case in calls.cases):
            yield from _mono(name, folder)


def _mono(name: str, folder: Path) -> Iterator[tuple[str, Corpus]]:
    try:
        yield f"{name}, mono", read(folder, wants_mono=True)
    except TruthInvalid:
        return  # some of its calls have none


def _told(cutter: Cutter, case: Case) -> None:
    print(f"{cutter.name}: {case.call.id}", flush=True)


def page(found: Mapping[str, Sequence[Measured]], *, has_data: bool) -> str:
    """A line for each folder and cutter, then the leaks by label."""
    runs = [(name, each) for name, systems in found.items() for each in systems]
    rows = [[name, each.name, *_cells(each)] for name, each in runs]
    labels = [[name, each.name, _by_label(recall(each.total))] for name, each in runs]
    told = [
        table(["calls", "by", *COLUMNS.values()], rows),
        "Leaked words of all, by label:",
        table(["calls", "by", "label and words"], labels),
    ]
    if not has_data:
        told.append("Without DATA only the sample call is scored.")
    return "\n\n".join(told)


def _cells(run: Measured) -> list[str]:
    named = {each.name: each for each in figures(run)}
    return [_cell(named.get(name)) for name in COLUMNS]


def _cell(figure: Figure | None) -> str:
    """Part of whole, share, and the interval where there is one."""
    if figure is None or not (figure.whole or figure.part):
        return "–"
    between = "" if figure.interval is None else "; {:.1%}–{:.1%}".format(*figure.interval)
    told = f"{share(figure)}{between}"
    return f"{counted(figure)} ({told})" if told else counted(figure)


def _by_label(kinds: Iterable[Figure]) -> str:
    return ", ".join(f"{each.name} {each.whole - each.part}/{each.whole}" for each in kinds) or "none"

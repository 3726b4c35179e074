"""Set-up says in one sentence what is missing, and mends what was left half done."""

from __future__ import annotations

import errno
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def python_that_says(folder: Path, version: str) -> Path:
    """A stand-in for an interpreter that will not do: it tells its version and fails all else."""
    path = folder / "python"
    path.write_text(f'#!/bin/sh\ncase "$2" in *print*) echo {version} ;; *) exit 1 ;; esac\n')
    path.chmod(0o755)
    return path


def set_up(python: str) -> subprocess.CompletedProcess[str]:
    """Run ``make demo`` with one Python to choose from."""
    return subprocess.run(
        ["make", "demo", f"PYTHON={python}"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ("2.7", "Python 3.11 to 3.14 is needed, and only these were found: 2.7"),
        ("3.10", "Python 3.11 to 3.14 is needed, and only these were found: 3.10"),
        ("3.15", "Python 3.11 to 3.14 is needed, and only these were found: 3.15"),
        ("3.12", "lacks a module it normally brings (venv, ensurepip, ssl or sqlite3)"),
    ],
)
def test_a_python_that_will_not_do_is_told(tmp_path: Path, version: str, sentence: str) -> None:
    """Too old, too new, or without the venv module: each is a sentence, and nothing is begun."""
    done = set_up(str(python_that_says(tmp_path, version)))

    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_no_python_at_all_is_told(tmp_path: Path) -> None:
    """A path where nothing is says so."""
    assert f"no Python was found at {tmp_path}/none" in set_up(f"{tmp_path}/none").stderr


@pytest.fixture
def setup(tmp_path: Path) -> ModuleType:
    """The set-up program, its environment in an empty folder."""
    spec = importlib.util.spec_from_file_location("set_up", ROOT / "scripts" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.VENV = tmp_path / ".venv"
    module.PYTHON = module.VENV / "bin" / "python"
    module.UNFINISHED = module.VENV / ".unfinished"
    module.LOG = module.VENV / "setup.log"
    module.MODELS = tmp_path / ".models"
    return module


REFUSED = (
    "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)'\n"
    "ERROR: Could not find a version that satisfies the requirement av==1 (from versions: none)\n"
    "ERROR: No matching distribution found for av==1\n"
)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (REFUSED, "the package index cannot be reached (asked for av==1)"),
        ("ReadTimeoutError: HTTPSConnectionPool: Read timed out.", "the package index cannot be reached"),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "the disk is full",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "is not the one that is locked",
        ),
        (
            "ERROR: Could not find a version that satisfies the requirement av==1 (from versions: 2)\n"
            "ERROR: No matching distribution found for av==1",
            "the index has no ready-made package av==1 for this machine",
        ),
        ("The virtual environment was not created because ensurepip is not available.", "python3-venv"),
        ("something else entirely", "something else entirely"),
    ],
)
def test_pips_words_become_one_sentence(setup: ModuleType, said: str, sentence: str) -> None:
    """What pip says over many lines is told in one, with what to do."""
    assert sentence in setup.reason(said, ["python", "-m", "pip", "install"])


def test_too_little_space_is_told_before_anything_is_begun(
    setup: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence says how much is needed and how much there is."""
    setup.NEEDED_MB = {"run": 10**12}

    assert setup.main("run") == 1
    assert "it needs about 1000000000000 MB free" in capsys.readouterr().err
    assert not setup.VENV.exists()


def test_a_disk_that_fills_up_is_told(setup: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """An error of the system itself ends in the same sentence."""

    def fill(_kind: str) -> bool:
        raise OSError(errno.ENOSPC, "No space left on device")

    setup.is_current = fill

    assert setup.main("run") == 1
    assert "the disk is full" in capsys.readouterr().err


def test_a_finished_set_up_is_not_done_again(setup: ModuleType) -> None:
    """With its stamp, an interpreter and no mark of an interruption, everything is current."""
    setup.PYTHON.parent.mkdir(parents=True)
    setup.PYTHON.symlink_to(sys.executable)
    assert not setup.is_current("run")

    setup.stamp("run").touch()
    assert setup.is_current("run")

    setup.UNFINISHED.touch()
    assert not setup.is_current("run")
    assert not setup.is_healthy()


def test_an_environment_without_its_interpreter_is_made_again(setup: ModuleType) -> None:
    """A Python that was removed since leaves a broken link, which is seen."""
    setup.PYTHON.parent.mkdir(parents=True)
    setup.PYTHON.symlink_to("/nonexistent/python")
    setup.stamp("run").touch()

    assert not setup.is_current("run")
    assert not setup.is_healthy()


def test_a_changed_lock_asks_for_another_set_up(setup: ModuleType, tmp_path: Path) -> None:
    """The stamp is named for the lock, the project and the folder: any other has another name."""
    (tmp_path / "requirements").mkdir()
    for name in ("requirements/run.txt", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    here = setup.stamp("run").name
    setup.ROOT = tmp_path
    moved = setup.stamp("run").name
    (tmp_path / "requirements/run.txt").write_text("other==1")

    assert len({here, moved, setup.stamp("run").name}) == 3


def test_the_program_needs_nothing_installed() -> None:
    """It runs on a bare Python: only the standard library is imported, at any Python from 3.11."""
    program = "import runpy; runpy.run_path('scripts/setup.py')"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={"PATH": os.environ["PATH"]},
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")

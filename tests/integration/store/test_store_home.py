"""The home folder: closed to others, and swept of what killed runs left."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.errors import ComplianceError
from compliance.store.home import Home


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """Home sets the umask of its process; put it back."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_the_home_is_its_owners_only(tmp_path: Path) -> None:
    """Its folders have mode 0700, and files written afterwards 0600."""
    home = Home(tmp_path / "deep" / "home")
    (home.path / "file").write_text("x")

    folders = [home.path, home.keys, home.vault, home.outputs, home.models, home.runs]
    assert {stat.S_IMODE(each.stat().st_mode) for each in folders} == {0o700}
    assert stat.S_IMODE((home.path / "file").stat().st_mode) == 0o600


def test_an_open_folder_of_a_home_that_was_there_is_closed(tmp_path: Path) -> None:
    """Folders of ours that others may enter are closed at start."""
    (tmp_path / "vault").mkdir(mode=0o777)
    (tmp_path / "vault").chmod(0o777)

    assert stat.S_IMODE(Home(tmp_path).vault.stat().st_mode) == 0o700


def test_a_run_has_a_folder_of_its_own_until_it_ends(tmp_path: Path) -> None:
    """Scratch folders are apart, and removed with what is in them, after an exception too."""
    home = Home(tmp_path)
    with home.scratch() as one, home.scratch() as other:
        assert one != other
        assert stat.S_IMODE(one.stat().st_mode) == 0o700
        (one / "deep").mkdir()
        (one / "deep" / "words.json").write_text("x")
    with pytest.raises(RuntimeError), home.scratch() as failed:
        raise RuntimeError

    assert not any(each.exists() for each in (one, other, failed))


def test_sweep_removes_what_a_killed_run_left_and_spares_the_living(tmp_path: Path) -> None:
    """After kill -9 the run's folder is removed at the next start; one in use stays."""
    home = Home(tmp_path)
    program = """
import os, signal, sys
from pathlib import Path
from compliance.store.home import Home
with Home(Path(sys.argv[1])).scratch() as folder:
    (folder / "words.json").write_text("said")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False, env=environment)
    assert len([each for each in home.runs.iterdir() if each.is_dir()]) == 1

    with home.scratch() as mine:
        assert home.sweep() == 1
        assert [each for each in home.runs.iterdir() if each.is_dir()] == [mine]
    assert home.sweep() == 0


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file where the home should be is an error of ours, not a traceback."""
    (tmp_path / "home").write_text("a file")

    with pytest.raises(ComplianceError):
        Home(tmp_path / "home")

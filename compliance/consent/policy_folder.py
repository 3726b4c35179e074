"""The files of a folder of policies, each through its door, by what they speak of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from compliance.consent import policy_file
from compliance.consent.policy_yaml import Read, read
from compliance.errors import PolicyInvalid

_NAME = re.compile(r"[a-z0-9][a-z0-9_/-]{0,80}\.yaml")


def jurisdictions(folder: Path, *, prefix: str = "") -> Mapping[str, Read[policy_file.Jurisdiction]]:
    """Every file under ``consent/`` by its code.

    Raises:
        PolicyInvalid: one is not understood, or a code has two; the message gives file and line.
    """
    found: dict[str, Read[policy_file.Jurisdiction]] = {}
    for path in _files(folder / "consent"):
        each = read(path, folder, policy_file.Jurisdiction, prefix=prefix)
        if each.file.code in found:
            raise each.fault(("code",), f"{each.file.code} has a file already")
        found[each.file.code] = each
    return found


def ai_laws(folder: Path, *, prefix: str = "") -> Mapping[str, Read[policy_file.AiLaw]]:
    """Every file under ``ai/`` by its id.

    Raises:
        PolicyInvalid: one is not understood, or an id has two; the message gives file and line.
    """
    found: dict[str, Read[policy_file.AiLaw]] = {}
    for path in _files(folder / "ai"):
        each = read(path, folder, policy_file.AiLaw, prefix=prefix)
        if each.file.id in found:
            raise each.fault(("id",), f"{each.file.id} has a file already")
        found[each.file.id] = each
    return found


def _files(folder: Path) -> Sequence[Path]:
    """The policy files below a folder.

    Another ending would be passed over in silence; and a name goes into every
    verdict and its event, which have no room for a sentence or a person's name.
    """
    files = sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")])
    for path in files:
        name = path.relative_to(folder).as_posix()
        if not _NAME.fullmatch(name):
            raise PolicyInvalid(f"{folder.name}/{name}: a policy file is named like us/ca.yaml")
    return files

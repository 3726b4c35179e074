"""A bundle of evidence of two calls, and the verdict of both checks on one."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fakecall import USER
from forger import FORGER, Files, logged, unpacked
from sqlalchemy import select
from typer.testing import CliRunner

from compliance.audit import keys
from compliance.audit.note import SeedSigner
from compliance.bootstrap import policies_folder
from compliance.cli.evidence import app
from compliance.embedded import seal
from compliance.evidence.export import Exported, export
from compliance.evidence.request import Request, request
from compliance.parts import Parts
from compliance.records import RecordingId
from compliance.schemas.check import faults
from compliance.store import schema

MATTER, PURPOSE = "Doe v. Larkspur", "production to the other side"


def asked(parts: Parts, *ids: RecordingId, **words: str) -> Request:
    """A request for recordings."""
    given = {"matter": MATTER, "purpose": PURPOSE} | words
    return request(ids, created_at_ms=parts.now_ms(), **given)


def made(parts: Parts, wanted: Request, target: Path, **changes: Any) -> Exported:
    """The bundle of a request."""
    given: dict[str, Any] = {
        "actor": USER,
        "policies": policies_folder(parts.settings),
        "seal": lambda: seal(parts),
    }
    return export(parts, wanted, target, **(given | changes))


def events(parts: Parts, kind: str) -> list[dict[str, Any]]:
    """The events of a kind."""
    table = schema.audit_events
    with parts.database.read() as connection:
        rows = connection.execute(select(table.c.body).where(table.c.kind == kind).order_by(table.c.seq))
        return [json.loads(body) for (body,) in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A bundle of two recordings, made once."""

    parts: Parts
    ids: tuple[RecordingId, ...]
    wanted: Request
    path: Path
    done: Exported
    script: Path
    """verify.py in a folder of its own."""

    @property
    def files(self) -> Files:
        """Its files."""
        return unpacked(self.path)

    @property
    def forged(self) -> Files:
        """Its files under a forger's log."""
        return logged(self.files, FORGER)

    @property
    def raw(self) -> bytes:
        """Its bytes."""
        return self.path.read_bytes()

    @property
    def custodian(self) -> SeedSigner:
        """The custodian's key."""
        (key,) = keys.held(self.parts.home.keys)
        return key


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What both checks say of a bundle."""

    code: int
    document: dict[str, Any]

    @property
    def what(self) -> str:
        """The first file or event concerned."""
        return self.document["first"]["what"]


def judged(case: Case, bundle: Path, key: str | None) -> Verdict:
    """The verdict of verify.py as a bare Python runs it, which is the command's too."""
    options = ["--json", *(["--key", key] if key else [])]
    alone = subprocess.run(
        [sys.executable, "-I", "-S", "-B", case.script.name, str(bundle), *options],
        cwd=case.script.parent, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    ours = CliRunner().invoke(app, ["verify", str(bundle), *options])
    assert alone.stderr == ""
    assert (ours.exit_code, ours.stdout) == (alone.returncode, alone.stdout)
    assert [each.name for each in case.script.parent.iterdir()] == ["verify.py"]
    document = json.loads(alone.stdout)
    assert faults(document) == []
    return Verdict(code=alone.returncode, document=document)

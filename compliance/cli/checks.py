"""What ``compliance doctor`` looks at.  Nothing is made, migrated or changed by looking.

Errors are told by their reason and our own words: a library's message may hold the
address it was given, and an address a password.
"""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from compliance.audit import keys as audit_keys
from compliance.cli.broker import ping
from compliance.errors import ComplianceError
from compliance.models.catalogue import NEEDED, find
from compliance.models.verify import require
from compliance.redact import edges as fitted
from compliance.settings import Settings
from compliance.store.database import Database
from compliance.store.keys import NAME, deployment_key
from compliance.store.s3 import S3Objects, S3Settings

PACKAGE = "recording-compliance"
LITTLE_SPACE = 2_000_000_000
"""Bytes under which a few hours of calls may fill the disk."""


class Standing(StrEnum):
    """How a thing stands."""

    PRESENT = "present"
    NOTE = "note"
    """Not as it may be wanted, but nothing fails for it."""
    MISSING = "missing"
    """Something does not work until it is mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    name: str
    standing: Standing
    found: str
    remedy: str = ""
    """What to do about it; empty where nothing is to be done."""


def examine(settings: Settings) -> tuple[Check, ...]:
    """Look at everything a deployment with these settings needs."""
    looks: tuple[Callable[[Settings], Check], ...] = (
        python, packages, *(_model(name) for name in _models(settings)),
        edges, home, key, audit_key, database, broker, *(_bucket(name) for name in _buckets(settings)),
        livekit, space,
    )  # fmt: skip  # the order in which they are shown
    return tuple(look(settings) for look in looks)


def python(_settings: Settings) -> Check:
    """The interpreter: 3.11 to 3.14."""
    found = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] < (3, 15):
        return Check(name="Python", standing=Standing.PRESENT, found=found)
    return _missing("Python", found, "install Python 3.11 to 3.14")


def packages(_settings: Settings) -> Check:
    """Every package that this one names."""
    try:
        wanted = [name for name in map(_distribution, requires(PACKAGE) or ()) if name]
    except PackageNotFoundError:
        return _missing("packages", f"{PACKAGE} is not installed", "make demo, or pip install the wheel")
    lacking = [name for name in wanted if not _is_installed(name)]
    if lacking:
        remedy = "pip install --require-hashes -r requirements/run.txt"
        return _missing("packages", f"not installed: {', '.join(lacking)}", remedy)
    return Check(name="packages", standing=Standing.PRESENT, found=f"{len(wanted)} named, all installed")


def edges(settings: Settings) -> Check:
    """Whether ``pads: fitted`` was fitted to the speech model in use."""
    told = f"fitted to {fitted.FITTED_TO}"
    if settings.whisper_model == fitted.FITTED_TO:
        return Check(name="edges of cuts", standing=Standing.PRESENT, found=told)
    return Check(
        name="edges of cuts",
        standing=Standing.NOTE,
        found=f"{told}; the speech model is {settings.whisper_model}, whose times are off by other amounts",
        remedy="in a profile of your own give figures: pads: {before_ms: 200, after_ms: 500}",
    )


def home(settings: Settings) -> Check:
    """The home folder and who may read it."""
    path = settings.home
    if not path.exists():
        return Check(name="home", standing=Standing.NOTE, found=f"{path} will be made at first use")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return _missing("home", f"{path} may be read by others (mode {mode:04o})", f"chmod 700 {path}")
    return Check(name="home", standing=Standing.PRESENT, found=f"{path}, mode {mode:04o}")


def key(settings: Settings) -> Check:
    """The deployment key, by a fingerprint that tells two keys apart and gives neither away."""
    folder = settings.home / "keys"
    if not (folder / NAME).exists():
        return Check(name="key", standing=Standing.NOTE, found="will be made at first use")
    try:
        fingerprint = sha256(b"compliance/key-fingerprint/1:" + deployment_key(folder)).hexdigest()[:16]
    except ComplianceError as error:
        return _missing("key", str(error), f"restore or mend {folder / NAME}")
    return Check(name="key", standing=Standing.PRESENT, found=f"fingerprint {fingerprint}")


def audit_key(settings: Settings) -> Check:
    """The key in which trust in the log begins, by its fingerprint; the private key is not read."""
    folder = settings.audit_keys or settings.home / "keys"
    try:
        here = audit_keys.published(folder)
    except ComplianceError as error:
        return _missing("audit key", f"{folder / audit_keys.PUBLIC}: {error}", "restore it from a backup")
    trusted = settings.audit_fingerprint or (here.fingerprint if here else None)
    if trusted is None:
        found = "none here: the first sequencer makes it, here or on another machine"
        return Check(name="audit key", standing=Standing.NOTE, found=found)
    return Check(name="audit key", standing=Standing.PRESENT, found=f"fingerprint {trusted}")


def database(settings: Settings) -> Check:
    """Whether the database answers; a SQLite file that is not there yet is not made."""
    if settings.database_url is None and not (settings.home / "compliance.db").exists():
        return Check(name="database", standing=Standing.NOTE, found="SQLite, will be made at first use")
    kind = "SQLite" if settings.database.startswith("sqlite") else "PostgreSQL"
    try:
        with closing(Database(settings.database)) as reached, reached.read():
            pass
    except ComplianceError as error:
        return _missing("database", f"{kind}: {error.reason}", "see COMPLIANCE_DATABASE_URL and the server")
    return Check(name="database", standing=Standing.PRESENT, found=f"{kind} answers")


def broker(settings: Settings) -> Check:
    """Whether the broker answers, where one is configured."""
    if settings.broker_url is None:
        return Check(
            name="broker", standing=Standing.PRESENT, found="none: work runs inside `compliance serve`"
        )
    try:
        ping(settings.broker_url)
    except ComplianceError as error:
        return _missing("broker", error.reason, "see COMPLIANCE_BROKER_URL and the server")
    return Check(name="broker", standing=Standing.PRESENT, found="answers")


def livekit(settings: Settings) -> Check:
    """Whether any LiveKit key is set; their names are not secret, their secrets are not shown."""
    if not settings.livekit_keys:
        return Check(
            name="LiveKit keys",
            standing=Standing.NOTE,
            found="none: webhooks are refused; `compliance process` works",
            remedy="set COMPLIANCE_LIVEKIT_KEYS=key:secret",
        )
    return Check(name="LiveKit keys", standing=Standing.PRESENT, found=", ".join(settings.livekit_keys))


def space(settings: Settings) -> Check:
    """The free space where recordings are worked on."""
    free = shutil.disk_usage(_existing(settings.home)).free
    found = f"{free / 1e9:.1f} GB free for {settings.home}"
    if free < LITTLE_SPACE:
        return _missing("disk", found, "free some space, or set COMPLIANCE_HOME to a larger disk")
    return Check(name="disk", standing=Standing.PRESENT, found=found)


def _models(settings: Settings) -> tuple[str, ...]:
    """The models these settings run on."""
    return (settings.whisper_model, *(name for name in NEEDED if not name.startswith("whisper-")))


def _model(name: str) -> Callable[[Settings], Check]:
    """A look at one model."""

    def look(settings: Settings) -> Check:
        """Whether its files are there and the ones pinned."""
        title = f"model {name}"
        try:
            require(settings.models_dir, name)
        except ComplianceError as error:
            return _missing(title, str(error), f"compliance models pull {name}")
        return Check(name=title, standing=Standing.PRESENT, found=find(name).sha256[:16])

    return look


def _buckets(settings: Settings) -> tuple[str, ...]:
    """The buckets these settings name, each once."""
    named = (*settings.source_buckets, settings.output_bucket, settings.vault_bucket)
    return tuple(dict.fromkeys(each for each in named if each and not each.startswith("file:")))


def _bucket(name: str) -> Callable[[Settings], Check]:
    """A look at one bucket."""

    def look(settings: Settings) -> Check:
        """Whether it can be listed."""
        title = f"bucket {name}"
        client = S3Settings(
            endpoint=settings.s3_endpoint,
            region=settings.s3_region,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
        )
        try:
            next(S3Objects(client, name).names("compliance-doctor/"), None)
        except ComplianceError as error:
            return _missing(title, error.reason, "see COMPLIANCE_S3_* and the bucket's policy")
        return Check(name=title, standing=Standing.PRESENT, found="answers")

    return look


def _missing(name: str, found: str, remedy: str) -> Check:
    """Something that has to be mended."""
    return Check(name=name, standing=Standing.MISSING, found=found, remedy=remedy)


def _distribution(requirement: str) -> str | None:
    """The name in a requirement; None where its marker rules it out here."""
    read = Requirement(requirement)
    return read.name if read.marker is None or read.marker.evaluate() else None


def _is_installed(name: str) -> bool:
    """Whether a distribution is there."""
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def _existing(path: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return path if path.exists() else _existing(path.parent)

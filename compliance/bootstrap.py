"""From settings to parts: the only place that chooses an implementation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import resources
from pathlib import Path

from compliance import sequencing
from compliance.audit.anchors.keeper import Keeper
from compliance.audit.opening import opened_here
from compliance.audit.sequencer import Sequencer
from compliance.consent import obligations_file, policy
from compliance.duties import files as duties
from compliance.engines import Engines
from compliance.errors import PolicyInvalid
from compliance.intake.objects import LOCAL
from compliance.intake.parts import parts_of
from compliance.parts import Parts, Progress, no_progress
from compliance.redact import profile
from compliance.redact.apart import Limits, probe_apart
from compliance.redact.profile import Profile
from compliance.sequencing import audit_folder, now_ms, pin, process_name
from compliance.settings import Settings
from compliance.store import keys
from compliance.store.database import Database
from compliance.store.folder import FolderObjects
from compliance.store.home import Home
from compliance.store.objects import Objects
from compliance.store.s3 import S3Objects, S3Settings
from compliance.store.vault import Vault


def build(settings: Settings, *, progress: Progress = no_progress, seals: bool = False) -> Parts:
    """The parts that the settings ask for.  Models are loaded at first use, not here.

    ``seals`` is for a process that is alone on its machine: it reads the key that signs
    the log, if that is here.  A service leaves that to a process of its own.

    Raises:
        PolicyInvalid, KeyMissing, DiskFull, DatabaseUnavailable: see each.
    """
    home = Home(settings.home)
    database = Database(settings.database)
    database.migrate()
    key = keys.deployment_key(home.keys)
    policies = policies_folder(settings)
    owner = process_name()
    kept = sequencing.keeper_of(settings, database, signs=seals and settings.broker_url is None)
    return Parts(
        settings=settings,
        home=home,
        database=database,
        key=key,
        vault=Vault(_bucket(settings, settings.vault_bucket, home.vault), database, key, scratch=home.runs),
        outputs=_bucket(settings, settings.output_bucket, home.outputs),
        stores=_stores(settings),
        intake=parts_of(settings, database, key=key),
        law=policy.load(policies, settings.policy_overlay),
        orders=obligations_file.load(policies),
        profiles=profiles(settings),
        retention=duties.load_retention(policies),
        vendors=duties.load_vendors(policies),
        engines=engines(settings),
        probe=partial(probe_apart, limits=_limits(settings)),
        sequencer=_sequencer_here(settings, database, owner, kept) if seals else None,
        keeper=kept,
        pin=pin(settings),
        now_ms=now_ms,
        owner=owner,
        progress=progress,
    )


def _sequencer_here(settings: Settings, database: Database, owner: str, kept: Keeper) -> Sequencer | None:
    """The sequencer of a process that does other work too; none where there is a broker."""
    if settings.broker_url is not None:
        return None
    folder = audit_folder(settings)
    return opened_here(database, folder, owner=owner, now_ms=now_ms(), before_signing=kept.guard)


def _limits(settings: Settings) -> Limits:
    """What the first decoding of a recording may take."""
    return Limits(seconds=settings.decode_time_limit_s, memory_mb=settings.decode_memory_mb)


def engines(settings: Settings) -> Engines:
    """The models, loaded at first use."""
    return Engines(
        settings.models_dir,
        whisper_model=settings.whisper_model,
        threads=settings.threads,
        batch_size=settings.batch_size,
    )


def profiles(settings: Settings) -> dict[str, Profile]:
    """Every redaction profile, by name.

    Raises:
        PolicyInvalid: a file cannot be read; the message gives file and line.
    """
    return profile.load(policies_folder(settings) / "redaction")


def policies_folder(settings: Settings) -> Path:
    """The folder of policy files: as set, or as packed into the wheel, or the checkout's.

    Raises:
        PolicyInvalid: there is none.
    """
    packed = Path(str(resources.files("compliance"))) / "_policies"
    checkout = Path(__file__).resolve().parent.parent / "policies"
    for folder in (settings.policies, packed, checkout):
        if folder is not None and folder.is_dir():
            return folder
    raise PolicyInvalid("no folder of policy files; set COMPLIANCE_POLICIES")


def _bucket(settings: Settings, bucket: str | None, folder: Path) -> Objects:
    """A bucket where one is configured, else a folder."""
    return FolderObjects(folder) if bucket is None else S3Objects(_s3(settings), bucket)


def _stores(settings: Settings) -> Mapping[str, Objects]:
    """A store for each place that recordings may be fetched from."""
    return {
        name: FolderObjects(Path(name.removeprefix(LOCAL)))
        if name.startswith(LOCAL)
        else S3Objects(_s3(settings), name)
        for name in settings.source_buckets
    }


def _s3(settings: Settings) -> S3Settings:
    """How the object store is reached."""
    return S3Settings(
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key,
    )

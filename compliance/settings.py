"""Everything that differs between one deployment and the next.

Read once, at start, by ``bootstrap``; everything else is handed what it needs.
Each setting is an environment variable ``COMPLIANCE_<NAME>``; ``compliance
settings`` lists them with these descriptions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from compliance.errors import SettingInvalid


class Settings(BaseSettings):
    """The settings, with their defaults: one machine, no servers."""

    model_config = SettingsConfigDict(
        env_prefix="COMPLIANCE_", frozen=True, extra="forbid", hide_input_in_errors=True
    )

    home: Path = Field(
        default=Path("~/.compliance"),
        description="Folder of everything this deployment keeps: database, vault, outputs, models, keys, "
        "scratch. Made with mode 0700.",
    )
    database_url: str | None = Field(
        default=None,
        repr=False,
        description="SQLAlchemy URL (postgresql+psycopg://...). Unset: SQLite in the home folder.",
    )
    broker_url: str | None = Field(
        default=None,
        repr=False,
        description="Redis or Valkey URL for Celery. Unset: work runs inside `compliance serve`.",
    )
    livekit_keys: Annotated[dict[str, SecretStr], NoDecode] = Field(
        default_factory=dict,
        description="LiveKit API keys whose webhooks are accepted: key:secret pairs, separated by commas.",
    )
    source_buckets: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Buckets from which recordings may be fetched, separated by commas. "
        "`file:///folder` allows a local folder.",
    )
    source_prefix: str = Field(
        default="", description="Storage prefix configured in LiveKit Egress, put before every file name."
    )
    room_files: Literal["alone", "together"] = Field(
        default="alone",
        description="Egresses of one participant or track: each a recording of its own (alone), or one call "
        "with the others of their room (together).",
    )
    room_wait_s: int = Field(
        default=900,
        ge=30,
        description="With rooms gathered: so long is waited for an egress that does not end, or a room whose "
        "end is not told.",
    )
    output_bucket: str | None = Field(
        default=None,
        description="Bucket for released outputs. Unset: the folder `outputs` in the home folder.",
    )
    vault_bucket: str | None = Field(
        default=None,
        description="Bucket for what must be destroyed later, encrypted. Unset: the folder `vault` "
        "in the home folder.",
    )
    s3_endpoint: str | None = Field(default=None, description="S3 endpoint other than AWS, with its scheme.")
    s3_region: str = Field(default="us-east-1", description="S3 region.")
    s3_access_key: SecretStr | None = Field(
        default=None,
        description="S3 access key. Unset: boto3's own chain (environment, profile, instance role).",
    )
    s3_secret_key: SecretStr | None = Field(default=None, description="S3 secret key.")
    audit_keys: Path | None = Field(
        default=None,
        description="Folder of the keys that sign the audit log, which the sequencer alone reads. "
        "Unset: `keys` in the home folder.",
    )
    audit_fingerprint: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{64}$",
        description="Fingerprint of the key in which trust in the audit log begins. Unset: of the public key "
        "beside the first signing key, where that is on this machine.",
    )
    audit_sequencer: bool = Field(
        default=True,
        description="Whether `compliance serve` runs the audit log's sequencer as a process beside it. "
        "False where `compliance audit sequence` runs elsewhere.",
    )
    source_max_bytes: int = Field(
        default=4_000_000_000, ge=1, description="Largest recording that is fetched; a larger one is held."
    )
    profile: str = Field(default="default", description="Redaction profile used where none is named.")
    policies: Path | None = Field(
        default=None, description="Folder of policy files. Unset: the ones this package carries."
    )
    policy_overlay: Path | None = Field(
        default=None,
        description="Folder of the business's own rules on consent and AI disclosure, laid over the policy "
        "files: it may tighten them, and loosens only what names its approver.",
    )
    business_number: str | None = Field(
        default=None,
        repr=False,
        description="The business's own number (E.164), where the webhook names none.",
    )
    business_places: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Where the business is, as jurisdictions separated by commas (US-TX,US-NY). They count "
        "in every call, and stand in for a number of the business's that shows no place.",
    )
    agent_place: str | None = Field(
        default=None,
        description="Where the agent sits or runs, as a jurisdiction (US-TX), if it should count.",
    )
    recorder_region: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$",
        description="Where the recorder runs, as a jurisdiction (US-VA), if it should count.",
    )
    place_attributes: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("compliance.place", "sip.h.p-asserted-identity"),
        description="Participant attributes of LiveKit's that tell where somebody is, separated by commas: a "
        "place (US-CA) or a telephone number. Those that begin with sip.h. are SIP headers: weak evidence.",
    )
    explicit_consent: bool = Field(
        default=False,
        description="Whether the agent asks for a yes where all parties must agree. Unset: whoever hears the "
        "notice and goes on has agreed.",
    )
    agent_kind: str = Field(default="ai", description="Who the agent is where nothing tells: ai or human.")
    whisper_model: str = Field(
        default="whisper-base", description="Speech model, by its name in `compliance models list`."
    )
    models: Path | None = Field(
        default=None, description="Folder of model weights. Unset: `models` in the home folder."
    )
    threads: int = Field(default=0, ge=0, description="Threads for speech recognition; 0 takes every core.")
    batch_size: int = Field(default=4, ge=1, le=64, description="Windows of speech decoded at once.")
    webhook_max_bytes: int = Field(default=1_000_000, ge=1, description="Largest webhook body that is read.")
    webhook_max_age_s: int = Field(
        default=86_400, ge=60, description="A webhook event made longer ago than this is refused."
    )
    lease_s: int = Field(
        default=15,
        ge=2,
        description="A running stage whose lease is this old without a heartbeat is taken over.",
    )
    sweep_s: int = Field(
        default=5,
        ge=1,
        description="Seconds between two looks for work that was never sent or whose worker died.",
    )
    max_attempts: int = Field(default=5, ge=1, description="Tries of a stage before the recording is held.")
    task_time_limit_s: int = Field(
        default=7_200,
        ge=60,
        description="Longest time a stage may take; then its worker is killed, and it is tried again.",
    )
    decode_time_limit_s: int = Field(
        default=1_800,
        ge=10,
        description="Longest time the first decoding of a recording may take; then it is held.",
    )
    decode_memory_mb: int = Field(
        default=2_048,
        ge=512,
        description="Address space for the first decoding of a recording, in MB; it needs well under 512.",
    )
    heartbeat_s: int = Field(
        default=60,
        ge=5,
        le=3_600,
        description="Seconds between two heartbeats in the audit log; a longer silence is told as a gap.",
    )
    anchors: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        repr=False,
        description="Where copies of the log's signed checkpoints go, separated by commas: "
        "`s3://BUCKET/PREFIX` (a bucket with Object Lock), `https://HOST/PATH`, `file:///FOLDER`.",
    )
    anchor_s: int = Field(
        default=60, ge=5, description="Seconds between two copies of the newest checkpoint."
    )
    anchor_days: int = Field(
        default=2_192,
        ge=1,
        le=36_500,
        description="Days for which a bucket keeps each copy locked, whatever anybody asks; six years.",
    )
    anchor_s3_endpoint: str | None = Field(
        default=None,
        description="S3 endpoint of the anchors' bucket, with its scheme. Unset: AWS, whatever "
        "COMPLIANCE_S3_ENDPOINT says.",
    )
    anchor_s3_region: str = Field(default="us-east-1", description="S3 region of the anchors' bucket.")
    anchor_s3_access_key: SecretStr | None = Field(
        default=None, description="S3 access key for the anchors' bucket. Unset: boto3's own chain."
    )
    anchor_s3_secret_key: SecretStr | None = Field(
        default=None, description="S3 secret key for the anchors' bucket."
    )
    anchor_s3_secret_key_file: Path | None = Field(
        default=None, description="File that holds the S3 secret key for the anchors' bucket."
    )
    anchor_token: SecretStr | None = Field(
        default=None, description="Bearer token for the HTTPS endpoints among the anchors."
    )
    anchor_token_file: Path | None = Field(default=None, description="File that holds that bearer token.")
    timestamp_url: str | None = Field(
        default=None,
        repr=False,
        description="Time-stamping authority (RFC 3161) that says when a checkpoint was there. Unset: none.",
    )
    timestamp_certificates: Path | None = Field(
        default=None,
        description="PEM file with the authority's root certificate and any between; no other is believed.",
    )
    timestamp_s: int = Field(default=3_600, ge=10, description="Seconds between two time stamps.")
    log_level: str = Field(default="INFO", description="Level of the service's own log lines.")

    @field_validator("livekit_keys", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        """Read ``key:secret,key:secret``; a secret may itself hold colons."""
        if not isinstance(value, str):
            return value
        pairs = [each.strip() for each in value.split(",") if each.strip()]
        if any(":" not in each for each in pairs):
            raise ValueError("expected key:secret pairs separated by commas")
        return dict(each.split(":", 1) for each in pairs)

    @field_validator(
        "audit_fingerprint",
        "anchor_s3_endpoint",
        "anchor_s3_access_key",
        "anchor_s3_secret_key",
        "anchor_token",
        "timestamp_url",
        "timestamp_certificates",
        mode="before",
    )
    @classmethod
    def _unset(cls, value: object) -> object:
        """Take an empty variable for one that is not set: a cluster's file cannot leave it out."""
        return value or None

    @field_validator("source_buckets", "business_places", "place_attributes", "anchors", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        """Read names separated by commas."""
        if not isinstance(value, str):
            return value
        return tuple(each.strip() for each in value.split(",") if each.strip())

    @field_validator("anchors", mode="after")
    @classmethod
    def _places(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what is no sink, before anything starts."""
        for each in value:
            check_anchor(each)
        return tuple(dict.fromkeys(value))

    @field_validator("timestamp_url", mode="after")
    @classmethod
    def _authority(cls, value: str | None) -> str | None:
        """Refuse what is no HTTP address; authorities sign their answers, so that plain HTTP will do."""
        if value is not None and (urlsplit(value).scheme not in ("http", "https") or not _has_host(value)):
            raise ValueError("expected http:// or https:// and a host")
        return value

    @model_validator(mode="after")
    def _together(self) -> Self:
        """Refuse a secret told twice, and an authority whose certificate nobody gave."""
        for name in ("anchor_token", "anchor_s3_secret_key"):
            if getattr(self, name) is not None and getattr(self, f"{name}_file") is not None:
                raise ValueError(f"COMPLIANCE_{name.upper()} and its _FILE are both set")
        if self.timestamp_url is not None and self.timestamp_certificates is None:
            raise ValueError("COMPLIANCE_TIMESTAMP_URL needs COMPLIANCE_TIMESTAMP_CERTIFICATES")
        return self

    @field_validator(
        "home",
        "models",
        "policies",
        "policy_overlay",
        "audit_keys",
        "anchor_s3_secret_key_file",
        "anchor_token_file",
        "timestamp_certificates",
        mode="after",
    )
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        """Resolve ``~`` and relative folders against where the command was started."""
        return None if value is None else value.expanduser().absolute()

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in use."""
        return self.database_url or f"sqlite:///{self.home / 'compliance.db'}"

    def secret(self, name: str) -> SecretStr | None:
        """A secret that is told by its own setting or by a file, without the line's end; None if by neither.

        Raises:
            SettingInvalid: the file cannot be read, or is empty; the message names the setting.
        """
        given, path = getattr(self, name), getattr(self, f"{name}_file")
        if path is None:
            return given if isinstance(given, SecretStr) else None
        try:
            read = path.read_text().strip()
        except (OSError, UnicodeDecodeError):
            read = ""
        if not read:
            raise SettingInvalid(
                f"the file that COMPLIANCE_{name.upper()}_FILE names cannot be read or is empty"
            )
        return SecretStr(read)

    @property
    def models_dir(self) -> Path:
        """The folder of model weights in use."""
        return self.models or self.home / "models"


def check_anchor(url: str) -> None:
    """Refuse what is no sink.

    Plain HTTP is for this machine alone: elsewhere anybody on the way could
    answer for the sink.

    Raises:
        ValueError: what is wrong, without the address, which may hold a secret.
    """
    try:
        split = urlsplit(url)
        host, _port = split.hostname, split.port
    except ValueError:
        raise ValueError("an anchor is no address") from None
    if split.username or split.password or split.fragment:
        raise ValueError("an anchor takes no password and no fragment; tokens have a setting of their own")
    fits = {
        "s3": bool(host) and not split.query,
        "file": not host and split.path.startswith("/") and not split.query,
        "https": bool(host),
        "http": host in ("localhost", "127.0.0.1", "::1"),
    }
    if not fits.get(split.scheme, False):
        raise ValueError("an anchor is s3://BUCKET/PREFIX, https://HOST/PATH or file:///FOLDER")


def _has_host(url: str) -> bool:
    return bool(urlsplit(url).hostname) and not urlsplit(url).username


def load(**overrides: object) -> Settings:
    """The settings of this process.

    Raises:
        SettingInvalid: a variable cannot be read; the message names it, never its value.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # names are checked by pydantic
    except ValidationError as error:
        lines = [
            f"COMPLIANCE_{'_'.join(str(p) for p in e['loc']).upper()}: {e['msg']}" for e in error.errors()
        ]
        raise SettingInvalid("settings cannot be read: " + "; ".join(lines)) from None
    except SettingsError as error:
        raise SettingInvalid(f"settings cannot be read: {error}") from None

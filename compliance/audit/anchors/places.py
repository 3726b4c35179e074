"""From addresses to sinks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from compliance.audit.anchors.folder import FolderSink
from compliance.audit.anchors.https import EndpointSink
from compliance.audit.anchors.s3 import BucketSink
from compliance.audit.anchors.sink import Sink
from compliance.errors import ArgumentInvalid
from compliance.settings import Settings, check_anchor
from compliance.store.s3 import S3Settings


def sinks(settings: Settings, addresses: Sequence[str] | None = None) -> tuple[Sink, ...]:
    """The sinks at these addresses, by default at those of the settings.  Nothing is asked of them yet.

    Raises:
        ArgumentInvalid: an address is not one of a sink.
        SettingInvalid: the file of a secret cannot be read.
    """
    return tuple(_sink(settings, each) for each in (settings.anchors if addresses is None else addresses))


def _sink(settings: Settings, address: str) -> Sink:
    try:
        check_anchor(address)
    except ValueError as error:
        raise ArgumentInvalid(str(error)) from None
    split = urlsplit(address)
    if split.scheme == "file":
        return FolderSink(Path(unquote(split.path)))
    if split.scheme == "s3":
        keep = timedelta(days=settings.anchor_days)
        return BucketSink(_s3(settings), split.netloc, unquote(split.path), keep=keep)
    token = settings.secret("anchor_token")
    return EndpointSink(address, None if token is None else token.get_secret_value())


def _s3(settings: Settings) -> S3Settings:
    """How the anchors' bucket is reached: not by the keys of recordings, so that who has those has not these.

    One try and little patience: the next checkpoint follows in a minute.
    """
    return S3Settings(
        endpoint=settings.anchor_s3_endpoint,
        region=settings.anchor_s3_region,
        access_key=settings.anchor_s3_access_key,
        secret_key=settings.secret("anchor_s3_secret_key"),
        read_timeout_s=10,
        attempts=1,
    )

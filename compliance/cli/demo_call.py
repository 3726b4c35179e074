"""The sample call as LiveKit would tell of it: today, under ids of its own, from a folder as its bucket."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from compliance.errors import SourceMissing

EVENTS = ("participant_joined", "egress_started", "egress_ended")
_ID = re.compile(r"\b(EV|EG|RM|PA|SCL)_[A-Za-z0-9]+")
_TIMES = re.compile(r"[a-z]+At(Ms)?|creationTime(Ms)?")
_UNITS = {10: 1, 13: 1_000, 19: 1_000_000_000}
"""What makes a second of a time with so many digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCall:
    """The call put in place, and the webhooks that tell of it."""

    egress_id: str
    bucket: Path
    """The folder that stands in for LiveKit's bucket."""
    media: Path
    """The recording's copy in the bucket, which is destroyed in the end."""
    original: Path
    webhooks: dict[str, bytes] = field(repr=False)
    """The bodies, by event, in the order in which they are posted."""

    @property
    def leftovers(self) -> list[Path]:
        """The files that still lie in the bucket."""
        return [each for each in self.bucket.rglob("*") if each.is_file()]


def sample_folder() -> Path:
    """Where the sample call lies: packed into the wheel, or in the checkout.

    Raises:
        SourceMissing: in neither.
    """
    packed = Path(str(resources.files("compliance"))) / "_sample"
    checkout = Path(__file__).resolve().parents[2] / "examples" / "sample-call"
    for folder in (packed, checkout):
        if (folder / "call.ogg").is_file() and (folder / "webhooks").is_dir():
            return folder
    raise SourceMissing("the sample call is not installed with this package")


def put_in_place(bucket: Path, *, now_s: int) -> DemoCall:
    """Copy the call to the very path its webhook names, with Egress's side file, and make the webhooks.

    (1) Ids are fresh, so that a second run is a second call.  (2) Times are moved
    so that the call has just ended.  (3) No bucket is named, as with storage that
    the LiveKit server itself is configured for.
    """
    folder = sample_folder()
    texts = [(folder / "webhooks" / f"{name}.json").read_text() for name in EVENTS]
    # (1)
    run = secrets.token_hex(4)
    bodies = [json.loads(_ID.sub(lambda found: found[0] + run, each)) for each in texts]
    # (2)
    offset_s = now_s - int(bodies[-1]["createdAt"])
    bodies = [_moved(each, offset_s) for each in bodies]
    # (3)
    for body in bodies[1:]:
        for output in body["egressInfo"]["roomComposite"]["fileOutputs"]:
            del output["s3"]
    egress = bodies[-1]["egressInfo"]
    media = bucket / egress["fileResults"][0]["filename"]
    media.parent.mkdir(parents=True)
    shutil.copyfile(folder / "call.ogg", media)
    side = {"egress_id": egress["egressId"], "room_name": egress["roomName"]}
    (media.parent / f"{egress['egressId']}.json").write_text(json.dumps(side))
    return DemoCall(
        egress_id=egress["egressId"],
        bucket=bucket,
        media=media,
        original=folder / "call.ogg",
        webhooks={name: json.dumps(body).encode() for name, body in zip(EVENTS, bodies, strict=True)},
    )


def _moved(value: Any, offset_s: int) -> Any:
    """The same with every time moved; seconds, ms and ns are told apart by their length."""
    if isinstance(value, dict):
        return {
            key: str(int(each) + offset_s * _UNITS[len(each)])
            if isinstance(each, str) and _TIMES.fullmatch(key)
            else _moved(each, offset_s)
            for key, each in value.items()
        }
    return [_moved(each, offset_s) for each in value] if isinstance(value, list) else value

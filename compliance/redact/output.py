"""Where a redacted recording is written: a file that is whole or not there, and a muxer that tells nothing.

An edge to FFmpeg through PyAV.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import av
from av.container import OutputContainer

from compliance.errors import DiskFull, MediaUnsupported
from compliance.redact.reader import Reader

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def whole(target: Path) -> Iterator[IO[bytes]]:
    """A file beside the target that takes its name once it is complete and on the disk."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb", opener=_private) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull("no space left for the redacted recording") from error
        raise
    finally:
        part.unlink(missing_ok=True)


class _Sink:
    """A file as PyAV writes it, which keeps the reason of a failure; PyAV's own error gives none."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.failure: OSError | None = None
        self.tell, self.seek = file.tell, file.seek

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.failure = error
            raise


def _private(path: str, flags: int) -> int:
    """Open for this user alone: until it is verified, a redacted file is as secret as the original."""
    return os.open(path, flags, 0o600)


@contextmanager
def muxer(file: IO[bytes], reader: Reader) -> Iterator[OutputContainer]:
    """The muxer: without tags or random serials, and exact to the sample where it may choose."""
    options = {"fflags": "+bitexact"}
    if reader.container.name == "mp4":
        # The edit list that trims the last frame counts in this unit, by default milliseconds.
        options["movie_timescale"] = str(reader.rate)
        if reader.video and reader.video.time_base:
            # Left to itself the muxer makes it finer, and the picture's times are no longer the source's.
            options["video_track_timescale"] = str(reader.video.time_base.denominator)
    if reader.container.name == "wav":
        options["rf64"] = "auto"
    sink = _Sink(file)
    try:
        with av.open(sink, "w", format=reader.container.muxer, options=options) as output:
            yield output
    except av.FFmpegError as error:
        if sink.failure:
            raise sink.failure from error
        raise MediaUnsupported(f"{reader.container.name} of this make cannot be written again") from error

"""Whether a container is whole, told from its own book-keeping without decoding.

FFmpeg plays what there is of a broken file and says nothing.  A call that lost
its end may have lost the caller's objection with it, so we look ourselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from compliance.errors import MediaTruncated, MediaUnsupported
from compliance.redact.ogg import FIRST, LAST, pages
from compliance.redact.sniff import HEAD, Container, frame_size, id3_size
from compliance.redact.wav import wave_in


def check(path: Path, container: Container) -> int | None:
    """The number of samples the file claims, where its header says; raises if it is not whole.

    MediaTruncated, MediaEmpty, MediaUnsupported (chained or multiplexed Ogg).
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        match container.name:
            case "ogg":
                _ogg(file)
            case "wav":
                wave_in(file, size)
            case "flac":
                return _flac(file)
            case "mp3":
                return _mp3(file, size)
            case "mp4":
                _mp4(file, size)
            case _:
                _webm(file, size)
    return None


def _ogg(file: BinaryIO) -> None:
    """Walk the pages (RFC 3533): (1) one logical stream, (2) no page missing, (3) an end."""
    before = None
    for page, _ in pages(file):
        # (1) A page of another stream, or one after the end, begins a second recording.
        if before and (page.serial != before.serial or before.flags & LAST or page.flags & FIRST):
            raise MediaUnsupported("the Ogg file holds more than one stream")
        # (2) Pages are numbered from 0 or from where a live stream was joined.
        if before and page.sequence != before.sequence + 1 & 0xFFFFFFFF:
            raise MediaTruncated("pages of the Ogg stream are missing")
        before = page
    # (3) The last page is marked as such; a recorder that was killed never writes it.
    if before is None or not before.flags & LAST:
        raise MediaTruncated("the Ogg stream has no last page")


def _flac(file: BinaryIO) -> int:
    """Samples by STREAMINFO (RFC 9639 8.2); 0 means that the encoder never came to its end."""
    info = file.read(26)
    total = int.from_bytes(info[21:26], "big") & 0xFFFFFFFFF
    if len(info) < 26 or total == 0:
        raise MediaTruncated("the FLAC header was never completed")
    return total


def _mp3(file: BinaryIO, size: int) -> int | None:
    """Samples by the Xing or Info tag, None without one, when a missing end cannot be told."""
    file.seek(id3_size(file.read(HEAD)))
    size -= file.tell()
    frame = file.read(HEAD)
    assert frame_size(frame[:4]), "sniffed before"
    place = max(frame.find(b"Xing", 0, 64), frame.find(b"Info", 0, 64))
    if place < 0 or frame[place + 7] & 3 != 3:
        return None
    if int.from_bytes(frame[place + 12 : place + 16], "big") > size:
        raise MediaTruncated("the MP3 header claims more than is there")
    per_frame = 1152 if frame[1] >> 3 & 3 == 3 else 576
    return per_frame * int.from_bytes(frame[place + 8 : place + 12], "big")


def _mp4(file: BinaryIO, size: int) -> None:
    """Walk the top boxes (ISO 14496-12): each must fit, and the index must be among them."""
    at, names = 0, set()
    while at < size:
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            raise MediaTruncated("an MP4 box is broken")
        length = int.from_bytes(head[:4], "big")
        length = int.from_bytes(head[8:16], "big") if length == 1 else length or size - at
        if length < 8 or at + length > size:
            raise MediaTruncated("an MP4 box claims more than is there")
        names.add(head[4:8])
        at += length
    if b"moov" not in names:
        raise MediaTruncated("the MP4 file has no index")


def _webm(file: BinaryIO, size: int) -> None:
    """The Segment must fit; one of unknown length (a live recording) cannot be told."""
    file.seek(4)
    file.seek(_vint(file)[0], 1)
    if file.read(4) != b"\x18\x53\x80\x67":
        raise MediaTruncated("the WebM file has no segment")
    length, is_unknown = _vint(file)
    if not is_unknown and file.tell() + length > size:
        raise MediaTruncated("the WebM segment claims more than is there")


def _vint(file: BinaryIO) -> tuple[int, bool]:
    """An EBML length (RFC 8794 4) and whether it stands for unknown."""
    first = file.read(1)
    if not first or not first[0]:
        raise MediaTruncated("a WebM length is broken")
    width = 9 - first[0].bit_length()
    value = int.from_bytes(first + file.read(width - 1), "big") & (1 << 7 * width) - 1
    return value, value == (1 << 7 * width) - 1

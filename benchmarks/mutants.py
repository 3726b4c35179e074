"""Recordings damaged by chance, the same each time for the same number.

Blind damage seldom comes far: a checksum fails, or a box no longer fits.  So half of it
goes by the containers' own marks, and Ogg pages get the numbers and checksums they ask for.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from compliance.redact.ogg import checksum

Dice = random.Random

MARKS = re.compile(
    rb"OggS|OpusHead|OpusTags|\x01vorbis|\x05vorbis|\x7fFLAC|fLaC|\xff\xf8|\xff[\xfb\xf3\xf2]"
    rb"|RIFF|RF64|ds64|fmt |fact|data|LIST"
    rb"|ftyp|moov|mvhd|trak|tkhd|edts|elst|mdia|mdhd|hdlr|minf|stbl|stsd|mp4a|esds|dOps|dfLa|Opus|stts|ctts"
    rb"|stsc|stsz|stco|sgpd|sbgp|mdat|moof|mfhd|traf|tfhd|tfdt|trun|mvex|trex|udta"
    rb"|\x1a\x45\xdf\xa3|\x18\x53\x80\x67|\x15\x49\xa9\x66|\x16\x54\xae\x6b|\x1f\x43\xb6\x75|\x1c\x53\xbb\x6b"
    rb"|\x63\xa2|\x56\xaa|\x56\xbb|\x75\xa2|\xe1|\xa3[\x40-\x7f]|\xa0[\x40-\x7f]|Info|Xing"
)
"""What begins a part of one of the containers."""

NUMBERS = (0, 1, 2, 7, 8, 255, 4096, 65_535, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)


def mutant(files: Sequence[bytes], which: int, number: int) -> bytes:
    """The ``number``-th mutant of one of the files; the others lend their parts."""
    dice = Dice(f"{which}/{number}")
    data = files[which]
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        data = dice.choice(WAYS)(data, dice, files)
    return repaired(data) if data[:4] == b"OggS" and dice.random() < 0.7 else data


def _flips(data: bytes, dice: Dice, _: Sequence[bytes]) -> bytes:
    """Bytes or bits overwritten, more often near the beginning."""
    made = bytearray(data)
    for _ in range(dice.choice((1, 2, 8, 64)) if data else 0):
        at = dice.randrange(min(len(made), dice.choice((64, 512, len(made)))))
        made[at] = dice.choice((dice.randrange(256), made[at] ^ 1 << dice.randrange(8)))
    return bytes(made)


def _cut_off(data: bytes, dice: Dice, _: Sequence[bytes]) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def _moved(data: bytes, dice: Dice, _: Sequence[bytes]) -> bytes:
    """A piece anywhere removed, repeated, emptied, or put elsewhere."""
    start, end = sorted(dice.randrange(len(data) + 1) for _ in "ab")
    end = min(end, start + dice.choice((1, 4, 64, 4096)))
    return _changed(data[:start], data[start:end], data[end:], dice)


def _parts_moved(data: bytes, dice: Dice, _: Sequence[bytes]) -> bytes:
    """The same with parts between marks."""
    edges = [*(found.start() for found in MARKS.finditer(data)), len(data)]
    first = dice.randrange(len(edges))
    last = min(first + dice.choice((1, 1, 2, 5)), len(edges) - 1)
    start, end = edges[first], edges[last]
    return _changed(data[:start], data[start:end], data[end:], dice)


def _changed(before: bytes, piece: bytes, after: bytes, dice: Dice) -> bytes:
    other = dice.randrange(len(after) + 1)
    made = (
        (before, after),
        (before, piece * dice.choice((2, 3, 50)), after),
        (before, bytes(len(piece)), after),
        (before, after[:other], piece, after[other:]),
        (before, piece[::-1], after),
    )
    return b"".join(dice.choice(made))


def _lies(data: bytes, dice: Dice, _: Sequence[bytes]) -> bytes:
    """Another number beside a mark: lengths, counts, times, rates and channels stand there."""
    marks = list(MARKS.finditer(data))
    if not marks:
        return data
    found, width = dice.choice(marks), dice.choice((1, 2, 4, 4, 8))
    at = max(dice.choice((found.start() - width, found.end() + dice.randrange(40))), 0)
    order = dice.choice(("big", "little"))
    old = int.from_bytes(data[at : at + width], order)
    value = dice.choice((*NUMBERS, old + 1, old - 1, old * 2, old // 2, dice.randrange(2 ** (8 * width))))
    lie = (value & 2 ** (8 * width) - 1).to_bytes(width, order)
    return data[:at] + lie + data[at + width :]


def _spliced(data: bytes, dice: Dice, files: Sequence[bytes]) -> bytes:
    """The beginning of one, the end of another; or another whole behind it."""
    other = dice.choice(files)
    ours, theirs = (_edge(each, dice) for each in (data, other))
    return dice.choice((data[:ours] + other[theirs:], other[:theirs] + data[ours:], data + other))


def _edge(data: bytes, dice: Dice) -> int:
    edges = [found.start() for found in MARKS.finditer(data)]
    return dice.choice(edges) if edges and dice.random() < 0.8 else dice.randrange(len(data) + 1)


WAYS: tuple[Callable[[bytes, Dice, Sequence[bytes]], bytes], ...] = (
    _flips,
    _flips,
    _cut_off,
    _moved,
    _parts_moved,
    _lies,
    _lies,
    _lies,
    _spliced,
)


def repaired(data: bytes) -> bytes:
    """Ogg pages numbered in a row, the last one marked as such, each with its checksum."""
    edges = [found.start() for found in re.finditer(b"OggS", data)]
    pages = [bytearray(data[a:b]) for a, b in zip(edges, [*edges[1:], len(data)], strict=True)]
    for number, page in enumerate(page for page in pages if len(page) > 27):
        page[5] = page[5] & 3 | (4 if page is pages[-1] else 0)
        page[18:22] = number.to_bytes(4, "little")
        page[22:26] = bytes(4)
        page[22:26] = checksum(bytes(page)).to_bytes(4, "little")
    return b"".join(map(bytes, pages))

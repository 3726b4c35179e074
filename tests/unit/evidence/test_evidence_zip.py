"""The prescribed ZIP beyond the format's first limits: any program reads it, and so does the check."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from compliance.evidence.verify_alone import (
    Entry,
    Refused,
    directory_entry,
    ending,
    entries_of,
    local_header,
    stamp,
)

AT = stamp(1_795_793_271_888)
GIB = 1024**3


def written(path: Path, sizes: dict[str, int]) -> list[Entry]:
    """A ZIP of files that are holes, so that it takes no room; their CRCs are not those of zeros."""
    entries = []
    with path.open("wb") as file:
        for name, size in sorted(sizes.items()):
            head = file.tell()
            file.write(local_header(name, size, 0, AT))
            entries.append(Entry(name, head, file.tell(), size, 0))
            file.seek(size, 1)
        start = file.tell()
        for each in entries:
            file.write(directory_entry(each, AT))
        file.write(ending(len(entries), start, file.tell() - start))
    return entries


@pytest.mark.parametrize(
    "sizes",
    [
        {"b/one": 3},
        {"b/just-below": 4 * GIB - 2, "b/next": 1},
        {"b/at-the-limit": 4 * GIB - 1, "b/next": 1},
        {"b/beyond": 5 * GIB, "b/later": 2, "b/latest": 6 * GIB},
        {f"b/{number:05d}": 0 for number in range(65_534)},
        {f"b/{number:05d}": 0 for number in range(65_535)},
    ],
    ids=["small", "just below 4 GiB", "4 GiB", "beyond 4 GiB", "65,534 files", "65,535 files"],
)
def test_any_size_is_read_as_it_was_written(tmp_path: Path, sizes: dict[str, int]) -> None:
    """Python's own reader and ours find the same files at the same places, whether or not ZIP64 is needed."""
    path = tmp_path / "large.zip"
    entries = written(path, sizes)
    with zipfile.ZipFile(path) as theirs:
        found = [(each.filename, each.header_offset, each.file_size) for each in theirs.infolist()]
    with path.open("rb") as file:
        ours, at = entries_of(file, path.stat().st_size)

    assert found == [(each.name, each.head, each.size) for each in entries]
    assert (ours, at) == (entries, AT)


def test_zip64_where_none_is_needed_is_refused(tmp_path: Path) -> None:
    """A small file has one spelling: with the fields of a large one it is refused."""
    path = tmp_path / "small.zip"
    written(path, {"b/one": 4 * GIB - 1})
    with path.open("rb") as file:
        body = bytearray(file.read(200))
    body[18:26] = b"\3\0\0\0\3\0\0\0"
    path.write_bytes(body)

    with path.open("rb") as file, pytest.raises(Refused, match="b/one"):
        entries_of(file, len(body))

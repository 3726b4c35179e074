"""Checks a bundle of evidence without the software that made it: Python 3.9 or later, no network.

    python verify.py FILE.zip --key FINGERPRINT

FILE.zip may also be the folder that it was unpacked to.  FINGERPRINT is the SHA-256 of the
custodian's signing key, 64 hex digits, which you must have from elsewhere: whoever forges a bundle
puts a key of his own into it, and a verify.py of his own beside it.

Exit code 0: VALID.  1: INVALID; the first file or event concerned is named.  2: it cannot be read.
3: consistent in itself, but no --key was given, so that nothing is known of who signed it.

What is checked, in this order:

container   the ZIP holds stored files and nothing else, byte for byte as the method writes them
files       every file is listed with its SHA-256, and every file that is listed is there
seal        the list's own SHA-256 stands in an event of the custodian's audit log
signature   the log's checkpoints are signed by the key (Ed25519, C2SP signed notes)
events      each event is in the log under its checkpoint (RFC 6962), and the seal's log grew from that one;
            what was time-stamped are earlier states of it (the stamps themselves are for openssl)
contents    the files are those of which the log says that they were released; index and list agree
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import IO, Any

CHECKS = ("container", "files", "seal", "signature", "events", "contents")
VALID, INVALID, UNREADABLE, UNVERIFIED = 0, 1, 2, 3
"""Exit codes."""
VERDICTS = {VALID: "valid", INVALID: "invalid", UNVERIFIED: "signer_unverified"}
STANDINGS = ("valid", "invalid", "not_reached")
"""Words of the report in JSON, with those of CHECKS."""

CHUNK = 1024 * 1024
MOST_FILES = 200_000
MOST_TEXT = 64 * 1024 * 1024
"""Bytes of the largest file that is read into memory; recordings are not."""

PAYLOAD, TAGS = "manifest-sha256.txt", "tagmanifest-sha256.txt"
INDEX, STATEMENT, KEY, CHECKPOINT = "index.json", "statement.json", "verify/key.txt", "log/checkpoint"
SEAL_EVENT, SEAL_PROOF, SEAL_GROWTH = "seal/event.json", "seal/event.tlog-proof", "seal/consistency"
UNLISTED = (TAGS, SEAL_EVENT, SEAL_PROOF, SEAL_GROWTH)
"""Files that no list names: the list of lists, and what seals it."""
NEEDED = ("bagit.txt", "bag-info.txt", PAYLOAD, INDEX, STATEMENT, KEY, CHECKPOINT, *UNLISTED)


class Refused(Exception):
    """The bundle is not as it was made; ``what`` is the first file or event concerned."""

    def __init__(self, what: object, why: str) -> None:
        """Say what, and why; ``what`` may come from the bundle, and be anything."""
        super().__init__(f"{what}: {why}")
        self.what = str(what)
        self.why = why


# --- the container ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A file in a ZIP: where its bytes begin, how many there are, and their CRC-32."""

    name: str
    head: int
    start: int
    size: int
    crc: int


_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_OVER = 0xFFFFFFFF
_FILE = 0o100644 << 16


def is_safe(name: str) -> bool:
    """Whether a name is a plain relative path that every system takes: no way up, no drive, no blank."""
    parts = name.split("/")
    return len(name) <= 255 and all(_PART.fullmatch(each) and not each.endswith(".") for each in parts)


def stamp(unix_ms: int) -> int:
    """The date and time of a ZIP's entries, UTC to two seconds, as the format packs them."""
    at = moment(unix_ms)
    day = (max(at.year, 1980) - 1980) << 9 | at.month << 5 | at.day
    return day << 16 | at.hour << 11 | at.minute << 5 | at.second // 2


def moment(unix_ms: int) -> datetime:
    """A time in UTC."""
    utc = timezone.utc  # noqa: UP017 - Python 3.9 has no datetime.UTC
    return datetime(1970, 1, 1, tzinfo=utc) + timedelta(milliseconds=unix_ms)


def local_header(name: str, size: int, crc: int, at: int) -> bytes:
    """What stands before a file's bytes (APPNOTE 4.3.7): stored, no flags, ZIP64 only from 4 GiB on."""
    encoded, is_large = name.encode(), size >= _OVER
    extra = struct.pack("<HHQQ", 1, 16, size, size) if is_large else b""
    shown = _OVER if is_large else size
    fixed = struct.pack(
        "<IHHHIIIIHH",
        *(0x04034B50, 45 if is_large else 20, 0, 0, at, crc, shown, shown, len(encoded), len(extra)),
    )
    return fixed + encoded + extra


def directory_entry(entry: Entry, at: int) -> bytes:
    """What stands of a file in the directory at the end (4.3.12): a regular file, mode 0644."""
    encoded = entry.name.encode()
    over = [each for each in (entry.size, entry.size, entry.head) if each >= _OVER]
    extra = struct.pack(f"<HH{len(over)}Q", 1, 8 * len(over), *over) if over else b""
    needs = 45 if over else 20
    size, head = min(entry.size, _OVER), min(entry.head, _OVER)
    fixed = struct.pack(
        "<IHHHHIIIIHHHHHII",
        *(0x02014B50, 3 << 8 | needs, needs, 0, 0, at, entry.crc, size, size, len(encoded), len(extra)),
        *(0, 0, 0, _FILE, head),
    )
    return fixed + encoded + extra


def ending(count: int, start: int, length: int) -> bytes:
    """The end of a ZIP (4.3.14 to 4.3.16), no comment."""
    large = b""
    if count >= 0xFFFF or start >= _OVER or length >= _OVER:
        large = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 3 << 8 | 45, 45, 0, 0, count, count, length, start)
        large += struct.pack("<IIQI", 0x07064B50, 0, start + length, 1)
    few = min(count, 0xFFFF)
    return large + struct.pack(
        "<IHHHHIIH", 0x06054B50, 0, 0, few, few, min(length, _OVER), min(start, _OVER), 0
    )


def entries_of(file: IO[bytes], total: int) -> tuple[list[Entry], int]:
    """The files of a ZIP and their common time, if every byte round them is as the method writes it.

    Read from the front, so that what one program finds by the directory and another by the headers
    cannot differ; nothing is compressed, so that nothing can swell.
    """
    found: list[Entry] = []
    seen: set[str] = set()
    head, common = 0, -1
    while len(found) <= MOST_FILES:
        entry, at = _entry_at(file, head, total)
        if entry is None:
            _check_directory(file, head, total, found, common)
            return found, common
        if entry.name.lower() in seen:
            raise Refused(entry.name, "is in the ZIP twice")
        if found and entry.name <= found[-1].name:
            raise Refused(entry.name, "is not where it belongs in the ZIP: it was added or moved")
        if found and at != common:
            raise Refused(entry.name, "has another date than the rest of the ZIP")
        found.append(entry)
        seen.add(entry.name.lower())
        head, common = entry.start + entry.size, at
    raise Refused("the ZIP", f"has more than {MOST_FILES} files")


def _entry_at(file: IO[bytes], head: int, total: int) -> tuple[Entry | None, int]:
    """The file whose header begins there, and its time; None if no header does."""
    file.seek(head)
    fixed = file.read(30)
    if len(fixed) < 30 or fixed[:4] != b"PK\x03\x04":
        return None, 0
    _, _, flags, method, at, crc, _, size, length, more = struct.unpack("<IHHHIIIIHH", fixed)
    try:
        name = file.read(length).decode("ascii")
    except UnicodeDecodeError:
        name = ""
    if not is_safe(name):
        raise Refused(shown(name) or "a file", "its name in the ZIP is not one that the method writes")
    extra = file.read(more)
    if method or flags:
        raise Refused(name, "is compressed, encrypted or flagged in the ZIP, and was stored plainly")
    if size == _OVER and len(extra) == 20:
        size = struct.unpack("<Q", extra[4:12])[0]
    if fixed + name.encode() + extra != local_header(name, size, crc, at):
        raise Refused(name, "its header in the ZIP is not as the method writes it")
    start = head + len(fixed) + length + more
    if start + size > total:
        raise Refused(name, "breaks off")
    return Entry(name, head, start, size, crc), at


def _check_directory(file: IO[bytes], start: int, total: int, found: list[Entry], at: int) -> None:
    """The directory behind the files, byte for byte, and nothing behind it."""
    if not found:
        raise Refused("the ZIP", "is none, or does not begin with a file")
    file.seek(start)
    length = 0
    for each in found:
        expected = directory_entry(each, at)
        if file.read(len(expected)) != expected:
            raise Refused(each.name, "the ZIP's directory says something else of it, or something was added")
        length += len(expected)
    end = ending(len(found), start, length)
    if file.read(len(end)) != end:
        raise Refused("the ZIP", "its end is not as the method writes it")
    if start + length + len(end) != total:
        raise Refused("the ZIP", "something follows its end")


# --- the bag (RFC 8493) ----------------------------------------------------------------------------------


@dataclass
class Bag:
    """The files of a bundle by their path in it, wherever they lie."""

    paths: list[str]
    opened: Callable[[str], Iterator[bytes]] = field(repr=False)
    base: str | None = None
    """The folder's name in the ZIP."""
    at: int | None = None
    """The time in the ZIP."""
    sha256: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def bytes_of(self, path: str) -> bytes:
        """A small file of the bundle; a path that leads elsewhere is not followed."""
        if path not in self.paths:
            raise Refused(path, "is missing")
        body = b""
        for chunk in self.opened(path):
            body += chunk
            if len(body) > MOST_TEXT:
                raise Refused(path, "is too large")
        return body

    def text_of(self, path: str) -> str:
        """A small file as text."""
        try:
            return self.bytes_of(path).decode()
        except UnicodeDecodeError:
            raise Refused(path, "is not UTF-8") from None

    def measure(self) -> None:
        """The digest and the size of every file; each is read once."""
        for path in self.paths:
            digest, size = hashlib.sha256(), 0
            for chunk in self.opened(path):
                digest.update(chunk)
                size += len(chunk)
            self.sha256[path], self.sizes[path] = digest.hexdigest(), size


def bag_of_zip(file: IO[bytes]) -> Bag:
    """The bag in a ZIP: one folder, as RFC 8493 (4.2) wants it."""
    found, at = entries_of(file, file.seek(0, os.SEEK_END))
    base = found[0].name.partition("/")[0]
    for each in found:
        if not each.name.startswith(base + "/"):
            raise Refused(each.name, "lies outside the bundle's folder")
    inside = {each.name[len(base) + 1 :]: each for each in found}

    def opened(path: str) -> Iterator[bytes]:
        entry, crc = inside[path], 0
        for offset in range(0, entry.size, CHUNK):
            file.seek(entry.start + offset)
            chunk = file.read(min(CHUNK, entry.size - offset))
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if crc != entry.crc:
            raise Refused(path, "its bytes are not those that were stored (CRC-32)")

    return Bag(paths=sorted(inside), opened=opened, base=base, at=at)


def bag_of_folder(folder: Path) -> Bag:
    """The bag in a folder: regular files only, no link."""
    paths = []
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(place, name)
            relative = path.relative_to(folder).as_posix()
            if path.is_symlink() or not (path.is_dir() or path.is_file()) or not is_safe(relative):
                raise Refused(
                    shown(relative), "is a link or a device, or its name is not one of the method's"
                )
            if path.is_file():
                paths.append(relative)

    def opened(path: str) -> Iterator[bytes]:
        with folder.joinpath(*path.split("/")).open("rb") as file:
            yield from iter(lambda: file.read(CHUNK), b"")

    return Bag(paths=sorted(paths), opened=opened)


def listed(sha256: dict[str, str], *, is_payload: bool) -> str:
    """The list of the payload (RFC 8493, 2.1.3), or that of all other files but the seal (2.2.1)."""
    chosen = [p for p in sorted(sha256) if p.startswith("data/") is is_payload and p not in UNLISTED]
    return "".join(f"{sha256[path]}  {path}\n" for path in chosen)


def check_files(bag: Bag) -> None:
    """Every file is listed under its digest, every listed file is there, and the lists are spelt one way."""
    for path in NEEDED:
        if path not in bag.paths:
            raise Refused(path, "is missing")
    bag.measure()
    for name, is_payload in ((PAYLOAD, True), (TAGS, False)):
        text = bag.text_of(name)
        told = {path: digest for digest, _, path in (line.partition("  ") for line in text.splitlines())}
        if "" in told:
            raise Refused(name, "is not spelt as the method spells it")
        ours = [p for p in bag.paths if p.startswith("data/") is is_payload and p not in UNLISTED]
        for path in sorted({*told, *ours}):
            if path not in bag.sha256:
                raise Refused(shown(path), "is missing")
            if path not in told:
                raise Refused(path, f"was added: {name} does not list it")
            if told[path] != bag.sha256[path]:
                raise Refused(path, f"was altered: {name} lists another SHA-256")
        if text != listed(bag.sha256, is_payload=is_payload):
            raise Refused(name, "is not spelt as the method spells it")


# --- signatures: Ed25519 (RFC 8032) and signed notes (C2SP) ----------------------------------------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_I = pow(2, (_P - 1) // 4, _P)
Point = tuple[int, int, int, int]
"""X, Y, Z and T = X * Y / Z (RFC 8032, 5.1.4)."""
_ZERO: Point = (0, 1, 1, 0)


def _add(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _point(encoded: bytes) -> Point | None:
    """The point that 32 bytes stand for (5.1.3); None if they stand for none."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _I % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def _encoded(point: Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


_BASE = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little")) or _ZERO


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is the key's over the message (5.1.7, without the cofactor)."""
    key = _point(public) if len(public) == 32 else None
    if key is None or len(signature) != 64:
        return False
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= _L:
        return False
    k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % _L
    away: Point = (_P - key[0], key[1], key[2], _P - key[3])
    both, total = _add(_BASE, away), _ZERO
    for bit in range(252, -1, -1):
        total = _add(total, total)
        take = (s >> bit & 1, k >> bit & 1)
        if take != (0, 0):
            total = _add(total, {(1, 0): _BASE, (0, 1): away, (1, 1): both}[take])
    return _encoded(total) == r


@dataclass(frozen=True)
class SigningKey:
    """A public key under the name it signs by."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell its signatures from others'."""
        return hashlib.sha256(self.name.encode() + b"\n\x01" + self.public).digest()[:4]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the key, in hex."""
        return hashlib.sha256(self.public).hexdigest()

    @property
    def text(self) -> str:
        """As C2SP writes it: name, id and key."""
        key = base64.b64encode(b"\x01" + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}\n"


@dataclass(frozen=True)
class Checkpoint:
    """The size and the root of a log, as a note states them."""

    origin: str
    size: int
    root: bytes


def unbase64(text: str, what: str) -> bytes:
    """The bytes of base64 in its one spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        data = b""
    if not data or base64.b64encode(data).decode() != text:
        raise Refused(what, "holds base64 that cannot be read")
    return data


def keys_of(text: str) -> list[SigningKey]:
    """The keys in verify/key.txt, a line each: the newest, then the one before it if that signs still."""
    found = []
    for line in text.splitlines(keepends=True):
        name, _, rest = line.rstrip("\n").partition("+")
        data = unbase64(rest.partition("+")[2], KEY)
        found.append(SigningKey(name, data[1:]))
        if len(data) != 33 or found[-1].text != line:
            raise Refused(KEY, "is not an Ed25519 key of a log")
    if not found:
        raise Refused(KEY, "holds no key")
    return found


def checkpoint_of(note: str, key: SigningKey, what: str) -> Checkpoint:
    """The checkpoint that a note states, if the key signed it; signatures of others are passed over."""
    text, _, lines = note.rpartition("\n\n")
    start = f"\u2014 {key.name} "
    found = [unbase64(each[len(start) :], what) for each in lines.splitlines() if each.startswith(start)]
    mine = [each[4:] for each in found if each[:4] == key.key_id]
    if not mine or not all(is_signed(key.public, f"{text}\n".encode(), each) for each in mine):
        raise Refused(what, "its checkpoint is not signed by the key of the bundle")
    return stated(note, key.name, what)


def stated(note: str, log: str, what: str) -> Checkpoint:
    """The checkpoint of that log that a note states, its signatures not looked at."""
    origin, size, root = [*note.partition("\n\n")[0].split("\n"), "", "", ""][:3]
    if origin != log or not re.fullmatch(r"0|[1-9][0-9]{0,18}", size):
        raise Refused(what, "its checkpoint is of another log, or none")
    return Checkpoint(origin, int(size), unbase64(root, what))


# --- proofs (RFC 6962, RFC 9162) -------------------------------------------------------------------------


def node(left: bytes, right: bytes) -> bytes:
    """The hash above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def are_hashes(*values: bytes) -> bool:
    """Whether each is as long as a SHA-256; the RFCs' steps alone would take an empty one for a root."""
    return all(len(each) == 32 for each in values)


def is_included(body: bytes, index: int, path: Sequence[bytes], tree: Checkpoint) -> bool:
    """Whether an event of these bytes stands at the index in the tree."""
    return is_led(hashlib.sha256(b"\x00" + body).digest(), index, path, tree)


def is_led(leaf: bytes, index: int, path: Sequence[bytes], tree: Checkpoint) -> bool:
    """Whether the path leads from the leaf at the index to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < tree.size or not are_hashes(leaf, tree.root, *path):
        return False
    at, last, reached = index, tree.size - 1, leaf
    for each in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            reached = node(each, reached)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            reached = node(reached, each)
        at, last = at >> 1, last >> 1
    return last == 0 and reached == tree.root


def has_grown(old: Checkpoint, new: Checkpoint, path: Sequence[bytes]) -> bool:
    """Whether the path shows that the new tree begins with the old one (RFC 9162, 2.1.4.2)."""
    if not 0 < old.size < new.size or not are_hashes(old.root, new.root, *path):
        return False
    hashes = [old.root, *path] if old.size & (old.size - 1) == 0 else list(path)
    if not hashes:
        return False
    at, last = old.size - 1, new.size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = hashes[0]
    for each in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node(each, before), node(each, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node(after, each)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old.root and after == new.root


def proof_of(text: str, what: str) -> tuple[int, list[bytes], str]:
    """Index, path and checkpoint of a proof of inclusion (C2SP tlog-proof)."""
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    index = re.fullmatch(r"index (0|[1-9][0-9]{0,18})", lines[1]) if len(lines) > 1 else None
    if lines[0] != "c2sp.org/tlog-proof@v1" or index is None:
        raise Refused(what, "is not a proof of the form tlog-proof")
    return int(index[1]), [unbase64(each, what) for each in lines[2:]], note


def growth_of(text: str, what: str) -> tuple[int, list[bytes], str]:
    """Old size, path and new checkpoint of a proof of growth (the body of C2SP tlog-witness)."""
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    old = re.fullmatch(r"old ([1-9][0-9]{0,18})", lines[0])
    if old is None:
        raise Refused(what, "is not a proof of growth")
    return int(old[1]), [unbase64(each, what) for each in lines[1:]], note


# --- what it all says ------------------------------------------------------------------------------------


def json_of(body: bytes, what: str) -> Any:
    """A JSON document; one that gives a name twice says two things, and is refused."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError
        return found

    try:
        return json.loads(body, object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise Refused(what, "is not JSON") from None


@dataclass
class Report:
    """How far a bundle was checked, and what was found."""

    key_given: bool
    passed: list[str] = field(default_factory=list)
    refused: Refused | None = None
    key: SigningKey | None = None
    seal: dict[str, Any] | None = None
    """The event that seals the bundle; nothing is known of it before the signature was checked."""
    checkpoint: Checkpoint | None = None
    files: int = 0
    events: int = 0
    timestamps: int = 0

    @property
    def code(self) -> int:
        """The exit code."""
        if self.refused:
            return INVALID
        return VALID if self.key_given else UNVERIFIED


def check(path: Path, fingerprint: str | None = None) -> Report:
    """Check a bundle, up to the first thing that does not hold.

    Raises:
        OSError: it cannot be read.
    """
    report = Report(key_given=fingerprint is not None)
    try:
        if path.is_dir():
            _check(lambda: bag_of_folder(path), fingerprint, report)
        else:
            with path.open("rb") as file:
                _check(lambda: bag_of_zip(file), fingerprint, report)
    except Refused as refused:
        report.refused = refused
    except (KeyError, TypeError, AttributeError, IndexError, ValueError, OverflowError):
        what = SEAL_EVENT if len(report.passed) == CHECKS.index("seal") else INDEX
        report.refused = Refused(what, "does not have the form that this check knows")
    return report


def _check(opened: Callable[[], Bag], fingerprint: str | None, report: Report) -> None:
    """The checks in their order; each is entered as passed when it is through."""
    bag = opened()
    report.passed.append("container")
    check_files(bag)
    report.files = len(bag.paths)
    report.passed.append("files")
    seal = check_seal(bag)
    report.passed.append("seal")
    keys = keys_of(bag.text_of(KEY))
    report.key = chosen(keys, fingerprint)
    report.checkpoint, sealed = check_signatures(bag, report.key)
    report.passed.append("signature")
    report.events = check_events(bag, report.checkpoint, sealed)
    report.timestamps = check_timestamps(bag, report.checkpoint)
    report.passed.append("events")
    check_contents(bag, seal, keys[0], report.checkpoint)
    report.seal = seal
    report.passed.append("contents")


def check_seal(bag: Bag) -> dict[str, Any]:
    """The event that was logged when the bundle was made, which states the digest of the list of lists."""
    seal: dict[str, Any] = json_of(bag.bytes_of(SEAL_EVENT), SEAL_EVENT)
    fields = seal["fields"]
    if seal["kind"] != "export.created" or seal["outcome"] != "success":
        raise Refused(SEAL_EVENT, "is not the event of an export")
    ids = (
        ("ev_", seal["id"]),
        ("exp_", fields["export_id"]),
        *(("rec_", each) for each in fields["recordings"]),
    )
    is_formed = all(re.fullmatch(start + "[0-9a-f]{32}", each) for start, each in ids)
    if not is_formed or type(seal["occurred_at_ms"]) is not int:
        raise Refused(SEAL_EVENT, "does not have the form that this check knows")
    if fields["bag_sha256"] != bag.sha256[TAGS]:
        raise Refused(TAGS, f"is not the list that was sealed: {seal['id']} states another SHA-256")
    place = (fields["export_id"], stamp(seal["occurred_at_ms"]))
    if bag.base is not None and (bag.base, bag.at) != place:
        raise Refused("the ZIP", f"has another folder name or date than {seal['id']} gives it")
    return seal


def chosen(keys: list[SigningKey], fingerprint: str | None) -> SigningKey:
    """The key of the fingerprint, or the newest if none was given."""
    found = [each for each in keys if fingerprint in (None, each.fingerprint)]
    if not found:
        theirs = ", ".join(each.fingerprint for each in keys)
        raise Refused(KEY, f"is another key than the one asked for: its fingerprint is {theirs}")
    return found[0]


def check_signatures(bag: Bag, key: SigningKey) -> tuple[Checkpoint, Checkpoint]:
    """The checkpoint of the events and that of the seal, both signed by the key."""
    _, _, note = proof_of(bag.text_of(SEAL_PROOF), SEAL_PROOF)
    return checkpoint_of(bag.text_of(CHECKPOINT), key, CHECKPOINT), checkpoint_of(note, key, SEAL_PROOF)


def check_events(bag: Bag, tree: Checkpoint, sealed: Checkpoint) -> int:
    """Every event is in the log, the seal's too, and that log grew from the others'; how many there are."""
    index, path, note = proof_of(bag.text_of(SEAL_PROOF), SEAL_PROOF)
    if not is_included(bag.bytes_of(SEAL_EVENT), index, path, sealed):
        raise Refused(SEAL_EVENT, "its proof does not lead to the checkpoint")
    old, path, newer = growth_of(bag.text_of(SEAL_GROWTH), SEAL_GROWTH)
    if old != tree.size or newer != note or not has_grown(tree, sealed, path):
        raise Refused(SEAL_GROWTH, "does not show that the log of the seal grew from that of the events")
    common = bag.text_of(CHECKPOINT)
    told = [each for one in json_of(bag.bytes_of(INDEX), INDEX)["recordings"] for each in one["events"]]
    for each in told:
        index, path, note = proof_of(bag.text_of(each["proof"]), each["proof"])
        if note != common:
            raise Refused(each["proof"], "is under another checkpoint than the rest")
        if index != each["leaf_index"] or not is_included(bag.bytes_of(each["path"]), index, path, tree):
            raise Refused(each["id"], f"the proof of {each['path']} does not lead to the checkpoint")
    return len(told) + 1


def check_timestamps(bag: Bag, tree: Checkpoint) -> int:
    """What was time-stamped are earlier states of this log; how many.  The stamps are for openssl."""
    told = json_of(bag.bytes_of(INDEX), INDEX)["timestamps"]
    for each in told:
        old = stated(bag.text_of(each["checkpoint"]), tree.origin, each["checkpoint"])
        if each["growth"] is None:
            holds = old == tree
        else:
            size, path, note = growth_of(bag.text_of(each["growth"]), each["growth"])
            holds = size == old.size and note == bag.text_of(CHECKPOINT) and has_grown(old, tree, path)
        if not holds or each["size"] != old.size or each["token"] not in bag.paths:
            raise Refused(each["checkpoint"], "is not an earlier state of the log")
    return len(told)


def check_contents(bag: Bag, seal: dict[str, Any], newest: SigningKey, tree: Checkpoint) -> None:
    """Index, seal, statement, events and files tell one story."""
    index = json_of(bag.bytes_of(INDEX), INDEX)
    fields, log, said = seal["fields"], index["log"], json_of(bag.bytes_of(STATEMENT), STATEMENT)
    agrees = (
        index["schema"] == "compliance/evidence-index/1",
        index["export"]["id"] == fields["export_id"],
        index["export"]["created_at_ms"] == seal["occurred_at_ms"],
        index["export"]["matter"] == said["matter"] and index["export"]["purpose"] == said["purpose"],
        [each["id"] for each in index["recordings"]] == fields["recordings"],
        (log["origin"], log["size"], log["root"]) == (tree.origin, tree.size, tree.root.hex()),
        log["key_fingerprint"] == newest.fingerprint,
    )
    if not all(agrees):
        raise Refused(INDEX, f"does not agree with {seal['id']} or with the log")
    if fields["statement_sha256"] != bag.sha256[STATEMENT]:
        raise Refused(STATEMENT, f"is not the one of which {seal['id']} states the SHA-256")
    told = [path for each in index["recordings"] for path in _check_recording(bag, each)]
    told += [path for path in _check_policies(bag, index) if path]
    if sorted(told) != [path for path in bag.paths if path.startswith("data/")]:
        raise Refused(INDEX, "does not list what lies under data/")


def _check_recording(bag: Bag, told: dict[str, Any]) -> Iterator[str]:
    """One recording: its events are its own, in the order of the log; the last release names its files."""
    released = None
    last = -1
    for each in told["events"]:
        event = json_of(bag.bytes_of(each["path"]), each["path"])
        facts = [event[name] for name in ("id", "kind", "occurred_at_ms", "recording_id")]
        ours = [*(each[name] for name in ("id", "kind", "occurred_at_ms")), told["id"]]
        if facts != ours or each["leaf_index"] <= last:
            raise Refused(each["id"], f"{INDEX} says something else of it")
        released = event if event["kind"] == "recording.released" else released
        last = each["leaf_index"]
        yield from (each["path"], each["proof"])
    if released is None:
        raise Refused(told["id"], "no event says that it was released")
    start = f"data/{told['id']}/"
    files = {each["path"]: each["sha256"] for each in told["files"]}
    for path, sha256 in files.items():
        if bag.sha256.get(path) != sha256:
            raise Refused(path, f"{INDEX} states another SHA-256")
    logged = {start + name: sha256 for name, sha256 in released["fields"]["outputs"].items()}
    if wrong := sorted(set(files.items()) ^ set(logged.items())):
        raise Refused(wrong[0][0], f"is not what {released['id']} says was released")
    yield from files


def _check_policies(bag: Bag, index: dict[str, Any]) -> Iterator[str | None]:
    """Each policy that a manifest names is told of, and lies here unless it was not at hand."""
    held = {(each["file"], each["sha256"]): each["path"] for each in index["policies"]}
    for one in index["recordings"]:
        manifest = f"data/{one['id']}/manifest.json"
        for each in json_of(bag.bytes_of(manifest), manifest)["policies"]:
            if (each["file"], each["sha256"]) not in held:
                raise Refused(manifest, f"names a policy of which {INDEX} does not tell")
    for (_, sha256), path in held.items():
        if path is not None and bag.sha256.get(path) != sha256:
            raise Refused(path, "is not the policy that was used")
        yield path


# --- the report ------------------------------------------------------------------------------------------


def shown(text: str) -> str:
    """Text with nothing in it that a terminal would obey."""
    return text.encode("unicode_escape").decode()


def sha256_of_this() -> str:
    """The digest of this program, to compare with the one that the custodian tells."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def document(report: Report) -> dict[str, Any]:
    """The report as a JSON document."""
    refused, seal, tree = report.refused, report.seal, report.checkpoint
    failed = CHECKS[len(report.passed)] if refused else None
    valid, invalid, not_reached = STANDINGS
    standings = dict.fromkeys(CHECKS, not_reached) | dict.fromkeys(report.passed, valid)
    if failed:
        standings[failed] = invalid
    return {
        "schema": "compliance/evidence-verify/1",
        "verdict": VERDICTS[report.code],
        "key_given": report.key_given,
        "key_fingerprint": report.key.fingerprint if report.key else None,
        "export": seal
        and {
            "id": seal["fields"]["export_id"],
            "created_at_ms": seal["occurred_at_ms"],
            "recordings": seal["fields"]["recordings"],
            "event_id": seal["id"],
        },
        "checkpoint": tree and {"origin": tree.origin, "size": tree.size, "root": tree.root.hex()},
        "files": report.files,
        "events": report.events,
        "timestamps": report.timestamps,
        "checks": [{"check": check, "standing": standing} for check, standing in standings.items()],
        "first": refused and {"check": failed, "what": shown(refused.what), "why": shown(refused.why)},
        "verifier_sha256": sha256_of_this(),
    }


def sentences(report: Report) -> Iterator[str]:
    """The report for people."""
    if report.refused:
        yield f"INVALID ({CHECKS[len(report.passed)]}): {shown(str(report.refused))}"
        return
    assert report.seal is not None
    assert report.key is not None
    fields = report.seal["fields"]
    made = moment(report.seal["occurred_at_ms"]).strftime("%Y-%m-%d %H:%M:%S")
    count = len(fields["recordings"])
    holds = f"{report.files} files, {report.events} events, {count} recording{'' if count == 1 else 's'}"
    word = "VALID" if report.code == VALID else "CONSISTENT, SIGNER UNVERIFIED"
    yield f"{word}: {shown(fields['export_id'])}, made {made} UTC, {holds}"
    yield f"Key in the bundle: {report.key.fingerprint}"
    if report.timestamps:
        yield f"Time stamps over this log, to be checked with openssl (README.txt): {report.timestamps}"
    if report.code == UNVERIFIED:
        yield "Whoever forges a bundle puts a key of his own into it. Get the fingerprint from the custodian"
        yield "by another way than this bundle, and run this again with --key FINGERPRINT."


def fingerprint_of(text: str) -> str:
    """A fingerprint as it may be typed or read out: blanks and colons between the digits, either case."""
    plain = re.sub(r"[\s:]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", plain):
        raise argparse.ArgumentTypeError("a fingerprint has 64 hex digits")
    return plain


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, say what was found, and give the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the ZIP, or the folder it was unpacked to")
    parser.add_argument("--key", metavar="FINGERPRINT", type=fingerprint_of, help="of the custodian's key")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    given = parser.parse_args(arguments)
    try:
        report = check(given.file, given.key)
    except OSError as error:
        print(f"cannot be read: {error.strerror}", file=sys.stderr)
        return UNREADABLE
    lines = [json.dumps(document(report), indent=2)] if given.json else sentences(report)
    for line in lines:
        print(line)
    return report.code


if __name__ == "__main__":
    sys.exit(main())

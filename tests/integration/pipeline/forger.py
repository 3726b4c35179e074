"""What a forger does to a bundle of evidence, from clumsy to skilled."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import rfc8785

from compliance.audit import merkle
from compliance.audit.note import Checkpoint, SeedSigner, encoded, sign
from compliance.audit.proof import Proof
from compliance.evidence.bag import Bag, pack
from compliance.evidence.verify_alone import (
    CHECKPOINT,
    INDEX,
    KEY,
    PAYLOAD,
    SEAL_EVENT,
    SEAL_GROWTH,
    SEAL_PROOF,
    TAGS,
    listed,
)

Files = dict[str, bytes]
Entry = tuple[zipfile.ZipInfo | str, bytes]
FORGER = SeedSigner(name="compliance/audit", seed=b"f" * 32)
"""A key of the forger's own, under the log's name."""


def unpacked(bundle: Path) -> Files:
    """The files of a bundle by their path in it."""
    with zipfile.ZipFile(bundle) as file:
        return {name.partition("/")[2]: file.read(name) for name in file.namelist()}


def packed(files: Files, target: Path) -> Path:
    """The files as a ZIP that is spelt as the method spells it, named and dated by its seal."""
    seal = json.loads(files[SEAL_EVENT])
    bag = Bag(folder=target.with_suffix(".bag"))
    for path, body in files.items():
        bag.add(path, [body])
    pack(bag, target, base=seal["fields"]["export_id"], created_at_ms=seal["occurred_at_ms"])
    return target


def relisted(files: Files) -> Files:
    """The files with both lists made anew, as any program for BagIt would."""
    for name, is_payload in ((PAYLOAD, True), (TAGS, False)):
        digests = {path: hashlib.sha256(body).hexdigest() for path, body in files.items()}
        files[name] = listed(digests, is_payload=is_payload).encode()
    return files


def reindexed(files: Files, change: Callable[[dict[str, Any]], None]) -> Files:
    """The files with a changed index."""
    index = json.loads(files[INDEX])
    change(index)
    return files | {INDEX: json.dumps(index).encode()}


def stated(files: Files, **facts: Any) -> Files:
    """The files with other facts in the sealing event, which states the right digest of the lists."""
    seal = json.loads(files[SEAL_EVENT])
    seal["fields"] |= {"bag_sha256": hashlib.sha256(files[TAGS]).hexdigest()} | facts
    return files | {SEAL_EVENT: rfc8785.dumps(seal)}


def logged(files: Files, *signers: SeedSigner) -> Files:
    """The files under a log of the signers' own, made of just these events: a forgery without a flaw.

    With the custodian's key it is what a custodian can do who lies from the start.
    """
    events = _events(files)
    leaves = [merkle.leaf_hash(files[path]) for path in events]
    note = _note(leaves, *signers)
    for number, path in enumerate(events):
        proof = Proof(leaf_index=number, hashes=merkle.inclusion_proof(leaves, number), note=note)
        files[path.replace(".json", ".tlog-proof")] = proof.text.encode()
    places = {path: number for number, path in enumerate(events)}

    def change(index: dict[str, Any]) -> None:
        index["log"] |= {"size": len(leaves), "root": merkle.root(leaves).hex()}
        index["log"]["key_fingerprint"] = signers[0].verifier.fingerprint
        for each in (event for one in index["recordings"] for event in one["events"]):
            each["leaf_index"] = places[each["path"]]

    keys = "".join(f"{each.verifier}\n" for each in signers)
    return resealed(reindexed(files, change) | {CHECKPOINT: note.encode(), KEY: keys.encode()}, *signers)


def resealed(files: Files, *signers: SeedSigner) -> Files:
    """The files, already under a log of the signers' own, with lists and seal made anew."""
    files = stated(relisted(files))
    leaves = [merkle.leaf_hash(files[path]) for path in (*_events(files), SEAL_EVENT)]
    last, note = len(leaves) - 1, _note(leaves, *signers)
    proof = Proof(leaf_index=last, hashes=merkle.inclusion_proof(leaves, last), note=note)
    grown = "\n".join([f"old {last}", *map(encoded, merkle.consistency_proof(leaves, last)), "", note])
    return files | {SEAL_PROOF: proof.text.encode(), SEAL_GROWTH: grown.encode()}


def _events(files: Files) -> list[str]:
    return sorted(path for path in files if "/events/" in path and path.endswith(".json"))


def _note(leaves: list[bytes], *signers: SeedSigner) -> str:
    checkpoint = Checkpoint(origin=signers[0].name, size=len(leaves), root=merkle.root(leaves))
    return sign(checkpoint.text, *signers)


def only(files: Files, ending: str) -> str:
    """The path that is so, or the first that ends so."""
    return ending if ending in files else next(each for each in files if each.endswith(ending))


def edited(files: Files, ending: str, old: bytes = b"", new: bytes = b" ") -> Files:
    """The files with a change in one of them, at its end if nowhere else."""
    path = only(files, ending)
    body = files[path].replace(old, new, 1) if old else files[path] + new
    assert body != files[path]
    return files | {path: body}


def without(files: Files, *endings: str) -> Files:
    """The files less some."""
    gone = {only(files, each) for each in endings}
    return {path: body for path, body in files.items() if path not in gone}


def renamed(files: Files, ending: str, new: str) -> Files:
    """The files with one under another name."""
    path = only(files, ending)
    return without(files, ending) | {path.removesuffix(ending) + new: files[path]}


def appended(raw: bytes, *entries: Entry, kind: int = zipfile.ZIP_STORED) -> bytes:
    """A ZIP with more files, as a common program adds them."""
    held = io.BytesIO(raw)
    with warnings.catch_warnings(), zipfile.ZipFile(held, "a", kind) as file:
        warnings.simplefilter("ignore")  # a name given twice is what is wanted
        for name, body in entries:
            file.writestr(name, body)
    return held.getvalue()


def link(name: str, target: str) -> Entry:
    """A symbolic link as an entry."""
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info, target.encode()


def packed_again(raw: bytes, kind: int) -> bytes:
    """The same files in a ZIP by another program."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(held, "w", kind) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return held.getvalue()


def headers(raw: bytes) -> Iterator[tuple[int, str]]:
    """Where each file's header begins, and its name."""
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        yield from ((each.header_offset, each.filename) for each in file.infolist())


def patched(raw: bytes, at: int, value: bytes) -> bytes:
    """A ZIP with some bytes of it replaced."""
    return raw[:at] + value + raw[at + len(value) :]


def named_otherwise(raw: bytes, old: str, new: str) -> bytes:
    """A ZIP in which one file has another name of the same length, in its header and in the directory."""
    at = raw.index(old.encode())
    return named_in_directory(patched(raw, at, new.encode()), old, new)


def named_in_directory(raw: bytes, old: str, new: str) -> bytes:
    """A ZIP in which one file has another name of the same length, in the directory alone."""
    assert len(old) == len(new)
    return patched(raw, raw.rindex(old.encode()), new.encode())


def redated(raw: bytes, number: int) -> bytes:
    """A ZIP in which one file's header bears another date."""
    at, _ = list(headers(raw))[number]
    return patched(raw, at + 12, b"\x21\x50")


def of_another_day(raw: bytes) -> bytes:
    """A ZIP whose entries all bear another date, in both places."""
    date = struct.pack("<H", struct.unpack_from("<H", raw, 12)[0] - 1)
    for at, name in list(headers(raw)):
        central = raw.rindex(name.encode()) - 46
        raw = patched(patched(raw, at + 12, date), central + 14, date)
    return raw

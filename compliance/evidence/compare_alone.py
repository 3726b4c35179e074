"""Checks, without our package, that a redacted recording is the original outside its cuts.

    python compare_alone.py [ORIGINAL] REDACTED manifest.json

needs PyAV (``pip install av``).  Of a call in several files one is checked, which keeps its name.
Of recordings whose packets were copied, the JSON that

    ffprobe -v error -select_streams a -show_packets -show_data_hash sha256 -of json FILE

prints may be given in a file's place, and nothing but Python is needed.  Exit code 0: so it
is; 1: it is not; 2: it cannot be checked.

A leaf is the line "<position> <SHA-256 of the content in hex>", its hash SHA-256 of a zero
byte and that line; the tree is that of RFC 6962.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Forest = list[tuple[int, bytes]]
"""Subtrees in a row: the level and the root of each."""

STORED = {"pcm_s24le": 3, "pcm_mulaw": 1, "pcm_alaw": 1}
"""Bytes of a sample in a WAV file, where FFmpeg decodes it to more."""


def leaf(position: int, digest: str) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\0" + f"{position} {digest}".encode()).digest()


def leaves(path: str, kept: str, step: int) -> Iterator[tuple[int, bytes]]:
    """Position and hash of each leaf: packets by their time, samples in blocks of ``step``."""
    with Path(path).open("rb") as file:
        printed = json.load(file)["packets"] if file.read(1) == b"{" and not file.seek(0) else None
    if printed is not None:
        for packet in printed:
            yield packet["pts"], leaf(packet["pts"], packet["data_hash"].partition(":")[2].lower())
        return
    import av

    with av.open(path) as file:
        stream = file.streams.audio[0]
        if kept == "packets":
            for packet in file.demux(stream):
                if packet.size:
                    yield packet.pts or 0, leaf(packet.pts or 0, hashlib.sha256(bytes(packet)).hexdigest())
        else:
            yield from blocks(file, stream, step)


def blocks(file: Any, stream: Any, step: int) -> Iterator[tuple[int, bytes]]:
    """Position and hash of each block of samples."""
    codec, width = stream.codec_context.name, stream.codec_context.format.bytes
    size = step * stream.codec_context.channels * STORED.get(codec, width)
    held, position = b"", 0
    for part in samples(file, stream, codec):
        held += part
        while len(held) >= size:
            yield position, leaf(position, hashlib.sha256(held[:size]).hexdigest())
            held, position = held[size:], position + step
    if held:
        yield position, leaf(position, hashlib.sha256(held).hexdigest())


def samples(file: Any, stream: Any, codec: str) -> Iterator[bytes]:
    """The bytes of the samples, channels interleaved; FLAC is decoded."""
    if codec.startswith("pcm_"):
        yield from (bytes(packet) for packet in file.demux(stream) if packet.size)
        return
    for frame in file.decode(stream):
        block = frame.to_ndarray()
        yield (block.T if frame.format.is_planar else block).astype(block.dtype.newbyteorder("<")).tobytes()


def add(forest: Forest, node: bytes, level: int = 0) -> None:
    """Put a subtree of 2 ** level leaves behind the others, and join those of one size."""
    while forest and forest[-1][0] == level:
        node, level = hashlib.sha256(b"\1" + forest.pop()[1] + node).digest(), level + 1
    forest.append((level, node))


def largest(start: int, end: int) -> int:
    """The level of the largest subtree that begins at a leaf and fits before another."""
    most = (end - start).bit_length() - 1
    return min(most, (start & -start).bit_length() - 1) if start else most


def root(forest: Forest) -> str:
    """The root over all its leaves."""
    node = forest[-1][1] if forest else hashlib.sha256(b"").digest()
    for _, left in reversed(forest[:-1]):
        node = hashlib.sha256(b"\1" + left + node).digest()
    return node.hex()


def size(forest: Forest) -> int:
    """How many leaves it has."""
    return sum(1 << level for level, _ in forest)


def faults(told: Any, cuts: Any, original: str | None, redacted: str) -> Iterator[str]:
    """What does not hold, a line each."""
    trees = told["trees"]
    changed = {at: each for each in trees["changed"] for at in range(each["first"], each["last"] + 1)}
    own: Forest = []
    whole: Forest = []
    ours = leaves(redacted, told["kept"], trees["step"])
    theirs = leaves(original, told["kept"], trees["step"]) if original else None
    for at, (position, node) in enumerate(ours):
        seconds = at * trees["step"] / trees["rate"]
        add(own, node)
        if at not in changed:
            add(whole, node)
        elif at == changed[at]["last"]:
            for each in changed[at]["nodes"]:
                add(whole, bytes.fromhex(each), largest(size(whole), at + 1))
        there = next(theirs, None) if theirs else None
        if theirs and there is None:
            yield f"at {seconds:.3f} s the original ends"
            return
        if there and (there != (position, node)) != (at in changed):
            what = "not changed, and listed" if at in changed else "changed, and not listed"
            yield f"at {seconds:.3f} s: {what}"
    if theirs and next(theirs, None):
        yield "the original is longer"
    if size(own) != trees["size"] or root(own) != trees["redacted"]:
        yield "the redacted recording is not the one that the manifest tells of"
    if size(whole) != trees["size"] or root(whole) != trees["original"]:
        yield "what was left of it is not from the original that the manifest tells of"
    yield from astray(told, cuts)


def astray(told: Any, cuts: Any) -> Iterator[str]:
    """Stretches of changed leaves beyond the reach of every cut."""
    trees = told["trees"]
    step = -(-trees["step"] * 1000 // trees["rate"])
    is_packets = told["kept"] == "packets"
    reach = max(2 * max(step, 25) + 25, 3 * step) if is_packets else step
    for each in trees["changed"]:
        at = each["start_ms"]
        if is_packets and each["first"] == 0:
            # An encoder may take three seconds to settle; those change together or not at all.
            at += min(trees["lead"] * trees["step"] * 1000 // trees["rate"], 3100 + step)
        near = False
        for start, end in sorted((cut["start_ms"] - reach, cut["end_ms"] + reach) for cut in cuts):
            near = near or (start < each["end_ms"] and each["start_ms"] < end)
            at = end if start <= at < end else at
        if not near or at < each["end_ms"]:
            yield f"at {each['start_ms'] / 1000:.3f} s: listed as changed, and no cut is near"


def own(manifest: Any, redacted: str) -> tuple[Any, Any]:
    """The proof of one file, and its cuts in its own time; of a call in several files by its name."""
    told, cuts = manifest["unaltered"], manifest["cuts"]
    if not isinstance(told, list):
        return told, cuts
    stems = [each["file"].partition(".")[0] for each in manifest["outputs"]]
    stem = Path(redacted).name.partition(".")[0]
    if stem not in stems[: len(told)]:
        return None, cuts
    at = stems.index(stem)
    offset = manifest["sources"][at]["offset_ms"]
    edges = ("start_ms", "end_ms")
    return told[at], [{edge: cut[edge] - offset for edge in edges} for cut in cuts if cut["source"] == at]


def main(arguments: list[str]) -> int:
    """Check, say what was found, and give the exit code."""
    if len(arguments) not in (2, 3):
        print(__doc__)
        return 2
    original = arguments[0] if len(arguments) == 3 else None
    with Path(arguments[-1]).open(encoding="utf-8") as file:
        manifest = json.load(file)
    told, cuts = own(manifest, arguments[-2])
    if not told or not told["trees"]:
        print("Encoded again as a whole, not verified, or not in the manifest: there is nothing to check.")
        return 2
    found = list(faults(told, cuts, original, arguments[-2]))
    for line in found[:20]:
        print(line)
    changed = sum(each["last"] + 1 - each["first"] for each in told["trees"]["changed"])
    print(
        "NOT as the manifest says."
        if found
        else f"{told['trees']['size'] - changed} leaves are the original's."
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

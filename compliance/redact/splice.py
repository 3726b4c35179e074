"""Opus and AAC with their cuts, the packets outside them copied; an edge to FFmpeg through PyAV.

The packets of a cut, and one more on each side, are encoded anew from the decoded
sound with the cut made in it: both channels, so that the one that stays goes back in.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import IO, Any

import numpy as np
from av.audio.frame import AudioFrame
from av.packet import Packet
from av.stream import Stream

from compliance.ahead import ahead
from compliance.records import Method
from compliance.redact.audio import Bleeper, Patch
from compliance.redact.encoders import packet_encoder
from compliance.redact.meter import measured
from compliance.redact.output import muxer
from compliance.redact.pace import Pace, Run, extents, runs
from compliance.redact.reader import Reader
from compliance.redact.repage import rewritten
from compliance.redact.tape import Packets, Strip, Tape
from compliance.redact.tone import Float, Tone

RUN_UP_MS = 100
"""So much of the sound before a cut is encoded as well and thrown away, so that the joint is smooth."""


PIECE_MS = 20_000
"""A run longer than that is made in pieces of so much, each by an encoder of its own."""

AT_ONCE = 4
"""Pieces begun before their turn; each is some seconds of packets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The same recording with cuts made before: what is no different this time is taken from there."""

    strip: Strip
    parts: tuple[Patch, ...]


def splice(
    reader: Reader,
    file: IO[bytes],
    parts: Sequence[Patch],
    strip: Strip,
    *,
    tone: Tone,
    earlier: Earlier | None,
) -> None:
    """Write a recording with its patches; every other packet as it is, at its time.

    ``reader`` stands at its beginning, and is used up where its packets have to come by.
    """
    wanted = _heard_in(parts, strip.pace)
    known = _heard_in(earlier.parts, strip.pace) if earlier else {}
    fresh = {run: heard for run, heard in wanted.items() if known.get(run) != heard}
    levels = _measured(strip, wanted, fresh, tone)
    with earlier.strip.packets() if earlier else nullcontext() as older:
        made = _encoded(reader, strip, levels, tone)
        every = _joined(made, older, wanted, fresh)
        if strip.file:
            file.writelines(rewritten(strip.file, strip.pace.step, every))
        else:
            _mux(file, reader, strip.pace, every)


def _heard_in(parts: Sequence[Patch], pace: Pace) -> dict[Run, list[Patch]]:
    """Every run of packets to be made anew, with the patches that are heard in making it."""
    return {run: _near(parts, run, pace) for run in runs(extents(parts), pace)}


def _near(parts: Iterable[Patch], run: Run, pace: Pace) -> list[Patch]:
    around = pace.packets(RUN_UP_MS) + 1
    low, high = (pace.start + each * pace.step for each in (run.first - around, run.last + around))
    return [part for part in parts if part.start < high and low < part.end]


def _joined(
    made: Iterator[tuple[int, bytes]], older: Packets | None, wanted: Iterable[Run], fresh: Container[Run]
) -> Iterator[tuple[int, bytes]]:
    """Every packet of a cut with its number: made now, or made before."""
    for run in wanted:
        numbers = range(run.first, run.last + 1)
        if run in fresh or older is None:
            yield from islice(made, len(numbers))
        else:
            yield from ((index, older.packet(index)) for index in numbers)


def _mux(file: IO[bytes], reader: Reader, pace: Pace, made: Iterator[tuple[int, bytes]]) -> None:
    """Every packet at its time: outside the cuts the source's."""
    with muxer(file, reader) as output:
        sound = output.add_stream_from_template(reader.audio)
        video = output.add_stream_from_template(reader.video) if reader.video else None

        def copy(packet: Packet[Any]) -> None:
            assert video is not None, "packets of a picture come only where there is one"
            packet.stream = video
            output.mux(packet)

        place, body = next(made, (-1, b""))
        for index, packet in enumerate(_sounding(reader, copy if video else None)):
            is_made = index == place
            fresh = _bare(packet, body if is_made else bytes(packet), sound)
            fresh.duration = pace.told(index) or packet.duration
            output.mux(fresh)
            if is_made:
                place, body = next(made, (-1, b""))


def _sounding(reader: Reader, on_video: Callable[[Packet[Any]], None] | None = None) -> Iterator[Packet[Any]]:
    return (packet for packet in reader.packets(on_video) if packet.size)


def _bare(packet: Packet[Any], body: bytes, stream: Stream) -> Packet[Any]:
    """A packet at another's place, without what else that may carry."""
    made: Packet[Any] = Packet(body)
    made.pts, made.dts, made.duration = packet.pts, packet.dts, packet.duration
    made.time_base, made.stream, made.is_keyframe = packet.time_base, stream, True
    if packet.has_sidedata("skip_samples"):
        made.set_sidedata(packet.get_sidedata("skip_samples"))
    return made


def _measured(
    strip: Strip, wanted: Iterable[Run], fresh: Mapping[Run, list[Patch]], tone: Tone
) -> dict[Run, tuple[Patch, ...]]:
    """The patches of each run with the level of what they replace; nothing else is decoded."""
    pace = strip.pace
    toned = {part for heard in fresh.values() for part in heard if part.method is Method.TONE}

    def heard(tape: Tape, run: Run) -> tuple[Patch, ...]:
        low, high = (pace.start + each * pace.step for each in (run.first, run.last + 1))
        mine = [part for part in toned if low <= part.start < high]
        blocks = tape.blocks(run.first, run.last) if mine else ()
        return measured(mine, blocks, rate=pace.rate, tone=tone)

    with strip.tape() as tape:
        found = ahead(partial(heard, tape), wanted, most=_at_once(strip))
        levels = {part: part for parts in found for part in parts}
    return {run: tuple(levels.get(part, part) for part in parts) for run, parts in fresh.items()}


def _at_once(strip: Strip) -> int:
    """Packets that have to come by do so once, in their order."""
    return AT_ONCE if strip.file else 0


def _encoded(
    reader: Reader, strip: Strip, fresh: Mapping[Run, tuple[Patch, ...]], tone: Tone
) -> Iterator[tuple[int, bytes]]:
    """Each packet of some runs, encoded anew, with its index."""
    pace = strip.pace

    def made(tape: Tape, piece: tuple[Run, tuple[Patch, ...]]) -> list[tuple[int, bytes]]:
        run, heard = piece
        early = max(run.first - pace.packets(RUN_UP_MS), 0)
        bleeper = Bleeper(heard, rate=pace.rate, tone=tone)
        packets = _packets(reader, pace, bleeper, tape, Run(first=early, last=run.last))
        return list(islice(enumerate(packets, early), run.first - early, run.last + 1 - early))

    with strip.tape() as tape:
        for packets in ahead(partial(made, tape), _pieces(fresh, pace), most=_at_once(strip)):
            yield from packets


def _pieces(fresh: Mapping[Run, tuple[Patch, ...]], pace: Pace) -> Iterator[tuple[Run, tuple[Patch, ...]]]:
    """Runs in pieces of a length, so that none is long in the making; with the patches heard in each."""
    size = pace.packets(PIECE_MS)
    for run, heard in fresh.items():
        for first in range(run.first, run.last + 1, size):
            piece = Run(first=first, last=min(first + size - 1, run.last))
            yield piece, tuple(_near(heard, piece, pace))


def _packets(reader: Reader, pace: Pace, bleeper: Bleeper, tape: Tape, run: Run) -> Iterator[bytes]:
    """A run encoded from its first packet on.

    What an encoder gives out first is older than what it was given, by its look-ahead; so it is
    given the sound from that much later on, and its packets fall where the source's are.
    """
    encoder, ahead = packet_encoder(reader, pace)
    left = (run.last + 1 - run.first) * pace.step
    for at, block in _padded(tape, run, ahead, pace):
        piece = bleeper.apply(block, at)[:, ahead : ahead + left]
        ahead, left = max(ahead - block.shape[1], 0), left - piece.shape[1]
        if piece.shape[1]:
            yield from map(bytes, encoder.encode(_frame(piece, pace)))
    yield from map(bytes, encoder.encode(None))


def _padded(tape: Tape, run: Run, ahead: int, pace: Pace) -> Iterator[tuple[int, Float]]:
    """The sound of a run and what an encoder wants to hear behind it; silence behind the end."""
    end, channels = 0, 1
    for at, block in tape.blocks(run.first, run.last - (-ahead // pace.step)):
        yield at, block
        end, channels = at + block.shape[1], block.shape[0]
    yield end, np.zeros((channels, ahead), np.float32)


def _frame(block: Float, pace: Pace) -> AudioFrame:
    """The block as a frame; an encoder of packets without a file needs no times."""
    layout = "mono" if block.shape[0] == 1 else "stereo"
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=layout)
    frame.sample_rate = pace.rate
    return frame

"""Opus with its cuts, the packets outside them copied; an edge to FFmpeg through PyAV.

The packets of a cut, and one more on each side, are encoded anew from the decoded
sound with the cut made in it: both channels, so that the one that stays goes back in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice, repeat
from pathlib import Path
from typing import IO, Any

import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from compliance.records import Method
from compliance.redact import opus
from compliance.redact.audio import Bleeper, Patch, measured_in
from compliance.redact.encoders import opus_encoder
from compliance.redact.output import muxer
from compliance.redact.pace import Pace, Run, concerned, extents, runs
from compliance.redact.reader import Reader
from compliance.redact.tape import Tape
from compliance.redact.tone import Float, Tone

RUN_UP_MS = 100
"""So much of the sound before a cut is encoded as well and thrown away, so that the joint is smooth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The same recording with cuts made before: what is no different this time is taken from there."""

    path: Path
    parts: tuple[Patch, ...]


def splice(
    source: Path, file: IO[bytes], parts: Sequence[Patch], pace: Pace, *, tone: Tone, earlier: Earlier | None
) -> None:
    """Write ``source`` with its patches; every other packet as it is, at its time."""
    wanted = _heard_in(parts, pace)
    known = _heard_in(earlier.parts, pace) if earlier else {}
    fresh = [run for run, heard in wanted.items() if known.get(run) != heard]
    with ExitStack() as stack:
        reader, again = (stack.enter_context(Reader(source)) for _ in range(2))
        before = stack.enter_context(Reader(earlier.path)) if earlier else None
        made = _encoded(again, _measured(source, parts, pace, tone), fresh, pace, tone)
        output = stack.enter_context(muxer(file, reader))
        _write(output, reader, before, concerned(wanted, pace.count), made)


def _heard_in(parts: Sequence[Patch], pace: Pace) -> dict[Run, list[Patch]]:
    """Every run of packets to be made anew, with the patches that are heard in making it."""
    around = pace.packets(RUN_UP_MS) + 1
    heard = {}
    for run in runs(extents(parts), pace):
        low, high = (pace.start + each * pace.step for each in (run.first - around, run.last + around))
        heard[run] = [part for part in parts if part.start < high and low < part.end]
    return heard


def _write(
    output: OutputContainer,
    reader: Reader,
    before: Reader | None,
    flags: Iterator[bool],
    made: Iterator[tuple[int, bytes]],
) -> None:
    """Every packet at its time: outside the cuts the source's, inside one made now or one made before."""
    sound = output.add_stream_from_template(reader.audio)
    video = output.add_stream_from_template(reader.video) if reader.video else None

    def copy(packet: Packet[Any]) -> None:
        assert video is not None, "packets of a picture come only where there is one"
        packet.stream = video
        output.mux(packet)

    older: Iterator[Any] = _sounding(before) if before else repeat(None)
    place, body = next(made, (-1, b""))
    for index, (packet, is_cut) in enumerate(
        zip(_sounding(reader, copy if video else None), flags, strict=True)
    ):
        old = next(older)
        if index == place:
            output.mux(_bare(packet, body, sound))
            place, body = next(made, (-1, b""))
        else:
            output.mux(_bare(packet, bytes(old if is_cut else packet), sound))


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


def _measured(source: Path, parts: Sequence[Patch], pace: Pace, tone: Tone) -> tuple[Patch, ...]:
    """The patches with the level of what they replace; nothing else is decoded."""
    with Reader(source) as reader:
        tape = Tape(reader, pace)
        toned = runs(extents(part for part in parts if part.method is Method.TONE), pace)
        placed = (each for run in toned for each in tape.blocks(run.first, run.last))
        return measured_in(parts, placed, rate=opus.RATE, tone=tone)


def _encoded(
    reader: Reader, parts: Sequence[Patch], fresh: Sequence[Run], pace: Pace, tone: Tone
) -> Iterator[tuple[int, bytes]]:
    """Each packet of some runs, encoded anew, with its index."""
    tape, bleeper = Tape(reader, pace), Bleeper(parts, rate=opus.RATE, tone=tone)
    for run in fresh:
        early = max(run.first - pace.packets(RUN_UP_MS), 0)
        made = _packets(reader, pace, bleeper, tape, Run(first=early, last=run.last))
        yield from islice(enumerate(made, early), run.first - early, run.last + 1 - early)


def _packets(reader: Reader, pace: Pace, bleeper: Bleeper, tape: Tape, run: Run) -> Iterator[bytes]:
    """A run encoded from its first packet on.

    What an encoder gives out first is older than what it was given, by its look-ahead; so it is
    given the sound from that much later on, and its packets fall where the source's are.
    """
    encoder = opus_encoder(reader, pace)
    head = opus.head(encoder.extradata)
    assert head is not None, "libopus writes a header"
    ahead, left = head.pre_skip, (run.last + 1 - run.first) * pace.step
    for at, block in _padded(tape, run, ahead, pace):
        piece = bleeper.apply(block, at)[:, ahead : ahead + left]
        ahead, left = max(ahead - block.shape[1], 0), left - piece.shape[1]
        if piece.shape[1]:
            yield from map(bytes, encoder.encode(_frame(piece)))
    yield from map(bytes, encoder.encode(None))


def _padded(tape: Tape, run: Run, ahead: int, pace: Pace) -> Iterator[tuple[int, Float]]:
    """The sound of a run and what an encoder wants to hear behind it; silence behind the end."""
    end, channels = 0, 1
    for at, block in tape.blocks(run.first, run.last - (-ahead // pace.step)):
        yield at, block
        end, channels = at + block.shape[1], block.shape[0]
    yield end, np.zeros((channels, ahead), np.float32)


def _frame(block: Float) -> AudioFrame:
    """The block as a frame; an encoder of packets without a file needs no times."""
    layout = "mono" if block.shape[0] == 1 else "stereo"
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=layout)
    frame.sample_rate = opus.RATE
    return frame

"""Opus with its cuts, the packets outside them copied; an edge to FFmpeg through PyAV.

The packets of a cut, and one more on each side, are encoded anew from the decoded
sound with the cut made in it: both channels, so that the one that stays goes back in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from av.audio.frame import AudioFrame
from av.packet import Packet
from av.stream import Stream

from compliance.records import Method
from compliance.redact import opus
from compliance.redact.audio import Bleeper, Patch, measured_in
from compliance.redact.encoders import opus_encoder
from compliance.redact.output import muxer
from compliance.redact.pace import Pace, Run, extents, runs
from compliance.redact.reader import Reader
from compliance.redact.tape import Tape
from compliance.redact.tone import Float, Tone

RUN_UP_MS = 100
"""So much of the sound before a cut is encoded as well and thrown away, so that the joint is smooth."""


def splice(source: Path, file: IO[bytes], parts: Sequence[Patch], pace: Pace, *, tone: Tone) -> None:
    """Write ``source`` with its patches; every other packet as it is, at its time."""
    with Reader(source) as reader, Reader(source) as again, muxer(file, reader) as output:
        sound = output.add_stream_from_template(reader.audio)
        video = output.add_stream_from_template(reader.video) if reader.video else None

        def copy(packet: Packet[Any]) -> None:
            assert video is not None, "packets of a picture come only where there is one"
            packet.stream = video
            output.mux(packet)

        fresh = _encoded(again, _measured(source, parts, pace, tone), pace, tone)
        place, body = next(fresh, (-1, b""))
        packets = (packet for packet in reader.packets(copy if video else None) if packet.size)
        for index, packet in enumerate(packets):
            if index == place:
                output.mux(_bare(packet, body, sound))
                place, body = next(fresh, (-1, b""))
            else:
                output.mux(_bare(packet, bytes(packet), sound))


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


def _encoded(reader: Reader, parts: Sequence[Patch], pace: Pace, tone: Tone) -> Iterator[tuple[int, bytes]]:
    """Each packet that a patch concerns, encoded anew, with its index."""
    tape, bleeper = Tape(reader, pace), Bleeper(parts, rate=opus.RATE, tone=tone)
    for run in runs(extents(parts), pace):
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

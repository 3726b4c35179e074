"""Calls of a given length for measuring: evaluation calls, one after another, as Egress would write them.

Stereo Ogg/Opus at 48 kHz, the agent left and everyone else right.  Sound streams
from file to file, so that an hour takes no more memory than a minute.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

RATE = 48_000
BIT_RATE = 64_000
SAMPLE = Path(__file__).resolve().parent.parent / "examples" / "sample-call"


def calls(data: Path | None) -> list[Path]:
    """The stereo evaluation calls under ``data``, or the sample call where there is none.

    Raises:
        FileNotFoundError: a folder was given and holds none; figures of another corpus would mislead.
    """
    if data is None:
        return [SAMPLE / "call.ogg"]
    found = [path for path in sorted((data / "dev-calls").glob("*.flac")) if is_stereo(path)]
    if not found:
        raise FileNotFoundError(f"no stereo calls in {data / 'dev-calls'}")
    return found


def is_stereo(path: Path) -> bool:
    """Whether a recording has two channels."""
    with av.open(str(path)) as container:
        return container.streams.audio[0].codec_context.channels == 2


def repeat(sources: Sequence[Path], target: Path, *, minutes: float) -> Path:
    """Write the calls one after another, again and again, until so many minutes are full."""
    left = round(minutes * 60 * RATE)
    with av.open(str(target), "w", format="ogg") as output:
        stream: AudioStream = output.add_stream("libopus", rate=RATE, layout="stereo")
        stream.codec_context.bit_rate = BIT_RATE
        for at, frame in _limited(_endless(sources), left):
            frame.pts = at
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return target


def _limited(frames: Iterator[AudioFrame], left: int) -> Iterator[tuple[int, AudioFrame]]:
    """Frames with their places, until there are as many samples as asked for."""
    at = 0
    while at < left:
        frame = next(frames)
        yield at, frame
        at += frame.samples


def _endless(sources: Sequence[Path]) -> Iterator[AudioFrame]:
    for path in cycle(sources):
        yield from _frames(path)


def _frames(path: Path) -> Iterator[AudioFrame]:
    """One call as frames that the encoder takes."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="flt", layout="stereo", rate=RATE)
        for frame in container.decode(container.streams.audio[0]):
            yield from resampler.resample(frame)
        yield from resampler.resample(None)

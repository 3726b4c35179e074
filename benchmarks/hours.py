"""Recordings of an hour and more of every kind, made of a minute of something like speech."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame

RATE = 48_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A container with its codec."""

    name: str
    suffix: str
    encoder: str
    format: str
    rate: int = RATE
    has_picture: bool = False


KINDS = (
    Kind(name="Opus in Ogg", suffix=".ogg", encoder="libopus", format="flt"),
    Kind(name="AAC in MP4, with picture", suffix=".mp4", encoder="aac", format="fltp", has_picture=True),
    Kind(name="WAV, 16 bit", suffix=".wav", encoder="pcm_s16le", format="s16"),
    Kind(name="FLAC", suffix=".flac", encoder="flac", format="s16"),
    Kind(name="MP3", suffix=".mp3", encoder="libmp3lame", format="fltp"),
)


def minute(seed: int = 0) -> np.ndarray:
    """A minute of two speakers, one a side: gliding tones with their harmonics, hiss, and pauses."""
    random = np.random.default_rng(seed)
    clock = np.arange(60 * RATE) / RATE
    sides = []
    for _ in range(2):
        pitch = 140 + 40 * np.sin(2 * np.pi * random.uniform(0.2, 0.5) * clock + random.uniform(0, 6))
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        voiced = sum(np.sin(k * phase + random.uniform(0, 6)) / k for k in range(1, 12))
        beat = np.clip(np.sin(2 * np.pi * random.uniform(2, 4) * clock + random.uniform(0, 6)), 0, 1)
        sides.append(0.15 * voiced * beat + random.normal(0, 2e-4, len(clock)))
    return np.asarray(sides, dtype=np.float32)


def make(folder: Path, kind: Kind, *, seconds: int) -> Path:
    """A recording so long, of one minute again and again."""
    path = folder / f"{seconds}{kind.suffix}"
    with av.open(str(path), "w", format=kind.suffix[1:]) as output:
        stream: Any = output.add_stream(kind.encoder, rate=kind.rate, layout="stereo")
        stream.codec_context.format = kind.format
        if kind.encoder not in ("flac", "pcm_s16le"):
            stream.codec_context.bit_rate = 64_000
        picture = _picture(output) if kind.has_picture else None
        for n, frame in enumerate(_frames(seconds)):
            output.mux(stream.encode(frame))
            for image in _images(n) if picture else ():
                output.mux(picture.encode(image))
        for each in [stream, *([picture] if picture else [])]:
            output.mux(each.encode(None))
    return path


def _frames(seconds: int) -> Iterator[AudioFrame]:
    """Second by second."""
    sound = minute()
    for second in range(seconds):
        at = second % 60 * RATE
        frame = AudioFrame.from_ndarray(
            np.ascontiguousarray(sound[:, at : at + RATE]), format="fltp", layout="stereo"
        )
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), second * RATE
        yield frame


def _picture(output: Any) -> Any:
    stream = output.add_stream("libx264", rate=10)
    stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
    stream.options = {"preset": "ultrafast"}
    return stream


def _images(second: int) -> Iterator[av.VideoFrame]:
    for tenth in range(10):
        grey = np.full((180, 320, 3), (second * 10 + tenth) % 256, np.uint8)
        image = av.VideoFrame.from_ndarray(grey, format="rgb24")
        image.pts, image.time_base = 10 * second + tenth, Fraction(1, 10)
        yield image

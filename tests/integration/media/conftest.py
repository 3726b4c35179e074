"""Recordings of every kind, made on the spot: no file is shipped and no program is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from compliance.records import Cut, Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A container with a codec, as tests name them."""

    name: str
    muxer: str
    encoder: str
    format: str
    rate: int
    container: str
    codec: str
    is_lossless: bool = False
    options: tuple[tuple[str, str], ...] = ()
    """The encoder's own."""


def _wav(codec: str, form: str, rate: int = 8000) -> Kind:
    return Kind(
        name=codec,
        muxer="wav",
        encoder=codec,
        format=form,
        rate=rate,
        container="wav",
        codec=codec,
        is_lossless=True,
    )


KINDS = (
    Kind(name="ogg", muxer="ogg", encoder="libopus", format="flt", rate=48000, container="ogg", codec="opus"),
    Kind(
        name="webm", muxer="webm", encoder="libopus", format="flt", rate=48000, container="webm", codec="opus"
    ),
    Kind(name="mp4", muxer="mp4", encoder="aac", format="fltp", rate=44100, container="mp4", codec="aac"),
    Kind(name="mp4-8k", muxer="mp4", encoder="aac", format="fltp", rate=16000, container="mp4", codec="aac"),
    Kind(
        name="mp3", muxer="mp3", encoder="libmp3lame", format="fltp", rate=44100, container="mp3", codec="mp3"
    ),
    Kind(
        name="mp3-16k",
        muxer="mp3",
        encoder="libmp3lame",
        format="fltp",
        rate=16000,
        container="mp3",
        codec="mp3",
    ),
    Kind(
        name="flac",
        muxer="flac",
        encoder="flac",
        format="s16",
        rate=16000,
        container="flac",
        codec="flac",
        is_lossless=True,
    ),
    Kind(
        name="flac-24",
        muxer="flac",
        encoder="flac",
        format="s32",
        rate=48000,
        container="flac",
        codec="flac",
        is_lossless=True,
    ),
    _wav("pcm_u8", "u8"),
    _wav("pcm_s16le", "s16", 44100),
    _wav("pcm_s24le", "s32"),
    _wav("pcm_s32le", "s32"),
    _wav("pcm_f32le", "flt"),
    _wav("pcm_f64le", "dbl"),
    _wav("pcm_mulaw", "s16"),
    _wav("pcm_alaw", "s16"),
)


def speech(rate: int, seconds: float, channels: int, seed: int = 0) -> np.ndarray:
    """Something like speech: voiced syllables of gliding pitch, hissing ones, and pauses."""
    random = np.random.default_rng(seed)
    size = int(rate * seconds)
    clock = np.arange(size) / rate
    sides = []
    for _ in range(channels):
        pitch = 140 + 40 * np.sin(2 * np.pi * random.uniform(0.2, 0.5) * clock + random.uniform(0, 6))
        phase = 2 * np.pi * np.cumsum(pitch) / rate
        voiced = sum(np.sin(k * phase + random.uniform(0, 6)) / k for k in range(1, 12))
        beat = np.clip(np.sin(2 * np.pi * random.uniform(2, 4) * clock + random.uniform(0, 6)), 0, 1)
        hiss = np.clip(np.sin(2 * np.pi * random.uniform(1, 2) * clock), 0, 1) ** 8
        sides.append(
            0.15 * voiced * beat + 0.05 * hiss * random.normal(0, 1, size) + random.normal(0, 2e-4, size)
        )
    return np.asarray(sides, dtype=np.float32)


def _sound(output: Any, kind: Kind, channels: int) -> Any:
    stream = output.add_stream(kind.encoder, rate=kind.rate, layout=["mono", "stereo", "2.1"][channels - 1])
    stream.codec_context.format = kind.format
    if kind.encoder in ("libopus", "aac", "libmp3lame"):
        stream.codec_context.bit_rate = 64000 if kind.rate > 16000 else 48000
    if kind.format == "s32" and kind.encoder == "flac":
        stream.codec_context.options = {"bits_per_raw_sample": "24"}
    if kind.options:
        stream.codec_context.options = dict(kind.options)
    return stream


def _picture(output: Any, muxer: str) -> Any:
    stream = output.add_stream("libvpx" if muxer == "webm" else "libx264", rate=10)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    return stream


def _frame(block: np.ndarray, rate: int, at: int, layout: str) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=layout)
    frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), at
    return frame


def write(
    path: Path,
    kind: Kind,
    samples: np.ndarray | Sequence[np.ndarray],
    *,
    has_picture: bool = False,
    tags: dict[str, str] | None = None,
    jump_s: float = 0,
    jump_at: int = 1,
    is_sound_first: bool = False,
) -> Path:
    """Encode samples to a file; several arrays become several audio streams.

    ``jump_s`` leaves a gap of so long in the timestamps from that second on; from 0, the sound begins late.
    """
    tracks = [samples] if isinstance(samples, np.ndarray) else list(samples)
    with av.open(str(path), "w", format=kind.muxer) as output:
        output.metadata.update(tags or {})
        early = [_sound(output, kind, len(track)) for track in tracks] if is_sound_first else []
        pictures = _picture(output, kind.muxer) if has_picture else None
        streams = early or [_sound(output, kind, len(track)) for track in tracks]
        for second in range(
            -(-max((track.shape[1] for track in tracks), default=3 * kind.rate) // kind.rate)
        ):
            for tenth in range(10 if pictures else 0):
                image = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 * tenth, np.uint8), format="rgb24")
                image.pts, image.time_base = 10 * second + tenth, Fraction(1, 10)
                output.mux(pictures.encode(image))
            for stream, track in zip(streams, tracks, strict=True):
                at = second * kind.rate
                if at < track.shape[1]:
                    moved = at + (int(jump_s * kind.rate) if second >= jump_at else 0)
                    layout = stream.codec_context.layout.name
                    output.mux(stream.encode(_frame(track[:, at : at + kind.rate], kind.rate, moved, layout)))
        for stream in ([pictures] if pictures else []) + streams:
            output.mux(stream.encode(None))
    return path


def cut(start: int, end: int, channel: int | None = None, method: Method = Method.TONE) -> Cut:
    """A cut with nothing said about why."""
    return Cut(source=0, channel=channel, start_ms=start, end_ms=end, method=method, why="test", findings=())


class Maker:
    """The helpers above, handed to tests as one fixture."""

    kinds = KINDS
    speech = staticmethod(speech)
    write = staticmethod(write)
    cut = staticmethod(cut)

    def kind(self, name: str) -> Kind:
        """The kind of that name."""
        return next(each for each in self.kinds if each.name == name)


@pytest.fixture(scope="session")
def maker() -> Maker:
    """How recordings are made."""
    return Maker()


@pytest.fixture(scope="session")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind, int], Path]:
    """A recording of four seconds and a bit of each kind, made once."""
    folder = tmp_path_factory.mktemp("calls")

    def call(kind: Kind, channels: int) -> Path:
        path = folder / f"{kind.name}-{channels}"
        if not path.exists():
            write(
                path, kind, speech(kind.rate, 4.2345, channels), tags={"title": "Jane Roe", "comment": "4111"}
            )
        return path

    return call


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that ask for a kind run over all, mono and stereo."""
    if "kind" in metafunc.fixturenames:
        metafunc.parametrize("kind", KINDS, ids=lambda each: each.name)
    if "channels" in metafunc.fixturenames:
        metafunc.parametrize("channels", [1, 2], ids=["mono", "stereo"])

"""Small whole recordings of every container and codec on the list, for mutants to be made of."""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame

from compliance.redact.sniff import PCM

SECONDS = 1.2
LAYOUTS = {1: "mono", 2: "stereo"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A container with its codec."""

    name: str
    muxer: str
    encoder: str
    rate: int = 16_000
    channels: int = 2
    format: str = "s16"
    has_picture: bool = False
    options: tuple[tuple[str, str], ...] = ()


def _pcm(codec: str) -> Seed:
    forms = {"pcm_u8": "u8", "pcm_f32le": "flt", "pcm_f64le": "dbl", "pcm_s24le": "s32", "pcm_s32le": "s32"}
    return Seed(
        name=f"wav {codec[4:]}", muxer="wav", encoder=codec, rate=8_000, format=forms.get(codec, "s16")
    )


SEEDS = (
    Seed(name="ogg opus", muxer="ogg", encoder="libopus", rate=48_000, format="flt"),
    Seed(name="ogg opus mono", muxer="ogg", encoder="libopus", rate=48_000, format="flt", channels=1),
    Seed(name="ogg vorbis", muxer="ogg", encoder="vorbis", format="fltp"),
    Seed(name="ogg flac", muxer="ogg", encoder="flac"),
    Seed(name="webm opus", muxer="webm", encoder="libopus", rate=48_000, format="flt"),
    Seed(name="webm picture", muxer="webm", encoder="libopus", rate=48_000, format="flt", has_picture=True),
    Seed(name="mp4 aac", muxer="mp4", encoder="aac", format="fltp"),
    Seed(name="mp4 aac copied", muxer="mp4", encoder="aac", rate=48_000, format="fltp"),
    Seed(name="mp4 picture", muxer="mp4", encoder="aac", format="fltp", has_picture=True),
    Seed(
        name="mp4 fragments",
        muxer="mp4",
        encoder="aac",
        format="fltp",
        options=(("movflags", "frag_keyframe+empty_moov+default_base_moof"), ("frag_duration", "300000")),
    ),
    Seed(name="mp4 opus", muxer="mp4", encoder="libopus", rate=48_000, format="flt"),
    Seed(name="mp4 mp3", muxer="mp4", encoder="libmp3lame", format="fltp"),
    Seed(name="mp4 flac", muxer="mp4", encoder="flac"),
    Seed(name="mpegts aac", muxer="mpegts", encoder="aac", rate=48_000, format="fltp"),
    Seed(name="mpegts picture", muxer="mpegts", encoder="aac", rate=48_000, format="fltp", has_picture=True),
    Seed(name="mpegts mp3", muxer="mpegts", encoder="libmp3lame", rate=48_000, format="fltp"),
    Seed(name="mp3", muxer="mp3", encoder="libmp3lame", format="fltp"),
    Seed(name="flac", muxer="flac", encoder="flac"),
    Seed(name="flac 24", muxer="flac", encoder="flac", format="s32", channels=1),
    Seed(name="wav rf64", muxer="wav", encoder="pcm_s16le", options=(("rf64", "always"),)),
    *(_pcm(codec) for codec in sorted(PCM)),
)


def speech(rate: int, channels: int, seconds: float = SECONDS) -> np.ndarray:
    """Two gliding voices with pauses, one a side, and a little noise."""
    random, clock = np.random.default_rng(3), np.arange(int(rate * seconds)) / rate
    sides = []
    for pitch in (140, 210)[:channels]:
        phase = 2 * np.pi * np.cumsum(pitch + 40 * np.sin(2 * np.pi * clock)) / rate
        voiced = sum(np.sin(k * phase) / k for k in range(1, 9))
        beat = np.clip(np.sin(2 * np.pi * 2.5 * clock + pitch), 0, 1)
        sides.append(0.15 * voiced * beat + random.normal(0, 1e-3, len(clock)))
    return np.asarray(sides, dtype=np.float32)


def make(seed: Seed) -> bytes:
    """The recording."""
    out = io.BytesIO()
    with av.open(out, "w", format=seed.muxer, options=dict(seed.options)) as output:
        stream: Any = output.add_stream(
            seed.encoder, rate=seed.rate, layout=LAYOUTS[seed.channels], options={"strict": "experimental"}
        )
        stream.codec_context.format = seed.format
        if seed.encoder in ("libopus", "aac", "libmp3lame"):
            stream.codec_context.bit_rate = 48_000
        picture = _picture(output, seed) if seed.has_picture else None
        frame = AudioFrame.from_ndarray(
            speech(seed.rate, seed.channels), format="fltp", layout=LAYOUTS[seed.channels]
        )
        frame.sample_rate, frame.time_base, frame.pts = seed.rate, Fraction(1, seed.rate), 0
        for image in _images() if picture else ():
            output.mux(picture.encode(image))
        output.mux(stream.encode(frame))
        for each in (stream, *([picture] if picture else [])):
            output.mux(each.encode(None))
    return out.getvalue()


def _picture(output: Any, seed: Seed) -> Any:
    stream = output.add_stream("libvpx" if seed.muxer == "webm" else "libx264", rate=10)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    return stream


def _images() -> list[Any]:
    images = []
    for tenth in range(int(10 * SECONDS)):
        image = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 * tenth % 256, np.uint8), format="rgb24")
        image.pts, image.time_base = tenth, Fraction(1, 10)
        images.append(image)
    return images

"""HLS recordings as Egress leaves them: a playlist, and transport streams of a few seconds."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

PICTURES = 10
"""A second."""


def write_hls(
    folder: Path,
    samples: np.ndarray,
    *,
    rate: int,
    has_picture: bool = False,
    seconds: int = 4,
    stem: str = "call",
) -> Path:
    """Write samples (channels, n) as AAC in segments, with H.264 beside it if asked; the playlist's path.

    A picture has a keyframe every two seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    playlist = folder / f"{stem}.m3u8"
    options = {
        "hls_time": str(seconds),
        "hls_segment_filename": str(folder / f"{stem}_%05d.ts"),
        "hls_playlist_type": "event",
    }
    with av.open(str(playlist), "w", format="hls", options=options) as output:
        sound = output.add_stream("aac", rate=rate, layout="stereo" if len(samples) == 2 else "mono")
        sound.bit_rate = 128_000
        picture = output.add_stream("libx264", rate=PICTURES) if has_picture else None
        if picture is not None:
            picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
            picture.options = {"g": str(2 * PICTURES), "bf": "2"}
        for at in range(0, samples.shape[1], rate // PICTURES):
            if picture is not None:
                shade = 2 * (at * PICTURES // rate) % 200
                image = av.VideoFrame.from_ndarray(np.full((48, 64, 3), shade, np.uint8), format="rgb24")
                image.pts, image.time_base = at * PICTURES // rate, Fraction(1, PICTURES)
                output.mux(picture.encode(image))
            part = np.ascontiguousarray(samples[:, at : at + rate // PICTURES], np.float32)
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=sound.codec_context.layout.name)
            frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), at
            output.mux(sound.encode(frame))
        for stream in (picture, sound):
            output.mux(stream.encode(None) if stream is not None else [])
    return playlist


def segments(playlist: Path) -> list[Path]:
    """The segments beside a playlist, in order."""
    return sorted(playlist.parent.glob(f"{playlist.stem}_*.ts"))


def played(playlist: Path) -> tuple[np.ndarray, int]:
    """What a player of HLS hears: samples (channels, n) and rate, by FFmpeg's own reading of the list."""
    with av.open(str(playlist), format="hls") as file:
        sound = file.streams.audio[0]
        blocks = [frame.to_ndarray() for frame in file.decode(sound)]
        return np.concatenate(blocks, axis=1), sound.codec_context.sample_rate


def seen(playlist: Path) -> int:
    """How many pictures a player of HLS shows."""
    with av.open(str(playlist), format="hls") as file:
        return sum(1 for _ in file.decode(video=0))

"""One recording opened and read to its end; with ``media`` and ``rewrite``, the edge to FFmpeg through PyAV.

A position in milliseconds means the same here, in ``rewrite`` and in a player:
codec delay and priming are not heard and not counted, and a gap in the
timestamps, also before the first sound beside a picture, is filled with silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import CodecContext
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from compliance.errors import (
    MediaEmpty,
    MediaTruncated,
    MediaUnreadable,
    MediaUnsupported,
    NoAudio,
    TooManyChannels,
)
from compliance.redact import layout
from compliance.redact.samples import Native
from compliance.redact.sniff import PCM, Container, sniff

_PICTURES = {"h264", "vp8", "vp9"}
"""Codecs whose packets can be copied without ever decoding one."""

LONGEST_GAP_S = 3600
"""A longer gap is a broken clock, not a pause, and would fill the disk with silence."""

_DECODERS = "opus,libopus,vorbis,flac,mp3float,mp3,aac," + ",".join(sorted(PCM))

_OPTIONS = {
    "protocol_whitelist": "file",
    "codec_whitelist": _DECODERS,
    "probesize": "5000000",
    "analyzeduration": "5000000",
}
"""No other file is ever opened, no decoder but these ever runs (pictures are not decoded)."""


_OWN = {"wav": {"max_size": str(1 << 18)}}
"""A demuxer's own settings: packets of WAV are as long as one asks for, and cost as much each."""


class Reader:
    """One recording, open: its audio as native blocks, its pictures on their way past."""

    def __init__(self, path: Path) -> None:
        """Open it; raises the MediaError that says what is wrong with it."""
        self.container: Container = sniff(path)
        self._claimed = layout.check(path, self.container)
        self._input = _opened(path, self.container)
        try:
            self.audio: AudioStream = self._only_audio()
            self.video: VideoStream | None = self._only_video()
        except BaseException:
            self._input.close()
            raise
        self.rate: int = self.audio.codec_context.sample_rate
        self.channels: int = self.audio.codec_context.channels
        self.codec: str = _codec(self.audio)
        self.gaps: list[tuple[int, int]] = []
        """Samples that the clock says are missing, known once ``blocks`` has come past them."""
        self.late = 0
        """By how many samples the clock was ahead of the last frame, gaps filled."""
        self._origin_s: float | None = None
        self._lead = 0

    def __enter__(self) -> Self:
        """The reader itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._input.close()

    def _only_audio(self) -> AudioStream:
        streams = self._input.streams.audio
        if not streams:
            raise NoAudio("the file has no audio stream")
        if len(streams) > 1:
            raise MediaUnsupported("the file has more than one audio stream")
        codec = _codec(streams[0])
        if codec not in self.container.codecs:
            raise MediaUnsupported(f"{codec} in {self.container.name} is not treated")
        if streams[0].codec_context.channels > 2:
            raise TooManyChannels("the recording has more than two channels")
        return streams[0]

    def _only_video(self) -> VideoStream | None:
        """The picture, if any; cover art is a picture too and is left behind."""
        moving = [each for each in self._input.streams.video if not _is_cover(each)]
        if len(moving) > 1:
            raise MediaUnsupported("the file has more than one video stream")
        if moving and _codec(moving[0]) not in _PICTURES:
            raise MediaUnsupported("pictures other than H.264, VP8 and VP9 are not treated")
        return moving[0] if moving else None

    def is_bare(self) -> bool:
        """Whether it carries sound and picture only, and no tag but those every muxer writes."""
        streams = list(self._input.streams)
        kinds = {each.type for each in streams} <= {"audio", "video"}
        tags = [self._input.metadata, *(each.metadata for each in streams)]
        is_told = any(_tells(name, value) for each in tags for name, value in each.items())
        covers = any(_is_cover(each) for each in self._input.streams.video)
        return kinds and not is_told and not covers and not self._input.chapters()

    def packets(self, on_video: Callable[[Packet[Any]], None] | None = None) -> Iterator[Packet[Any]]:
        """The audio packets in order, an empty one last; video packets go to ``on_video`` in passing."""
        wanted = [each for each in (self.audio, self.video if on_video else None) if each]
        demuxed = self._input.demux(wanted)
        while (packet := _next(demuxed)) is not None:
            # Not the packet's own index: of the empty one that ends a stream it is always 0.
            if packet.stream.index == self.audio.index:
                yield packet
            elif on_video and packet.size:
                on_video(packet)

    def blocks(self, on_video: Callable[[Packet[Any]], None] | None = None) -> Iterator[Native]:
        """The samples, about a second at a time; MediaTruncated where they break off."""
        held: list[Native] = []
        size = total = 0
        for part in self._trimmed(self._parts(on_video)):
            held.append(part)
            size += part.shape[1]
            total += part.shape[1]
            if size >= self.rate:
                yield np.concatenate(held, axis=1)
                held, size = [], 0
        if held:
            yield np.concatenate(held, axis=1)
        self._check_total(total)

    def _parts(self, on_video: Callable[[Packet[Any]], None] | None) -> Iterator[Native]:
        """Decoded frames, joined, with silence where the clock says that some are missing.

        An Opus packet is 20 ms; turning each into an array takes as long as decoding it.
        MP4's stay single, as ``_trimmed`` drops whole ones.
        """
        queue, at = AudioFifo(), 0
        enough = 1 if self.container.name == "mp4" else self.rate
        for packet in self.packets(on_video):
            for frame in self._decoded(packet):
                gap = self._gap(frame, at)
                if gap > 0:
                    self.gaps.append((at, at + gap))
                    yield from self._joined(queue)
                    yield from self._silence(gap, frame)
                at += gap + frame.samples
                self._queue(frame, queue)
                if queue.samples >= enough:
                    yield from self._joined(queue)
        yield from self._joined(queue)

    def _silence(self, gap: int, beside: AudioFrame) -> Iterator[Native]:
        kind = beside.to_ndarray().dtype
        for left in range(gap, 0, -self.rate):
            yield np.zeros((self.channels, min(left, self.rate)), kind)

    def _decoded(self, packet: Packet[Any]) -> list[AudioFrame]:
        try:
            return self.audio.decode(packet)
        except av.FFmpegError as error:
            raise MediaTruncated("the recording does not decode to its end") from error

    def _queue(self, frame: AudioFrame, queue: AudioFifo) -> None:
        if (frame.sample_rate, len(frame.layout.channels)) != (self.rate, self.channels):
            raise MediaUnsupported("the recording changes its rate or channels on the way")
        frame.pts = None  # the queue would refuse times that are not its own
        try:
            queue.write(frame)
        except ValueError as error:
            raise MediaUnsupported("the recording changes its format on the way") from error

    def _joined(self, queue: AudioFifo) -> Iterator[Native]:
        frame = queue.read()
        if frame is not None:
            samples = frame.to_ndarray()
            yield samples if frame.format.is_planar else samples.reshape(-1, self.channels).T

    def _gap(self, frame: AudioFrame, at: int) -> int:
        if frame.time is None:
            return 0
        is_first = self._origin_s is None
        if self._origin_s is None:
            # Ogg and the rest begin where they begin; beside a picture the clock is the file's.
            has_clock = self.container.name in ("mp4", "webm")
            self._origin_s = min(frame.time, 0.0) if has_clock else frame.time
        gap = round((frame.time - self._origin_s) * self.rate) - at
        if gap > LONGEST_GAP_S * self.rate:
            raise MediaUnsupported("the clock of the recording jumps by more than an hour")
        self._lead = gap if is_first else self._lead
        is_filled = is_first or gap > self.rate // 20
        self.late = 0 if is_filled else gap
        return gap if is_filled else 0

    def _trimmed(self, parts: Iterator[Native]) -> Iterator[Native]:
        """Without the padding of the last frame, which MP4 tells by its length alone."""
        at = 0
        for part in parts:
            at += part.shape[1]
            yield part[:, : max(part.shape[1] - self.surplus(at), 0)]

    def surplus(self, heard: int) -> int:
        """How many of so many samples are padding by the length that MP4 tells."""
        limit = self._told() if self.container.name == "mp4" else 0
        over = heard - limit - self._lead if limit else 0
        return over if 0 < over <= _PADDING else 0

    def _told(self) -> int:
        duration, base = self.audio.duration, self.audio.time_base
        return round(duration * base * self.rate) if duration and base else 0

    def _check_total(self, total: int) -> None:
        if not total:
            raise MediaEmpty("the recording has no samples")
        claimed = self._claimed or (self._told() if self.container.name == "mp4" else 0)
        slack = {"mp3": 5 * 1152, "mp4": _PADDING}.get(self.container.name, 0)
        if total + slack < claimed:
            raise MediaTruncated("the header claims more than is there")


_PADDING = 4096
"""Samples of padding that MP4's encoders add at most."""


def _next(demuxed: Iterator[Packet[Any]]) -> Packet[Any] | None:
    try:
        return next(demuxed, None)
    except av.FFmpegError as error:
        raise MediaTruncated("the recording does not read to its end") from error


def _opened(path: Path, container: Container) -> InputContainer:
    """The file in the demuxer we chose; ``file:`` keeps a name like ``concat:a|b`` a name."""
    try:
        return av.open(
            f"file:{path.absolute()}",
            format=container.demuxer,
            options=_OPTIONS | _OWN.get(container.name, {}),
            metadata_errors="ignore",
        )
    except av.FFmpegError as error:
        raise MediaUnreadable(f"the file begins like {container.name} but cannot be read as it") from error


def _codec(stream: Stream) -> str:
    """FFmpeg's name of the codec, whichever decoder reads it; unknown where it has none."""
    context: CodecContext | None = stream.codec_context
    return str(context.codec.canonical_name) if context else "unknown"


_STRUCTURE = {"major_brand", "minor_version", "compatible_brands", "DURATION", "language", "vendor_id"}
"""Tags that are fields of the container."""

_NAMES = {"SoundHandler", "VideoHandler", "Lavf"}


def _tells(name: str, value: str) -> bool:
    return name not in _STRUCTURE and value not in _NAMES


def _is_cover(stream: VideoStream) -> bool:
    return bool(stream.disposition & type(stream.disposition).attached_pic)

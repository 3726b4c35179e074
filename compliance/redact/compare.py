"""Whether a redacted recording is the original outside its cuts, and nothing of it inside.

Judged by the samples of the two files as anyone would decode them, not by what
``rewrite`` believes to have done.  Streaming; memory does not grow with length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from compliance.records import Cut
from compliance.redact import opus
from compliance.redact.audio import patches, within
from compliance.redact.judge import Judge
from compliance.redact.media import even
from compliance.redact.pace import Pace, concerned, extents, runs, trims
from compliance.redact.reader import Reader
from compliance.redact.samples import Native
from compliance.redact.sniff import PCM
from compliance.redact.tape import Passing, Tape, paced
from compliance.redact.tone import Tone

BESIDE_MS = 300
"""Of packets that were copied, those that follow a cut so soon are decoded: by then a decoder has settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was found, with the worst figure of each kind."""

    duration_equal: bool
    inside_ok: bool
    outside_ok: bool
    metadata_ok: bool
    """No tag, chapter, subtitle, attachment or cover art is left."""
    lossless: bool
    """Outside was judged bit for bit; otherwise by the error against the signal."""
    copied: bool
    """Outside was judged packet by packet; the error tells of what lies beside the cuts."""
    worst_inside_correlation: float
    """Share of the sound in a window that is the original's, as amplitude, 0 to 1."""
    worst_inside_rest_db: float
    """What is in a cut and is not the tone: in dB of the tone, or of full scale where it is silent."""
    worst_outside_db: float
    """Error in the worst second, in dB of the signal; -200 when equal."""

    @property
    def is_clean(self) -> bool:
        """Whether every question was answered well."""
        return self.duration_equal and self.inside_ok and self.outside_ok and self.metadata_ok


def compare(source: Path, target: Path, cuts: Sequence[Cut], *, tone: Tone) -> Comparison:
    """Hold ``target`` against ``source``: (1) form, (2) outside, (3) inside the cuts.

    Raises what ``probe`` raises of either file; a target that is merely wrong is
    not an error but a Comparison that is not clean.
    """
    pace = paced(source)
    with Reader(source) as original, Reader(target) as redacted:
        judge = _judge(original, cuts, tone, pace)
        # (1) Another rate, number of channels or header of Opus is another recording.
        if _form(original, pace) != _form(redacted, pace):
            return _NOTHING_ALIKE
        # (2) (3) By packets where ``rewrite`` copies them, by all samples where it encodes again.
        if pace:
            is_equal, is_kept = _walked(original, redacted, pace, judge)
            _listen(source, target, pace, judge, is_equal=is_equal)
        else:
            is_equal = is_kept = _listen_to_all(original, redacted, judge)
        return Comparison(
            duration_equal=is_equal,
            inside_ok=judge.inside_ok,
            outside_ok=judge.outside_ok and is_equal and is_kept,
            metadata_ok=redacted.is_bare(),
            lossless=judge.lossless,
            copied=pace is not None,
            worst_inside_correlation=judge.correlation,
            worst_inside_rest_db=judge.rest_db,
            worst_outside_db=judge.outside_db if is_kept else 0.0,
        )


_NOTHING_ALIKE = Comparison(
    duration_equal=False,
    inside_ok=False,
    outside_ok=False,
    metadata_ok=False,
    lossless=False,
    copied=False,
    worst_inside_correlation=1.0,
    worst_inside_rest_db=0.0,
    worst_outside_db=0.0,
)


def _judge(original: Reader, cuts: Sequence[Cut], tone: Tone, pace: Pace | None) -> Judge:
    parts = patches(cuts, rate=original.rate, channels=original.channels)
    return Judge(
        within(parts, pace.total) if pace else parts,
        rate=original.rate,
        channels=original.channels,
        tone=tone,
        lossless=original.codec in PCM or original.codec == "flac",
    )


def _form(reader: Reader, pace: Pace | None) -> tuple[Any, ...]:
    told = (reader.audio.time_base, reader.audio.codec_context.extradata) if pace else ()
    return reader.rate, reader.channels, *told


def _listen_to_all(original: Reader, redacted: Reader, judge: Judge) -> bool:
    """Both decoded to their ends and heard second by second; whether they are of one length."""
    is_equal = True
    for left, right in zip_longest(_seconds(original), _seconds(redacted)):
        is_equal = is_equal and left is not None and right is not None and left.shape == right.shape
        if left is not None and right is not None:
            size = min(left.shape[1], right.shape[1])
            judge.hear(left[:, :size], right[:, :size])
    judge.finish()
    return is_equal


def _seconds(reader: Reader) -> Iterator[Native]:
    return even(reader.blocks(), reader.rate)


def _walked(original: Reader, redacted: Reader, pace: Pace, judge: Judge) -> tuple[bool, bool]:
    """Whether each packet has its place and length; whether those outside the cuts are the original's."""
    sides = [_sounding(reader) for reader in (original, redacted)]
    is_placed = is_kept = True
    for left, right, is_cut in zip_longest(*sides, concerned(runs(extents(judge.parts), pace), pace.count)):
        if left is None or right is None:
            return False, False
        is_placed = is_placed and _place(left, pace) == _place(right, pace)
        is_kept = is_kept and (_is_plain(right, pace) if is_cut else bytes(left) == bytes(right))
    heard = pace.start + pace.count * pace.step
    return is_placed and original.surplus(heard) == redacted.surplus(heard), is_kept


def _sounding(reader: Reader) -> Iterator[Any]:
    return (packet for packet in reader.packets() if packet.size)


def _is_plain(packet: Any, pace: Pace) -> bool:
    """Whether a packet made anew is nothing but its own sound: CELT has no copy of the packet before."""
    body = bytes(packet)
    return pace.codec != "opus" or (opus.is_celt(body) and not opus.is_padded_with_data(body))


def _place(packet: Any, pace: Pace) -> tuple[Any, ...]:
    """When a packet is heard, and how much of it."""
    if pace.codec != "opus":
        return packet.pts, packet.dts, trims(packet)
    return packet.pts, packet.duration, opus.samples(bytes(packet)), trims(packet)


def _listen(source: Path, target: Path, pace: Pace, judge: Judge, *, is_equal: bool) -> None:
    """Hear what was encoded anew, and what follows until a decoder has settled; nothing else is decoded."""
    with Reader(source) as original, Reader(target) as redacted:
        left, right = (Tape(Passing(each, pace), pace) for each in (original, redacted))
        for run in runs(extents(judge.parts), pace, after_ms=BESIDE_MS) if is_equal else ():
            sides = (left.blocks(run.first, run.last), right.blocks(run.first, run.last))
            for (at, one), (_, other) in zip(*sides, strict=True):
                heard = slice(max(-at, 0), pace.total - at)
                judge.hear(one[:, heard], other[:, heard], max(at, 0))
    judge.finish(pace.total)

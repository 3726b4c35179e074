"""The beginning of the sample call, where a whole one would take long."""

from __future__ import annotations

import io
from pathlib import Path

import av

SAMPLE = Path(__file__).parents[2] / "examples" / "sample-call"


def excerpt(seconds: int) -> bytes:
    """So much of the sample call, its packets as they are."""
    out = io.BytesIO()
    with av.open(str(SAMPLE / "call.ogg")) as source, av.open(out, "w", format="ogg") as target:
        stream = source.streams.audio[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None and packet.pts * packet.time_base < seconds:
                packet.stream = copy
                target.mux(packet)
    return out.getvalue()

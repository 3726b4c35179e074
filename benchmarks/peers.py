"""One recording cut by one program, in a process of its own: ours, FFmpeg's command line, or pydub.

python -m benchmarks.peers ours|ffmpeg|pydub SOURCE TARGET CUTS.json
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Spans = Sequence[tuple[int, int]]
"""Where to cut, in milliseconds; every channel."""


def ffmpeg() -> str | None:
    """The program, from the path or from the package that carries it; None where there is neither."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError:
        return shutil.which("ffmpeg")
    return str(get_ffmpeg_exe())


def run_apart(peer: str, source: Path, target: Path, spans: Spans) -> dict[str, float]:
    """Seconds on the clock and of all cores, and peak memory, of one program on one recording.

    Raises:
        CalledProcessError: it failed, and has said why on stderr.
    """
    cuts = target.with_suffix(".json")
    cuts.write_text(json.dumps(spans))
    command = [sys.executable, "-m", "benchmarks.peers", peer, str(source), str(target), str(cuts)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def ours(source: Path, target: Path, spans: Spans) -> None:
    """The recording rewritten, as the redact stage does it."""
    from compliance.records import Cut, Method
    from compliance.redact.rewrite import rewrite
    from compliance.redact.tone import Tone

    cuts = [
        Cut(source=0, channel=None, start_ms=a, end_ms=b, method=Method.TONE, why="bench", findings=())
        for a, b in spans
    ]
    rewrite(source, target, cuts, tone=Tone())


ENCODERS = {".ogg": "libopus", ".webm": "libopus", ".mp4": "aac", ".mp3": "libmp3lame", ".flac": "flac"}


def by_ffmpeg(source: Path, target: Path, spans: Spans) -> None:
    """The usual command: silence where the filter is on, everything encoded again, the picture copied."""
    when = "+".join(f"between(t,{a / 1000},{b / 1000})" for a, b in spans)
    codec = ["-c:a", ENCODERS.get(source.suffix, "pcm_s16le")]
    rate = ["-b:a", "64k"] if source.suffix in (".ogg", ".webm", ".mp4", ".mp3") else []
    filtered = ["-af", f"volume=0:enable='{when}'"]
    command = [str(ffmpeg()), "-v", "error", "-y", "-i", str(source), *filtered, *codec, *rate]
    subprocess.run([*command, "-c:v", "copy", str(target)], check=True)


def by_pydub(source: Path, target: Path, spans: Spans) -> None:
    """The usual recipe: the whole call in memory, a tone in place of each stretch, and out again."""
    from pydub import AudioSegment
    from pydub.generators import Sine

    AudioSegment.converter = ffmpeg()
    call = AudioSegment.from_file_using_temporary_files(source)  # from_file would ask ffprobe first
    pieces, at = [], 0
    for start, end in spans:
        tone = Sine(1000, sample_rate=call.frame_rate).to_audio_segment(duration=end - start, volume=-20)
        pieces += [call[at:start], tone.set_channels(call.channels)]
        at = end
    whole = sum([*pieces, call[at:]], AudioSegment.empty())
    whole.export(target, format={".mp4": "mp4"}.get(source.suffix, source.suffix[1:]), bitrate="64k")


PEERS: dict[str, Callable[[Path, Path, Spans], None]] = {
    "ours": ours,
    "ffmpeg": by_ffmpeg,
    "pydub": by_pydub,
}


def used() -> dict[str, Any]:
    """CPU seconds and peak memory of this process and of those it started.

    Its own peak is the kernel's for what it is now; getrusage counts from before it was started.
    """
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    seconds = sum(each.ru_utime + each.ru_stime for each in (own, others))
    status = Path("/proc/self/status").read_text()
    peak_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return {"cpu_s": seconds, "peak_mb": max(peak_kb, others.ru_maxrss) / 1024}


def main() -> None:
    """Measure what the arguments name."""
    peer, source, target, cuts = sys.argv[1], *map(Path, sys.argv[2:])
    spans = [(a, b) for a, b in json.loads(cuts.read_text())]
    started = time.perf_counter()
    PEERS[peer](source, target, spans)
    print(json.dumps({"wall_s": time.perf_counter() - started, **used()}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()

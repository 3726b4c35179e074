"""Memory does not grow with the length of a recording."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

PEAK = """
import resource, sys
from pathlib import Path
from compliance.records import Cut, Method
from compliance.redact.compare import compare
from compliance.redact.media import probe
from compliance.redact.rewrite import rewrite
from compliance.redact.tone import Tone
source, target = Path(sys.argv[1]), Path(sys.argv[2])
cuts = [
    Cut(source=0, channel=0, start_ms=at, end_ms=at + 900, method=Method.TONE, why="test", findings=())
    for at in range(1000, probe(source).duration_ms - 2000, 10_000)
]
rewrite(source, target, cuts, tone=Tone())
assert compare(source, target, cuts, tone=Tone()).is_clean
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere ru_maxrss counts in other units")
@pytest.mark.parametrize("name", ["flac", "ogg", "mpegts"])
def test_six_times_the_length_takes_no_more_memory(maker, name, tmp_path):
    """Probing, cutting and comparing stream: six minutes need at most 15 MB more than one."""
    kind = maker.kind(name)
    minute = maker.speech(kind.rate, 60, 2)

    def peak_kb(minutes):
        source = maker.write(tmp_path / f"{minutes}", kind, np.tile(minute, minutes))
        run = subprocess.run(
            [sys.executable, "-c", PEAK, source, tmp_path / "redacted"],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(each for each in (str(Path.cwd()), *sys.path) if each),
            },
            capture_output=True,
            text=True,
            check=True,
        )
        return int(run.stdout)

    assert peak_kb(6) - peak_kb(1) < 15_000

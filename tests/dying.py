"""Decoders that crash, hang or eat memory in the middle of a recording, in a process started as ours is."""

from __future__ import annotations

import sys

_PROGRAM = """
import ctypes, os, signal, sys
from compliance.redact import apart, reader
decoded, count = reader.Reader._decoded, 0

def dying(self, packet):
    global count
    count += 1
    if count == 20:
        {act}
    return decoded(self, packet)

reader.Reader._decoded = dying
{before}
apart.main()
"""

ACTS = {
    "crashes": "ctypes.string_at(0)",
    "is_killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "aborts": "ctypes.CDLL(None).abort()",
    "hangs": "signal.pause()",
    "spins": "while True: pass",
    "eats_memory": "held = [bytearray(1 << 26) for _ in range(1 << 10)]",
}


def command(act: str, before: str = "") -> tuple[str, ...]:
    """What starts a process whose decoder does that at the twentieth packet."""
    return (sys.executable, "-c", _PROGRAM.format(act=ACTS[act], before=before))

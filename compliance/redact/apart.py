"""A recording decoded to its end in a process of its own, which may crash, hang or eat memory by itself.

FFmpeg is C code, and what it reads was made by strangers.  What comes through here has been
demuxed and decoded once as every later stage does it, so that none of them meets it first.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from compliance.errors import ComplianceError, DecoderCrashed, MediaError
from compliance.records import Health, Side, Source, Span
from compliance.redact.media import probe

COMMAND: Final = (sys.executable, "-m", "compliance.redact.apart")
OUT_OF_MEMORY: Final = 77
ORPHANED: Final = 78
_SLACK_S: Final = 10
_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What decoding one recording may take."""

    seconds: int
    """On the clock."""
    memory_mb: int
    """Of address space."""


def probe_apart(path: Path, *, limits: Limits, command: Sequence[str] = COMMAND) -> Source:
    """What ``probe`` says of a file, said by a process of its own.

    ``command`` starts that process.

    Raises:
        MediaError: as ``probe`` does.
        DecoderCrashed: the process died, or came to a limit.
        ComplianceError: it failed otherwise; the message tells type and place.
    """
    told = (limits.seconds, limits.memory_mb, path.absolute(), os.getpid())
    done = _run([*command, *map(str, told)], limits)
    if done.returncode:
        raise DecoderCrashed(_end(done.returncode, limits))
    return _answer(json.loads(done.stdout))


def _run(arguments: list[str], limits: Limits) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DecoderCrashed(f"decoding took longer than {limits.seconds} s and was ended") from None


def _environment() -> dict[str, str]:
    """Ours without the settings, some of which are secrets: it needs none."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}


def _end(code: int, limits: Limits) -> str:
    if code == OUT_OF_MEMORY:
        return f"decoding asked for more than {limits.memory_mb} MB"
    if code > 0:
        return f"the decoder's process ended with code {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
    return f"the decoder's process died of {name}"


def _answer(told: dict[str, Any]) -> Source:
    """What the other process found, or the error it raised."""
    if "source" in told:
        return _source(**told["source"])
    kinds = {kind.reason: kind for kind in _kinds(MediaError)}
    raise kinds.get(told["reason"], ComplianceError)(told["message"])


def _kinds(root: type[ComplianceError]) -> Iterator[type[ComplianceError]]:
    yield root
    for each in root.__subclasses__():
        yield from _kinds(each)


def _source(health: dict[str, Any], **told: Any) -> Source:
    sides = tuple(Side(**each) for each in health.pop("sides"))
    gaps, broken = (tuple(Span(**each) for each in health.pop(name)) for name in ("gaps", "broken"))
    made = Health(**health, sides=sides, gaps=gaps, broken=broken)
    return Source(**told | {"segments": (), "health": made})  # what it was joined from the caller knows


def main() -> None:
    """Probe the file that the arguments name, within limits, and say on stdout what was found."""
    seconds, memory_mb = int(sys.argv[1]), int(sys.argv[2])
    path, asked_by = Path(sys.argv[3]), int(sys.argv[4])
    _follow(asked_by)
    _confine(seconds, memory_mb)
    try:
        told: dict[str, Any] = {"source": asdict(probe(path))}
    except MediaError as error:
        told = {"reason": error.reason, "message": str(error)}
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    except Exception as error:
        # Its text may hold something of the file.
        told = {"reason": ComplianceError.reason, "message": f"{type(error).__name__} ({_place(error)})"}
    sys.stdout.write(json.dumps(told))


def _follow(asked_by: int) -> None:
    """End with the process that asked, and now if it has ended already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # Only who dies from here on is told of.
        if os.getppid() != asked_by:
            sys.exit(ORPHANED)


def _confine(seconds: int, memory_mb: int) -> None:
    """Write no file and no core, and take so much and no more."""
    memory = memory_mb << 20
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds + _SLACK_S,
    }
    for kind, limit in limits.items():
        with suppress(ValueError, OSError):  # not every system has them all
            resource.setrlimit(kind, (limit, limit))


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown"


if __name__ == "__main__":
    main()

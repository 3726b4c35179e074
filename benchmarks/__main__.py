"""Measure, and write docs/benchmarks.md.

python -m benchmarks [PART|all] [--data DIR]      parts: speed, memory, media, webhooks, requirements, audit,
                                                  verify, leaks, relisten, blind, consent, text, audit-query,
                                                  fuzz
python -m benchmarks text --data DIR --misses CORPUS
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from benchmarks.texts import CORPORA

PARTS = (
    "speed",
    "memory",
    "media",
    "webhooks",
    "requirements",
    "audit",
    "verify",
    "leaks",
    "relisten",
    "blind",
    "consent",
    "text",
    "audit-query",
    "fuzz",
)


def main() -> None:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure, and write docs/benchmarks.md."
    )
    parser.add_argument("part", choices=[*PARTS, "all"], nargs="?", default="all")
    parser.add_argument("--data", type=Path, help="folder with the evaluation data")
    parser.add_argument(
        "--misses", choices=tuple(CORPORA), help="print what text missed in a corpus; write nothing"
    )
    arguments = parser.parse_args()
    if arguments.misses and arguments.data is None:
        parser.error("--misses needs --data")
    if arguments.data is None:
        print("No DATA: speed and memory repeat the sample call, leaks and consent take it; text is skipped.")
    elif not arguments.data.is_dir():
        parser.error(f"there is no folder {arguments.data}")
    if arguments.misses:
        import_module("benchmarks.misses").show(arguments.data, arguments.misses)
        return
    for part in PARTS if arguments.part == "all" else (arguments.part,):
        print(f"\n{part} …", flush=True)
        measure: Callable[[Path | None], None] = import_module(f"benchmarks.{part.replace('-', '_')}").measure
        measure(arguments.data)


if __name__ == "__main__":
    main()

"""The page of figures: each part between its own markers, put there by the program that measured it."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
LIBRARIES = ("faster-whisper", "ctranslate2", "onnxruntime", "av", "numpy", "presidio-analyzer", "spacy")


def replaced(page: str, part: str, body: str) -> str:
    """The page with one part's figures anew, everything else as it was.

    Raises:
        ValueError: the page has no such part, or has it twice.
    """
    begin, end = (re.escape(f"<!-- {part}: {edge} -->") for edge in ("begin", "end"))
    pieces = re.split(f"({begin}\n).*?({end})", page, flags=re.DOTALL)
    if len(pieces) != 4:
        raise ValueError(f"the page must have one part {part!r} between its markers")
    return pieces[0] + pieces[1] + body.strip() + "\n" + pieces[2] + pieces[3]


def write(part: str, body: str, *, has_data: bool, page: Path = PAGE) -> None:
    """Put a part's figures into the page, with what they were measured on and how to measure them again."""
    text = replaced(page.read_text(encoding="utf-8"), part, f"{made_by(part, has_data=has_data)}\n\n{body}")
    page.write_text(text, encoding="utf-8")
    print(f"\n{body.strip()}\n\nWritten to {page.relative_to(page.parent.parent)}.")


def made_by(part: str, *, has_data: bool) -> str:
    """When, where and by which command the figures came about."""
    command = f"make bench PART={part}" + (" DATA=DIR" if has_data else "")
    return f"{datetime.now(UTC):%Y-%m-%d}, `{command}`, on {machine()}."


def machine() -> str:
    """Processor, cores, memory, system, Python and the libraries that do the work."""
    cores = len(os.sched_getaffinity(0))
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{processor(Path('/proc/cpuinfo'))} ({cores} cores, {memory_gb:.0f} GB), "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, {libraries}"
    )


def processor(cpuinfo: Path) -> str:
    """The processor's name as the kernel tells it."""
    text = cpuinfo.read_text(encoding="utf-8") if cpuinfo.is_file() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, flags=re.MULTILINE)
    return found[1].strip() if found else platform.processor() or "an unnamed processor"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are figures, and stand right."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (header, rule, *rows))


def share(part: float, whole: float) -> str:
    """A part of a whole in per cent."""
    return f"{part / whole:.1%}" if whole else "–"


def verdict(value: float, most: float) -> str:
    """Whether a figure keeps its target."""
    return "met" if value <= most else "**missed**"


def reached(value: float, least: float) -> str:
    """Whether a figure comes up to its target."""
    return "met" if value >= least else "**missed**"

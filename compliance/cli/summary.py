"""A run told to people: tables made of its manifest, for ``process``, ``demo`` and ``recordings show``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from compliance.cli.reasons import meaning, remedy

Document = Mapping[str, Any]
NOTICEABLE_MS = 100
GOOD, BAD, DIM = "green", "bold yellow", "dim"
AI_FINE = ("satisfied", "not_required")
CHECKS = {
    "duration": "same length",
    "samples_in_cuts": "nothing of the original inside the cuts",
    "samples_outside_cuts": "unchanged outside them",
    "packets_outside_cuts": "to the byte of every packet",
    "metadata": "no metadata",
    "relistened": "nothing heard again",
}
"""The checks of verification, as people read them."""


def safe(text: object, style: str = "") -> Text:
    """The text with nothing in it that a terminal or rich would obey."""
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text))
    return Text(plain, style=style, overflow="fold")


def show(document: Document, files: Sequence[Path] = (), console: Console | None = None) -> None:
    """Print what a run found, did and decided."""
    (console or Console()).print(summary(document, files), highlight=False)


def summary(document: Document, files: Sequence[Path] = ()) -> Group:
    """What a run found, did and decided."""
    parts: list[RenderableType] = [Text(), found(document["findings"])] if document["findings"] else [Text()]
    return Group(*parts, Text(), facts([*told(document), *_files(files)]))


def found(findings: Iterable[Document]) -> Table:
    """What was found: kind, how often, how long, and how much of it is cut."""
    counts: dict[str, list[int]] = {}
    for each in findings:
        row = counts.setdefault(each["entity"], [0, 0, 0])
        row[0] += 1
        row[1] += each["end_ms"] - each["start_ms"]
        row[2] += each["action"] != "keep"
    table = Table(box=None, pad_edge=False)
    table.add_column("found", min_width=24)
    for heading in ("times", "seconds", "cut"):
        table.add_column(heading, justify="right")
    for entity, (times, ms, cut) in sorted(counts.items(), key=lambda item: (-item[1][1], item[0])):
        table.add_row(safe(entity), str(times), seconds(ms), str(cut))
    total = [sum(row[n] for row in counts.values()) for n in range(3)]
    table.add_row(
        Text("in all", style=DIM),
        *(Text(x, style=DIM) for x in (str(total[0]), seconds(total[1]), str(total[2]))),
    )
    return table


def told(document: Document) -> Iterator[tuple[str, RenderableType]]:
    """The rest of the run as labelled lines."""
    yield "recording", _recording(document)
    if ailments := list(_all_ailments(document["sources"])):
        yield "its state", safe(" · ".join(ailments), BAD)
    yield "cuts", _cuts(document["cuts"])
    if any(each["action"] == "review" for each in document["findings"]):
        yield "review", _review(document["findings"])
    if document["consent"]:
        yield "consent", _consent(document["consent"])
    if document["verification"]:
        yield "verification", _verification(document["verification"])
    yield "decision", _decision(document["release"])
    if document["timings"].get("total"):
        rtf = document["timings"]["rtf"]
        yield (
            "took",
            safe(
                f"{document['timings']['total']:.1f} s"
                + (f", {rtf:.2f} s a second of recording" if rtf else "")
            ),
        )


def facts(rows: Iterable[tuple[str, RenderableType]]) -> Table:
    """Labelled lines."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(label, value)
    return grid


def seconds(ms: int) -> str:
    """Milliseconds as seconds."""
    return f"{ms / 1000:.1f}"


def _recording(document: Document) -> Text:
    recording = document["recording"]
    length = "" if recording["duration_ms"] is None else f" · {seconds(recording['duration_ms'])} s"
    roles = ", ".join(each["role"] for each in recording["channels"])
    return safe(
        f"{recording['id']}{length} · {roles or 'channels not known'} · profile {recording['profile']}"
    )


def _all_ailments(sources: Sequence[Document]) -> Iterator[str]:
    """What is wrong with the recording itself; of several files, with which."""
    for number, source in enumerate(sources, 1):
        if len(sources) == 1:
            yield from _ailments(source)
        else:
            yield from (f"file {number}: {each}" for each in _ailments(source, is_mix_usual=True))


def _ailments(source: Document, *, is_mix_usual: bool = False) -> Iterator[str]:
    """What is wrong with a file, if anything is; one of several often has one voice on both channels."""
    health = source.get("health")
    if health is None:
        return
    if health["is_mix"] and not is_mix_usual:
        yield "both channels carry the same, so nobody is taken for the agent"
    for index, side in enumerate(health["sides"]):
        if not side["sounding_ms"]:
            yield f"channel {index} is silent"
        if side["clipped_ms"]:
            yield f"channel {index} is clipped for {seconds(side['clipped_ms'])} s"
    if health["gaps"]:
        yield f"{len(health['gaps'])} gaps, {len(health['broken'])} of them in the middle of sound"
    if abs(health["drift_ms"]) > NOTICEABLE_MS:
        yield f"the clock drifts by {seconds(health['drift_ms'])} s"
    if source["told_ms"] is not None and abs(source["told_ms"] - source["duration_ms"]) > 1_000:
        yield f"{seconds(source['duration_ms'])} s long, and {seconds(source['told_ms'])} s by the recorder"


def _cuts(cuts: Sequence[Document]) -> Text:
    methods = ", ".join(sorted({cut["method"] for cut in cuts}))
    length_ms = sum(cut["end_ms"] - cut["start_ms"] for cut in cuts)
    return safe(f"{len(cuts)}, {seconds(length_ms)} s, replaced by {methods}" if cuts else "none")


def _review(findings: Sequence[Document]) -> Text:
    """What a person should look at: it is cut, and not for certain rightly."""
    waiting = [each for each in findings if each["action"] == "review"]
    kinds = ", ".join(sorted({each["entity"] for each in waiting}))
    return safe(f"{len(waiting)} up for review, cut until a person restores them", BAD).append_text(
        safe(f"\n{kinds}", DIM)
    )


def _consent(consent: Document) -> Text:
    """The verdict with its rule, and the sentences that lead to it."""
    text = safe(consent["outcome"], GOOD if consent["outcome"] == "satisfied" else BAD)
    text.append_text(safe(f" · {consent['rule']} rule of {consent['jurisdiction']}"))
    text.append("\n").append_text(safe(consent["sentence"]))
    ai = consent["ai"]["outcome"]
    text.append("\nAI disclosure: ").append_text(safe(ai, GOOD if ai in AI_FINE else BAD))
    text.append_text(safe(f" · so: {', '.join(consent['acts'])}"))
    text.append("\n").append_text(safe("; ".join(consent["citation"])))
    for sentence in (each for each in consent["reasoning"] if each != consent["sentence"]):
        text.append("\n").append_text(safe(sentence, DIM))
    return text


def _verification(verification: Document) -> Text:
    text = safe("clean", GOOD) if verification["is_clean"] else safe("not clean", BAD)
    held = ", ".join(CHECKS.get(each, each) for each in verification["checks"])
    again, passes = seconds(verification["relistened_ms"]), verification["passes"]
    text.append_text(safe(f" · {again} s listened to again · passes: {passes}"))
    text.append("\n").append_text(safe(held or "no check held", DIM))
    for each in verification["residual"]:
        where = f"{seconds(each['start_ms'])}–{seconds(each['end_ms'])} s, channel {each['channel']}"
        text.append("\n").append_text(safe(f"still heard: {each['entity']} at {where}", BAD))
    return text


def _decision(release: Document) -> Text:
    text = safe(release["decision"], GOOD if release["decision"] == "released" else BAD)
    for reason in release["reasons"]:
        text.append("\n").append_text(because(reason, advises=release["decision"] == "held"))
    return text


def because(reason: str, *, advises: bool = True) -> Text:
    """A reason word, what it means, and what can be done."""
    advice = f" {remedy(reason)}" if advises else ""
    return safe(f"{reason}: ").append_text(safe(f"{meaning(reason)}{advice}".strip(), DIM))


def _files(files: Sequence[Path]) -> Iterator[tuple[str, RenderableType]]:
    if files:
        names = ", ".join(path.name for path in files)
        yield "files", safe(f"{files[0].parent}/").append("\n").append_text(safe(names, DIM))

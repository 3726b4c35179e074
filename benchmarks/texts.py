"""The corpora of text: each folder's own form, read into transcripts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

from benchmarks.transcripts import Label, Transcript, line, transcript
from compliance.records import Role


def spoken_numbers(data: Path) -> list[Transcript]:
    """Lines with one number each, or with none that is to be found."""
    return [line(each["id"], each["text"], _number(each)) for each in _lines(data / "spoken-numbers")]


def _number(line: dict[str, Any]) -> list[Label]:
    return [(*line["span"], line["label"])] if line["span"] else []


def presidio_synth(data: Path) -> list[Transcript]:
    """Sentences in written form, one speaker of whom nothing is known."""
    path = data / "presidio-synth" / "synth_dataset_v2.json"
    made = enumerate(json.loads(path.read_text(encoding="utf-8")))
    return [line(f"sentence {n}", each["full_text"], _marked(each["spans"])) for n, each in made]


def _marked(spans: Iterable[dict[str, Any]]) -> list[Label]:
    return [(each["start_position"], each["end_position"], each["entity_type"]) for each in spans]


def vcon_transcripts(data: Path) -> list[Transcript]:
    """Calls in spoken form, a paragraph a turn, the agent first; the labels were made by pattern."""
    return [_call(each) for each in _lines(data / "vcon-transcripts")]


def _call(told: dict[str, Any]) -> Transcript:
    paragraphs = [match.span() for match in re.finditer(r".+", told["transcript"])]
    turns = list(zip(paragraphs, cycle((Role.AGENT, Role.CALLER)), strict=False))
    labels = [(start, end, kind) for start, end, kind, _ in told["silver_spans"]]
    return transcript(told["id"], told["transcript"], turns, labels)


def sgd_dialogues(data: Path) -> list[Transcript]:
    """Dialogues of a customer with a system; not everything that is to be found is labelled."""
    return [_dialogue(each) for each in _lines(data / "sgd-dialogues")]


def _dialogue(told: dict[str, Any]) -> Transcript:
    turns, spans, at = [], [], 0
    for turn in told["turns"]:
        role = Role.AGENT if turn["speaker"] == "SYSTEM" else Role.CALLER
        turns.append(((at, at + len(turn["text"])), role))
        spans += [(at + start, at + end, kind) for start, end, kind, _ in turn["spans"]]
        at += len(turn["text"]) + 1
    return transcript(told["id"], "\n".join(turn["text"] for turn in told["turns"]), turns, spans)


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    """The values of a folder's only file of JSON lines."""
    (path,) = folder.glob("*.jsonl")
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


CORPORA: Mapping[str, Callable[[Path], list[Transcript]]] = {
    "spoken-numbers": spoken_numbers,
    "vcon-transcripts": vcon_transcripts,
    "sgd-dialogues": sgd_dialogues,
    "presidio-synth": presidio_synth,
}
"""What the text benchmarks read, by the names of the folders."""

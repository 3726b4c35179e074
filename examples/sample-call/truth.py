"""What was said when, for scoring: the truth of a call that was performed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from callscript import Call, Mark, bare, digits
from performance import Performance, Placed, Utterance
from voices import RATE


def truth(call: Call, performance: Performance, *, duration_s: float, noise_dbfs: float) -> dict[str, Any]:
    """What was said when, in the format that docs/evaluation.md describes."""
    spoken = dict.fromkeys(call.entities, 0)
    utterances = sorted(performance.utterances, key=lambda each: (each.words[0].start, each.side))
    header, agent, caller = call.header, call.header["agent"], call.header["caller"]
    return {
        "id": header["id"],
        "scenario": header["scenario"],
        "duration": duration_s,
        "layout": "stereo",
        "direction": "inbound",
        "agent_voice": agent["voice"],
        "caller_voice": caller["voice"],
        "agent_kind": agent["kind"],
        "agent_number": agent["number"],
        "caller_number": caller["number"],
        "files": ["call.ogg"],
        "line": {"codec": "ulaw", "noise": noise_dbfs},
        "entities": dict(call.entities),
        "utterances": [_told(each, call, spoken) for each in utterances],
        "legal": _legal(call, performance),
    }


def _told(utterance: Utterance, call: Call, spoken: dict[str, int]) -> dict[str, Any]:
    """One utterance; ``spoken`` counts the digits of each entity that were said so far."""
    phrases = list(_phrases(utterance))
    told: dict[str, Any] = {"channel": utterance.side, **_times(utterance.words)}
    told["spans"] = [_span(m, words, call, spoken) for m, words in phrases if m.kind == "span"]
    harmless = [{"kind": m.name, **_times(words)} for m, words in phrases if m.kind == "harmless"]
    for control in harmless:
        control["text"] = bare(control["text"])
    return (
        told
        | ({"controls": harmless} if harmless else {})
        | ({"overlap": True} if utterance.is_overlap else {})
    )


def _phrases(utterance: Utterance) -> Iterator[tuple[Mark, list[Placed]]]:
    for mark, words in groupby(utterance.words, lambda each: each.mark):
        if mark is not None:
            yield mark, list(words)


def _times(words: Sequence[Placed]) -> dict[str, Any]:
    text = " ".join(each.text for each in words)
    return {"start": _seconds(words[0].start), "end": _seconds(words[-1].end), "text": text}


def _span(mark: Mark, words: list[Placed], call: Call, spoken: dict[str, int]) -> dict[str, Any]:
    """A sensitive phrase with the time of each word and the digits it stands for."""
    times = _times(words)
    read = digits([each.text for each in words])
    span = {"label": mark.name, **times, "text": bare(times["text"])}
    span["value"] = mark.value or ("".join(read) if read else span["text"])
    span["words"] = [
        {"w": bare(each.text), "start": _seconds(each.start), "end": _seconds(each.end)} for each in words
    ]
    for word, digit in zip(span["words"], read or [], strict=False):
        word["digits"] = digit
    if mark.entity:
        span["entity"] = mark.entity
    if mark.flag:
        span[mark.flag.replace("last-four", "last_four_only")] = True
    elif mark.entity:
        _count(span, call.entities[mark.entity]["value"], spoken)
    return span


def _count(span: dict[str, Any], whole: str, spoken: dict[str, int]) -> None:
    """Say from which digit of the entity the span goes on, and check that it fits there."""
    at = span["offset"] = spoken[span["entity"]]
    spoken[span["entity"]] += len(span["value"])
    if whole[at : spoken[span["entity"]]] != span["value"]:
        raise SystemExit(f"the words at {span['start']} s are not the digits of {span['entity']} from {at}")


def _legal(call: Call, performance: Performance) -> dict[str, Any]:
    """What a careful reader would find: notice and disclosure came first, and the caller went on."""
    marks = {
        mark.name: {"channel": utterance.side, **_times(words)}
        for utterance in performance.utterances
        for mark, words in _phrases(utterance)
        if mark.kind == "legal"
    }
    return {
        "notice": marks["notice"],
        "ai_disclosure": marks["ai_disclosure"],
        "consent_answer": {"kind": "none"},
        "objection": None,
        "human_question": None,
        "caller_state": call.header["caller"]["state"],
        "business_state": call.header["agent"]["state"],
        "rule": call.header["rule"],
        "expected": {
            "notice_given": True,
            "notice_before_substance": True,
            "consent": "satisfied",
            "ai_disclosed": True,
        },
    }


def _seconds(sample: int) -> float:
    return round(sample / RATE, 3)

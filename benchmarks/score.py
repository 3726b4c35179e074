"""Score the cuts of manifests against calls whose sensitive words are timed.

    python -m benchmarks.score TRUTH.json CUTS [--json]

TRUTH.json is a list of calls as examples/sample-call/README.md describes them.
CUTS is a manifest (any JSON object with ``cuts``), or a folder that holds
``<call id>.json`` or ``<call id>/manifest.json`` for every call.

The words used:

leaked word     a sensitive word of which more than a fifth of the time stays audible
calls leaking   calls with at least one
open card       a card number of which more than the first six and last four digits
                can be recovered from the whole call
over-cut        time cut that is neither sensitive nor within 300 ms of it, as a share
                of other speech
harmless cut    prices, order numbers and the like that are more than half cut
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

Interval = tuple[int, int]
"""Milliseconds, half-open."""

NEAR_MS = 300
"""Cutting this close to something sensitive is not held against a redactor."""
FIRST, LAST = 6, 4
"""Digits of a card that may stay readable (PCI DSS 4.0.1, requirement 3.4.1)."""
SHORTEST_CARD = 13
"""Keyed digits shorter than this are no card number (ISO/IEC 7812-1 numbers in use have 13 to 19)."""
SIDES = {"agent": 0, "caller": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The figures of one call, or of several added up."""

    calls: int = 0
    calls_leaking: int = 0
    words: int = 0
    """Sensitive words."""
    leaked: int = 0
    cards: int = 0
    open_cards: int = 0
    over_ms: int = 0
    other_ms: int = 0
    """Speech that is not sensitive."""
    harmless: int = 0
    harmless_cut: int = 0
    protected_cut_ms: int = 0
    """Of the notice, the disclosure, an answer or an objection."""
    leaked_by_label: Counter[str] = field(default_factory=Counter)

    @property
    def over_share(self) -> float:
        """Over-cut time as a share of other speech."""
        return self.over_ms / self.other_ms if self.other_ms else 0.0

    def __add__(self, other: Score) -> Score:
        """The figures of both taken together."""
        mine, theirs = self.figures(), other.figures()
        return Score(**{name: mine[name] + theirs[name] for name in mine})

    def figures(self) -> dict[str, Any]:
        """The figures by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A sensitive phrase of the truth, with how much of it was heard."""

    truth: Mapping[str, Any]
    channel: int
    words: tuple[Interval, ...]
    audible: tuple[bool, ...]
    """For each word, whether more than a fifth of it stays."""
    near: tuple[Interval, ...]
    """What may be cut with it: the phrase, or its words where the truth times nothing but words."""


def score(call: Mapping[str, Any], cuts: Iterable[Mapping[str, Any]]) -> Score:
    """The figures of one call.

    In a mono call every cut counts for both parties, whatever channel it names.
    """
    heard = _cuts_by_channel(call, list(cuts))
    spans = [span for utterance in call["utterances"] for span in _spans(utterance, heard)]
    asked = [span for span in spans if not span.truth.get("optional")]
    leaks = Counter(span.truth["label"] for span in asked for is_audible in span.audible if is_audible)
    cards = _cards(asked)
    harmless = [
        covered(_interval(each), heard[channel]) * 2 > _length(_interval(each))
        for channel, utterance in _utterances(call)
        for each in utterance.get("controls", ())
    ]
    return Score(
        calls=1,
        calls_leaking=int(bool(leaks)),
        words=sum(len(span.words) for span in asked),
        leaked=leaks.total(),
        cards=len(cards),
        open_cards=sum(is_open(readings, call.get("entities", {})) for readings in cards),
        over_ms=_over_ms(call, spans, heard),
        other_ms=sum(_length(_interval(each)) for each in call["utterances"])
        - sum(_length(word) for span in spans for word in span.words),
        harmless=len(harmless),
        harmless_cut=sum(harmless),
        protected_cut_ms=_protected_cut_ms(call, heard),
        leaked_by_label=leaks,
    )


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The intervals in order, those that touch joined, so that no time counts twice."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def covered(interval: Interval, intervals: Iterable[Interval]) -> int:
    """Milliseconds of the interval that lie in any of the others, which must be merged."""
    start, end = interval
    return sum(max(0, min(end, until) - max(start, since)) for since, until in intervals)


def is_open(readings: Sequence[Span], entities: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether a middle digit of the card can be heard in any of the times it was read.

    A misspoken reading gives no digit of the card away.  A word stands for the
    digits the truth names; where it names none, for one.
    """
    for span in readings:
        digits = [word.get("digits") for word in span.truth.get("words", ())]
        is_counted = any(each is not None for each in digits)
        if is_counted and span.truth.get("misspoken"):
            continue
        lengths = [len(each or "") for each in digits] if is_counted else [1] * len(span.words)
        value = entities.get(span.truth.get("entity", ""), span.truth)["value"]
        middle = range(FIRST, (len(value) if is_counted else len(lengths)) - LAST)
        place = span.truth.get("offset", 0) if is_counted else 0
        for length, is_audible in zip(lengths, span.audible, strict=True):
            if is_audible and any(each in middle for each in range(place, place + length)):
                return True
            place += length
    return False


def _cuts_by_channel(call: Mapping[str, Any], cuts: list[Mapping[str, Any]]) -> dict[int, list[Interval]]:
    is_mono = call.get("layout") == "mono"
    return {
        channel: merged(
            (cut["start_ms"], cut["end_ms"])
            for cut in cuts
            if is_mono or cut.get("channel") in (None, channel)
        )
        for channel in SIDES.values()
    }


def _utterances(call: Mapping[str, Any]) -> Iterable[tuple[int, Mapping[str, Any]]]:
    return ((SIDES[each["channel"]], each) for each in call["utterances"])


def _spans(utterance: Mapping[str, Any], heard: Mapping[int, list[Interval]]) -> Iterable[Span]:
    channel = SIDES[utterance["channel"]]
    for truth in _truths(utterance):
        words = tuple(_words(truth))
        # Whole numbers: more than a fifth audible is less than four fifths covered.
        audible = tuple(covered(word, heard[channel]) * 5 < _length(word) * 4 for word in words)
        near = (_interval(truth), *words) if "spans" in utterance else words
        yield Span(truth=truth, channel=channel, words=words, audible=audible, near=near)


def _truths(utterance: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The sensitive phrases of an utterance, in either form of truth.

    The older form labels the utterance itself, and times its words or the phrase
    (``pii_start``, ``pii_end``) within it.
    """
    if "spans" in utterance:
        return list(utterance["spans"])
    if "label" not in utterance:
        return ()
    start = utterance.get("pii_start", utterance["start"])
    end = utterance.get("pii_end", utterance["end"])
    words = utterance.get("words") or [{"w": "?", "start": start, "end": end}]
    value = utterance.get("digits", "")
    return [{"label": utterance["label"], "start": start, "end": end, "words": words, "value": value}]


def _words(span: Mapping[str, Any]) -> list[Interval]:
    """The times of its words; a span that has none is shared out evenly over what was said."""
    if span.get("words"):
        return [_interval(word) for word in span["words"]]
    start, end = _interval(span)
    count = max(1, len(span["text"].split()))
    edges = [start + (end - start) * place // count for place in range(count + 1)]
    return list(pairwise(edges))


def _cards(spans: Iterable[Span]) -> list[list[Span]]:
    """Spans that give a card number, those of one card together."""
    cards: defaultdict[object, list[Span]] = defaultdict(list)
    for place, span in enumerate(spans):
        truth = span.truth
        is_card = truth["label"] == "CREDIT_CARD" and not truth.get("last_four_only")
        is_keyed = truth["label"] == "DTMF" and len(truth["value"]) >= SHORTEST_CARD
        if is_card or is_keyed:
            cards[truth.get("entity", place)].append(span)
    return list(cards.values())


def _over_ms(call: Mapping[str, Any], spans: Sequence[Span], heard: Mapping[int, list[Interval]]) -> int:
    """Time cut for nothing; where the caller is heard in the agent's channel, that may be cut as well."""
    is_mono, has_crosstalk = call.get("layout") == "mono", call.get("line", {}).get("crosstalk")
    near: dict[int, list[Interval]] = {channel: [] for channel in SIDES.values()}
    for span in spans:
        for channel in near:
            if is_mono or channel == span.channel or (has_crosstalk and span.channel == SIDES["caller"]):
                near[channel] += [(start - NEAR_MS, end + NEAR_MS) for start, end in span.near]
    channels = [SIDES["caller"]] if is_mono else list(near)
    return sum(
        _length(cut) - covered(cut, merged(near[channel])) for channel in channels for cut in heard[channel]
    )


def _protected_cut_ms(call: Mapping[str, Any], heard: Mapping[int, list[Interval]]) -> int:
    names = ("notice", "ai_disclosure", "consent_answer", "objection")
    marks = [mark for name in names if (mark := call.get("legal", {}).get(name)) and "start" in mark]
    return sum(covered(_interval(mark), heard[SIDES[mark["channel"]]]) for mark in marks)


def _interval(timed: Mapping[str, Any]) -> Interval:
    return round(timed["start"] * 1000), round(timed["end"] * 1000)


def _length(interval: Interval) -> int:
    return interval[1] - interval[0]


def find_cuts(path: Path, call_id: str) -> list[Mapping[str, Any]]:
    """The cuts of a call, from a manifest or a folder of them.

    Raises:
        FileNotFoundError: the folder holds none for it; a call left out would flatter the score.
    """
    names = [path] if path.is_file() else [path / f"{call_id}.json", path / call_id / "manifest.json"]
    found = next((each for each in names if each.is_file()), None)
    if found is None:
        raise FileNotFoundError(f"no cuts for {call_id} in {path}")
    cuts: list[Mapping[str, Any]] = json.loads(found.read_text(encoding="utf-8"))["cuts"]
    return cuts


def line(name: str, result: Score) -> str:
    """The figures in one line of text."""
    labels = " ".join(f"{label}:{count}" for label, count in sorted(result.leaked_by_label.items()))
    return (
        f"{name:<28} leaked words {result.leaked}/{result.words}  "
        f"calls leaking {result.calls_leaking}/{result.calls}  "
        f"open cards {result.open_cards}/{result.cards}  "
        f"over-cut {result.over_ms / 1000:.1f} s ({result.over_share:.1%})  "
        f"harmless cut {result.harmless_cut}/{result.harmless}  "
        f"notice cut {result.protected_cut_ms} ms  {labels}"
    ).rstrip()


def main() -> None:
    """Read the arguments and print one line a call, then the total."""
    parser = argparse.ArgumentParser(description="Score cuts against timed truth.")
    parser.add_argument("truth", type=Path)
    parser.add_argument("cuts", type=Path)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments = parser.parse_args()
    calls = json.loads(arguments.truth.read_text(encoding="utf-8"))
    scores = {call["id"]: score(call, find_cuts(arguments.cuts, call["id"])) for call in calls}
    total = sum(scores.values(), start=Score())
    if arguments.json:
        figures = {name: result.figures() for name, result in scores.items()}
        print(json.dumps({"calls": figures, "total": total.figures()}, indent=1))
        return
    for name, result in [*scores.items(), ("TOTAL", total)]:
        print(line(name, result))


if __name__ == "__main__":
    main()

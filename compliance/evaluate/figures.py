"""The figures that are told, each a part of a whole, with what can be said of it beyond these calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compliance.evaluate.counts import Score
from compliance.evaluate.intervals import interval
from compliance.evaluate.run import Measured

ACRONYMS = {"us", "ssn", "dtmf", "pin", "zip", "iban", "url", "ip", "itin", "nrp", "pii"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A part of a whole: counted things, or milliseconds."""

    name: str
    """Stable: it stands in JSON, and in what was recorded."""
    title: str
    part: int
    whole: int
    is_time: bool = False
    is_good: bool = False
    """Whether more of it is better."""

    @property
    def share(self) -> float | None:
        """The part of the whole; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The exact binomial interval of the share; None for time, of which no number of trials is known."""
        return None if self.is_time or not self.whole else interval(self.part, self.whole)


def figures(measured: Measured) -> tuple[Figure, ...]:
    """Every figure of a run, the gravest first."""
    return (*_of_score(measured.total), *_of_holds(measured))


def _of_score(total: Score) -> Iterator[Figure]:
    yield _count("leaked_words", "sensitive words leaked", total.leaked, total.words)
    yield _time("leaked_ms", "sensitive time leaked", total.leaked_ms, total.sensitive_ms)
    yield _count("calls_leaking", "calls leaking", total.calls_leaking, total.calls)
    yield _count("open_cards", "cards open", total.open_cards, total.cards)
    yield _count("crosstalk_open", "words open in crosstalk", total.crosstalk_open, total.crosstalk_words)
    yield _time("over_cut_ms", "other speech cut", total.over_ms, total.other_ms)
    yield _count("harmless_cut", "harmless numbers cut", total.harmless_cut, total.harmless)
    yield _time("protected_cut_ms", "notice and consent cut", total.protected_cut_ms, total.protected_ms)
    yield _well("facts_found", "legal facts found", total.facts_found, total.facts)
    yield _count("facts_false", "legal facts heard, not said", total.facts_false, total.facts_heard)
    yield _well("verdicts_right", "verdicts as expected", total.verdicts_right, total.verdicts)
    in_place = total.cut_ms - total.over_ms
    yield Figure(
        name="precision",
        title="cut time in place",
        part=in_place,
        whole=total.cut_ms,
        is_time=True,
        is_good=True,
    )


def _of_holds(measured: Measured) -> Iterator[Figure]:
    if measured.decides:
        held = sum(each.is_held_by_us for each in measured.calls)
        yield _count("held", "held (not for consent)", held, len(measured.calls))


def recall(total: Score) -> tuple[Figure, ...]:
    """Of each kind the words that were removed, the commonest kind first."""
    return tuple(
        Figure(
            name=label,
            title=_readable(label),
            part=words - total.leaked_by_label[label],
            whole=words,
            is_good=True,
        )
        for label, words in sorted(total.words_by_label.items(), key=lambda item: (-item[1], item[0]))
    )


def by_call(measured: Measured) -> tuple[Figure, ...]:
    """The words leaked of each call that has any to leak."""
    return tuple(
        _count(each.id, each.id, each.score.leaked, each.score.words)
        for each in measured.calls
        if each.score.words
    )


def _readable(label: str) -> str:
    """A label as people write it."""
    words = label.lower().split("_")
    return " ".join(word.upper() if word in ACRONYMS else word for word in words)


def _count(name: str, title: str, part: int, whole: int) -> Figure:
    return Figure(name=name, title=title, part=part, whole=whole)


def _well(name: str, title: str, part: int, whole: int) -> Figure:
    return Figure(name=name, title=title, part=part, whole=whole, is_good=True)


def _time(name: str, title: str, part: int, whole: int) -> Figure:
    return Figure(name=name, title=title, part=part, whole=whole, is_time=True)

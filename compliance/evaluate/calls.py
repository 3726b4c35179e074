"""A call of any form of truth, brought into one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import PurePosixPath

from compliance.evaluate.forms import (
    CallForm,
    DigitsForm,
    LegalForm,
    QuestionForm,
    SpanForm,
    UtteranceForm,
)
from compliance.evaluate.stretches import Interval, length
from compliance.evaluate.truth import CALLER, UNNAMED, Call, Control, Fact, Mark, Phrase

SHORTEST_CARD = 13
"""Keyed digits shorter than this are no card number (ISO/IEC 7812-1 numbers in use have 13 to 19)."""


def call_of(told: object) -> Call:
    """A call of any form.

    Raises:
        ValidationError: it is of none.
    """
    if isinstance(told, dict) and "file" in told:
        return _of_digits(DigitsForm.model_validate(told))
    return _of_call(CallForm.model_validate(told))


def _of_call(told: CallForm) -> Call:
    spoken = [(said, tuple(_phrases(said, told))) for said in told.utterances]
    return Call(
        id=told.id,
        duration_ms=round(told.duration * 1000),
        files=tuple(told.files),
        layout=told.layout,
        is_mono=told.layout == "mono",
        phrases=tuple(each for _, phrases in spoken for each in phrases),
        controls=tuple(
            Control(kind=each.kind, channel=said.side, interval=each.interval)
            for said in told.utterances
            for each in said.controls
        ),
        marks=None if told.legal is None else tuple(_marks(told.legal)),
        consent=None if told.legal is None else told.legal.expected.consent,
        other_ms=sum(_other_ms(said, phrases) for said, phrases in spoken),
        has_crosstalk=bool(told.line.crosstalk),
        agent_kind=told.agent_kind,
        agent_number=told.agent_number,
        caller_number=told.caller_number,
    )


def _marks(told: LegalForm) -> Iterator[Mark]:
    """The facts that were said: those with times."""
    for fact in Fact:
        form = getattr(told, fact)
        if form is not None and form.start is not None and form.end is not None:
            reply = form.answer if isinstance(form, QuestionForm) else None
            yield Mark(
                fact=fact,
                channel=form.side,
                interval=(round(form.start * 1000), round(form.end * 1000)),
                is_truthful=None if reply is None else reply.truthful,
            )


def _other_ms(said: UtteranceForm, phrases: Iterable[Phrase]) -> int:
    """What of an utterance is not sensitive: all but its sensitive words, where the truth times words."""
    words = [word for phrase in phrases for word in phrase.words if said.spans is not None or said.words]
    return length(said.interval) - sum(map(length, words))


def _phrases(said: UtteranceForm, call: CallForm) -> Iterator[Phrase]:
    """The sensitive phrases of an utterance, in either form."""
    for span in said.spans or ():
        values = {name: each.value for name, each in call.entities.items()}
        yield _phrase(span, said.side, values.get(span.entity or "") or span.value)
    if said.spans is None and (said.label or said.pii):
        yield _labelled(said)


def _phrase(span: SpanForm, channel: int, value: str) -> Phrase:
    """A phrase of the newer form; one without words is shared out evenly over what was said."""
    told = [word.digits for word in span.words]
    digits = None if all(each is None for each in told) else tuple(len(each or "") for each in told)
    words = tuple(word.interval for word in span.words) or _shared_out(span)
    start_ms, end_ms = span.interval
    return Phrase(
        label=span.label,
        channel=channel,
        start_ms=start_ms,
        end_ms=end_ms,
        words=words,
        near=((start_ms, end_ms), *(() if span.optional else words)),
        digits=digits,
        length=len(words) if digits is None else len(value),
        offset=span.offset,
        entity=span.entity,
        is_card=_is_card(span),
        is_optional=span.optional,
        is_misspoken=span.misspoken,
    )


def _is_card(span: SpanForm) -> bool:
    if span.label == "CREDIT_CARD":
        return not span.last_four_only
    return span.label == "DTMF" and len(span.value) >= SHORTEST_CARD


def _shared_out(span: SpanForm) -> tuple[Interval, ...]:
    start, end = span.interval
    count = max(1, len(span.text.split()))
    return tuple(pairwise(start + (end - start) * place // count for place in range(count + 1)))


def _labelled(said: UtteranceForm) -> Phrase:
    """The phrase of an utterance that is labelled as a whole: its words, or the time given for it."""
    start = said.start if said.pii_start is None else said.pii_start
    end = said.end if said.pii_end is None else said.pii_end
    whole = (round(start * 1000), round(end * 1000))
    words = tuple(word.interval for word in said.words) or (whole,)
    return _bare(said.label or UNNAMED, said.side, whole, words)


def _bare(label: str, channel: int, whole: Interval, words: tuple[Interval, ...]) -> Phrase:
    """A phrase of which no more is known than when its words were said."""
    return Phrase(
        label=label,
        channel=channel,
        start_ms=whole[0],
        end_ms=whole[1],
        words=words,
        near=words,
        length=len(words),
        is_card=label == "CREDIT_CARD",
    )


def _of_digits(told: DigitsForm) -> Call:
    """A file of one number: one party, and no other speech."""
    words = tuple(word.interval for word in told.words)
    phrase = _bare(told.kind, CALLER, (words[0][0], words[-1][1]), words)
    return Call(
        id=PurePosixPath(told.file).stem,
        duration_ms=round(told.duration * 1000),
        files=(told.file,),
        layout="mono",
        is_mono=True,
        phrases=(replace(phrase, near=((phrase.start_ms, phrase.end_ms), *words)),),
    )

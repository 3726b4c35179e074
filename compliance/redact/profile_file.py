"""The shape of a profile's file, and where in it a fault stands.

Pydantic stands at this door only; inside, a profile is the frozen value of ``profile``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    model_validator,
)

from compliance import yaml_file
from compliance.records import Action, Entity, Method, Originals
from compliance.redact.detect.rules import LONGEST_PATTERN, fault_of
from compliance.redact.shown import FIRST_THREE, LAST_FOUR
from compliance.yaml_file import Door, Fault

DEFAULT = "default"
FITTED = "fitted"
_ALLOWED = {Action.KEEP_LAST_FOUR: LAST_FOUR, Action.KEEP_FIRST_THREE: FIRST_THREE}


def _entity(value: object) -> object:
    """A kind by its name; of a name that is none, those that are like it are told."""
    if isinstance(value, str) and value in set(Entity):
        return value
    near = get_close_matches(str(value)[:60].upper(), list(Entity), n=1)
    raise ValueError("is no kind of finding" + (f"; did you mean {near[0]}?" if near else ""))


def _entity_or_default(value: object) -> object:
    """A kind, or the word for all others."""
    return value if value == DEFAULT else _entity(value)


def _pattern(value: str) -> str:
    """A pattern that can be matched in time that is bounded."""
    fault = fault_of(value)
    if fault:
        raise ValueError(fault)
    return value


def _pads(value: object) -> object:
    """Pads in figures, or none of them where they are fitted."""
    if value == FITTED:
        return None
    if not isinstance(value, dict):
        raise ValueError(f"is neither {FITTED!r} nor before_ms and after_ms")
    return value


Kind = Annotated[Entity, BeforeValidator(_entity)]
KindOrDefault = Annotated[str, BeforeValidator(_entity_or_default)]
Name = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,40}$")]
Score = Annotated[float, Field(ge=0, le=1, strict=False, allow_inf_nan=False)]
Phrase = Annotated[str, Field(min_length=2, max_length=100, pattern=r"\w")]
Prefix = Annotated[str, Field(pattern=r"^[0-9]{3}$")]
Ms = Annotated[int, Field(ge=0, le=5_000)]


class Pads(Door):
    """How far a cut goes beyond the words found."""

    before_ms: Ms
    after_ms: Ms


class Threshold(Door):
    """From ``cut`` on a find is treated as its kind says, from ``review`` on cut and put up for review."""

    cut: Score = 0.0
    review: Score = 0.0

    @model_validator(mode="after")
    def _agrees(self) -> Threshold:
        """A review line above the cut line would drop what is sure enough to be cut."""
        if self.review > self.cut:
            raise ValueError("review lies above cut")
        return self


class Pattern(Door):
    """A pattern of the user's."""

    name: Name
    pattern: Annotated[str, Field(min_length=1, max_length=LONGEST_PATTERN), AfterValidator(_pattern)]
    entity: Kind = Entity.CUSTOM
    score: Score = 0.9


class WordList(Door):
    """Words and phrases of the user's."""

    name: Name
    phrases: Annotated[tuple[Phrase, ...], Field(min_length=1, max_length=10_000)]
    entity: Kind = Entity.CUSTOM
    score: Score = 0.9


class File(Door):
    """A profile's file, checked at the door."""

    schema_: Literal["compliance/redaction-profile/1"] = Field(alias="schema")
    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")
    meaning: str
    entities: dict[KindOrDefault, Action]
    thresholds: dict[KindOrDefault, Threshold] = Field(default_factory=dict)
    custom: Annotated[tuple[Pattern, ...], Field(max_length=200)] = ()
    words: Annotated[tuple[WordList, ...], Field(max_length=200)] = ()
    ages_kept_to: Annotated[int, Field(ge=0, le=89)] | None = None
    zips_withheld: tuple[Prefix, ...] = ()
    method: Method
    methods: dict[Kind, Method]
    pads: Annotated[Pads | None, BeforeValidator(_pads)]
    """None where they are as fitted to the base speech model."""
    join_ms: Ms
    quantize_ms: Ms = 0
    reach_ms: Ms
    originals: Originals
    sensitive_authentication_data: Literal["vault", "never"]
    on_hold: Literal["write_redacted", "write_nothing"]


def read(name: str, body: bytes) -> File:
    """A file's content.

    Raises:
        PolicyInvalid: it cannot be used; the message gives file and line of the first fault.
    """
    return yaml_file.read(name, body, File, _contradictions)


def _contradictions(file: File) -> Iterator[Fault]:
    """What is right by itself and wrong beside the rest, with its place."""
    for kind, action in file.entities.items():
        allowed = _ALLOWED.get(action)
        if allowed is not None and kind not in allowed:
            yield ("entities", kind), f"{action} is only for {', '.join(sorted(allowed))}"
    names = Counter([*(each.name for each in file.custom), *(each.name for each in file.words)])
    places = [(("custom", n, "name"), each.name) for n, each in enumerate(file.custom)]
    places += [(("words", n, "name"), each.name) for n, each in enumerate(file.words)]
    yield from ((place, "the name stands twice") for place, name in places if names[name] > 1)

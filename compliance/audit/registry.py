"""The registry of event kinds: which exist, what they mean and which fields they carry.

``registry.yaml`` is the one list; the enum, ``docs/events.md`` and the checks of
every event come from it.  Each type is a closed shape that leaves no room for
a sentence, so that nothing that was said can get into the log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from types import MappingProxyType

import yaml

from compliance.records import Entity, Method, Outcome, Role, Stage

LARGEST = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly (RFC 8785, appendix D)."""

WORD = re.compile(r"[a-z][a-z0-9_.:-]{0,79}")
LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+:-]{0,79}")
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}")
DIGEST = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,119}")
JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?|unknown")
OPTIONAL = "optional "
SPOKEN_NUMBER = re.compile(r"\d([ _.:+-]*\d){6,}")
LETTER = re.compile(r"[A-Za-z]")

Check = Callable[[object], bool]


def is_word(value: object) -> bool:
    """Whether it is an enum-like word of ours: lower case, no spaces, no run of seven digits or more."""
    return isinstance(value, str) and WORD.fullmatch(value) is not None and not SPOKEN_NUMBER.search(value)


def is_label(value: object) -> bool:
    """Whether it is a word of somebody else's, such as a version or the name of a webhook."""
    return isinstance(value, str) and LABEL.fullmatch(value) is not None and not SPOKEN_NUMBER.search(value)


def is_id(value: object) -> bool:
    """Whether it is an identifier; digits alone are refused, since a telephone number would be such."""
    return isinstance(value, str) and ID.fullmatch(value) is not None and LETTER.search(value) is not None


def is_digest(value: object) -> bool:
    """Whether it is a SHA-256 digest in lower-case hex."""
    return isinstance(value, str) and DIGEST.fullmatch(value) is not None


def is_count(value: object, *, least: int = 0) -> bool:
    """Whether it is a whole number that JSON keeps exactly."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= LARGEST


def _is_name(value: object) -> bool:
    return isinstance(value, str) and NAME.fullmatch(value) is not None and ".." not in value


def _is_signature(value: object) -> bool:
    return isinstance(value, str) and is_digest(value[:64]) and is_digest(value[64:])


def _is_jurisdiction(value: object) -> bool:
    return isinstance(value, str) and JURISDICTION.fullmatch(value) is not None


def _is_span(value: object) -> bool:
    """A channel (None for every channel), where it starts and where it ends."""
    if not isinstance(value, list | tuple) or len(value) != 3:
        return False
    channel, start_ms, end_ms = value
    return (
        (channel is None or is_count(channel))
        and is_count(start_ms)
        and is_count(end_ms)
        and start_ms <= end_ms
    )


def _is_list(value: object, *, of: Check) -> bool:
    return isinstance(value, list | tuple) and all(of(each) for each in value)


def _is_map(value: object, *, of: Check, to: Check) -> bool:
    return isinstance(value, Mapping) and all(of(key) and to(each) for key, each in value.items())


def _one_of(*allowed: str) -> Check:
    return frozenset(allowed).__contains__


TYPES: Mapping[str, tuple[str, Check]] = MappingProxyType(
    {
        "word": ("an enum-like word of ours", is_word),
        "words": ("a list of words", partial(_is_list, of=is_word)),
        "label": ("a version or another system's word", is_label),
        "id": ("an identifier", is_id),
        "digest": ("SHA-256 in hex", is_digest),
        "key": ("an Ed25519 public key in hex", is_digest),
        "signature": ("an Ed25519 signature in hex", _is_signature),
        "digests": ("a list of SHA-256 in hex", partial(_is_list, of=is_digest)),
        "refs": (
            "a map from file or model to SHA-256 in hex",
            partial(_is_map, of=_is_name, to=is_digest),
        ),
        "count": ("a whole number from 0", is_count),
        "ms": ("Unix time in milliseconds", is_count),
        "offset": (
            "milliseconds from the recording's start, or before it",
            partial(is_count, least=-LARGEST),
        ),
        "flag": ("true or false", lambda value: isinstance(value, bool)),
        "spans": ("a list of [channel or null, start_ms, end_ms]", partial(_is_list, of=_is_span)),
        "jurisdiction": ("ISO 3166 code such as US-CA, or unknown", _is_jurisdiction),
        "jurisdictions": ("a list of jurisdictions", partial(_is_list, of=_is_jurisdiction)),
        "stage": ("a stage of the pipeline", _one_of(*Stage)),
        "consent": ("an outcome of the question of consent", _one_of(*Outcome)),
        "roles": ("a list of channel roles", partial(_is_list, of=_one_of(*Role))),
        "methods": ("a list of ways to cut", partial(_is_list, of=_one_of(*Method))),
        "entities": ("a map from entity to count", partial(_is_map, of=_one_of(*Entity), to=is_count)),
    }
)
"""Name of a type -> what it is, and the check that a value is one.  ``a|b|c`` is a closed list besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of one kind of event."""

    name: str
    type: str
    is_optional: bool

    def admits(self, value: object) -> bool:
        """Whether the value is of the field's type."""
        if "|" in self.type:
            return isinstance(value, str) and value in self.type.split("|")
        try:
            return TYPES[self.type][1](value)
        except TypeError:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of event."""

    name: str
    meaning: str
    fields: Mapping[str, Field]


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind in the order of the registry, by its name."""
    document = yaml.safe_load(files(__package__).joinpath("registry.yaml").read_text(encoding="utf-8"))
    return MappingProxyType({name: _kind(name, entry) for name, entry in document["kinds"].items()})


def _kind(name: str, entry: Mapping[str, object]) -> Kind:
    stated = entry["fields"]
    assert isinstance(stated, dict)
    fields = {
        each: Field(name=each, type=kind.removeprefix(OPTIONAL), is_optional=kind.startswith(OPTIONAL))
        for each, kind in stated.items()
    }
    return Kind(name=name, meaning=str(entry["meaning"]), fields=MappingProxyType(fields))

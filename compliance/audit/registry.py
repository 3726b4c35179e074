"""The registry of event kinds: which exist, what they mean and which fields they carry.

``registry.yaml`` is the one list; the enum, the JSON Schema, ``docs/events.md`` and
the checks of every event come from it.  Each type is a closed shape that leaves no room for
a sentence, so that nothing that was said can get into the log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from compliance.records import Entity, Method, Outcome, Purpose, Role, Stage

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


def is_name(value: object) -> bool:
    """Whether it is the name of a file, model or setting of ours: no spaces, and no way out of a folder."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A closed shape that a field's value may have."""

    meaning: str
    admits: Check
    schema: Mapping[str, Any]
    """The same as JSON Schema, for readers elsewhere; a test holds the two together."""


_NOT_SPOKEN = {"not": {"pattern": SPOKEN_NUMBER.pattern}}
_WORD = {"type": "string", "pattern": f"^{WORD.pattern}$", **_NOT_SPOKEN}
_ID = {"type": "string", "pattern": f"^(?=.*{LETTER.pattern}){ID.pattern}$"}
_DIGEST = {"type": "string", "pattern": f"^{DIGEST.pattern}$"}
_COUNT = {"type": "integer", "minimum": 0, "maximum": LARGEST}
_NAME = {"type": "string", "pattern": f"^{NAME.pattern}$", "not": {"pattern": r"\.\."}}
_JURISDICTION = {"type": "string", "pattern": f"^({JURISDICTION.pattern})$"}


def _words(enum: Iterable[str]) -> dict[str, Any]:
    """The schema of one word of a closed list."""
    return {"type": "string", "enum": [str(each) for each in enum]}


def _array(of: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _mapping(pattern: str, to: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {},
        "patternProperties": {f"^({pattern})$": to},
    }


_SPAN = {
    "type": "array",
    "prefixItems": [{"anyOf": [_COUNT, {"type": "null"}]}, _COUNT, _COUNT],
    "items": False,
    "minItems": 3,
}

TYPES: Mapping[str, Type] = MappingProxyType(
    {
        "word": Type(meaning="an enum-like word of ours", admits=is_word, schema=_WORD),
        "words": Type(meaning="a list of words", admits=partial(_is_list, of=is_word), schema=_array(_WORD)),
        "label": Type(
            meaning="a version or another system's word",
            admits=is_label,
            schema={"type": "string", "pattern": f"^{LABEL.pattern}$", **_NOT_SPOKEN},
        ),
        "id": Type(
            meaning="an identifier",
            admits=is_id,
            schema=_ID,
        ),
        "ids": Type(meaning="a list of identifiers", admits=partial(_is_list, of=is_id), schema=_array(_ID)),
        "digest": Type(meaning="SHA-256 in hex", admits=is_digest, schema=_DIGEST),
        "key": Type(meaning="an Ed25519 public key in hex", admits=is_digest, schema=_DIGEST),
        "signature": Type(
            meaning="an Ed25519 signature in hex",
            admits=_is_signature,
            schema={"type": "string", "pattern": "^[0-9a-f]{128}$"},
        ),
        "digests": Type(
            meaning="a list of SHA-256 in hex", admits=partial(_is_list, of=is_digest), schema=_array(_DIGEST)
        ),
        "refs": Type(
            meaning="a map from file or model to SHA-256 in hex",
            admits=partial(_is_map, of=is_name, to=is_digest),
            schema=_mapping(rf"(?!.*\.\.){NAME.pattern}", _DIGEST),
        ),
        "names": Type(
            meaning="a list of files, models or settings",
            admits=partial(_is_list, of=is_name),
            schema=_array(_NAME),
        ),
        "count": Type(meaning="a whole number from 0", admits=is_count, schema=_COUNT),
        "ms": Type(meaning="Unix time in milliseconds", admits=is_count, schema=_COUNT),
        "offset": Type(
            meaning="milliseconds from the recording's start, or before it",
            admits=partial(is_count, least=-LARGEST),
            schema=_COUNT | {"minimum": -LARGEST},
        ),
        "flag": Type(
            meaning="true or false",
            admits=lambda value: isinstance(value, bool),
            schema={"type": "boolean"},
        ),
        "spans": Type(
            meaning="a list of [channel or null, start_ms, end_ms]",
            admits=partial(_is_list, of=_is_span),
            schema=_array(_SPAN),
        ),
        "jurisdiction": Type(
            meaning="ISO 3166 code such as US-CA, or unknown", admits=_is_jurisdiction, schema=_JURISDICTION
        ),
        "jurisdictions": Type(
            meaning="a list of jurisdictions",
            admits=partial(_is_list, of=_is_jurisdiction),
            schema=_array(_JURISDICTION),
        ),
        "stage": Type(meaning="a stage of the pipeline", admits=_one_of(*Stage), schema=_words(Stage)),
        "consent": Type(
            meaning="an outcome of the question of consent", admits=_one_of(*Outcome), schema=_words(Outcome)
        ),
        "purpose": Type(
            meaning="what something was read for", admits=_one_of(*Purpose), schema=_words(Purpose)
        ),
        "roles": Type(
            meaning="a list of channel roles",
            admits=partial(_is_list, of=_one_of(*Role)),
            schema=_array(_words(Role)),
        ),
        "methods": Type(
            meaning="a list of ways to cut",
            admits=partial(_is_list, of=_one_of(*Method)),
            schema=_array(_words(Method)),
        ),
        "entities": Type(
            meaning="a map from entity to count",
            admits=partial(_is_map, of=_one_of(*Entity), to=is_count),
            schema=_mapping("|".join(Entity), _COUNT),
        ),
    }
)
"""What a field may hold, by name.  ``a|b|c`` is a closed list besides."""


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
            return TYPES[self.type].admits(value)
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

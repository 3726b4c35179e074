"""Redaction profiles: what is cut, how, and what becomes of the original."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compliance.errors import ArgumentInvalid, PolicyInvalid
from compliance.records import Action, Entity, Method, Originals, PolicyRef
from compliance.redact.detect.rules import Rule, phrase
from compliance.redact.profile_file import DEFAULT, File, Pattern, Threshold, WordList, read
from compliance.redact.treatment import Lines, Treatment

SCHEMA = "compliance/redaction-profile/1"
SENSITIVE_AUTHENTICATION_DATA = frozenset({Entity.CARD_VERIFICATION_CODE, Entity.PIN})
"""What must not be stored after authorisation, even encrypted (PCI DSS v4.0.1, 3.3.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pads:
    """How far a cut goes beyond the words found."""

    before_ms: int
    after_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One profile, as loaded.  Times in milliseconds."""

    name: str
    meaning: str
    treatment: Treatment
    """What is done with each kind of finding, from which score, and the profile's own rules."""
    zips_withheld: frozenset[str]
    """First three digits of ZIP codes that may not stay."""
    methods: Mapping[Entity, Method]
    pads: Pads | None
    """None for as far as the sound of what was found is fitted to go."""
    join_ms: int
    quantize_ms: int
    """Cuts are as long as a multiple of this; 0 leaves them as they are."""
    reach_ms: int
    originals: Originals
    keeps_authentication_data: bool
    """Whether a held recording may keep codes and PINs, encrypted."""
    writes_held: bool
    """Whether redacted files of a held recording are written out."""
    ref: PolicyRef

    @property
    def actions(self) -> Mapping[Entity, Action]:
        """What is done with every kind of finding."""
        return self.treatment.actions


def load(folder: Path) -> dict[str, Profile]:
    """Every profile of a folder, by name.

    Raises:
        PolicyInvalid: a file cannot be read; the message gives file and line.
    """
    profiles: dict[str, Profile] = {}
    for path in sorted(folder.glob("*.yaml")):
        profile = made(path.name, path.read_bytes())
        if profile.name in profiles:
            other = profiles[profile.name].ref.file.rpartition("/")[2]
            raise PolicyInvalid(f"{path.name}, line 1: {other} is named {profile.name} too")
        profiles[profile.name] = profile
    if not profiles:
        raise PolicyInvalid(f"{folder} holds no redaction profiles")
    return profiles


def choose(profiles: Mapping[str, Profile], name: str) -> Profile:
    """The profile of that name.

    Raises:
        ArgumentInvalid: there is none; the message lists those there are.
    """
    if name not in profiles:
        raise ArgumentInvalid(
            f"there is no redaction profile {name!r}; there are: {', '.join(sorted(profiles))}"
        )
    return profiles[name]


def made(name: str, body: bytes) -> Profile:
    """The profile that a file's bytes describe.

    Raises:
        PolicyInvalid: it cannot be used; the message gives file and line.
    """
    file = read(name, body)
    return Profile(
        name=file.name,
        meaning=file.meaning,
        treatment=_treatment(file),
        zips_withheld=frozenset(file.zips_withheld),
        methods={entity: file.methods.get(entity, file.method) for entity in Entity},
        pads=Pads(before_ms=file.pads.before_ms, after_ms=file.pads.after_ms) if file.pads else None,
        join_ms=file.join_ms,
        quantize_ms=file.quantize_ms,
        reach_ms=file.reach_ms,
        originals=file.originals,
        keeps_authentication_data=file.sensitive_authentication_data == "vault",
        writes_held=file.on_hold == "write_redacted",
        ref=PolicyRef(file=f"redaction/{name}", sha256=hashlib.sha256(body).hexdigest()),
    )


def _treatment(file: File) -> Treatment:
    """What is done with each kind; one that the file does not name is treated as its default, or cut."""
    rest = file.entities.get(DEFAULT, Action.CUT)
    line = file.thresholds.get(DEFAULT, Threshold())
    lines = {entity: file.thresholds.get(entity, line) for entity in Entity}
    return Treatment(
        actions={entity: file.entities.get(entity, rest) for entity in Entity},
        lines={entity: Lines(cut=each.cut, review=each.review) for entity, each in lines.items()},
        rules=(*map(_of_pattern, file.custom), *map(_of_words, file.words)),
        ages_kept_to=file.ages_kept_to,
    )


def _of_pattern(given: Pattern) -> Rule:
    """A pattern of the user's."""
    return Rule(name=given.name, entity=given.entity, score=given.score, pattern=given.pattern)


def _of_words(given: WordList) -> Rule:
    """A word list of the user's."""
    phrases = frozenset(map(phrase, given.phrases))
    return Rule(name=given.name, entity=given.entity, score=given.score, phrases=phrases)

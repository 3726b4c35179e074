"""The file of obligations, read strictly: what contradicts itself or loosens unsigned is refused.

Pydantic stands at this door only; inside, orders are the frozen values of ``obligations``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from compliance.consent.obligations import CUTS, ENDINGS, Orders
from compliance.consent.policy_file import Approval
from compliance.consent.policy_yaml import Read, read
from compliance.records import Act, AiOutcome, Outcome
from compliance.yaml_file import Door

NAME = "obligations.yaml"
_LENIENT = (Act.RELEASE, Act.KEEP_MARKED)
_HAS_OBJECTION = (Outcome.OBJECTED, Outcome.WITHDRAWN)


def _listed(value: object) -> object:
    """One word is a list of one."""
    return (value,) if isinstance(value, str) else value


Acts = Annotated[tuple[Act, ...], BeforeValidator(_listed), Field(min_length=1)]


class Obligations(Door):
    """The file ``obligations.yaml``."""

    schema_: Literal["compliance/consent-obligations/1"] = Field(alias="schema")
    recording: dict[Outcome, Acts]
    one_party: dict[Outcome, Acts]
    ai_disclosure: dict[AiOutcome, Acts]
    after_objection: Literal["that_party", "everyone"]
    loosened_by: Approval | None
    """Who answers for what is released without consent."""


def load(folder: Path) -> Orders:
    """What a folder of policies orders.

    Raises:
        PolicyInvalid: it is missing, not understood or contradicts itself; the message gives file and line.
    """
    source = read(folder / NAME, folder, Obligations)
    for place, fault in _faults(source):
        raise source.fault(place, fault)
    file = source.file
    return Orders(
        recording=file.recording,
        one_party=file.one_party,
        ai=file.ai_disclosure,
        silences_everyone=file.after_objection == "everyone",
        policy=source.ref,
    )


def _faults(source: Read[Obligations]) -> Iterator[tuple[Sequence[int | str], str]]:
    """What is well formed and cannot be meant, with its place."""
    file = source.file
    yield from _gaps("recording", file.recording, list(Outcome))
    yield from _gaps("ai_disclosure", file.ai_disclosure, list(AiOutcome))
    for name, orders in (("recording", file.recording), ("one_party", file.one_party)):
        for outcome, acts in orders.items():
            fault = _fault(acts) or _misplaced(acts, outcome) or _unsigned(file, acts, outcome)
            if fault:
                yield (name, str(outcome)), fault
    for of_ai, acts in file.ai_disclosure.items():
        cut = "a cut is made for the sake of the recording, and belongs there" if len(acts) > 1 else None
        fault = _fault(acts) or cut or _unsigned(file, acts, of_ai)
        if fault:
            yield ("ai_disclosure", str(of_ai)), fault


def _gaps(
    name: str, orders: Mapping[Outcome, Acts] | Mapping[AiOutcome, Acts], all_: Sequence[str]
) -> Iterator[tuple[Sequence[int | str], str]]:
    for outcome in all_:
        if outcome not in orders:
            yield (name,), f"nothing is ordered for {outcome}"


def _fault(acts: Acts) -> str | None:
    """What is wrong with a list by itself: it is cuts, each once, and then one ending."""
    if acts[-1] not in ENDINGS:
        endings = ", ".join(ENDINGS)
        return f"{acts[-1]} says what is cut, not what follows; add one of {endings}"
    if any(each not in CUTS for each in acts[:-1]) or len(set(acts)) < len(acts):
        return "only cuts, each once, can stand before the ending"
    if acts[-1] is Act.DESTROY and len(acts) > 1:
        return "what is destroyed needs no cut"
    return None


def _misplaced(acts: Acts, outcome: Outcome) -> str | None:
    """A cut for which such an outcome has no place."""
    if Act.CUT_BEFORE_NOTICE in acts and outcome is Outcome.MISSING:
        return "no notice was heard before which anything could be cut"
    if Act.CUT_AFTER_OBJECTION in acts and outcome not in _HAS_OBJECTION:
        return "nobody objected after whom anything could be cut"
    return None


def _unsigned(file: Obligations, acts: Acts, outcome: Outcome | AiOutcome) -> str | None:
    """Something is let go that is not satisfied, and nobody's name stands under it."""
    is_fine = outcome in (Outcome.SATISFIED, AiOutcome.SATISFIED, AiOutcome.NOT_REQUIRED)
    if is_fine or acts[-1] not in _LENIENT or file.loosened_by is not None:
        return None
    return f"{acts[-1]} loosens what is held otherwise; `loosened_by` must name who answers for it"

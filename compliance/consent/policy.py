"""The law as a folder of policy files states it, loaded whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from compliance.consent import policy_file, policy_folder, policy_made
from compliance.consent.law import Law, Rule
from compliance.consent.overlay import laid_over
from compliance.consent.policy_yaml import Read, read
from compliance.errors import PolicyInvalid

__all__ = ["Law", "Rule", "load", "packaged"]


def load(folder: Path, overlay: Path | None = None) -> Law:
    """The law as a folder of policy files states it, with an overlay of the business's own upon it.

    Raises:
        PolicyInvalid: a file is missing or not understood, or the overlay loosens what nobody
            approved; the message gives file and line.
    """
    places, laws = policy_folder.jurisdictions(folder), policy_folder.ai_laws(folder)
    for kind, found in (("consent", len(places)), ("ai", len(laws))):
        if not found:  # to have no policies is not the same as to have no law
            raise PolicyInvalid(f"{folder}/{kind}: no policy files")
    _refuse_loosening([*places.values(), *laws.values()])
    law = Law(
        rules={code: policy_made.rules(each) for code, each in places.items()},
        disclosure=policy_made.disclosure(read(folder / "disclosure.yaml", folder, policy_file.Disclosure)),
        ai=tuple(rule for name in sorted(laws) for rule in policy_made.ai_rules(laws[name])),
        members={code: frozenset(each.file.members) for code, each in places.items() if each.file.members},
        stand_ins=frozenset(code for code, each in places.items() if each.file.stands_in_for_members),
    )
    return law if overlay is None else laid_over(law, overlay)


def _refuse_loosening(files: Sequence[Read[policy_file.Jurisdiction] | Read[policy_file.AiLaw]]) -> None:
    """The law itself loosens nothing, so an approval in it approves of nothing."""
    for each in files:
        if each.file.loosened_by is not None:
            raise each.fault(("loosened_by",), "only a file of an overlay loosens another")


def packaged() -> Path:
    """The folder of policies that this package carries: in a wheel inside it, in a checkout beside it."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_policies"
    return inside if inside.is_dir() else package.parent / "policies"

"""``compliance evidence compare``: whether a redacted recording is the original but for its cuts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from compliance.artifacts import media_of
from compliance.errors import ArgumentInvalid
from compliance.records import Cut, Source, Unaltered
from compliance.redact.recheck import Deviation, Fault, recheck
from compliance.schemas.check import faults
from compliance.strands import of_file

SCHEMA = "compliance/evidence-compare/1"
OF_ONE, OF_SEVERAL = "compliance/manifest/1", "compliance/manifest/2"
SHOWN, DIFFERS, NOTHING_TO_SHOW = 0, 1, 3
"""Exit codes: nothing else was touched; something does not hold; there are no trees."""

_SENTENCES = {
    Fault.LENGTH: "the recording has other leaves than the manifest says",
    Fault.REDACTED_ROOT: "the redacted recording is not the one that the manifest tells of",
    Fault.ORIGINAL_ROOT: "what was left of it is not from the original that the manifest tells of",
    Fault.ELSEWHERE: "altered outside the cuts",
    Fault.UNCHANGED: "said to be cut, and it is the original's still",
    Fault.OUTSIDE_CUTS: "said to be changed, and no cut is near",
    Fault.PICTURE: "the picture is not the one that the manifest tells of",
}


def compare(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="[ORIGINAL] REDACTED MANIFEST", help="The original may be left out.", show_default=False
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check that a redacted recording is the original outside its cuts, packet by packet or sample by sample.

    Of a call in several files one is looked at, by its digest or its name.
    Without the original, its root in the manifest is computed from the redacted recording; with it, exactly
    the leaves that the manifest lists must differ.  Exit code 0: so it is.  1: something does not hold,
    and its time is named.  3: the recording was encoded again as a whole, so nothing can be shown this way.
    """
    original, redacted, manifest = _named(files)
    told, cuts, sha256s = _read(manifest, redacted)
    if told.trees is None:
        _tell(told, (), as_json=as_json, has_original=original is not None)
        raise typer.Exit(NOTHING_TO_SHOW)
    found = list(recheck(told, cuts, redacted, original))
    if _sha256(redacted) not in sha256s and not found:
        found.append(Deviation(fault=Fault.REDACTED_ROOT))
    _tell(told, found, as_json=as_json, has_original=original is not None)
    raise typer.Exit(DIFFERS if found else SHOWN)


def _named(files: Sequence[Path]) -> tuple[Path | None, Path, Path]:
    if len(files) not in (2, 3):
        raise ArgumentInvalid("give REDACTED and MANIFEST, or ORIGINAL, REDACTED and MANIFEST")
    for path in files:
        if not path.is_file():
            raise ArgumentInvalid(f"there is no file {path}")
    original = files[0] if len(files) == 3 else None
    return original, files[-2], files[-1]


def _read(manifest: Path, redacted: Path) -> tuple[Unaltered, tuple[Cut, ...], frozenset[str]]:
    """What a manifest says of a redacted file: its proof, its cuts in the file's own time, and the digests.

    Raises:
        ArgumentInvalid: it is no manifest, or one of a recording that was not found clean.
    """
    try:
        document: Any = json.loads(manifest.read_bytes())
        schema = document.get("schema") if isinstance(document, dict) else None
        if schema not in (OF_ONE, OF_SEVERAL) or faults(document):
            raise ArgumentInvalid(f"{manifest} is not a manifest of schema {OF_ONE} or {OF_SEVERAL}")
        if document["unaltered"] is None:
            raise ArgumentInvalid(f"{manifest} tells of a recording that was not verified as clean")
        cuts = TypeAdapter(tuple[Cut, ...]).validate_python(document["cuts"])
        proof = document["unaltered"]
        if schema == OF_SEVERAL:
            index = _which(document, redacted)
            sources = TypeAdapter(tuple[Source, ...]).validate_python(document["sources"])
            cuts, proof = of_file(cuts, sources, index), document["unaltered"][index]
        told = TypeAdapter(Unaltered).validate_python(proof)
    except (ValueError, RecursionError, ValidationError):
        raise ArgumentInvalid(f"{manifest} is not a manifest of schema {OF_ONE} or {OF_SEVERAL}") from None
    return told, cuts, frozenset(each["sha256"] for each in document["outputs"])


def _which(document: dict[str, Any], redacted: Path) -> int:
    """Which of a call's files it is: the one of its digest, or else of its name.

    Raises:
        ArgumentInvalid: it is none of them.
    """
    sounds = [each for each in document["outputs"] if media_of(each["file"])]
    for key, value in (("sha256", _sha256(redacted)), ("file", redacted.name)):
        found = next((n for n, each in enumerate(sounds) if each[key] == value), None)
        if found is not None:
            return found
    raise ArgumentInvalid(f"{redacted} is none of the files that the manifest tells of, by digest or name")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _tell(told: Unaltered, found: Sequence[Deviation], *, as_json: bool, has_original: bool) -> None:
    if as_json:
        document = report(told, found, has_original=has_original)
        typer.echo(json.dumps(document, indent=2))
        return
    console = Console(soft_wrap=True)
    for line in _lines(told, found, has_original=has_original):
        console.print(Text(line))
    if found:
        console.print(_table(found))


def report(told: Unaltered, found: Sequence[Deviation], *, has_original: bool) -> dict[str, Any]:
    """The result as a JSON document."""
    trees = told.trees
    return {
        "schema": SCHEMA,
        "result": "nothing_to_show" if trees is None else "differs" if found else "unaltered",
        "kept": str(told.kept),
        "with_original": has_original,
        "leaves": trees.size if trees else None,
        "changed": sum(each.last - each.first + 1 for each in trees.changed) if trees else None,
        "original": trees.original if trees else None,
        "redacted": trees.redacted if trees else None,
        "deviations": [{"fault": str(d.fault), "leaf": d.leaf, "at_ms": d.at_ms} for d in found],
    }


def _lines(told: Unaltered, found: Sequence[Deviation], *, has_original: bool) -> list[str]:
    if told.trees is None:
        return [
            "The recording was encoded again as a whole, so its packets cannot show that nothing else was "
            "touched. The comparison by sound is in the manifest, under verification."
        ]
    unit = "packets" if told.kept == "packets" else "blocks of samples"
    changed = sum(each.last - each.first + 1 for each in told.trees.changed)
    kept = f"{told.trees.size - changed} of {told.trees.size} {unit}"
    if found:
        return ["NOT as the manifest says:"]
    if has_original:
        return [f"{kept} are the original's, byte for byte; the other {changed} lie in cuts."]
    return [
        f"{kept} belong to the original whose root the manifest names; the other {changed} lie in cuts.",
        f"Original's root: {told.trees.original}",
    ]


def _table(found: Sequence[Deviation]) -> Table:
    table = Table("at", "leaf", "what")
    for each in found:
        at = "" if each.at_ms is None else f"{each.at_ms / 1000:.3f} s"
        table.add_row(at, "" if each.leaf is None else str(each.leaf), Text(_SENTENCES[each.fault]))
    return table

"""``compliance evidence verify``: whether a bundle is as it was made, and by whom."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from compliance.errors import ArgumentInvalid
from compliance.evidence import verify_alone


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The ZIP, or the folder it was unpacked to.")],
    key: Annotated[
        str | None,
        typer.Option(metavar="FINGERPRINT", help="SHA-256 of the custodian's key, had from elsewhere."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check a bundle of evidence: every file, its seal in the log, the signature, every event.

    The same program as verify.py in the bundle, but from this installation and not from whoever made the
    bundle.  Exit code 0: valid.  1: INVALID; the first file or event concerned is named.  3: consistent,
    but without --key nothing is known of who signed it.
    """
    fingerprint = None if key is None else _fingerprint(key)
    try:
        report = verify_alone.check(file, fingerprint)
    except OSError as error:
        raise ArgumentInvalid(f"{file} cannot be read: {error.strerror}") from None
    if as_json:
        sys.stdout.write(json.dumps(verify_alone.document(report), indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in verify_alone.sentences(report))
    raise typer.Exit(report.code)


def _fingerprint(text: str) -> str:
    try:
        return verify_alone.fingerprint_of(text)
    except argparse.ArgumentTypeError as error:
        raise ArgumentInvalid(f"--key: {error}") from None

"""README.txt of a bundle, for a lawyer: what it is, what it proves and what not, how to check it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from importlib import resources
from typing import Any

from compliance.evidence.verify_alone import moment

_WIDTH = 78


def text(index: dict[str, Any]) -> str:
    """README.txt for a bundle with that index."""
    export, count = index["export"], len(index["recordings"])
    template = resources.files(__package__).joinpath("readme.txt").read_text(encoding="utf-8")
    details = [line for each in index["recordings"] for line in _recording(each)]
    return template.format(
        id=export["id"],
        matter=_filled(f"Matter:   {export['matter']}", hang=10),
        purpose=_filled(f"Purpose:  {export['purpose']}", hang=10),
        made=_time(export["created_at_ms"]),
        recordings="one call recording" if count == 1 else f"{count} call recordings",
        them="it" if count == 1 else "them",
        time=_witnessed(index),
        details="\n".join([*details, *_gone(index)]).rstrip("\n"),
    )


_STAMPED = """\
, but for this: an authority
  stamped states of the log, at the times below, from which this one grew.
  In the folder of each, with the authority's certificates in ca.pem:

    openssl ts -verify -in token.tsr -data checkpoint -CAfile ca.pem
"""
_UNSTAMPED = """\
: no time stamp of an authority
  is in this bundle."""


def _witnessed(index: dict[str, Any]) -> str:
    """The end of the sentence on time: what bounds it, if anything does."""
    if not index["timestamps"]:
        return _UNSTAMPED
    stamps = [(_time(each["stated_at_ms"]), each["checkpoint"]) for each in index["timestamps"]]
    return _STAMPED + "".join(f"\n  {stated} UTC  {checkpoint}" for stated, checkpoint in stamps)


def _recording(one: dict[str, Any]) -> Iterator[str]:
    """One recording in a few lines."""
    consent = one["consent"]
    judged = consent and f"{consent['outcome']}, by the rule {consent['rule']} ({consent['jurisdiction']})"
    facts = (
        ("length", f"{one['duration_ms'] / 1000:.1f} s"),
        ("released", f"{_time(one['released_at_ms'])} UTC"),
        ("in spite of", ", ".join(one["release_reasons"])),
        ("profile", one["profile"]),
        ("consent", judged or "not judged"),
        ("unaltered", one["unaltered"] or "not shown"),
        ("entries", str(len(one["events"]))),
        *(("original", f"SHA-256 {each}") for each in one["source_sha256"]),
    )
    yield one["id"]
    yield from (_filled(f"  {name:<12}{fact}", hang=14) for name, fact in facts if fact)
    yield ""


def _gone(index: dict[str, Any]) -> Iterator[str]:
    """The policies of which only the digest is known."""
    gone = [each for each in index["policies"] if each["path"] is None]
    if gone:
        yield "POLICIES THAT ARE NOT IN THIS BUNDLE"
        yield ""
        yield "The version that was used was no longer at hand; the SHA-256 of the files:"
        yield ""
        yield from (line for each in gone for line in (f"  {each['file']}", f"    {each['sha256']}"))


def _time(unix_ms: int) -> str:
    return f"{moment(unix_ms):%Y-%m-%d %H:%M:%S}"


def _filled(line: str, hang: int) -> str:
    """A line broken between words; a digest stays whole."""
    return textwrap.fill(
        line, _WIDTH, subsequent_indent=" " * hang, break_on_hyphens=False, break_long_words=False
    )

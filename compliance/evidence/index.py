"""The index of a bundle: one JSON document for programs, one table for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from compliance.audit.note import Checkpoint, Verifier
from compliance.evidence.bag import Bag
from compliance.evidence.gather import Event, Gathered, Policy
from compliance.evidence.request import Request
from compliance.evidence.verify_alone import moment
from compliance.evidence.witnessed import Witnessed
from compliance.records import Kept

SCHEMA = "compliance/evidence-index/1"
COLUMNS = ("recording", "what", "path", "sha256", "size_bytes", "time_utc", "event_id", "leaf_index")
_WHAT = {
    "manifest.json": "manifest",
    "transcript.json": "transcript",
    "transcript.txt": "transcript_text",
    "transcript.vtt": "captions",
    "transcript.srt": "captions",
    "playlist.m3u8": "playlist",
}


def document(
    request: Request,
    gathered: Iterable[Gathered],
    policies: Iterable[Policy],
    bag: Bag,
    *,
    checkpoint: Checkpoint,
    key: Verifier,
    witnessed: Witnessed,
) -> dict[str, Any]:
    """What is in the bundle, schema compliance/evidence-index/1."""
    return {
        "schema": SCHEMA,
        "export": {
            "id": request.id,
            "created_at_ms": request.created_at_ms,
            "matter": request.matter,
            "purpose": request.purpose,
        },
        "log": {
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "key_fingerprint": key.fingerprint,
        },
        "recordings": [_recording(each, bag) for each in gathered],
        "policies": [asdict(each) for each in policies],
        "anchors": [asdict(each) for each in witnessed.anchors],
        "timestamps": [asdict(each) for each in witnessed.timestamps],
    }


def _recording(one: Gathered, bag: Bag) -> dict[str, Any]:
    manifest = one.manifest
    consent, unaltered = manifest["consent"], manifest.get("unaltered")
    return {
        "id": str(one.id),
        "profile": manifest["recording"]["profile"],
        "duration_ms": manifest["recording"]["duration_ms"],
        "source_sha256": [each["sha256"] for each in manifest["sources"]],
        "released_at_ms": one.released.row.occurred_at_ms,
        "release_reasons": manifest["release"]["reasons"],
        "consent": consent and {name: consent[name] for name in ("outcome", "jurisdiction", "rule")},
        "unaltered": unaltered and _kept(unaltered),
        "files": [
            {"path": path, "what": _what(path), "sha256": bag.sha256[path], "size_bytes": bag.sizes[path]}
            for path in one.files
        ],
        "events": [_event(each) for each in one.events],
    }


def _kept(unaltered: Any) -> str:
    """How the sound went over; of several files, of the one of which least can be shown."""
    kept = [each["kept"] for each in (unaltered if isinstance(unaltered, list) else [unaltered])]
    return str(max((Kept(each) for each in kept), key=list(Kept).index))


def _what(path: str) -> str:
    return _WHAT.get(path.rpartition("/")[2], "recording")


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.row.id,
        "kind": event.row.kind,
        "occurred_at_ms": event.row.occurred_at_ms,
        "leaf_index": event.leaf_index,
        "path": event.path,
        "proof": event.proof,
    }


def table(index: dict[str, Any], bag: Bag) -> str:
    """The same as CSV (RFC 4180), times in UTC; begins with the mark by which Excel knows UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([safe(str(cell)) for cell in row] for row in _rows(index, bag))
    return "\ufeff" + text.getvalue()


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: what could begin one gets an apostrophe before it.

    OWASP, CSV Injection: = + - @, a tab or a carriage return at the start; blanks before them are skipped
    by some programs.
    """
    return f"'{cell}" if cell.lstrip(" ")[:1] in tuple("=+-@\t\r\n＝＋－＠") else cell


def _rows(index: dict[str, Any], bag: Bag) -> Iterator[tuple[object, ...]]:
    for one in index["recordings"]:
        for each in one["files"]:
            yield one["id"], each["what"], each["path"], each["sha256"], each["size_bytes"], "", "", ""
        for each in one["events"]:
            path, at = each["path"], f"{moment(each['occurred_at_ms']):%Y-%m-%d %H:%M:%S}"
            facts = bag.sha256[path], bag.sizes[path], at, each["id"], each["leaf_index"]
            yield one["id"], each["kind"], path, *facts
    for each in index["policies"]:
        size = bag.sizes[each["path"]] if each["path"] else ""
        yield "", "policy", each["path"] or f"not at hand: {each['file']}", each["sha256"], size, "", "", ""

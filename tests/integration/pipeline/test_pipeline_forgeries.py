"""Forgeries of a bundle of evidence, from clumsy to skilled: none passes, and both checks agree on each."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bundled import Case, asked, judged, made
from forger import (
    FORGER,
    Files,
    appended,
    edited,
    headers,
    link,
    logged,
    named_in_directory,
    named_otherwise,
    of_another_day,
    packed,
    packed_again,
    patched,
    redated,
    reindexed,
    relisted,
    renamed,
    resealed,
    stated,
    unpacked,
    without,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.errors import ComplianceError
from compliance.evidence.verify_alone import (
    CHECKPOINT,
    INDEX,
    INVALID,
    KEY,
    PAYLOAD,
    SEAL_EVENT,
    SEAL_GROWTH,
    SEAL_PROOF,
    STATEMENT,
    TAGS,
    UNVERIFIED,
    VALID,
    check,
    sentences,
)
from compliance.evidence.verify_alone import document as told
from compliance.schemas.check import faults

VERIFY = "verify/verify.py"
Forgery = Callable[[Case, Files], Files]


def lied(case: Case, files: Files) -> Files:
    """The custodian's own key over a recording that was altered after its release."""
    return logged(reindexed(files, _rehash(files)), case.custodian)


def _rehash(files: Files) -> Callable[[dict[str, Any]], None]:
    def change(index: dict[str, Any]) -> None:
        for each in (file for one in index["recordings"] for file in one["files"]):
            each["sha256"] = hashlib.sha256(files[each["path"]]).hexdigest()

    return change


def first(case: Case, name: str) -> str:
    """A path of the first recording."""
    return f"data/{case.ids[0]}/{name}"


def text(case: Case) -> str:
    """The transcript that is tampered with."""
    return first(case, "transcript.txt")


def release(case: Case, ending: str = "json") -> str:
    """The event of the release."""
    return first(case, f"events/0008-recording.released.{ending}")


FORGERIES: dict[str, tuple[Forgery, str]] = {
    "a file edited": (lambda c, f: edited(f, text(c)), "data/{0}/transcript.txt"),
    "a file edited, its list made anew": (
        lambda c, f: edited(f, text(c)) | {PAYLOAD: relisted(edited(f, text(c)))[PAYLOAD]},
        PAYLOAD,
    ),
    "a file edited, both lists made anew": (lambda c, f: relisted(edited(f, text(c))), TAGS),
    "a file edited, lists made anew, event to match": (
        lambda c, f: stated(relisted(edited(f, text(c)))),
        SEAL_EVENT,
    ),
    "a list spelt otherwise": (lambda c, f: edited(f, PAYLOAD, b"  ", b" *"), PAYLOAD),
    "a file added": (lambda c, f: f | {first(c, "more.txt"): b"more"}, "data/{0}/more.txt"),
    "a file added and listed": (lambda c, f: relisted(f | {first(c, "more.txt"): b"more"}), TAGS),
    "a tag file added": (lambda c, f: f | {"log/notes": b"more"}, "log/notes"),
    "a file added to the seal": (lambda c, f: f | {"seal/notes": b"more"}, "seal/notes"),
    "a recording added": (lambda c, f: relisted(f | {"data/rec_x/redacted.ogg": b"more"}), TAGS),
    "a file removed": (lambda c, f: without(f, text(c)), "data/{0}/transcript.txt"),
    "a file removed and unlisted": (lambda c, f: relisted(without(f, text(c))), TAGS),
    "an event removed and unlisted": (
        lambda c, f: relisted(without(f, release(c), release(c, "tlog-proof"))),
        TAGS,
    ),
    "the seal removed": (lambda c, f: without(f, SEAL_PROOF), SEAL_PROOF),
    "a file renamed": (lambda c, f: renamed(f, text(c), text(c) + "2"), "data/{0}/transcript.txt"),
    "a file renamed and listed": (lambda c, f: relisted(renamed(f, text(c), text(c) + "2")), TAGS),
    "two files changed places": (
        lambda c, f: f | {text(c): f[first(c, "transcript.vtt")], first(c, "transcript.vtt"): f[text(c)]},
        "data/{0}/transcript.txt",
    ),
    "an event edited": (lambda c, f: edited(f, release(c), b'"success"', b'"failure"'), "0008-recording"),
    "an event edited and listed": (
        lambda c, f: relisted(edited(f, release(c), b'"success"', b'"failure"')),
        TAGS,
    ),
    "an event edited under the forger's log": (
        lambda c, f: logged(edited(f, release(c), b'"success"', b'"failure"'), FORGER)
        | {KEY: f[KEY]},
        KEY,
    ),
    "a proof changed": (lambda c, f: edited(f, release(c, "tlog-proof"), b"index ", b"index 1"), "0008"),
    "a proof changed and listed": (
        lambda c, f: relisted(edited(f, release(c, "tlog-proof"), b"index ", b"index 1")),
        TAGS,
    ),
    "the seal's proof changed": (lambda c, f: edited(f, SEAL_PROOF, b"index ", b"index 1"), SEAL_EVENT),
    "the proof of growth changed": (lambda c, f: edited(f, SEAL_GROWTH, b"old ", b"old 1"), SEAL_GROWTH),
    "the seal's event edited": (lambda c, f: edited(f, SEAL_EVENT, b'"engineer"', b'"officer"'), SEAL_EVENT),
    "the seal of another export": (
        lambda c, f: f | {path: OTHER[path] for path in (SEAL_EVENT, SEAL_PROOF, SEAL_GROWTH)},
        TAGS,
    ),
    "the checkpoint of another log": (
        lambda c, f: f | {CHECKPOINT: logged(dict(f), FORGER)[CHECKPOINT]},
        CHECKPOINT,
    ),
    "the checkpoint of another log, listed": (
        lambda c, f: relisted(f | {CHECKPOINT: logged(dict(f), FORGER)[CHECKPOINT]}),
        TAGS,
    ),
    "the seal under another log": (
        lambda c, f: f | {path: logged(dict(f), FORGER)[path] for path in (SEAL_PROOF, SEAL_GROWTH)},
        SEAL_PROOF,
    ),
    "the key swapped": (lambda c, f: f | {KEY: f"{FORGER.verifier}\n".encode()}, KEY),
    "the key swapped and listed": (lambda c, f: relisted(f | {KEY: f"{FORGER.verifier}\n".encode()}), TAGS),
    "matter and purpose edited": (lambda c, f: relisted(edited(f, STATEMENT, b"Doe", b"Roe")), TAGS),
    "the checker softened": (lambda c, f: edited(f, VERIFY, b"INVALID", b"VALID"), VERIFY),
    "the README edited": (lambda c, f: edited(f, "README.txt", b"NOT PROVE", b"PROVE"), "README.txt"),
    # What a custodian can do who lies from the start, with his own key: the story must still be one.
    "the custodian: a file that was not released": (
        lambda c, f: lied(c, edited(f, text(c))),
        "data/{0}/transcript.txt",
    ),
    "the custodian: a file of which the index does not tell": (
        lambda c, f: logged(f | {first(c, "more.txt"): b"more"}, c.custodian),
        INDEX,
    ),
    "the custodian: an event of which the index does not tell": (
        lambda c, f: logged(f | {release(c).replace("0008", "0099"): b"{}"}, c.custodian),
        INDEX,
    ),
    "the custodian: an event told as another": (
        lambda c, f: logged(
            reindexed(f, lambda i: i["recordings"][0]["events"][0].update(kind="recording.held")), c.custodian
        ),
        "ev_",
    ),
    "the custodian: a recording that was never released": (
        lambda c, f: logged(
            reindexed(
                without(f, release(c), release(c, "tlog-proof")),
                lambda i: i["recordings"][0]["events"].pop(7),
            ),
            c.custodian,
        ),
        "{0}",
    ),
    "the custodian: another matter than was logged": (
        lambda c, f: logged(
            reindexed(
                edited(f, STATEMENT, b"Doe", b"Roe"), lambda i: i["export"].update(matter="Roe v. Larkspur")
            ),
            c.custodian,
        ),
        STATEMENT,
    ),
    "the custodian: another policy than was used": (
        lambda c, f: logged(edited(f, "redaction/default.yaml"), c.custodian),
        "data/policies/redaction/default.yaml",
    ),
    "the custodian: a policy not told of": (
        lambda c, f: logged(reindexed(f, lambda i: i["policies"].pop(0)), c.custodian),
        "data/{0}/manifest.json",
    ),
    "the custodian: an index without form": (
        lambda c, f: logged(reindexed(f, lambda i: i.pop("policies")), c.custodian),
        INDEX,
    ),
}  # fmt: skip
"""What is done to the files of a bundle, and the file or event that a check must name."""
OTHER: Files = {}
"""Another bundle of the same deployment."""


@pytest.fixture(scope="module")
def other(case: Case, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Another bundle of the same deployment."""
    path = tmp_path_factory.mktemp("other") / "other.zip"
    made(case.parts, asked(case.parts, case.ids[0]), path)
    OTHER.update(unpacked(path))


@pytest.mark.usefixtures("other")
@pytest.mark.parametrize("name", FORGERIES)
def test_no_forgery_passes(case: Case, tmp_path: Path, name: str) -> None:
    """However a bundle is tampered with, both checks refuse it, key or no key, and name what was touched."""
    forge, what = FORGERIES[name]
    bundle = packed(forge(case, case.files), tmp_path / "forged.zip")

    for key in (case.done.key_fingerprint, None):
        verdict = judged(case, bundle, key)
        assert verdict.code == INVALID
        assert what.format(*case.ids) in verdict.what


def test_a_forgery_without_a_flaw_is_found_by_its_key_alone(case: Case, tmp_path: Path) -> None:
    """Made anew under the forger's key, a bundle is consistent; it is invalid once the key is asked for."""
    files = edited(case.files, text(case))
    event = json.loads(files[release(case)])
    index = json.loads(reindexed(files, _rehash(files))[INDEX])
    event["fields"]["outputs"]["transcript.txt"] = next(
        each["sha256"] for each in index["recordings"][0]["files"] if each["path"] == text(case)
    )
    files |= {INDEX: json.dumps(index).encode(), release(case): json.dumps(event).encode()}
    bundle = packed(logged(files, FORGER), tmp_path / "forged.zip")

    verdict = judged(case, bundle, case.done.key_fingerprint)
    assert (verdict.code, verdict.what) == (INVALID, KEY)
    assert judged(case, bundle, None).code == UNVERIFIED
    assert judged(case, bundle, FORGER.verifier.fingerprint).code == VALID


BOMB = b"\0" * 200_000_000
Tampering = Callable[[Case, bytes], bytes]
TAMPERINGS: dict[str, tuple[Tampering, str]] = {
    "a byte behind the end": (lambda c, r: r + b"\0", "the ZIP"),
    "a second ZIP behind the end": (lambda c, r: r + r, "the ZIP"),
    "a byte before the beginning": (lambda c, r: b"\0" + r, "the ZIP"),
    "a comment": (lambda c, r: r[:-2] + b"\4\0note", "the ZIP"),
    "the end cut off": (lambda c, r: r[:-1], "the ZIP"),
    "cut off in a recording": (lambda c, r: r[: len(r) // 2], "redacted."),
    "nothing": (lambda c, r: b"", "the ZIP"),
    "only the end of a ZIP": (lambda c, r: b"PK\5\6" + b"\0" * 18, "the ZIP"),
    "a file added": (lambda c, r: appended(r, (f"{c.wanted.id}/zzz", b"more")), "zzz"),
    "a file twice": (lambda c, r: appended(r, (f"{c.wanted.id}/{VERIFY}", b"more")), VERIFY),
    "a file twice, in capitals": (lambda c, r: appended(r, (f"{c.wanted.id}/{VERIFY.upper()}", b"")), "VER"),
    "a way up": (lambda c, r: appended(r, ("../../evil", b"more")), "../../evil"),
    "a way up inside": (lambda c, r: appended(r, (f"{c.wanted.id}/../../evil", b"more")), "evil"),
    "an absolute name": (lambda c, r: appended(r, ("/etc/evil", b"more")), "/etc/evil"),
    "a drive": (lambda c, r: appended(r, ("C:/evil", b"more")), "C:/evil"),
    "a backslash": (lambda c, r: appended(r, ("zzz\\evil", b"more")), "evil"),
    "a device of Windows' or a blank": (lambda c, r: appended(r, ("zzz/evil .", b"more")), "evil"),
    "a folder beside": (lambda c, r: appended(r, ("zzz/more", b"more")), "zzz/more"),
    "a link": (lambda c, r: appended(r, link(f"{c.wanted.id}/zzz", "/etc/passwd")), "zzz"),
    "a bomb": (lambda c, r: appended(r, ("zzz/bomb", BOMB), kind=zipfile.ZIP_DEFLATED), "zzz/bomb"),
    "packed again, stored": (lambda c, r: packed_again(r, zipfile.ZIP_STORED), "README.txt"),
    "packed again, compressed": (lambda c, r: packed_again(r, zipfile.ZIP_DEFLATED), "README.txt"),
    "flagged as encrypted": (lambda c, r: patched(r, 6, b"\1\0"), "README.txt"),
    "of another size by its header": (lambda c, r: patched(r, 22, b"\1\0\0\0"), "README.txt"),
    "another date on all": (lambda c, r: of_another_day(r), "the ZIP"),
    "another date on one": (lambda c, r: redated(r, 3), "data/policies"),
    "another name in the ZIP": (
        lambda c, r: named_otherwise(r, first(c, "transcript.vtt"), first(c, "transcript.vtx")),
        "transcript.vtt",
    ),
    "another name in its directory alone": (
        lambda c, r: named_in_directory(r, first(c, "transcript.vtt"), first(c, "transcript.vtx")),
        "transcript.vtt",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERINGS)
def test_no_tampering_with_the_zip_passes(case: Case, tmp_path: Path, name: str) -> None:
    """A ZIP in which anything was added, moved, hidden or packed otherwise is refused."""
    tamper, what = TAMPERINGS[name]
    bundle = tmp_path / "tampered.zip"
    bundle.write_bytes(tamper(case, case.raw))

    for key in (case.done.key_fingerprint, None):
        verdict = judged(case, bundle, key)
        assert verdict.code == INVALID
        assert what in verdict.what


@settings(max_examples=150)
@given(data=st.data())
def test_no_byte_of_the_file_can_be_changed(
    case: Case, tmp_path_factory: pytest.TempPathFactory, data: Any
) -> None:
    """Whichever byte of the ZIP is changed, it is refused: there is none that does not matter."""
    raw = bytearray(case.raw)
    places, last = [at for at, _ in headers(case.raw)], len(raw) - 1
    near = st.sampled_from(places).flatmap(lambda at: st.integers(at, min(at + 3_000, len(raw) - 1)))
    at = data.draw(st.one_of(st.integers(0, last), near, st.integers(last - 12_000, last)))
    raw[at] ^= data.draw(st.integers(1, 255))
    bundle = tmp_path_factory.getbasetemp() / "flipped.zip"
    bundle.write_bytes(raw)

    assert check(bundle).code == INVALID
    assert check(bundle, case.done.key_fingerprint).code == INVALID


@settings(max_examples=80)
@given(data=st.data())
def test_no_byte_of_a_member_can_be_changed(
    case: Case, tmp_path_factory: pytest.TempPathFactory, data: Any
) -> None:
    """The same when the ZIP is written anew round the changed file, and when the lists are made anew too."""
    files = case.files
    path = data.draw(st.sampled_from(sorted(files)))
    body = bytearray(files[path])
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    files[path] = bytes(body)
    folder = tmp_path_factory.mktemp("flipped")
    if data.draw(st.booleans()):
        relisted(files)
    try:
        bundle = packed(files, folder / "flipped.zip")
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, struct.error, ComplianceError):
        return  # the seal's event was hit so that no name or date can be taken from it
    finally:
        shutil.rmtree(folder / "flipped.bag", ignore_errors=True)
    is_mended = unpacked(bundle) == case.files
    bundle_code = check(bundle, case.done.key_fingerprint).code
    bundle.unlink()

    assert bundle_code == (VALID if is_mended else INVALID)


def test_of_two_keys_that_sign_either_decides(case: Case, tmp_path: Path) -> None:
    """While one key takes over from another, a bundle is valid under each of them, and under no third."""
    custodian = case.custodian.verifier.fingerprint
    bundle = packed(logged(case.files, FORGER, case.custodian), tmp_path / "two.zip")

    assert judged(case, bundle, custodian).code == VALID
    assert judged(case, bundle, FORGER.verifier.fingerprint).code == VALID
    assert judged(case, bundle, "0" * 64).what == KEY


def test_the_folder_is_not_left(case: Case, tmp_path: Path) -> None:
    """A path in the index that leads out of the folder is not followed, whoever signed it."""
    outside = tmp_path / "outside.json"
    outside.write_bytes(case.files[release(case)])

    def change(index: dict[str, Any]) -> None:
        index["recordings"][0]["events"][7]["path"] = "../outside.json"

    base = logged(case.files, FORGER)
    bundle = packed(resealed(reindexed(base, change), FORGER), tmp_path / "forged.zip")
    with zipfile.ZipFile(bundle) as file:
        file.extractall(tmp_path)

    assert judged(case, bundle, None).what == "../outside.json"
    assert judged(case, tmp_path / case.wanted.id, None).what == "../outside.json"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a JSON document something stands."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, each in pairs for place in ((*at, key), *places(each, (*at, key)))]


def put(document: Any, place: tuple[Any, ...], value: Any) -> None:
    """Put something else there."""
    for key in place[:-1]:
        document = document[key]
    document[place[-1]] = value


@settings(max_examples=80)
@given(data=st.data())
def test_whatever_a_forger_writes_there_is_a_verdict(
    case: Case, tmp_path_factory: pytest.TempPathFactory, data: Any
) -> None:
    """Under a forger's own log index and seal may hold anything: the check ends in a verdict and a report."""
    files = case.forged
    path = data.draw(st.sampled_from([INDEX, SEAL_EVENT]))
    document = json.loads(files[path])
    place = data.draw(st.sampled_from([each for each in places(document) if each[-1] != "bag_sha256"]))
    put(document, place, data.draw(ANYTHING))
    files[path] = json.dumps(document).encode()
    folder = tmp_path_factory.mktemp("fuzzed")
    for name, body in _tried(files).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    report = check(folder)
    shutil.rmtree(folder)

    assert report.code in (INVALID, UNVERIFIED)
    assert faults(json.loads(json.dumps(told(report)))) == []
    assert all(line.isascii() for line in sentences(report))


def _tried(files: Files) -> Files:
    """The files sealed anew, as far as a seal can be made of what stands there."""
    try:
        return resealed(files, FORGER)
    except (TypeError, KeyError, AttributeError, ValueError):
        return relisted(files)

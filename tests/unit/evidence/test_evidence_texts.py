"""What a person gives for an export, and what a person reads of it."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import ArgumentInvalid
from compliance.evidence import readme, verify_alone
from compliance.evidence.index import safe
from compliance.evidence.request import LONGEST, Request, request
from compliance.evidence.verify_alone import fingerprint_of, is_safe, stamp

ID = "rec_" + "0" * 32


def asked(**changes: str) -> Request:
    """A request, or one with something changed."""
    words = {"matter": "Doe v. Larkspur", "purpose": "production"} | changes
    return request([ID], **words, created_at_ms=1)


@pytest.mark.parametrize("name", ["matter", "purpose"])
@pytest.mark.parametrize("words", ["", "  ", "two\nlines", "a\x1b[31mred", "x" * (LONGEST + 1)])
def test_words_are_one_line(name: str, words: str) -> None:
    """Matter and purpose are a line each: in a tag file a second line would be another tag."""
    with pytest.raises(ArgumentInvalid, match=name):
        asked(**{name: words})


@pytest.mark.parametrize("ids", [[], [ID, ID]])
def test_each_recording_is_named_once(ids: list[str]) -> None:
    """No recording, or one twice, is no export."""
    with pytest.raises(ArgumentInvalid):
        request(ids, matter="m", purpose="p", created_at_ms=1)


def test_the_same_words_have_another_digest_each_time() -> None:
    """A salt keeps the log from telling which exports are of one matter; words and salt stay out of reprs."""
    one, other = asked(), asked()

    assert one.statement_sha256 != other.statement_sha256
    assert json.loads(one.statement)["matter"] == "Doe v. Larkspur"
    assert "Larkspur" not in repr(one)
    assert one.salt not in repr(one)


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "=cmd|' /C calc'!A0"]
)
def test_no_cell_is_a_formula(cell: str) -> None:
    """What a spreadsheet would compute is text."""
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "rec_1", "data/x", "12", "2026-11-27 15:00:00", "a=b"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    """What is no formula is not touched."""
    assert safe(cell) == cell


@given(st.text())
def test_no_cell_begins_a_formula(cell: str) -> None:
    """Whatever stands in it, no cell begins with a sign that begins a formula."""
    assert not safe(cell).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(
    ("name", "is_plain"),
    [
        ("data/rec_x/redacted.ogg", True),
        ("README.txt", True),
        ("_x/y-z", True),
        ("", False),
        ("/etc/passwd", False),
        ("../up", False),
        ("a/../b", False),
        ("a/./b", False),
        ("a//b", False),
        ("a/", False),
        (".hidden", False),
        ("C:/x", False),
        ("a\\b", False),
        ("a b", False),
        ("a/b.", False),
        ("é", False),
        ("x" * 256, False),
    ],
)
def test_only_plain_names_stand_in_a_bundle(name: str, is_plain: bool) -> None:
    """A name is a relative path that every system takes."""
    assert is_safe(name) is is_plain


@pytest.mark.parametrize("text", ["", "ab" * 31, "ab" * 33, "zz" * 32])
def test_a_fingerprint_is_whole(text: str) -> None:
    """A fingerprint that is cut short proves too little, and is refused."""
    with pytest.raises(Exception, match="64 hex digits"):
        fingerprint_of(text)


def test_a_date_is_packed_as_zip_has_it() -> None:
    """2026-11-27 15:27:51 UTC, to two seconds (APPNOTE 4.4.6)."""
    packed = stamp(1_795_793_271_888)

    assert (packed >> 25, packed >> 21 & 15, packed >> 16 & 31) == (2026 - 1980, 11, 27)
    assert (packed >> 11 & 31, packed >> 5 & 63, packed & 31) == (15, 27, 25)


def test_the_readme_fits_a_page_and_a_formatter_is_not_let_in() -> None:
    """Lines of at most 78 characters but for digests; braces in a matter's name are just braces."""
    index = {
        "export": {
            "id": "exp_1",
            "created_at_ms": 0,
            "matter": "{0} " + "long " * 40,
            "purpose": "{purpose}",
        },
        "recordings": [],
        "timestamps": [],
        "policies": [{"file": "a.yaml", "sha256": "ab" * 32, "path": None}],
    }
    page = readme.text(index)

    assert max(map(len, page.splitlines())) <= 78
    assert "{0} long" in page
    assert "Purpose:  {purpose}" in page
    assert "a.yaml" in page


def test_the_check_needs_nothing_but_python_3_9() -> None:
    """It is read by Python 3.9's grammar, and imports what comes with Python, nothing of it a way out."""
    tree = ast.parse(Path(verify_alone.__file__).read_text(), feature_version=(3, 9))
    plain = [each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names]
    taken = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    named = {each.partition(".")[0] for each in (*plain, *taken)}

    assert named <= sys.stdlib_module_names
    assert not named & {"socket", "urllib", "http", "ssl", "subprocess", "ctypes"}
    assert {"hashlib", "struct"} <= named

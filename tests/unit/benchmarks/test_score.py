"""The scorer for cuts that lie in files: where it finds them."""

from __future__ import annotations

import json

import pytest

from benchmarks.score import find_cuts, main


def test_a_call_without_cuts_is_an_error(tmp_path):
    """Leaving it out would flatter the score."""
    with pytest.raises(FileNotFoundError, match="a-call"):
        find_cuts(tmp_path, "a-call")


@pytest.mark.parametrize("name", ["a-call.json", "a-call/manifest.json", "alone.json"])
def test_cuts_are_found_in_a_manifest_or_a_folder_of_them(tmp_path, name):
    """By the call's id, or in the file that was named."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text('{"cuts": [{"channel": 1, "start_ms": 1, "end_ms": 2}]}')

    assert len(find_cuts(path if name == "alone.json" else tmp_path, "a-call")) == 1


def test_cuts_are_scored_from_the_shell(tmp_path, monkeypatch, capsys):
    """A line for each call and one for all, whoever made the cuts."""
    word = {"label": "PIN", "text": "seven", "start": 1.0, "end": 2.0}
    said = {"channel": "caller", "start": 0.0, "end": 3.0, "text": "", "spans": [word]}
    (tmp_path / "truth.json").write_text(json.dumps([{"id": "a", "duration": 3, "utterances": [said]}]))
    (tmp_path / "a.json").write_text('{"cuts": [{"channel": 1, "start_ms": 1000, "end_ms": 2000}]}')
    monkeypatch.setattr("sys.argv", ["score", str(tmp_path / "truth.json"), str(tmp_path)])
    main()
    lines = capsys.readouterr().out.splitlines()

    assert len(lines) == 2
    assert all("leaked words 0/1" in line for line in lines)

"""Recordings damaged by chance: an error of ours or a right result, whatever is done to them."""

from __future__ import annotations

import random

import pytest

from benchmarks.fuzz import failures, outcomes, page, seeded
from benchmarks.mutants import mutant, repaired
from benchmarks.seeds import SEEDS, make
from compliance.redact.media import probe
from compliance.redact.sniff import CONTAINERS

MUTANTS = 15 * len(SEEDS)


def test_damaged_recordings_are_refused_or_cut(tmp_path):
    """No death, no hang, no error that is not ours, nothing left over, no cut that was not made."""
    found = list(outcomes(seeded(tmp_path), range(MUTANTS)))

    assert [each["number"] for each in found] == list(range(MUTANTS))
    assert failures(found) == []
    assert {"clean", "media_truncated", "media_unsupported"} <= {each["outcome"] for each in found}
    assert f"| all | {MUTANTS} |" in page(found)


def test_every_kind_on_the_list_is_damaged(tmp_path):
    """Each container with each of its codecs is among the recordings that mutants are made of."""
    kinds = set()
    for seed in SEEDS:
        (tmp_path / "call").write_bytes(make(seed))
        source = probe(tmp_path / "call")
        kinds.add((source.container, source.codec))

    assert kinds == {(name, codec) for name, each in CONTAINERS.items() for codec in each.codecs}


def test_a_mutant_is_the_same_each_time():
    """A failure can be looked into by its number."""
    files = [random.Random(n).randbytes(2000) for n in range(3)]

    assert [mutant(files, 1, n) for n in range(50)] == [mutant(files, 1, n) for n in range(50)]
    assert len({mutant(files, 1, n) for n in range(50)}) > 25


def test_pages_put_right_are_as_their_muxer_made_them():
    """The checksum is that of RFC 3533, so that damage comes past it."""
    whole = make(SEEDS[0])
    pages = whole.split(b"OggS")[1:]
    broken = b"".join(b"OggS" + page[:18] + b"abcd" + page[22:] for page in pages)

    assert repaired(broken) == whole


@pytest.mark.parametrize(
    ("program", "outcome"),
    [("import os; os.abort()", "died"), ("import time; time.sleep(60)", "hangs")],
)
def test_a_process_that_dies_or_hangs_is_seen(program, outcome, tmp_path, monkeypatch):
    """The next mutant has its turn in a new one."""
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "__init__.py").touch()
    (tmp_path / "benchmarks" / "mutant_run.py").write_text(program)
    monkeypatch.setattr("benchmarks.fuzz.ROOT", tmp_path)
    monkeypatch.setattr("benchmarks.fuzz.MOST_S", 1)

    found = list(outcomes(tmp_path, range(2)))

    assert [(each["number"], each["outcome"]) for each in found] == [(0, outcome), (1, outcome)]
    assert failures(found) == found

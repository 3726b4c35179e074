"""``truth.json`` at the door: what is read, and what is refused without being repeated."""

from __future__ import annotations

import json
import wave
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import MediaError, TruthInvalid
from compliance.evaluate.folder import read
from compliance.evaluate.truth_file import parse

NAME = "Daniel"
WORD = {"w": NAME, "start": 0.2, "end": 0.5}
SPAN = {"label": "PERSON", "text": NAME, "value": NAME, "start": 0.2, "end": 0.5, "words": [WORD]}
SAID = {"channel": "caller", "start": 0.1, "end": 0.9, "text": f"It is {NAME}.", "spans": [SPAN]}
CALL = {"id": "a-call", "duration": 1.0, "files": ["call.wav"], "layout": "stereo", "utterances": [SAID]}


def body(*calls: object) -> bytes:
    """A truth of these calls."""
    return json.dumps(list(calls)).encode()


def said(**more: Any) -> dict[str, Any]:
    """The call with something else in its utterance."""
    return CALL | {"utterances": [SAID | more]}


def spanned(**more: Any) -> dict[str, Any]:
    """The call with something else in its span."""
    return said(spans=[SPAN | more])


def test_what_was_said_is_not_kept() -> None:
    """A truth that was read holds times, labels and numbers of digits, and no word."""
    (call,) = parse(body(CALL))

    assert (call.id, call.phrases[0].label, call.phrases[0].words) == ("a-call", "PERSON", ((200, 500),))
    assert NAME not in repr(call)


def test_what_is_not_scored_may_stand_there() -> None:
    """Keys that are not known are ignored."""
    assert parse(body(CALL | {"scenario": "x", "line": {"noise": -60}, "entities": {"c": {"label": "PIN"}}}))


@pytest.mark.parametrize(
    ("older", "label"), [("CVV", "CARD_VERIFICATION_CODE"), ("PIN", "PIN"), ("PII", "PII")]
)
def test_older_names_of_labels_are_read(older, label) -> None:
    """They are the same kinds."""
    assert parse(body(spanned(label=older)))[0].phrases[0].label == label


def test_a_phrase_without_words_is_shared_out_over_its_text() -> None:
    """Three words of the same length."""
    (call,) = parse(body(spanned(text="one two three", words=[], start=0.0, end=0.3)))

    assert call.phrases[0].words == ((0, 100), (100, 200), (200, 300))


@pytest.mark.parametrize(
    ("told", "where"),
    [
        (b"", "line 1"),
        (b'[\n{"id": "Daniel",}]', "line 2"),
        (b'["\xc3("]', "UTF-8"),
        (b"[" * 100_000, "UTF-8"),
        (b"{}", "list"),
        (b"[]", "at least one"),
        (body(3), "call 1, the whole"),
        (body(CALL, {"id": "b"}), "call 2, duration"),
        (body(CALL, CALL), "a-call more than once"),
        (body(CALL | {"id": "../Daniel"}), "call 1, id"),
        (body(CALL | {"layout": NAME}), "call 1, layout"),
        (body(CALL | {"caller_number": NAME}), "call 1, caller_number"),
        (body(said(channel=NAME)), "utterances.0.channel"),
        (body(said(end=0.05)), "utterances.0"),
        (body(spanned(label=NAME)), "utterances.0.spans.0.label"),
        (body(spanned(start=-1)), "utterances.0.spans.0.start"),
        (body(spanned(end="NaN")), "utterances.0.spans.0.end"),
        (body(spanned(words=[{"w": NAME, "start": 0.5, "end": 0.2}])), "utterances.0.spans.0.words.0"),
        (body(said(controls=[{"kind": "price", "start": 0.1}])), "utterances.0.controls.0.end"),
        (body({"file": "a.wav", "kind": NAME, "duration": 1, "words": [WORD]}), "call 1, kind"),
    ],
)
def test_a_truth_that_cannot_be_used_is_refused_by_place(told, where) -> None:
    """The message names call and place, and never repeats what stands there."""
    with pytest.raises(TruthInvalid) as refused:
        parse(told)

    assert where in str(refused.value)
    assert NAME not in str(refused.value)
    assert refused.value.__cause__ is None


KEYS = st.sampled_from(["id", "duration", "utterances", "file", "spans", "start", "channel"])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(KEYS, each),
)


@given(JSON)
def test_whatever_stands_there_is_read_or_refused(told) -> None:
    """Nothing else comes of it than calls or our own error."""
    with suppress(TruthInvalid):
        parse(json.dumps(told).encode())


def folder(path: Path, *calls: dict[str, Any], channels: int = 2) -> Path:
    """A folder with these calls, and a recording of a second of noise."""
    with wave.open(str(path / "call.wav"), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(range(256)) * (8000 * 2 * channels // 256))
    (path / "truth.json").write_bytes(body(*calls))
    return path


def test_a_folder_is_its_calls_and_their_recordings(tmp_path) -> None:
    """With the length that the recording really has, and the digest of the truth."""
    found = read(folder(tmp_path, CALL | {"duration": 5.0, "files": ["call.wav (left=agent)"]}))

    assert [(case.call.id, case.path.name, case.call.duration_ms) for case in found.cases] == [
        ("a-call", "call.wav", 1000)
    ]
    assert len(found.sha256) == 64
    assert found.duration_ms == 1000


def test_a_recording_of_one_channel_is_scored_as_such(tmp_path) -> None:
    """Where the truth does not say how many it has."""
    bare = {name: value for name, value in CALL.items() if name != "layout"}

    assert read(folder(tmp_path, bare, channels=1)).cases[0].call.is_mono


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (CALL | {"files": []}, "names no file for a-call"),
        (CALL | {"files": ["gone.wav"]}, "gone.wav for a-call, and it is not there"),
        (CALL | {"files": ["../call.wav"]}, "outside the folder"),
        (CALL | {"files": ["/etc/hostname"]}, "outside the folder"),
        (CALL | {"layout": "mono"}, "as many channels"),
        (spanned(end=2.0), "after the end"),
        (said(controls=[{"kind": "price", "start": 1.0, "end": 1.3}]), "after the end"),
        (CALL | {"legal": {"notice": {"channel": "agent", "start": 0, "end": 9}}}, "after the end"),
    ],
)
def test_a_truth_that_does_not_fit_its_recordings_is_refused(call, told, tmp_path) -> None:
    """Before anything is treated."""
    with pytest.raises(TruthInvalid, match=told):
        read(folder(tmp_path, call))


def test_a_folder_without_truth_is_refused(tmp_path) -> None:
    """Whether it is empty or not there."""
    for path in (tmp_path, tmp_path / "gone"):
        with pytest.raises(TruthInvalid, match=r"truth\.json"):
            read(path)


def test_a_file_that_is_no_recording_is_named(tmp_path) -> None:
    """With the reason it would have by itself."""
    folder(tmp_path, CALL)
    (tmp_path / "call.wav").write_bytes(b"")
    with pytest.raises(MediaError, match=r"call\.wav") as refused:
        read(tmp_path)

    assert refused.value.reason == "media_empty"


def test_one_channel_is_asked_for_in_vain(tmp_path) -> None:
    """A call that has no such recording is named."""
    with pytest.raises(TruthInvalid, match="a-call with one channel"):
        read(folder(tmp_path, CALL), wants_mono=True)

"""Evaluation over the pipeline itself: the cuts that are scored are those that were made."""

from __future__ import annotations

from fakecall import NAME, said

from compliance.evaluate.cutters import Ours
from compliance.evaluate.folder import Case
from compliance.evaluate.run import measure
from compliance.evaluate.truth import Call, Phrase
from compliance.records import Decision
from compliance.transcribe.fake import FakeRecogniser


def case(order) -> Case:
    """The call of tones, its two names being what is sensitive."""
    words = [word for word in said() if word.text in NAME]
    spans = tuple((word.start_ms, word.end_ms) for word in words)
    phrase = Phrase(
        label="PERSON",
        channel=1,
        start_ms=words[0].start_ms,
        end_ms=words[-1].end_ms,
        words=spans,
        near=spans,
    )
    call = Call(
        id="tones",
        duration_ms=60_000,
        files=(),
        layout="stereo",
        is_mono=False,
        phrases=(phrase,),
        caller_number="+14155550142",
    )
    return Case(call=call, path=order().path)


def left(parts) -> list[str]:
    """The files in the vault, among the outputs and in scratch."""
    folders = (parts.home.vault, parts.home.outputs, parts.home.runs)
    return [path.name for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_a_released_call_is_scored_by_its_manifest(parts, order) -> None:
    """Nothing leaks, it is released, and nothing of it stays."""
    found = measure(Ours(parts, "default", verifies=True), [case(order)])

    assert (found.total.words, found.total.leaked) == (2, 0)
    assert found.calls[0].decision is Decision.RELEASED
    assert found.total.cut_ms > 0
    assert set(left(parts)) <= {".lock"}


def test_cuts_as_planned_are_scored_without_a_decision(parts, order) -> None:
    """The same cuts here, since verification finds nothing to widen; nothing stays of it either."""
    whole = measure(Ours(parts, "default", verifies=True), [case(order)])
    planned = measure(Ours(parts, "default", verifies=False), [case(order)])

    assert planned.total == whole.total
    assert planned.calls[0].decision is None
    assert set(left(parts)) <= {".lock"}


class Deaf(FakeRecogniser):
    """Reads nothing."""

    def read(self, windows):
        """Raise as a library would."""
        raise RuntimeError("no model")


def test_a_call_held_before_any_cut_leaks_all_of_it(parts, order, engines) -> None:
    """What was not cut is audible, whatever becomes of the call; and it counts as held by us."""
    engines.__dict__["recogniser"] = Deaf(("x",))
    for verifies in (True, False):
        found = measure(Ours(parts, "default", verifies=verifies), [case(order)])
        assert (found.total.leaked, found.calls[0].reasons) == (2, ("internal_error",))
        assert found.calls[0].is_held_by_us
        assert found.calls[0].decision is Decision.HELD
    assert set(left(parts)) <= {".lock"}

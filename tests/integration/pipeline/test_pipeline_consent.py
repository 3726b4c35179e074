"""What a verdict orders is carried out in sound, text and store; and what it was judged by is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakecall import KINDS, RATE, USER, FakeEngines

from compliance.byhand import Order, process
from compliance.consent.obligations import HOLDING, Orders
from compliance.evaluate.cutters import Ours
from compliance.evaluate.folder import Case
from compliance.evaluate.truth import Call
from compliance.parts import Parts
from compliance.records import Act, AgentKind, Outcome, RecordingId, Role, State, Word
from compliance.redact.detect.fake import FakeRunner
from compliance.redact.media import decode
from compliance.results import manifest_of
from compliance.schemas.check import faults
from compliance.store import consent, events
from compliance.store.recordings import RecordingRow
from compliance.transcribe.fake import FakeRecogniser, spoken
from compliance.transcribe.listen import listen
from compliance.transcribe.windows import Samples

Script = Sequence[tuple[int, str]]
NOTICE = "hello this call is recorded for quality"
TALK = "okay i want a porcupine and also a hedgehog for my brother"
OBJECTED: Script = (
    (0, NOTICE),
    (1, TALK),
    (0, "which colour"),
    (1, "please do not record this"),
    (0, "as you wish cucumber"),
    (1, "my name is quillon vexley and marmalade four one one one"),
    (0, "elderberry goodbye"),
)
LATE: Script = (
    (0, "good morning apricot"),
    (1, f"{TALK} quillon"),
    (0, NOTICE),
    (1, "marmalade vexley is fine"),
    (0, "elderberry goodbye"),
)
REFUSED: Script = ((0, "may i record this call"), (1, "no"), (0, "cucumber"), (1, "marmalade elderberry"))
VOCABULARY = tuple(
    sorted({word for s in (OBJECTED, LATE, REFUSED) for _, line in s for word in line.split()})
)


def said(script: Script) -> Iterator[Word]:
    """Every word with its time: 240 ms each, 80 ms between, half a second between speakers."""
    at_ms = 500
    for channel, line in script:
        for text in line.split():
            yield Word(start_ms=at_ms, end_ms=at_ms + 240, channel=channel, confidence=0.9, text=text)
            at_ms += 320
        at_ms += 500


def sound(script: Script, *, rate: int = RATE, leaks: float = 0.0) -> Samples:
    """The call, one channel a speaker; the caller may leak into the agent's channel."""
    words = list(said(script))
    length_ms = words[-1].end_ms + 803
    sides = [
        spoken(VOCABULARY, [w for w in words if w.channel == c], length_ms=length_ms, rate=rate)
        for c in (0, 1)
    ]
    # Without a line's own noise the rounding of pure tones would correlate from channel to channel.
    noise = np.random.default_rng(1).normal(0, 0.0005, (2, len(sides[0])))
    return (np.stack([sides[0] + leaks * sides[1], sides[1]]) + noise).astype(np.float32)


@pytest.fixture
def engines() -> FakeEngines:
    """Models that hear the words of these scripts."""
    engines = FakeEngines()
    engines.__dict__["recogniser"] = FakeRecogniser(VOCABULARY)
    engines.__dict__["runner"] = FakeRunner(KINDS)
    return engines


def ordering(outcome: Outcome, *acts: Act, silences_everyone: bool = False) -> Orders:
    """Orders that differ from the defaults in one outcome."""
    return replace(
        HOLDING, recording={**HOLDING.recording, outcome: acts}, silences_everyone=silences_everyone
    )


@pytest.fixture
def run(parts: Parts, order: Callable[..., Order]) -> Callable[..., RecordingRow]:
    """Processes a script under some orders, as a call of a person; how it ended."""

    def made(script: Script, orders: Orders, *, kind: str = "wav", leaks: float = 0.0) -> RecordingRow:
        samples = sound(script, rate=48_000 if kind == "ogg" else RATE, leaks=leaks)
        given = replace(order(kind=kind, samples=samples), agent_kind=AgentKind.HUMAN)
        return process(replace(parts, orders=orders), given, USER)

    return made


def manifest(parts: Parts, row: RecordingRow) -> dict[str, Any]:
    """Its manifest, which keeps its contract."""
    made = manifest_of(parts, row)
    assert made is not None
    assert faults(made) == []
    return made


def released(parts: Parts, row: RecordingRow, tmp_path: Path, kind: str = "wav") -> Path:
    """The released sound as a file."""
    path = tmp_path / f"released.{kind}"
    path.write_bytes(b"".join(parts.outputs.open(f"{row.id}/redacted.{kind}")))
    return path


def heard(path: Path) -> list[tuple[int, str]]:
    """The words that can be heard in a file, with their channel."""
    roles = (Role.AGENT, Role.CALLER)
    call = listen(decode(path, rate=RATE), FakeRecogniser(VOCABULARY), roles=roles, progress=lambda ms: None)
    return [(word.channel, word.text) for turn in call.turns for word in turn.words]


def texts(parts: Parts, row: RecordingRow) -> str:
    """All text that was released, manifest and all."""
    names = [n for n in parts.outputs.names(f"{row.id}/") if "redacted." not in n]
    return "\n".join(b"".join(parts.outputs.open(name)).decode() for name in names)


def fields(parts: Parts, recording_id: RecordingId, kind: str) -> dict[str, Any]:
    """The fields of a recording's one event of a kind."""
    with parts.database.read() as connection:
        bodies = [json.loads(bytes(e.body)) for e in events.of_recording(connection, recording_id)]
    (found,) = [body["fields"] for body in bodies if body["kind"] == kind]
    return dict(found)


CUT_AFTER = ordering(Outcome.WITHDRAWN, Act.CUT_AFTER_OBJECTION, Act.RELEASE)
CUT_BEFORE = ordering(Outcome.LATE, Act.CUT_BEFORE_NOTICE, Act.RELEASE)


@pytest.mark.parametrize("kind", ["wav", "ogg"])
def test_after_an_objection_nothing_of_the_caller_is_left(
    parts: Parts, run: Callable[..., RecordingRow], tmp_path: Path, kind: str
) -> None:
    """Cut after the objection, the caller's channel is silent from there on, and the agent's is whole."""
    row = run(OBJECTED, CUT_AFTER, kind=kind)
    made = manifest(parts, row)
    (span,) = made["consent"]["objection"]
    path = released(parts, row, tmp_path, kind)
    words = heard(path)

    assert row.state is State.RELEASED
    assert made["release"]["reasons"] == ["consent_cut", "consent_withdrawn"]
    assert [text for channel, text in words if channel == 1] == [*TALK.split(), *OBJECTED[3][1].split()]
    assert [text for channel, text in words if channel == 0] == [
        text for channel, line in OBJECTED if channel == 0 for text in line.split()
    ]
    samples = np.concatenate(list(decode(path, rate=RATE)), axis=1)
    after = samples[1, span["end_ms"] * RATE // 1000 + RATE // 10 :]
    assert len(after) > RATE
    assert np.abs(after).max() < 0.001
    if kind == "wav":
        assert not np.any(samples[1, span["end_ms"] * RATE // 1000 + 1 :])


def test_after_an_objection_the_texts_say_nothing_more_of_the_caller(
    parts: Parts, run: Callable[..., RecordingRow]
) -> None:
    """Neither a word nor the kind of what was found there stays; the turn is told as cut for consent."""
    row = run(OBJECTED, CUT_AFTER)
    told = texts(parts, row)
    transcript = json.loads(b"".join(parts.outputs.open(f"{row.id}/transcript.json")))

    assert not any(word in told for word in ("marmalade", "quillon", "vexley"))
    assert "elderberry" in told
    assert faults(transcript) == []
    (cut,) = [turn for turn in transcript["turns"] if turn["channel"] == 1 and "[CONSENT]" in turn["text"]]
    assert cut["text"] == "[CONSENT]"
    assert [word["redacted"] for word in cut["words"]] == ["CONSENT"]


def test_everyone_may_be_silenced_after_an_objection(
    parts: Parts, run: Callable[..., RecordingRow], tmp_path: Path
) -> None:
    """Where the policy says so, the agent is cut as well."""
    orders = ordering(Outcome.WITHDRAWN, Act.CUT_AFTER_OBJECTION, Act.RELEASE, silences_everyone=True)
    words = heard(released(parts, run(OBJECTED, orders), tmp_path))

    assert [text for _, text in words] == [text for _, line in OBJECTED[:4] for text in line.split()]


def test_a_caller_who_leaks_is_silenced_on_both_channels(
    parts: Parts, run: Callable[..., RecordingRow], tmp_path: Path
) -> None:
    """Where the objector can be heard on the agent's channel too, that goes with theirs."""
    row = run(OBJECTED, CUT_AFTER, leaks=0.06)
    words = heard(released(parts, row, tmp_path))

    assert {each["channel"] for each in manifest(parts, row)["consent"]["cut"]} == {0, 1}
    assert not any(text in ("marmalade", "quillon", "elderberry") for _, text in words)


@pytest.mark.parametrize("kind", ["wav", "ogg"])
def test_before_a_late_notice_nothing_is_left(
    parts: Parts, run: Callable[..., RecordingRow], tmp_path: Path, kind: str
) -> None:
    """Cut before the notice, sound and text begin with it, and its own words are whole."""
    row = run(LATE, CUT_BEFORE, kind=kind)
    words, told = heard(released(parts, row, tmp_path, kind)), texts(parts, row)

    assert row.state is State.RELEASED
    assert (
        " ".join(text for channel, text in words if channel == 0)
        == "this call is recorded for quality elderberry goodbye"
    )
    assert {text for channel, text in words if channel == 1} <= {"marmalade", "is", "fine"}
    assert not any(text in ("apricot", "porcupine", "hedgehog") for _, text in words)
    assert not any(word in told for word in ("apricot", "porcupine", "hedgehog", "quillon"))
    assert "marmalade" in told


def test_cuts_for_consent_stand_apart(parts: Parts, run: Callable[..., RecordingRow]) -> None:
    """They say consent, name no finding, overlap no other cut and nothing that is protected."""
    row = run(LATE, CUT_BEFORE)
    made = manifest(parts, row)
    ordered = [cut for cut in made["cuts"] if not cut["findings"]]
    found = [cut for cut in made["cuts"] if cut["findings"]]

    assert {cut["why"] for cut in ordered} == {"consent"}
    assert any("PERSON" in cut["why"] for cut in found)
    assert not any("consent" in cut["why"] for cut in found)
    protected = [*made["consent"]["notice"], *made["consent"]["consent"], *made["consent"]["ai_disclosure"]]
    for one in ordered:
        for other in [*found, *protected]:
            is_apart = one["end_ms"] <= other["start_ms"] or other["end_ms"] <= one["start_ms"]
            assert one["channel"] != other["channel"] or is_apart
    assert fields(parts, row.id, "redaction.applied")["consent_cuts"] == len(ordered) > 0


@pytest.mark.parametrize("script", [OBJECTED, LATE, REFUSED])
def test_by_default_anything_but_satisfied_is_held_uncut(
    parts: Parts, run: Callable[..., RecordingRow], script: Script
) -> None:
    """Consent cuts are opt-in: held, with the manifest and the redacted files made all the same."""
    row = run(script, parts.orders)
    made = manifest(parts, row)

    assert row.state is State.HELD
    assert made["consent"]["acts"] == ["hold"]
    assert made["consent"]["cut"] == []
    assert all(cut["findings"] for cut in made["cuts"])
    assert {each["file"] for each in made["outputs"]} >= {"redacted.wav", "transcript.json"}


def test_a_refusal_is_cut_from_the_question_on(
    parts: Parts, run: Callable[..., RecordingRow], tmp_path: Path
) -> None:
    """Asked and answered no, nothing the caller said after the question is left."""
    row = run(REFUSED, ordering(Outcome.OBJECTED, Act.CUT_AFTER_OBJECTION, Act.RELEASE))

    assert row.state is State.RELEASED
    assert [each for each in heard(released(parts, row, tmp_path)) if each[0] == 1] == []


def test_kept_and_marked(parts: Parts, run: Callable[..., RecordingRow]) -> None:
    """Kept all the same, the manifest and the log say in what consent was wanting."""
    row = run(LATE, ordering(Outcome.LATE, Act.KEEP_MARKED))

    assert row.state is State.RELEASED
    assert manifest(parts, row)["release"]["reasons"] == ["kept_marked", "consent_late"]
    assert fields(parts, row.id, "recording.released")["reasons"] == ["kept_marked", "consent_late"]


def test_destroyed_nothing_is_left(parts: Parts, run: Callable[..., RecordingRow]) -> None:
    """Destroyed as the policy orders: no key, no object, no output, no sound; the log says by what right."""
    row = run(OBJECTED, ordering(Outcome.WITHDRAWN, Act.DESTROY))
    word = next(each for each in said(OBJECTED) if each.text == "hedgehog")
    first, last = ((word.start_ms + n) * RATE // 1000 for n in (60, 160))
    samples = (sound(OBJECTED)[:, first:last].T * 32_767).astype("<i2").tobytes()
    files = [path for path in parts.settings.home.rglob("*") if path.is_file()]

    assert (row.state, row.reasons) == (State.DESTROYED, ())
    assert list(parts.vault.names(row.id)) == list(parts.outputs.names(f"{row.id}/")) == []
    assert [path for path in files if samples in path.read_bytes()] == []
    assert [path for path in files if b"marmalade" in path.read_bytes()] == []
    assert fields(parts, row.id, "recording.destroyed") == {
        "authority": "consent",
        "reasons": ["consent_withdrawn"],
    }
    assert fields(parts, row.id, "vault.destroyed") == {}


def test_a_cut_that_leaves_what_nobody_agreed_to_is_held(
    parts: Parts, run: Callable[..., RecordingRow]
) -> None:
    """Without a notice the talk before the objection was not lawful either, cut or not."""
    row = run(OBJECTED[1:], CUT_AFTER)

    assert (row.state, row.reasons) == (State.HELD, ("consent_withdrawn",))
    assert any("was not agreed to either" in each for each in manifest(parts, row)["consent"]["reasoning"])


def test_the_facts_outlive_the_recording(parts: Parts, run: Callable[..., RecordingRow]) -> None:
    """Destroyed or released, the facts stay under the digests in the log, and hold no word of the call."""
    row = run(OBJECTED, ordering(Outcome.WITHDRAWN, Act.DESTROY))
    told = fields(parts, row.id, "consent.evaluated")
    with parts.database.read() as connection:
        kept = consent.get(connection, row.id, told["verdict_sha256"])

    assert kept is not None
    assert kept.facts_sha256 == told["facts_sha256"]
    telling = (b"marmalade", b"porcupine", b"hedgehog", b"elderberry", b"quillon")
    assert not any(word in kept.facts + kept.verdict for word in telling)
    assert b"4155550142" not in kept.facts + kept.verdict


@pytest.mark.parametrize("verifies", [True, False])
def test_evaluation_counts_no_cut_for_consent(
    parts: Parts, order: Callable[..., Order], verifies: bool
) -> None:
    """What the law takes away says nothing of how well anything was found: figures leave it out."""
    call = Call(
        id="tones",
        duration_ms=60_000,
        files=(),
        layout="stereo",
        is_mono=False,
        phrases=(),
        caller_number="+14155550142",
        agent_kind=AgentKind.HUMAN,
    )
    case = Case(call=call, path=order(samples=sound(LATE)).path)
    plain = Ours(parts, "default", verifies=verifies).cut(case)
    cutting = Ours(replace(parts, orders=CUT_BEFORE), "default", verifies=verifies).cut(case)

    assert plain.cuts
    assert cutting.cuts == plain.cuts

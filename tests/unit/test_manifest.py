"""The manifest: everything that was decided, and nothing that was removed."""

from __future__ import annotations

import json

from compliance.manifest import SCHEMA, Manifest, document, plain
from compliance.records import (
    Act,
    Action,
    AiDuty,
    AiOutcome,
    AiVerdict,
    ChannelSpan,
    Cut,
    Decision,
    Entity,
    Finding,
    FindingId,
    Method,
    ModelRef,
    Outcome,
    Output,
    Place,
    PolicyRef,
    RecordingId,
    Release,
    Role,
    Source,
    Verdict,
    Verification,
    WordRef,
)

SOURCE = Source(
    index=0,
    sha256="a" * 64,
    size_bytes=1_000,
    container="wav",
    codec="pcm_s16le",
    rate=8_000,
    channels=2,
    duration_ms=60_000,
)
FINDING = Finding(
    id=FindingId("f1"),
    source=0,
    entity=Entity.CREDIT_CARD,
    channel=1,
    start_ms=1_000,
    end_ms=5_000,
    score=0.9,
    detector="spoken_digits",
    why="answer to a question for CREDIT_CARD",
    action=Action.CUT,
    words=tuple(WordRef(turn=3, word=n) for n in range(16)),
)
CUT = Cut(
    source=0,
    channel=1,
    start_ms=700,
    end_ms=5_500,
    method=Method.TONE,
    why="CREDIT_CARD",
    findings=(FINDING.id,),
)
POLICY = PolicyRef(file="consent/us/ca.yaml", sha256="b" * 64)
VERDICT = Verdict(
    outcome=Outcome.SATISFIED,
    sentence="Notice was given.",
    rule="all-party",
    jurisdiction="US-CA",
    citation=("Cal. Penal Code 632.7",),
    confidence="verified",
    policy=POLICY,
    day="2026-11-27",
    ai=AiVerdict(
        outcome=AiOutcome.MISSING,
        sentence="It was not said.",
        duties=(
            AiDuty(
                jurisdiction="US-ME",
                citation="10 M.R.S. § 1500-DD",
                when="at-start",
                confidence="verified",
                outcome=AiOutcome.MISSING,
                policy=POLICY,
            ),
        ),
        questions=(),
        answers=(),
    ),
    reasoning=("Notice was given.",),
    places=(Place(jurisdiction="US-CA", role=Role.CALLER, evidence="area_code", is_weak=True),),
    notice=(ChannelSpan(channel=0, start_ms=0, end_ms=3_000),),
    tones=(),
    ai_disclosure=(),
    consent=(),
    objection=(),
    obligations=(),
    acts=(Act.RELEASE,),
    cut=(ChannelSpan(channel=1, start_ms=9_000, end_ms=9_500),),
    facts_sha256="f" * 64,
    policies=(POLICY, POLICY),
)
FULL = Manifest(
    recording=RecordingId("rec_" + "0" * 32),
    profile="pci",
    roles=(Role.AGENT, Role.CALLER),
    sources=(SOURCE,),
    outputs=(Output(file="redacted.wav", sha256="c" * 64),),
    findings=(FINDING,),
    cuts=(CUT,),
    consent=VERDICT,
    verification=Verification(
        is_clean=True, passes=1, checks=("duration",), relistened_ms=2_000, residual=()
    ),
    release=Release(decision=Decision.RELEASED, reasons=()),
    models=(ModelRef(name="whisper-base", sha256="d" * 64),),
    policies=(PolicyRef(file="redaction/pci.yaml", sha256="e" * 64),),
    timings={"transcribe": 5.5, "redact": 0.5},
)


def test_it_is_json_through_and_through() -> None:
    """The document holds JSON's own kinds only, and reads back as it was written."""
    made = document(FULL)

    assert json.loads(json.dumps(made)) == made
    assert made["schema"] == SCHEMA
    assert made["recording"]["channels"] == [{"index": 0, "role": "agent"}, {"index": 1, "role": "caller"}]


def test_words_are_not_counted() -> None:
    """A finding's words are left out: sixteen of them would tell that sixteen digits were said one by one."""
    (finding,) = document(FULL)["findings"]

    assert "words" not in finding
    assert finding["entity"] == "CREDIT_CARD"
    assert set(finding) == {
        "id", "source", "entity", "channel", "start_ms", "end_ms", "score", "detector", "why", "action"
    }  # fmt: skip


def test_seconds_are_summed_and_set_against_the_recording() -> None:
    """Timings give seconds by stage, their total, and the total as a share of the recording."""
    assert document(FULL)["timings"] == {"transcribe": 5.5, "redact": 0.5, "total": 6.0, "rtf": 0.1}


def test_each_policy_is_named_once() -> None:
    """Every policy that was used is named with its digest, the profile first, each once."""
    assert [each["file"] for each in document(FULL)["policies"]] == [
        "redaction/pci.yaml",
        "consent/us/ca.yaml",
    ]


def test_an_early_hold_has_a_manifest() -> None:
    """A recording held before its first stage has a manifest all the same, with what is known."""
    early = Manifest(
        recording=RecordingId("rec_" + "0" * 32),
        profile="pci",
        roles=(),
        release=Release(decision=Decision.HELD, reasons=("source_missing",)),
        timings={},
    )
    made = document(early)

    assert (made["release"]["decision"], made["release"]["reasons"]) == ("held", ["source_missing"])
    assert made["release"]["by"] is None
    assert made["recording"]["duration_ms"] is made["timings"]["rtf"] is made["consent"] is None


def test_plain_leaves_nothing_of_ours() -> None:
    """Frozen values become mappings, tuples lists and enums words, however deep."""
    assert plain((CUT, (Role.AGENT, None), 1.5)) == [
        {
            "source": 0,
            "channel": 1,
            "start_ms": 700,
            "end_ms": 5_500,
            "method": "tone",
            "why": "CREDIT_CARD",
            "findings": ["f1"],
        },
        ["agent", None],
        1.5,
    ]

"""What our pipeline leaves audible, against what anybody would chain together.

Ours: transcribe, detect, consent and plan; nothing is rewritten, since the cuts are
what is scored, so what verification would still widen is not counted either.  The
plain chain: ``plain_chain.py``.  Both on the same calls, scored by ``score.py``.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import corpus
from benchmarks.plain_chain import PlainChain
from benchmarks.report import table, write
from benchmarks.score import Score, score
from compliance import bootstrap
from compliance.consent.law import Law
from compliance.consent.verdict import judge
from compliance.engines import LANGUAGE_MODEL, Engines
from compliance.models.verify import require
from compliance.records import AgentKind, Party, Recording, RecordingId, Role
from compliance.redact.detect.stage import detect
from compliance.redact.media import decode
from compliance.redact.plan import plan
from compliance.redact.profile import Profile, choose
from compliance.settings import load
from compliance.transcribe.listen import listen
from compliance.transcribe.windows import RATE

Truth = Mapping[str, Any]
Cuts = Sequence[Mapping[str, Any]]
Cutter = Callable[[Path, Truth], Cuts]


def measure(data: Path | None) -> None:
    """Score both on every corpus there is; write the figures."""
    with TemporaryDirectory() as home:
        settings = load(home=Path(home))
        parts = bootstrap.build(settings)
        profile = choose(parts.profiles, settings.profile)
        chain = PlainChain(
            require(settings.models_dir, settings.whisper_model).path,
            require(settings.models_dir, LANGUAGE_MODEL).path,
        )
        cutters: dict[str, Cutter] = {
            "ours": lambda path, truth: ours(path, truth, parts.engines, parts.law, profile),
            "plain chain": lambda path, _: [dataclasses.asdict(cut) for cut in chain.cuts(path)],
        }
        found = {
            name: {who: scored(calls, cutter) for who, cutter in cutters.items()}
            for name, calls in corpora(data)
        }
    write("leaks", page(found, has_data=data is not None), has_data=data is not None)


def corpora(data: Path | None) -> Iterator[tuple[str, list[tuple[Path, Truth]]]]:
    """Each corpus by name: recordings, and the truth of each."""
    yield "the sample call", _stereo(corpus.SAMPLE)
    if data is not None:
        yield "dev-calls", _stereo(data / "dev-calls")
        composite = _stereo(data / "composite-calls")
        yield "composite-calls, stereo", composite
        yield "composite-calls, mono mu-law", [_mono(path, truth) for path, truth in composite]


def _stereo(folder: Path) -> list[tuple[Path, Truth]]:
    """The first file that each call names; what stands behind the name in brackets is a remark."""
    calls = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return [(folder / call["files"][0].split(" ")[0], call) for call in calls]


def _mono(path: Path, truth: Truth) -> tuple[Path, Truth]:
    """The same call mixed to one channel, as a telephone line carries it."""
    name = next(each for each in truth["files"] if "_mono" in each).split(" ")[0]
    return path.with_name(name), {**truth, "layout": "mono"}


def scored(calls: Iterable[tuple[Path, Truth]], cutter: Cutter) -> Score:
    """The figures of all calls together."""
    return sum((score(truth, cutter(path, truth)) for path, truth in calls), start=Score())


def ours(path: Path, truth: Truth, engines: Engines, law: Law, profile: Profile) -> Cuts:
    """The cuts that our pipeline plans."""
    told = recording(truth, profile.name)
    conversation = listen(decode(path, rate=RATE), engines.recogniser, roles=told.roles)
    findings = detect(conversation, engines.runner, profile.actions)
    verdict = judge(conversation, told, law, on_date=today())
    planned = plan(findings, conversation, profile, verdict.protected)
    return [dataclasses.asdict(cut) for cut in planned.cuts]


def recording(truth: Truth, profile: str) -> Recording:
    """What is known of a call before it is heard."""
    is_mono = truth.get("layout") == "mono"
    sides = {Role.AGENT: "agent_number", Role.CALLER: "caller_number"}
    return Recording(
        id=RecordingId("rec_benchmark"),
        profile=profile,
        agent_kind=AgentKind(truth.get("agent_kind", "ai")),
        roles=(Role.UNKNOWN,) if is_mono else tuple(sides),
        parties=tuple(
            Party(role=role, number=truth.get(key), channel=None if is_mono else channel, joined_ms=0)
            for channel, (role, key) in enumerate(sides.items())
        ),
        started_at_ms=None,
    )


def today() -> date:
    """The day whose law applies."""
    return datetime.now(UTC).date()


def page(found: Mapping[str, Mapping[str, Score]], *, has_data: bool) -> str:
    """A line for each corpus and chain, then the leaks by label."""
    rows = [[name, who, *cells(each)] for name, runs in found.items() for who, each in runs.items()]
    header = ["calls", "by", "leaked words", "calls leaking", "open cards", "over-cut", "harmless cut"]
    labels = [
        [name, who, " ".join(f"{label} {n}" for label, n in sorted(each.leaked_by_label.items())) or "none"]
        for name, runs in found.items()
        for who, each in runs.items()
    ]
    told = [table(header, rows), "Leaked words by label:", table(["calls", "by", "label and words"], labels)]
    if not has_data:
        told.append("Without DATA only the sample call is scored; dev-calls and composite-calls are skipped.")
    return "\n\n".join(told)


def cells(each: Score) -> list[str]:
    """The figures of one run."""
    return [
        f"{each.leaked} of {each.words} ({each.leaked / max(1, each.words):.1%})",
        f"{each.calls_leaking} of {each.calls}",
        f"{each.open_cards} of {each.cards}",
        f"{each.over_ms / 1000:.1f} s ({each.over_share:.1%})",
        f"{each.harmless_cut} of {each.harmless}",
    ]

"""What judging consent costs a call: hearing what was said, deciding, and writing down what it was judged by.

Recognition is left out.  The transcripts are calls as people hold them, their
times made up; each is judged several times, and the best of them is kept, since
what comes on top of it is the machine's other work.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.corpus import SAMPLE
from benchmarks.report import table, verdict, write
from benchmarks.texts import sgd_dialogues, vcon_transcripts
from benchmarks.transcripts import transcript
from benchmarks.webhooks import percentile
from compliance.cli.eval import apart
from compliance.cli.eval_table import counted
from compliance.consent import facts_file, obligations_file, policy, verdict_file
from compliance.consent.decide import decide
from compliance.consent.facts import Facts, facts_of
from compliance.evaluate.cutters import Cutter, Ours
from compliance.evaluate.figures import figures
from compliance.evaluate.folder import Case, read
from compliance.evaluate.run import measure as scored
from compliance.parts import no_progress
from compliance.records import AgentKind, Conversation, Party, Recording, RecordingId, Role, Verdict
from compliance.settings import load

SPOKEN = "dev-calls"
LEGAL = ("facts_found", "facts_false", "verdicts_right")
TRIES = 5
MOST_MS = 10.0
"""A call is to be judged in less, recognition apart."""
DAY = date(2026, 11, 27)
NUMBERS = {Role.AGENT: "+12125550199", Role.CALLER: "+14155550142"}
RECORDING = Recording(
    id=RecordingId("rec_" + "0" * 32),
    profile="default",
    agent_kind=AgentKind.AI,
    roles=(Role.AGENT, Role.CALLER),
    parties=tuple(
        Party(role=role, number=number, channel=None, joined_ms=None) for role, number in NUMBERS.items()
    ),
    started_at_ms=None,
)


def measure(data: Path | None) -> None:
    """Measure, and write the figures."""
    calls = conversations(data)
    folder = policy.packaged()
    law, orders = policy.load(folder), obligations_file.load(folder)
    facts = [facts_of(call, RECORDING, law, on_date=DAY) for call in calls]
    verdicts = [decide(each, law, orders) for each in facts]
    found = {
        "hear what was said": [best(partial(facts_of, c, RECORDING, law, on_date=DAY)) for c in calls],
        "decide": [best(partial(decide, each, law, orders)) for each in facts],
        "write down": [best(partial(_written, *each)) for each in zip(facts, verdicts, strict=True)],
    }
    found["in all"] = [sum(parts) for parts in zip(*found.values(), strict=True)]
    told = [page(found, calls), *([heard(data / SPOKEN)] if data and (data / SPOKEN).is_dir() else ())]
    write("consent", "\n\n".join(told), has_data=data is not None)


def heard(folder: Path) -> str:
    """What of the law is found in recorded calls, as ``compliance eval --no-verify`` scores it."""
    with TemporaryDirectory() as home, apart(load(home=Path(home)), no_progress) as parts:
        run = scored(Ours(parts, parts.settings.profile, verifies=False), read(folder).cases, _say)
    named = {each.name: each for each in figures(run)}
    rows = [[named[name].title, counted(named[name])] for name in LEGAL]
    return (
        f"Recorded calls of `{SPOKEN}`, by `compliance eval`:\n\n{table(['figure', 'calls or facts'], rows)}"
    )


def _say(cutter: Cutter, case: Case) -> None:
    print(f"  {cutter.name}: {case.call.id}", flush=True)


def conversations(data: Path | None) -> list[Conversation]:
    """The calls under ``data``, or the sample call by its truth where there is none."""
    if data is None:
        return [_sample()]
    return [each.conversation for each in (*vcon_transcripts(data), *sgd_dialogues(data))]


def _sample() -> Conversation:
    """The sample call as it was written."""
    (told,) = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
    turns, at = [], 0
    for each in told["utterances"]:
        turns.append(((at, at + len(each["text"])), Role(each["channel"])))
        at += len(each["text"]) + 1
    text = "\n".join(each["text"] for each in told["utterances"])
    return transcript("sample", text, turns, ()).conversation


def _written(facts: Facts, verdict_: Verdict) -> bytes:
    return facts_file.encode(facts) + verdict_file.encode(verdict_file.document(verdict_))


def best(act: Callable[[], object]) -> float:
    """The shortest of several tries, in milliseconds."""
    took = []
    for _ in range(TRIES):
        began = time.perf_counter()
        act()
        took.append(1000 * (time.perf_counter() - began))
    return min(took)


def page(found: dict[str, list[float]], calls: Sequence[Conversation]) -> str:
    """A line for each step, and whether a call keeps to its time."""
    rows = []
    for name, took in found.items():
        ordered = sorted(took)
        parts = (percentile(ordered, 0.50), percentile(ordered, 0.99), ordered[-1])
        rows.append([name, *(f"{each:.2f} ms" for each in parts)])
    words = sum(len(turn.words) for call in calls for turn in call.turns)
    at_99 = percentile(sorted(found["in all"]), 0.99)
    told = (
        f"{len(calls)} calls of {words / len(calls):.0f} words each on average; the best of {TRIES} tries. "
        f"Under {MOST_MS:.0f} ms a call at p99: {verdict(at_99, MOST_MS)}."
    )
    return f"{table(['step', 'p50', 'p99', 'worst'], rows)}\n\n{told}"

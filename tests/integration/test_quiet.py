"""Libraries that talk or call home, each kept quiet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from compliance import artifacts, records
from compliance.errors import ComplianceError
from compliance.records import Party, Role, Stage, Turn, Word
from compliance.settings import Settings, load

ROOT = Path(__file__).resolve().parents[2]
MODELS = Path(os.environ.get("COMPLIANCE_MODELS") or ROOT / ".models")

GUARD = """
import json, socket, sys
tried = []
def refuse(*arguments, **more):
    tried.append(repr(arguments))
    raise OSError("no network here")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.getaddrinfo = socket.create_connection = refuse
"""
"""Put before a program: every way out is refused and noted in ``tried``."""


def guarded(program: str, home: Path, **more: str) -> tuple[Any, str]:
    """What a program prints last, as JSON, and what it says on stderr; nothing of it is cached before."""
    kept = ("PATH", "LANG", "LD_LIBRARY_PATH")
    done = subprocess.run(
        [sys.executable, "-c", GUARD + program],
        cwd=ROOT,
        env={name: os.environ[name] for name in kept if name in os.environ}
        | {"HOME": str(home), "TLDEXTRACT_CACHE": str(home / "suffixes")}
        | more,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    *chatter, last = done.stdout.splitlines()
    assert chatter == []
    return json.loads(last), done.stderr


MODELS_AT_WORK = f"""
import logging
logging.basicConfig(level="DEBUG")
from pathlib import Path
from compliance.engines import Engines
from compliance.records import Channel, Conversation, Role, Turn, Word
from compliance.redact.detect.document import Document
engines = Engines(Path({str(MODELS)!r}), whisper_model="whisper-base", threads=1, batch_size=1)
engines.load()
texts = "mail joe@pinepost.co.uk or call five five five now".split()
words = tuple(
    Word(start_ms=n * 400, end_ms=n * 400 + 300, channel=0, confidence=1.0, text=text)
    for n, text in enumerate(texts)
)
channel = Channel(index=0, role=Role.CALLER, language="en", language_probability=1.0, voiced=())
call = Conversation(duration_ms=9_000, channels=(channel,), turns=(Turn(channel=0, words=words),))
found = engines.runner.recognise(Document(call))
print(json.dumps({{"tried": tried, "found": sorted({{str(each.found.entity) for each in found}})}}))
"""


@pytest.mark.slow
def test_models_call_nobody_and_say_nothing(tmp_path: Path) -> None:
    """Speech model, language model and every recogniser load and run without a connection.

    Loggers are as loud as they get: what the libraries would write at DEBUG must not hold what was said.
    """
    made, spoken = guarded(MODELS_AT_WORK, tmp_path)

    assert made["tried"] == []
    assert "EMAIL_ADDRESS" in made["found"]
    assert "pinepost" not in spoken
    assert "warning" not in spoken.lower()


def test_presidios_own_recogniser_would_call(tmp_path: Path) -> None:
    """The guard sees a call: the stock e-mail recogniser asks for a list of suffixes at first use."""
    program = """
from presidio_analyzer.predefined_recognizers import EmailRecognizer
import logging; logging.disable(logging.CRITICAL)
EmailRecognizer().validate_result("joe@pinepost.co.uk")
print(json.dumps(tried))
"""
    tried, _ = guarded(program, tmp_path)

    assert any("publicsuffix" in each for each in tried)


@pytest.mark.parametrize(
    "module",
    [
        "compliance.transcribe.whisper",
        "compliance.redact.detect.presidio",
        "compliance.redact.anonymizer",
        "compliance.redact.tone",
        "compliance.redact.rewrite",
        "compliance.store.s3",
        "compliance.api.app",
        "compliance.intake.livekit",
        "compliance.bootstrap",
        "workers.app",
    ],
)
def test_importing_an_edge_is_silent(module: str, tmp_path: Path) -> None:
    """Importing an edge and its library prints nothing, warns of nothing and calls nobody."""
    made, spoken = guarded(
        f"import {module}; print(json.dumps(tried))", tmp_path, PYTHONWARNINGS="default::UserWarning"
    )

    assert (made, spoken) == ([], "")


def test_the_hub_is_asked_without_telemetry(tmp_path: Path) -> None:
    """Where a person wants weights from the hub, it is asked without telemetry; a refusal is ours."""
    program = """
import os
from pathlib import Path
from compliance.errors import ModelMissing
from compliance.models.catalogue import CATALOGUE
from compliance.models.hub import HubSource
model = next(each for each in CATALOGUE if each.upstream.hub)
try:
    HubSource().fetch(model, ["model.bin"], Path(os.environ["HOME"]), lambda *_: None)
except ModelMissing as error:
    from huggingface_hub import constants
    print(json.dumps([constants.HF_HUB_DISABLE_TELEMETRY, str(error)]))
"""
    # Offline, since the library tries again for half a minute where it is refused.
    (is_off, message), _ = guarded(program, tmp_path, HF_HUB_OFFLINE="1")

    assert is_off
    assert "could not be fetched" in message


SAID = "porcupine"


class TestReprs:
    """What was said or is secret stays out of reprs, and so out of logs and failed assertions."""

    def test_words_and_all_that_holds_them(self) -> None:
        """Neither a word nor a turn nor a conversation shows its text."""
        word = Word(start_ms=0, end_ms=1, channel=0, confidence=1.0, text=SAID)
        turn = Turn(channel=0, words=(word,))
        call = records.Conversation(duration_ms=1, channels=(), turns=(turn,))

        assert SAID not in f"{word!r}{turn!r}{call!r}{word}{[call]}"

    def test_a_partys_number(self) -> None:
        """A party does not show its number, nor one that a clue holds."""
        clue = records.Clue(evidence="sip_header", value="+14155550142")
        party = Party(role=Role.CALLER, number="+14155550142", channel=1, joined_ms=0, clues=(clue,))

        assert "4155550142" not in repr(party)

    def test_every_text_of_a_noun_is_thought_of(self) -> None:
        """The nouns that show free text are these; a new one has to be put here, or hidden."""
        nouns = [each for each in vars(records).values() if isinstance(each, type) and is_dataclass(each)]
        shown = {
            f"{noun.__name__}.{field.name}"
            for noun in nouns
            for field in fields(noun)
            if field.repr and field.type in ("str", "str | None")
        }

        assert shown == {
            "AiDuty.citation",
            "AiDuty.confidence",
            "AiDuty.jurisdiction",
            "AiDuty.when",
            "AiVerdict.sentence",
            "Channel.language",
            "Clue.evidence",
            "Cut.why",
            "Finding.detector",
            "Finding.why",
            "ModelRef.name",
            "ModelRef.sha256",
            "Output.file",
            "Output.sha256",
            "Place.evidence",
            "Place.jurisdiction",
            "PolicyRef.file",
            "PolicyRef.sha256",
            "Recording.egress_id",
            "Recording.profile",
            "Recording.room_sid",
            "Release.by",
            "Residual.why",
            "Segment.sha256",
            "Source.codec",
            "Source.container",
            "Source.sha256",
            "Trees.original",
            "Trees.redacted",
            "Unaltered.picture",
            "Unaltered.why",
            "Verdict.confidence",
            "Verdict.day",
            "Verdict.facts_sha256",
            "Verdict.jurisdiction",
            "Verdict.rule",
            "Verdict.sentence",
        }

    def test_settings(self) -> None:
        """Settings show no secret, no number and no address with a password in it."""
        shown = repr(
            load(
                database_url=f"postgresql+psycopg://u:{SAID}@h/d",
                broker_url=f"redis://:{SAID}@h",
                livekit_keys=f"key:{SAID}",
                s3_access_key=SAID,
                s3_secret_key=SAID,
                business_number="+14155550142",
            )
        )

        assert SAID not in shown
        assert "4155550142" not in shown


class TestPydantic:
    """Pydantic prints the input that it refuses; here it may not."""

    @pytest.mark.parametrize(
        "given",
        [
            {"livekit_keys": SAID},
            {"lease_s": SAID},
            {"batch_size": SAID},
            {SAID: "1"},
            {"s3_access_key": [SAID]},
        ],
    )
    def test_settings_name_the_variable_only(self, given: dict[str, Any]) -> None:
        """A setting that cannot be read is named, and its value is not repeated."""
        with pytest.raises(ComplianceError) as caught:
            load(**given)

        assert SAID not in str(caught.value).lower().replace(f"compliance_{SAID}", "")
        assert caught.value.__cause__ is None

    def test_settings_hide_their_input(self) -> None:
        """Not even pydantic's own error, which a debugger may show, has the value in it."""
        with pytest.raises(ValidationError) as caught:
            Settings(lease_s=SAID)  # type: ignore[arg-type]

        assert SAID not in str(caught.value)

    @pytest.mark.parametrize("stage", artifacts.KINDS)
    def test_what_a_stage_left_is_not_repeated(self, stage: Stage) -> None:
        """A stage's value that does not fit, a transcript for one, is refused without being shown."""
        with pytest.raises(ValidationError) as caught:
            artifacts._ADAPTERS[stage].validate_json(f'[0.1, {{"text": "{SAID}", "turns": "{SAID}"}}]')

        assert SAID not in str(caught.value)

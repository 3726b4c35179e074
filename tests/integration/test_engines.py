"""The models at work, as a decision names them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from compliance.consent import weigher
from compliance.engines import Engines
from compliance.models.catalogue import find
from compliance.redact import edges
from compliance.redact.detect.tagger import WEIGHTS

MODELS = Path(os.environ.get("COMPLIANCE_MODELS", "no-such-folder"))
PULLED = ("whisper-base", "spacy-en", "rampart")


@pytest.mark.skipif(
    not all((MODELS / name).exists() for name in PULLED),
    reason="COMPLIANCE_MODELS names no folder with what a deployment needs",
)
def test_a_decision_names_every_model_at_work() -> None:
    """Those that are pulled by the digest they are pinned to, the others by that of their weights."""
    engines = Engines(MODELS, whisper_model="whisper-base", threads=1, batch_size=1)
    named = {ref.name: ref.sha256 for ref in engines.refs}

    assert named == {
        **{name: find(name).sha256 for name in PULLED},
        "tagger": hashlib.sha256(WEIGHTS.read_bytes()).hexdigest(),
        "edges": hashlib.sha256(edges.WEIGHTS.read_bytes()).hexdigest(),
        "consent-weigher": hashlib.sha256(weigher.WEIGHTS.read_bytes()).hexdigest(),
    }

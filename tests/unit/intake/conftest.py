"""Sample webhooks: shaped as LiveKit sends them, every name, number and id made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parents[2] / "fixtures" / "livekit"

Bodies = Callable[[str], dict[str, Any]]


@pytest.fixture
def body() -> Bodies:
    """The sample of a name as parsed JSON, fresh each time."""
    return lambda name: json.loads((FIXTURES / f"{name}.json").read_bytes())

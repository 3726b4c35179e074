"""A deployment whose models are fakes that truly listen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakecall import CALLER, NAME, STREET, FakeEngines, sound, write_ogg, write_wav

from compliance.bootstrap import build
from compliance.byhand import Order
from compliance.parts import Parts
from compliance.records import AgentKind, Party, Role
from compliance.settings import load
from compliance.transcribe.windows import Samples


@pytest.fixture
def engines() -> FakeEngines:
    """The models at work; a test may set worse ones."""
    return FakeEngines()


@pytest.fixture
def parts(tmp_path: Path, engines: FakeEngines) -> Iterator[Parts]:
    """A deployment in one folder: SQLite, the shipped policies, and fakes for models."""
    parts = replace(build(load(home=tmp_path / "home")), engines=engines)
    yield parts
    parts.database.close()


@pytest.fixture
def order(tmp_path: Path) -> Callable[..., Order]:
    """Writes the call to a file and gives what a user would tell of it."""

    def make(*, kind: str = "wav", profile: str = "default", samples: Samples | None = None) -> Order:
        path = tmp_path / f"{NAME[0]} {STREET[0]}.{kind}"
        if kind == "ogg":
            write_ogg(path, sound(48_000) if samples is None else samples)
        else:
            write_wav(path, sound() if samples is None else samples)
        caller = Party(role=Role.CALLER, number=CALLER, channel=1, joined_ms=-500)
        agent = Party(role=Role.AGENT, number=None, channel=0, joined_ms=-1_000)
        return Order(
            path=path,
            profile=profile,
            agent_kind=AgentKind.AI,
            roles=(Role.AGENT, Role.CALLER),
            parties=(agent, caller),
        )

    return make

"""A deployment whose models are fakes that truly listen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from bundled import Case, asked, made
from fakecall import CALLER, NAME, STREET, USER, FakeEngines, sound, write_ogg, write_wav
from forger import unpacked

from compliance.bootstrap import build
from compliance.byhand import Order, process
from compliance.parts import Parts
from compliance.records import AgentKind, Party, Role, State
from compliance.settings import load
from compliance.transcribe.windows import Samples


@pytest.fixture
def engines() -> FakeEngines:
    """The models at work; a test may set worse ones."""
    return FakeEngines()


@pytest.fixture
def parts(tmp_path: Path, engines: FakeEngines) -> Iterator[Parts]:
    """A deployment in one folder: SQLite, the shipped policies, and fakes for models."""
    parts = replace(build(load(home=tmp_path / "home"), seals=True), engines=engines)
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
        return told(path, profile)

    return make


def told(path: Path, profile: str = "default") -> Order:
    """What a user tells of a call."""
    caller = Party(role=Role.CALLER, number=CALLER, channel=1, joined_ms=-500)
    agent = Party(role=Role.AGENT, number=None, channel=0, joined_ms=-1_000)
    return Order(
        path=path,
        profile=profile,
        agent_kind=AgentKind.AI,
        roles=(Role.AGENT, Role.CALLER),
        parties=(agent, caller),
    )


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """Two calls, processed and exported, in a deployment that lives as long as the tests."""
    folder = tmp_path_factory.mktemp("case")
    parts = replace(build(load(home=folder / "home"), seals=True), engines=FakeEngines())
    calls = (write_wav(folder / "one.wav", sound()), write_ogg(folder / "two.ogg", sound(48_000)))
    rows = [process(parts, told(path), USER) for path in calls]
    assert {row.state for row in rows} == {State.RELEASED}
    ids = tuple(row.id for row in rows)
    wanted, path, bare = asked(parts, *ids), folder / "bundle.zip", folder / "bare"
    done = made(parts, wanted, path)
    bare.mkdir()
    (bare / "verify.py").write_bytes(unpacked(path)["verify/verify.py"])
    yield Case(parts=parts, ids=ids, wanted=wanted, path=path, done=done, script=bare / "verify.py")
    parts.database.close()

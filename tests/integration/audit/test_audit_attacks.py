"""Every attack on the log under every compromise, and the page that tells what is seen of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from attacks.acts import ATTACKS, Attack
from attacks.page import page
from attacks.results import Compromise, Result
from attacks.stage import Stage

PAGE = Path(__file__).parents[3] / "docs" / "attacks.md"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A world on SQLite; what each attack came to is kept."""
    stage = Stage(tmp_path_factory.mktemp("sqlite"))
    stage.results = cache(stage.results)  # type: ignore[method-assign]  # the page asks once more
    yield stage
    stage.close()


@pytest.fixture(scope="module")
def lived_postgres(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> Iterator[Stage]:
    """The same on PostgreSQL."""
    stage = Stage(tmp_path_factory.mktemp("postgres"), postgres_url)
    yield stage
    stage.close()


def told(results: dict[Compromise, Result]) -> list[str]:
    """The cells of a row."""
    return [str(each) for each in results.values()]


def row(attack: Attack) -> list[str]:
    """The cells of an attack's row, as the page has them."""
    lines = [
        line
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| {attack.name} |")
    ]
    assert len(lines) == 1
    return [cell.strip() for cell in lines[0].strip("|").split("|")[1:]]


def test_where_nothing_was_done_nothing_is_found(lived: Stage) -> None:
    """The untouched log is valid under every compromise: the check can say so."""
    assert {str(each) for each in lived.untouched().values()} == {"**not seen**"}


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_seen_as_the_page_says(lived: Stage, attack: Attack) -> None:
    """Run on SQLite, it comes out as it stands in docs/attacks.md."""
    assert told(lived.results(attack)) == row(attack)


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_it_is_seen_alike_on_postgresql(lived_postgres: Stage, attack: Attack) -> None:
    """Run on PostgreSQL, it comes out the same."""
    assert told(lived_postgres.results(attack)) == row(attack)


@pytest.mark.slow
def test_the_page_is_what_the_attacks_give(lived: Stage) -> None:
    """docs/attacks.md is what running them writes, to the letter."""
    assert PAGE.read_text(encoding="utf-8") == page(lived)


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_with_anchors_elsewhere_only_what_is_explained_goes_unseen(lived: Stage, attack: Attack) -> None:
    """Whatever copies elsewhere do not show has its reason on the page; the rest names an event."""
    results = lived.results(attack)
    for compromise, result in results.items():
        if result.finding is None:
            assert attack.why_missed
        elif compromise.has_anchors:
            assert result.finding.event_id is not None


def test_a_checkpoint_remembered_elsewhere_works_like_an_anchor(lived: Stage) -> None:
    """Whoever found the log valid before sees with that what the key would hide."""
    attack = next(each for each in ATTACKS if each.name == "fork with the stolen key")

    assert lived.remembered(attack).finding is not None
    assert lived.results(attack)[Compromise.KEY].finding is None

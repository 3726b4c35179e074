"""Where attacks are run: one world, lived through once, and a copy of it for each attack."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from attacks.acts import Attack
from attacks.results import Compromise, Result, result
from attacks.world import World
from compliance.store import checkpoints

COMPROMISES = {has_key: [each for each in Compromise if each.has_key is has_key] for has_key in (False, True)}


class Stage:
    """A world that is copied: on SQLite its file, on PostgreSQL its database as a template."""

    def __init__(self, folder: Path, postgres: str | None = None) -> None:
        """Live through the world.  ``postgres``: the URL of a superuser; without it SQLite is used."""
        self._folder, self._postgres = folder, postgres
        self._at = folder / "world"
        self._at.mkdir()
        self._name = self._made(None)
        self._world = World(self._url(self._name, self._at), self._at)
        self._world.live()
        self._world.close()

    def results(self, attack: Attack) -> dict[Compromise, Result]:
        """What the check says of an attack under each compromise."""
        found: dict[Compromise, Result] = {}
        for has_key, compromises in COMPROMISES.items():
            with self._copy() as world:
                act = attack.by_key if has_key and attack.by_key is not None else attack.by_database
                act(world)
                found |= {each: result(world, attack, each) for each in compromises}
        return {each: found[each] for each in Compromise}

    def remembered(self, attack: Attack) -> Result:
        """What it says to somebody who found the log valid before, and has no anchors."""
        with self._copy() as world:
            with world.database.read() as connection:
                newest = checkpoints.latest(connection)
            assert newest is not None
            since = world.signer.verifier.checkpoint_of(newest.note)
            (attack.by_key or attack.by_database)(world)
            return result(world, attack, Compromise.KEY, since=since)

    def untouched(self) -> dict[Compromise, Result]:
        """What it says where nobody did anything."""
        return self.results(Attack(name="nothing", does="nothing", by_database=lambda _: None))

    @contextmanager
    def _copy(self) -> Iterator[World]:
        folder = self._folder / f"copy-{secrets.token_hex(4)}"
        shutil.copytree(self._at, folder)
        name = self._made(self._name)
        world = World(self._url(name, folder), folder, like=self._world)
        try:
            yield world
        finally:
            world.close()
            shutil.rmtree(folder)
            self._drop(name)

    def _made(self, template: str | None) -> str:
        """The name of a new database, a copy of another if one is given."""
        name = f"attacks_{secrets.token_hex(6)}"
        if self._postgres is not None:
            like = f" TEMPLATE {template}" if template else ""
            with psycopg.connect(self._postgres.replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}{like}")
        return name

    def _drop(self, name: str) -> None:
        """Remove a database again; a file went with its folder."""
        if self._postgres is not None:
            with psycopg.connect(self._postgres.replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Remove what was lived through."""
        self._drop(self._name)

    def _url(self, name: str, folder: Path) -> str:
        if self._postgres is None:
            return f"sqlite:///{folder / 'compliance.db'}"
        return f"{self._postgres.rpartition('/')[0]}/{name}"

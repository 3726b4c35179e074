"""``compliance token`` and ``compliance serve``."""

from __future__ import annotations

import json
import re
import socket
from contextlib import asynccontextmanager

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from compliance.api.app import create_app
from compliance.cli import serve
from compliance.cli.token import app
from compliance.errors import ArgumentInvalid

TOKEN = re.compile(r"cpl_t[0-9a-f]{12}_[0-9a-f]{64}\n")


@pytest.fixture
def run(world, monkeypatch):
    """The command's result, over the same database as the service's."""
    monkeypatch.setattr("compliance.cli.token._database", lambda: world.database)

    def call(*arguments: str):
        return CliRunner().invoke(app, list(arguments))

    return call


def create(run, *arguments: str) -> dict[str, str]:
    return json.loads(run("create", "Anna's laptop", "--role", "officer", "--json", *arguments).stdout)


def test_a_token_is_shown_once_and_works(run, world, client):
    """stdout holds the token alone, so that it can be piped; nothing shows it again."""
    result = run("create", "reports", "--role", "legal")
    assert result.exit_code == 0
    assert TOKEN.fullmatch(result.stdout)
    token = result.stdout.strip()
    assert client.get("/v1/recordings", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    for again in (run("list"), run("list", "--json")):
        assert token.rpartition("_")[2] not in again.output
    [event] = world.told("token.created")
    assert event["actor"]["role"] == "operator"


def test_a_revoked_token_ends_at_once(run, world, client):
    """The list says so, and a second time there is nothing to revoke."""
    made = create(run)
    assert run("revoke", made["id"]).exit_code == 0
    assert (
        client.get("/v1/recordings", headers={"Authorization": f"Bearer {made['token']}"}).status_code == 401
    )
    [listed] = json.loads(run("list", "--json").stdout)["tokens"]
    assert (listed["id"], listed["is_valid"]) == (made["id"], False)
    assert len(world.told("token.revoked")) == 1
    assert isinstance(run("revoke", made["id"]).exception, ArgumentInvalid)
    assert isinstance(run("revoke", "t000000000000").exception, ArgumentInvalid)


def test_the_list_is_on_record(run, world):
    """Who looked at it, and how many there were."""
    create(run)
    run("list")
    [event] = world.told("access.list")
    assert (event["fields"], event["actor"]["role"]) == ({"object": "tokens", "entries": 1}, "operator")


def test_the_list_escapes_what_a_terminal_would_obey(run):
    """Markup in a name is shown, not followed; control characters are refused."""
    run("create", "[red]x[/]", "--role", "engineer")
    assert "[red]x[/]" in run("list").stdout
    for name in ("\x1b[2J", "a\nb", " ", "x" * 81):
        assert isinstance(run("create", name, "--role", "engineer").exception, ArgumentInvalid)


@pytest.mark.parametrize("arguments", [("--role", "admin"), (), ("--role", "legal", "--days", "0")])
def test_wrong_arguments_end_with_2(run, arguments):
    """Roles are three, and a token lives a day at least."""
    assert run("create", "x", *arguments).exit_code == 2


def test_an_address_that_is_taken_is_told(world):
    """Not with a traceback, and not by ending the process from within."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ArgumentInvalid, match=str(port)):
            serve.run(create_app(world.parts), "127.0.0.1", port)


def test_what_runs_beside_the_service_ends_with_it(world):
    """The lifespan is entered before the first request and left after the last."""
    seen = []

    @asynccontextmanager
    async def beside(_app):
        seen.append("in")
        yield
        seen.append("out")

    with TestClient(create_app(world.parts, lifespan=beside)) as client:
        client.get("/healthz")
        assert seen == ["in"]
    assert seen == ["in", "out"]


def test_an_answer_does_not_wait_for_an_acknowledgement():
    """Connections send what they have at once: an answer is two writes, the second would wait 40 ms."""
    with serve.listening("127.0.0.1", 0) as door, socket.create_connection(door.getsockname()):
        accepted, _ = door.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

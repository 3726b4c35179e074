"""The files for the cluster say what is true, as far as that can be seen without an engine."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
import servers
import typer
import yaml

from compliance.cli.main import app
from compliance.settings import Settings
from workers.options import QUEUES

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"] == "recording-compliance"}
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def commands() -> list[tuple[str, ...]]:
    """Every call of our command line in the compose file and the image, without the program's name."""
    called = [tuple(each["command"]) for each in OURS.values() if "entrypoint" not in each]
    called += [
        tuple(each["healthcheck"]["test"][2:])
        for each in OURS.values()
        if each.get("healthcheck", {}).get("test", [None, None])[1] == "compliance"
    ]
    called += [
        tuple(re.findall(r'"([^"]+)"', line)) for line in re.findall(r"(?m)^CMD (\[.*\])$", DOCKERFILE)
    ]
    called += [
        tuple(line.split())
        for line in re.findall(r"/opt/compliance/bin/compliance ([a-z ]+?) &&", DOCKERFILE)
    ]
    return sorted(set(called))


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_every_command_is_one_the_program_knows(arguments: tuple[str, ...]) -> None:
    """Each command and each of its options exists and takes the value it is given."""
    command: Any = typer.main.get_command(app)
    context, rest = command.make_context("compliance", [], resilient_parsing=True), list(arguments)
    while hasattr(command, "resolve_command"):  # a group, whose commands have names
        _, command, rest = command.resolve_command(context, rest)

    command.make_context("compliance", rest)


def test_the_workers_share_all_queues_between_them() -> None:
    """No queue is left without a worker, and none is named that is not there."""
    named = {each["command"][2] for each in OURS.values() if each["command"][:2] == ["worker", "--queue"]}

    assert named == set(QUEUES)


def test_the_compose_file_names_only_real_settings_and_volumes() -> None:
    """Every COMPLIANCE_ variable is a setting, every volume and dependency is defined."""
    known = {f"COMPLIANCE_{name.upper()}" for name in Settings.model_fields}
    variables = {
        key for each in OURS.values() for key in each["environment"] if key.startswith("COMPLIANCE_")
    }
    volumes = {name.partition(":")[0] for each in SERVICES.values() for name in each.get("volumes", [])}

    assert variables <= known
    assert set(re.findall(r"COMPLIANCE_[A-Z0-9_]+", DOCKERFILE)) <= known
    assert volumes <= set(COMPOSE["volumes"])
    assert {name for each in SERVICES.values() for name in each.get("depends_on", ())} <= set(SERVICES)


def test_every_variable_of_the_compose_file_is_explained() -> None:
    """What a person must fill in is in .env.example."""
    text = (ROOT / "docker-compose.yml").read_text()
    required = set(re.findall(r"\$\{([A-Z0-9_]+):\?", text))

    assert required <= set(re.findall(r"(?m)^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text()))
    assert not re.search(r"(?i)(password|secret|key)\w*: [a-z0-9]{6,}", text)


def test_every_long_running_service_says_how_it_is() -> None:
    """Each has a health check, except the one that only makes buckets."""
    assert {name for name, each in SERVICES.items() if "healthcheck" not in each} == {"buckets"}


def test_nothing_but_the_api_is_published() -> None:
    """Servers are reached inside the cluster only, and the API on loopback."""
    published = {name: each["ports"] for name, each in SERVICES.items() if "ports" in each}

    assert published == {"api": ["127.0.0.1:8000:8000"]}


def test_the_image_runs_as_nobody_special_and_installs_only_what_is_locked() -> None:
    """The last stages run as an unprivileged user, and pip is held to digests."""
    assert re.findall(r"(?m)^USER (\S+)$", DOCKERFILE) == ["compliance"]
    installs = re.findall(r"pip install ([^\n]*)", DOCKERFILE)
    assert all("--require-hashes" in each or "--no-index" in each for each in installs)


class Answer(BaseHTTPRequestHandler):
    """Answers every GET with the status of its server."""

    def do_GET(self) -> None:
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(("status", "is_well"), [(200, True), (503, False)])
def test_the_health_check_of_the_api_tells_ready_from_not(status: int, is_well: bool) -> None:
    """The very command of the compose file succeeds on 200 and fails on 503."""
    server = HTTPServer(("127.0.0.1", 0), Answer)
    server.status = status  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    program = SERVICES["api"]["healthcheck"]["test"][3].replace("8000", str(server.server_port))
    try:
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=20)
    finally:
        server.shutdown()
        server.server_close()

    assert (done.returncode == 0) is is_well


def test_the_buckets_are_made_once(s3_server: servers.S3Server) -> None:
    """The very program of the compose file makes each bucket, and a second run changes nothing."""
    environment = {
        "COMPLIANCE_S3_ENDPOINT": s3_server.endpoint,
        "COMPLIANCE_S3_ACCESS_KEY": s3_server.access_key,
        "COMPLIANCE_S3_SECRET_KEY": s3_server.secret_key,
        "BUCKETS": "cluster-recordings,cluster-outputs",
    }
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-c", SERVICES["buckets"]["command"][0]], env=environment, check=True, timeout=60
        )

    client = boto3.client(
        "s3",
        endpoint_url=s3_server.endpoint,
        aws_access_key_id=s3_server.access_key,
        aws_secret_access_key=s3_server.secret_key,
        region_name="us-east-1",
    )
    names = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
    assert {"cluster-recordings", "cluster-outputs"} <= names

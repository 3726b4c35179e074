"""What is installed is what is locked, and what is built holds what it needs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {kind: ROOT / "requirements" / f"{kind}.txt" for kind in ("run", "dev")}
COMES_WITH = {
    "starlette": "fastapi",
    "botocore": "boto3",
    "kombu": "celery",
    "referencing": "jsonschema",
    "billiard": "celery",
}
"""Packages that are part of the face of another, and are imported beside it."""


def locked(kind: str) -> dict[str, set[str]]:
    """The versions each package is locked to; more than one where Pythons differ."""
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"(?m)^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", LOCKS[kind].read_text()
    ):
        pins.setdefault(canonicalize_name(name), set()).add(version)
    return pins


def named(requirements: list[str]) -> list[Requirement]:
    """Requirements, read."""
    return [Requirement(each) for each in requirements]


def declared() -> set[str]:
    """The packages this one says it needs to run."""
    return {canonicalize_name(each.name) for each in named(PROJECT["project"]["dependencies"])}


@pytest.mark.parametrize("kind", LOCKS)
def test_a_lock_names_no_index_and_no_place_on_this_machine(kind: str) -> None:
    """Whoever installs it uses their own index; nothing in it points to the machine it was made on."""
    lines = LOCKS[kind].read_text().splitlines()
    pins = [line for line in lines if not line.lstrip().startswith("#")]

    assert not [
        line for line in lines if re.search(r"https?:|file:|@ |--(index|extra|find|trusted)|^-", line)
    ]
    assert not [line for line in pins if "/" in line]


@pytest.mark.parametrize("kind", LOCKS)
def test_every_locked_package_has_digests(kind: str) -> None:
    """There is no line that pip would install without a digest."""
    entries = re.split(r"(?m)^(?=[A-Za-z0-9])", LOCKS[kind].read_text())[1:]

    assert len(entries) > 50
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_locks_hold_what_the_project_names() -> None:
    """Every direct dependency and the build backend is locked, at a version the project allows."""
    run = named(PROJECT["project"]["dependencies"] + PROJECT["build-system"]["requires"])
    dev = named(PROJECT["dependency-groups"]["dev"])

    for kind, requirements in (("run", run), ("dev", run + dev)):
        pins = locked(kind)
        for each in requirements:
            versions = pins.get(canonicalize_name(each.name), set())
            assert versions, f"{each.name} is not in {kind}.txt: run `make lock`"
            assert all(each.specifier.contains(v, prereleases=True) for v in versions), each.name


def test_development_adds_to_running_and_changes_nothing() -> None:
    """What is tested is what runs: the same versions in both locks."""
    run, dev = locked("run"), locked("dev")

    assert {name: dev.get(name) for name in run} == run


def test_everything_imported_is_declared() -> None:
    """No module relies on a package that is only there because another one wants it."""
    provides = packages_distributions()
    undeclared = set()
    for path in [*(ROOT / "compliance").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]:
        for name in imported(path):
            if name in sys.stdlib_module_names or name in {"compliance", "workers"}:
                continue
            owners = {
                COMES_WITH.get(each, each) for each in map(canonicalize_name, provides.get(name, [name]))
            }
            if not owners & declared():
                undeclared.add(f"{path.relative_to(ROOT)}: {name}")
    assert not undeclared


def imported(path: Path) -> Iterator[str]:
    """The top names of what a module imports when it runs, types apart."""
    tree = ast.parse(path.read_text())
    for_types = [
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    ]
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_each_dependency_has_its_reason_written_down() -> None:
    """docs/dependencies.md has a line for every direct dependency, and none for others."""
    rows = (
        line for line in (ROOT / "docs/dependencies.md").read_text().splitlines() if line.startswith("| `")
    )
    written = {name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}
    requirements = named(PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"])
    wanted = {each.name + (f"[{','.join(each.extras)}]" if each.extras else "") for each in requirements}

    assert written == wanted | {"hatchling"}


def test_the_checks_of_every_change_are_those_of_a_newcomer() -> None:
    """.ci/run calls `make test` and nothing else of weight."""
    lines = (ROOT / ".ci/run").read_text().splitlines()

    assert [line for line in lines if line and not line.startswith("#")] == [
        "set -euo pipefail",
        'cd "$(dirname "$0")/.."',
        "make test",
    ]
    assert os.access(ROOT / ".ci/run", os.X_OK)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the locked backend and without a network."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--quiet", "--wheel-dir", str(folder), str(ROOT)], check=True, timeout=120)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it lies when installed, far from the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_everything_the_code_reads(unpacked: Path) -> None:
    """Policies, schemas, templates, migrations, the registry of events and the sample are in it."""
    missing = [path for path in carried() if not (unpacked / carried()[path]).is_file()]

    assert not missing
    assert {Path("compliance/audit/registry.yaml"), Path("policies/disclosure.yaml")} <= set(carried())
    assert not list(unpacked.rglob("tests")) + list(unpacked.rglob("*.pyc"))


def carried() -> dict[Path, Path]:
    """Every file under version control that must be in the wheel, and its place there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "compliance", "workers", "policies",
         "examples/sample-call/call.ogg", "examples/sample-call/webhooks"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    moved = {"policies": "compliance/_policies", "examples/sample-call": "compliance/_sample"}
    places = {}
    for name in filter(None, listed.split("\0")):
        place = name
        for old, new in moved.items():
            if name.startswith(f"{old}/"):
                place = new + name.removeprefix(old)
        places[Path(name)] = Path(place)
    return places


def test_the_wheel_works_outside_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    """Its command line answers from an empty folder, without a word of complaint."""
    program = (
        "import sys, compliance.cli.main, workers\n"
        f"assert compliance.__file__.startswith({str(unpacked)!r}), compliance.__file__\n"
        "sys.argv = ['compliance', '--help']\n"
        "compliance.cli.main.main()\n"
    )
    environment = os.environ | {"PYTHONPATH": str(unpacked), "COMPLIANCE_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "process" in done.stdout

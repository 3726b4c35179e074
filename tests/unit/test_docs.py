"""The documents say all there is: every reason, route, command, setting and kind of event, and no others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from fastapi.routing import APIRoute
from typer.core import TyperGroup

from compliance.api import consent, health, questions, recordings, reports, webhooks
from compliance.audit.events import EventKind
from compliance.audit.question import FILTERS
from compliance.cli.main import _COMMANDS, Root, app
from compliance.cli.reasons import MEANINGS, classes
from compliance.consent.decide import OWED_FOR_AI
from compliance.errors import ComplianceError
from compliance.records import Outcome, Purpose
from compliance.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
ERRORS = (DOCS / "errors.md").read_text()
_CELLS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in ERRORS.splitlines()
    if line.startswith("| `")
]
ROWS = {cells[0].strip("`"): cells[1:] for cells in _CELLS}
"""Each reason's meaning, exit code, HTTP status and remedy."""


def test_no_reason_is_told_twice() -> None:
    """Each reason has one row, with all its cells."""
    assert len(ROWS) == len(_CELLS)
    assert all(len(cells) == 4 and all(cells) for cells in ROWS.values())


@pytest.mark.parametrize("error", list(classes()), ids=lambda error: error.reason)
def test_every_error_is_told(error: type[ComplianceError]) -> None:
    """Each error of the tree has its row, with the exit code and the HTTP status that it really has."""
    _, code, status, _ = ROWS[error.reason]

    assert code == str(error.exit_code)
    assert status in (str(error.http_status), "–")


def test_every_error_has_a_word_of_its_own() -> None:
    """No two errors share a reason."""
    words = [each.reason for each in classes()]

    assert sorted(words) == sorted(set(words))


def words_in(file: str, *names: str) -> Iterator[str]:
    """The strings that look like reasons in some functions and constants of a module."""
    tree = ast.parse((ROOT / "compliance" / file).read_text())
    for node in tree.body:
        targets = (
            [t.id for t in node.targets if isinstance(t, ast.Name)] if isinstance(node, ast.Assign) else []
        )
        if getattr(node, "name", None) in names or set(targets) & set(names):
            for each in ast.walk(node):
                if isinstance(each, ast.Constant) and re.fullmatch(r"[a-z]+(_[a-z]+)+", str(each.value)):
                    yield str(each.value)


USED = {
    *words_in(
        "intake/endings.py",
        *(
            "SEGMENTS_NOT_SUPPORTED",
            "EGRESS_ABORTED",
            "EGRESS_FAILED",
            "UPLOAD_FAILED",
            "NO_FILE",
        ),
    ),
    *words_in("intake/rooms.py", "EGRESS_UNFINISHED", "LATE_FOR_CALL"),
    *words_in("release.py", "reasons", "NOT_DESTROYED", "COPIES_LEFT"),
    *words_in("people.py", "BY_PERSON"),
    *words_in("api/problems.py", "_REASONS", "_http"),
    *(f"consent_{outcome}" for outcome in Outcome if outcome is not Outcome.SATISFIED),
    *words_in("consent/ending.py", "MARKED", "CUT", "BY_POLICY"),
    *OWED_FOR_AI.values(),
    *MEANINGS,
} - {"samples_in_cuts", "samples_outside_cuts", "packets_outside_cuts", "status_code"}
"""Every other reason, as the code has it; less the names of checks."""


@pytest.mark.parametrize("reason", sorted(USED))
def test_every_other_reason_is_told(reason: str) -> None:
    """What holds a recording, ends it, or answers a request without being an error has its row too."""
    assert reason in ROWS


def test_the_search_for_reasons_finds_them() -> None:
    """The words looked for are really read from the code."""
    assert {
        "several_files",
        "no_file",
        "residual_found",
        "speech_unread",
        "not_found",
        "working_copies_left",
    } <= USED


def test_no_reason_is_invented() -> None:
    """The page tells no reason that the code does not know."""
    source = "\n".join(path.read_text() for path in (ROOT / "compliance").rglob("*.py"))

    assert [r for r in ROWS if f'"{r}"' not in source and not r.startswith("consent_")] == []


def test_every_reason_has_a_meaning_on_the_command_line() -> None:
    """Whoever looks at a recording reads a sentence for each of its reasons."""
    of_errors = {each.reason for each in classes()}

    assert {word for word in USED if word not in of_errors | set(MEANINGS)} <= {
        "not_found",
        "method_not_allowed",
        "request_invalid",
    }


def test_every_route_is_told() -> None:
    """Each route of the API is in http.md with its method, and no other is."""
    routers = (
        consent.router,
        health.router,
        questions.router,
        recordings.router,
        reports.router,
        webhooks.router,
    )
    routes = {
        f"{method} {route.path}"
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in route.methods or ()
    }
    told = set(re.findall(r"^\| `((?:GET|POST|PUT|DELETE) [^`]+)`", (DOCS / "http.md").read_text(), re.M))

    assert told == routes


def test_every_filter_is_told() -> None:
    """Each parameter of a question is in the table of http.md, and no other is; each option is told, too."""
    page = (DOCS / "http.md").read_text()
    table = page.partition("## Questions")[2].partition("## ")[0]
    told = {name for row in re.findall(r"^\| (`.*?) \|", table, re.M) for name in re.findall(r"`(\w+)`", row)}

    assert told == {*FILTERS, *questions.OPTIONS}
    assert [
        f"--{name}" for name in FILTERS if f"--{name}" not in (DOCS / "audit-queries.md").read_text()
    ] == []
    assert [each for each in Purpose if page.count(f"`{each}`") == 0] == []


def commands() -> Iterator[tuple[str, set[str]]]:
    """Every command with its options."""
    group = typer.main.get_command(app)
    assert isinstance(group, Root)
    for entry in group.entries:
        loaded = entry.load()
        yield from _commands(entry.name, loaded)


def _commands(name: str, command: object) -> Iterator[tuple[str, set[str]]]:
    """A command, or those of its group, however deep."""
    if isinstance(command, TyperGroup):
        for each, inner in command.commands.items():
            yield from _commands(f"{name} {each}", inner)
    else:
        yield name, _options(command)


def _options(command: object) -> set[str]:
    params = getattr(command, "params", [])
    named = [option for each in params for option in (*each.opts, *each.secondary_opts)]
    return {option for option in named if option.startswith("--")} - {"--help"}


def test_every_command_is_told() -> None:
    """Each command is in commands.md with its options, and no other is."""
    told = {
        name: set(re.findall(r"`(--[a-z-]+)`", options))
        for name, options in re.findall(
            r"^\| `compliance ([a-z -]+)` \|.*\|([^|]*)\|$", (DOCS / "commands.md").read_text(), re.M
        )
    }

    assert told == dict(commands())
    assert len({name.split()[0] for name in told}) == len(_COMMANDS)


def shown() -> Iterator[tuple[str, str]]:
    """Every command line that a document shows, in a block or between backticks."""
    for page in PAGES:
        text = page.read_text()
        lines = re.findall(r"^ {4}(?:\S+=\S+ )*(compliance [a-z].*)$", text, re.M)
        for line in (*lines, *re.findall(r"`(compliance [a-z][^`]*)`", text)):
            yield str(page.relative_to(ROOT)), re.sub(r"\s+(#|   ).*", "", line)


def test_every_command_line_that_is_shown_can_be_typed() -> None:
    """Whatever a document tells to type is a command, and its options are the command's."""
    known = dict(commands())
    groups = {name.split()[0] for name in known if " " in name}
    lines = sorted(set(shown()))
    wrong = []
    for page, line in lines:
        words = line.split()[1:]
        names = [" ".join(words[:n]) for n in (3, 2, 1)]
        name = next((each for each in names if each in known), names[-2] if words[0] in groups else words[0])
        options = {each.partition("=")[0] for each in re.findall(r"--[a-z][a-z-]*", line)} - {"--help"}
        is_group = words[0] in groups and len(words) == 1
        if not is_group and (name not in known or not options <= known[name]):
            wrong.append((page, line))

    assert wrong == []
    assert len(lines) > 20


def test_every_target_that_is_shown_is_there() -> None:
    """Whatever a document tells to make, the Makefile makes."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    told = {t for page in PAGES for t in re.findall(r"(?:^ {4}|`)make ([a-z]+)", page.read_text(), re.M)}

    assert told <= targets
    assert {"demo", "test"} <= told


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_told(name: str) -> None:
    """Each setting is in settings.md by its variable."""
    assert f"`COMPLIANCE_{name.upper()}`" in (DOCS / "settings.md").read_text()


def test_no_setting_is_invented() -> None:
    """No document, example or cluster file names a setting that is not there."""
    files = [*DOCS.rglob("*.md"), *ROOT.glob("*.md"), ROOT / ".env.example", ROOT / "docker-compose.yml"]
    named = {
        (path.name, name)
        for path in files
        for name in re.findall(r"\bCOMPLIANCE_[A-Z0-9_]*[A-Z0-9]\b", path.read_text())
    }
    known = {f"COMPLIANCE_{name.upper()}" for name in Settings.model_fields}

    assert sorted(pair for pair in named if pair[1] not in known) == []


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_is_told(kind: EventKind) -> None:
    """Each kind of event is in events.md."""
    assert str(kind) in (DOCS / "events.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Whatever a document links to inside this repository is there."""
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
    local = [each for each in targets if "://" not in each and not each.startswith("mailto:")]

    assert [each for each in local if not (page.parent / each).exists()] == []


def test_every_document_is_in_the_index() -> None:
    """docs/README.md leads to every page, and docs/decisions/README.md to every decision."""
    index = (DOCS / "README.md").read_text()
    decisions = (DOCS / "decisions" / "README.md").read_text()

    assert [p.name for p in DOCS.glob("*.md") if p.name != "README.md" and f"({p.name})" not in index] == []
    assert [p.name for p in (DOCS / "decisions").glob("0*.md") if f"({p.name})" not in decisions] == []


def test_the_invariants_name_tests_that_are_there() -> None:
    """Each test by which architecture.md guards an invariant exists."""
    named = re.findall(r"`(tests/[a-z_/]+\.py)(?:::([a-z_]+))?`", (DOCS / "architecture.md").read_text())

    assert len(named) >= 13
    for file, test in named:
        assert (ROOT / file).is_file(), file
        assert not test or f"def {test}" in (ROOT / file).read_text(), test

"""The command line as a whole: what it lists, how quickly, and what an error looks like."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from compliance import __version__
from compliance.cli import main as root
from compliance.cli.main import Root, app, main
from compliance.errors import ComplianceError, ModelMissing, SettingInvalid

HEAVY = ("av", "faster_whisper", "numpy", "presidio_analyzer", "pydantic", "spacy", "sqlalchemy", "uvicorn")


def ended(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit code of the program with these arguments."""
    monkeypatch.setattr(sys, "argv", ["compliance", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    """The exit code of a program whose command raises."""

    def command(**_: object) -> None:
        raise error

    monkeypatch.setattr(root, "app", command)
    return ended(monkeypatch)


def test_help_names_every_command_with_what_it_does() -> None:
    """--help lists all commands in panels, an example of use, and the exit codes."""
    shown = CliRunner().invoke(app, ["--help"], terminal_width=160).output

    assert all(entry.name in shown and entry.panel in shown for entry in Root.entries)
    assert "compliance process call.ogg" in shown
    assert "3 held" in shown


def test_help_imports_nothing_heavy() -> None:
    """--help is quick because the modules of commands are left alone until one is called."""
    program = (
        "import sys\nfrom compliance.cli.main import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([each for each in {HEAVY!r} if each in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)

    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("entry", Root.entries, ids=lambda each: each.name)
def test_every_command_is_there_and_explains_itself(entry) -> None:
    """What is listed can be called, and its own help is more than a name."""
    command = entry.load()

    assert command.name == entry.name
    assert len(command.help or "") > 20


def test_a_mistyped_command_is_answered_with_the_nearest(monkeypatch, capsys) -> None:
    """A slip of the finger gets a suggestion and exit code 2."""
    assert ended(monkeypatch, "recordigns") == 2
    assert "recordings" in capsys.readouterr().err


def test_the_version_is_told(monkeypatch, capsys) -> None:
    """--version prints it and ends well."""
    assert ended(monkeypatch, "--version") == 0
    assert capsys.readouterr().out.strip() == f"compliance {__version__}"


def test_an_error_of_ours_is_one_line_with_its_reason(monkeypatch, capsys) -> None:
    """What went wrong and the stable word, on stderr, and the error's own exit code."""
    assert ended(monkeypatch, "policy", "show", "XX") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert said.err.endswith("[argument_invalid]\n")


@pytest.mark.parametrize(
    ("error", "code", "hint"),
    [(ModelMissing("no weights"), 1, "compliance doctor"), (SettingInvalid("x"), 2, "compliance settings")],
)
def test_what_the_operator_can_mend_comes_with_a_hint(monkeypatch, capsys, error, code, hint) -> None:
    """After the error stands where to look next."""
    assert failing(monkeypatch, error) == code
    assert hint in capsys.readouterr().err.splitlines()[1]


def test_an_unforeseen_error_tells_type_and_place_only(monkeypatch, capsys) -> None:
    """Its message stays unsaid, since it may hold what was spoken."""
    assert failing(monkeypatch, ValueError("my card is 4539 1488")) == 1
    said = capsys.readouterr().err
    assert "ValueError at test_cli_main.py:" in said
    assert "4539" not in said


def test_a_terminal_obeys_nothing_in_an_error(monkeypatch, capsys) -> None:
    """Control characters from a file's name are shown, not sent."""
    failing(monkeypatch, ComplianceError("call\x1b[2J\x07.ogg\nerror: forged"))
    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert "\x07" not in said
    assert said.count("\n") == 1


def test_interruption_has_its_own_exit_code(monkeypatch) -> None:
    """Ctrl-C ends with 130, as shells expect."""
    assert failing(monkeypatch, KeyboardInterrupt()) == 130

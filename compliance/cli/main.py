"""``compliance``: the commands, and what becomes of an error that reaches the top."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from compliance import __version__
from compliance.cli.lazy import Entry, LazyGroup
from compliance.errors import ComplianceError, SettingInvalid, SetupError

INTERRUPTED = 130

USE, PEOPLE, LAW, RUN = "Try it", "Recordings and evidence", "The law and the rules", "Running it"
_COMMANDS = (
    ("demo", "demo", USE, "Watch a sample call go from LiveKit's webhook to a redacted file."),
    ("process", "process", USE, "Redact one recording here and now, with no server."),
    ("eval", "evaluate", USE, "Score the pipeline on calls whose truth is known."),
    ("detect", "detect", USE, "Find what must not be kept in text or in a transcript."),
    ("recordings", "app", PEOPLE, "List recordings, see why one is held, and decide."),
    ("evidence", "app", PEOPLE, "Hand recordings to others with proof, and check such proof."),
    ("audit", "app", PEOPLE, "Check the audit log, look into it, and report from it."),
    ("retention", "app", PEOPLE, "Say what is kept until when, and destroy what is due."),
    ("consent", "app", LAW, "Say which law applies to a call, and why; judge stored calls anew."),
    ("policy", "app", LAW, "Check the policy files, and show the rules in them."),
    ("serve", "serve", RUN, "Serve LiveKit's webhooks and the query API."),
    ("worker", "worker", RUN, "Run the stages that come through a broker."),
    ("token", "app", RUN, "Create, list and revoke the tokens of the HTTP API."),
    ("models", "app", RUN, "Fetch, list and check the weights for speech and detection."),
    ("settings", "settings", RUN, "List every setting with its meaning and its value here."),
    ("doctor", "doctor", RUN, "Say what is here, what is missing, and how to get it."),
)
"""Each command's name, which is its module's; what in the module it is; its panel; and what it does."""

HELP = """
Redacts recordings of calls, judges whether they were lawful to make, and keeps an audit log that \
nobody can quietly change.

It stands behind LiveKit: each recorded call is fetched, read, cleared of card numbers, names and \
whatever else must not be kept, listened to again, and released, or held for a person to decide.
"""
EPILOG = """
[bold]Examples[/]

\b
compliance demo                                    a sample call, start to end
compliance process call.ogg --caller +14155550142  one file, into ./<its id>/
compliance detect --turns --explain talk.txt       what would be cut, and why
compliance recordings list --state held            what waits for a person
compliance audit verify                            whether the log is whole

Every command answers [bold]--help[/]. Those with [bold]--json[/] print one document with a schema \
(docs/json.md). Settings are environment variables: [bold]compliance settings[/]. NO_COLOR is respected.

Exit codes: 0 done · 1 failure · 2 bad input · 3 held for a person · 4 destroyed · 130 interrupted.
"""


class Root(LazyGroup):
    """Every command there is."""

    entries = tuple(
        Entry(name=name, place=f"compliance.cli.{name}:{attribute}", panel=panel, summary=summary)
        for name, attribute, panel, summary in _COMMANDS
    )


app = typer.Typer(
    cls=Root,
    help=HELP,
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(is_asked: bool) -> None:
    """Print the version and end."""
    if is_asked:
        typer.echo(f"compliance {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Stands for the options before the command."""


def main() -> None:
    """Run the command line; an error is one line on stderr and its exit code.

    Of an error that is not ours only type and place are told: its message may
    hold what was said.
    """
    os.umask(0o077)  # before anything is made: a home's parents are nobody else's to read either
    try:
        app(prog_name="compliance")
    except ComplianceError as error:
        _end(f"error: {error} [{error.reason}]", error.exit_code, hint(error))
    except KeyboardInterrupt:
        _end("interrupted", INTERRUPTED)
    except Exception as error:
        _end(f"error: unexpected {type(error).__name__} at {place(error)} [{ComplianceError.reason}]", 1)


def hint(error: ComplianceError) -> str:
    """What to do next, where something is known to help."""
    if isinstance(error, SettingInvalid):
        return "compliance settings lists every setting"
    return "compliance doctor says what is missing and how to get it" if isinstance(error, SetupError) else ""


def place(error: BaseException) -> str:
    """File and line at which an error was raised."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "unknown"


def _end(line: str, code: int, advice: str = "") -> None:
    """Say it on stderr, with nothing in it that a terminal would obey, and end."""
    for each in filter(None, (line, advice and f"hint: {advice}")):
        shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in each)
        sys.stderr.write(f"{shown}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()

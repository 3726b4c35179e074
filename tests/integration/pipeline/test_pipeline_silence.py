"""What was said stays in the vault: not in a log line, an event, an error, a message or a file name."""

from __future__ import annotations

import io
import json
import logging
import traceback
from collections.abc import Callable, Iterator, Sequence

import pytest
from fakecall import CALLER, NAME, RATE, SECRETS, STREET, USER, FakeEngines, said, sound

from compliance.byhand import Order, process
from compliance.errors import ComplianceError, StorageUnavailable
from compliance.parts import Parts
from compliance.records import State
from compliance.redact.detect.document import Document, Recognised
from compliance.release import MANIFEST
from compliance.results import manifest_of
from compliance.store import events
from compliance.store.recordings import RecordingRow
from compliance.transcribe.heard import Heard
from compliance.transcribe.windows import Window

TELLING = (*SECRETS, "porcupine", "goodbye", STREET[0], CALLER, CALLER[1:])
"""Words of the call and of the file's name that nothing else has a reason to use."""


@pytest.fixture
def lines(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Everything that any logger writes at any level, with tracebacks, and all of stdout and stderr."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s %(args)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lambda: written.getvalue() + "".join(capfd.readouterr())
    root.removeHandler(handler)
    root.setLevel(level)


def leaked(text: str, words: Sequence[str] = TELLING) -> list[str]:
    """The words of the call that are in a text, as words of their own."""
    known = {"".join(c for c in each if c.isalnum()) for each in text.lower().replace("_", " ").split()}
    return [word for word in words if word in known or (len(word) > 5 and word in text.lower())]


def trail(parts: Parts, row: RecordingRow) -> str:
    """The bytes of every event of a recording."""
    with parts.database.read() as connection:
        return "\n".join(bytes(each.body).decode() for each in events.of_recording(connection, row.id))


def texts(parts: Parts, row: RecordingRow) -> dict[str, str]:
    """The released files that are text."""
    names = [
        name
        for name in parts.outputs.names(f"{row.id}/")
        if not name.rpartition("/")[2].startswith("redacted")
    ]
    return {name.rpartition("/")[2]: b"".join(parts.outputs.open(name)).decode() for name in names}


@pytest.mark.parametrize("text", ["a four.", "name=Quillon", "/tmp/marzipan_boulevard.wav", "+14155550142"])
def test_a_leak_would_be_seen(text: str) -> None:
    """The search by which the others are judged finds a word of the call wherever it stands."""
    assert leaked(text)
    assert not leaked("stage transcribe of rec_0f1e is done; one-party; 4 cuts of 41 s")


@pytest.mark.parametrize("kind", ["wav", "ogg"])
def test_a_whole_run_says_nothing(
    parts: Parts, order: Callable[..., Order], lines: Callable[[], str], kind: str
) -> None:
    """A recording is released, and no log line or event holds a word of it, its file's name or a number."""
    row = process(parts, order(kind=kind), USER)

    assert (row.state, row.reasons) == (State.RELEASED, ()), manifest_of(parts, row)
    assert leaked(lines()) == []
    assert leaked(trail(parts, row)) == []
    assert leaked(repr(row) + repr(parts)) == []


def test_what_was_removed_is_in_no_file(parts: Parts, order: Callable[..., Order]) -> None:
    """Transcript, captions and manifest hold the words that were kept, and none that was removed."""
    row = process(parts, order(), USER)
    files = texts(parts, row)

    assert set(files) == {MANIFEST, "transcript.json", "transcript.txt", "transcript.vtt", "transcript.srt"}
    assert all(leaked(text, SECRETS) == [] for text in files.values())
    assert all("porcupine" in text for name, text in files.items() if name != MANIFEST)
    assert json.loads(files[MANIFEST])["release"]["decision"] == "released"


def test_nothing_lies_in_clear_outside_the_outputs(parts: Parts, order: Callable[..., Order]) -> None:
    """In the whole home folder no file's name or bytes hold a word of the call, its outputs apart."""
    row = process(parts, order(), USER)
    files = [path for path in parts.settings.home.rglob("*") if path.is_file()]

    assert [p for p in files if leaked(str(p.relative_to(parts.settings.home)))] == []
    telling = [word.encode() for word in TELLING if len(word) > 5]
    others = [p for p in files if parts.home.outputs not in p.parents]
    assert [p for p in others if any(word in p.read_bytes() for word in telling)] == []
    assert row.state is State.RELEASED


def test_what_was_cut_is_in_no_file_as_sound(parts: Parts, order: Callable[..., Order]) -> None:
    """After the run no file, the released one included, holds the samples of a name that was said."""
    spoken = next(word for word in said() if word.text == NAME[0])
    first, last = ((spoken.start_ms + n) * RATE // 1000 for n in (60, 160))
    name = (sound()[:, first:last].T * 32_767).astype("<i2").tobytes()
    given = order()
    process(parts, given, USER)
    files = [path for path in parts.settings.home.rglob("*") if path.is_file()]

    assert name in given.path.read_bytes()
    assert [path for path in files if name in path.read_bytes()] == []


class Babbling:
    """A recogniser or runner whose error tells what was said."""

    batch_size = 4

    def __init__(self, error: Callable[[str], Exception]) -> None:
        """``error`` is made from the words."""
        self._error = error

    def read(self, windows: Sequence[Window]) -> list[Heard]:
        """Fails."""
        raise self._error(" ".join(SECRETS) + " porcupine")

    def voiced(self, samples: object) -> tuple[()]:
        """Nothing."""
        return ()

    def recognise(self, document: Document) -> list[Recognised]:
        """Fails."""
        raise self._error(document.text)


@pytest.mark.parametrize("part", ["recogniser", "runner"])
@pytest.mark.parametrize("error", [RuntimeError, ValueError, KeyError, UnicodeError, OSError])
def test_an_error_that_babbles_is_not_repeated(
    parts: Parts,
    engines: FakeEngines,
    order: Callable[..., Order],
    lines: Callable[[], str],
    part: str,
    error: type[Exception],
) -> None:
    """Of an error that is not ours type and place are told, never its text: it may hold what was said."""
    engines.__dict__[part] = Babbling(error)
    row = process(parts, order(), USER)
    told = lines()

    assert (row.state, row.reasons) == (State.HELD, ("internal_error",))
    assert error.__name__ in told
    assert leaked(told) == []
    assert leaked(trail(parts, row)) == []


def test_a_held_recording_says_nothing(
    parts: Parts, order: Callable[..., Order], lines: Callable[[], str]
) -> None:
    """A call without notice is held, and neither log nor events tell what was said in it."""
    silent_agent = sound()
    silent_agent[0] = 0
    row = process(parts, order(samples=silent_agent), USER)

    assert row.state is State.HELD
    assert "consent_missing" in row.reasons
    assert leaked(lines()) == []
    assert leaked(trail(parts, row)) == []


def test_our_errors_say_nothing(parts: Parts, order: Callable[..., Order], tmp_path: object) -> None:
    """A file that is refused is named by its reason; the error's text and traceback hold nothing of it."""
    given = order()
    given.path.write_bytes(b"porcupine " * 100)
    row_or_error: str
    try:
        row_or_error = repr(process(parts, given, USER))
    except ComplianceError as error:
        row_or_error = "".join(traceback.format_exception(error))

    assert "porcupine" not in row_or_error


def test_a_try_again_says_nothing(
    parts: Parts, engines: FakeEngines, order: Callable[..., Order], lines: Callable[[], str]
) -> None:
    """Trouble that passes is tried again, and once it does not pass the recording is held by its reason."""
    engines.__dict__["recogniser"] = Babbling(lambda _: StorageUnavailable("the bucket did not answer"))
    row = process(parts, order(), USER)

    assert (row.state, row.reasons) == (State.HELD, ("storage_unavailable",))
    assert leaked(lines() + trail(parts, row)) == []

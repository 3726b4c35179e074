"""What becomes of an original, whatever its profile says.

Codes and PINs outlive no run; everything else a legal hold keeps.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from compliance.audit import canonical, log
from compliance.audit.events import EventKind
from compliance.records import Originals, RecordingId
from compliance.redact.profile import SENSITIVE_AUTHENTICATION_DATA
from compliance.run import Run, event_of
from compliance.store import events, holds
from compliance.store.recordings import RecordingRow

HOLD = "legal_hold"
PCI = "pci-authentication-data"
"""The clock of ``retention.yaml`` that nothing stops."""


def held_authentication_data(run: Run) -> bool:
    """Whether a card verification code or a PIN was ever found in the recording, by its events.

    The log is asked and not the vault: it still knows when the findings are gone.
    """
    with run.parts.database.read() as connection:
        return found_authentication_data(connection, run.id)


def found_authentication_data(connection: Connection, recording_id: RecordingId) -> bool:
    """As above, in a transaction of the caller's."""
    rows = events.of_recording(connection, recording_id)
    return any(_tells(row.body) for row in rows if row.kind == EventKind.DETECTION_RUN)


def _tells(body: bytes) -> bool:
    findings = _fields(body)["findings"]
    return any(findings.get(each) for each in SENSITIVE_AUTHENTICATION_DATA)


def _fields(body: bytes) -> dict[str, Any]:
    told: dict[str, Any] = dict(canonical.decode(body))
    return dict(told["fields"])


def source_digests(connection: Connection, row: RecordingRow) -> dict[str, list[str]]:
    """The digests of a recording's originals as events tell them; nothing where none was ever taken in.

    The log knows them all; the table has room for the first of them.
    """
    rows = events.of_recording(connection, row.id)
    told = [_fields(each.body) for each in rows if each.kind == EventKind.RECORDING_INGESTED]
    own = [row.source_sha256] if row.source_sha256 else []
    found: list[str] = told[-1]["source_sha256"] if told else own
    return {"source_sha256": list(found)} if found else {}


def fate(run: Run) -> Originals:
    """What becomes of the original once the redacted recording is verified.

    Of a recording with a code or a PIN it is destroyed, under every profile:
    they must not be kept after authorisation, even encrypted (PCI DSS v4.0.1, 3.3.1).
    """
    return Originals.DESTROY if held_authentication_data(run) else run.profile.originals


def is_under_hold(run: Run) -> bool:
    """Whether a legal hold forbids that anything of it be destroyed."""
    with run.parts.database.read() as connection:
        return bool(holds.of_recording(connection, run.id))


def tell_overruled(run: Run, thing: str) -> None:
    """Put on record, once, that codes and PINs had to go although a legal hold was on the recording."""
    key = f"{thing}:{HOLD}:{PCI}"
    told = event_of(
        run.parts,
        run.id,
        EventKind.RETENTION_CONFLICT,
        key,
        thing=thing,
        between=[HOLD, PCI],
        decided="destroyed",
    )
    with run.parts.database.begin() as connection:
        log.record(connection, told)

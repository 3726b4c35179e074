"""The door for retention.yaml and vendors.yaml: loaded strictly, each fault with file and line."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from compliance.consent.law import Confidence
from compliance.duties.periods import Period, period
from compliance.duties.retention import Clock, Retention, Thing
from compliance.duties.vendors import Agreement, Handles, Vendor, Vendors
from compliance.errors import PolicyInvalid
from compliance.records import PolicyRef
from compliance.yaml_file import Door, Fault, read

RETENTION: Final = "retention.yaml"
VENDORS: Final = "vendors.yaml"
_MISSING: Final = "0" * 64
"""The digest of a file that is not there."""


def _is_period(text: str) -> str:
    period(text)
    return text


Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
Text = Annotated[str, Field(min_length=3, max_length=500)]
PeriodText = Annotated[str, AfterValidator(_is_period)]
Pattern = Annotated[str, Field(pattern=r"^[a-z*][a-z0-9*-]{0,40}$")]


class ClockForm(Door):
    """One clock as it is written."""

    id: Id
    things: Annotated[tuple[Thing, ...], Field(min_length=1)]
    profiles: Annotated[tuple[Pattern, ...], Field(min_length=1)] = ("*",)
    least: PeriodText | None = None
    most: PeriodText | None = None
    citation: Text
    confidence: Confidence
    why: Text


class RetentionForm(Door):
    """retention.yaml."""

    schema_: Literal["compliance/retention/1"] = Field(alias="schema")
    as_of: date
    schedule: dict[Thing, PeriodText]
    clocks: tuple[ClockForm, ...]


class AgreementForm(Door):
    """A contract with a vendor."""

    kind: Literal["baa", "dpa"]
    since: date
    until: date
    reference: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,79}$")]


class VendorForm(Door):
    """One vendor."""

    id: Id
    name: Text
    does: Text
    handles: Annotated[tuple[Handles, ...], Field(min_length=1)]
    engaged_by: Id | None = None
    agreements: tuple[AgreementForm, ...] = ()


class VendorsForm(Door):
    """vendors.yaml."""

    schema_: Literal["compliance/vendors/1"] = Field(alias="schema")
    vendors: tuple[VendorForm, ...]


def load_retention(folder: Path) -> Retention:
    """The retention policy of a folder of policy files; without the file nothing expires by itself.

    Raises:
        PolicyInvalid: the file cannot be used; the message gives file and line.
    """
    body = _body(folder / RETENTION)
    if body is None:
        missing = PolicyRef(file=RETENTION, sha256=_MISSING)
        return Retention(as_of=date.min, schedule={}, clocks=(), ref=missing)
    return retention(body)


def retention(body: bytes) -> Retention:
    """The retention policy that a file's bytes describe."""
    form = read(RETENTION, body, RetentionForm, _retention_faults)
    return Retention(
        as_of=form.as_of,
        schedule={thing: period(text) for thing, text in form.schedule.items()},
        clocks=tuple(_clock(each) for each in form.clocks),
        ref=_ref(RETENTION, body),
    )


def load_vendors(folder: Path) -> Vendors:
    """The vendors of a folder of policy files; without the file there are none.

    Raises:
        PolicyInvalid: the file cannot be used; the message gives file and line.
    """
    body = _body(folder / VENDORS)
    return vendors(body) if body is not None else Vendors(vendors=(), ref=None)


def vendors(body: bytes) -> Vendors:
    """The vendors that a file's bytes describe."""
    form = read(VENDORS, body, VendorsForm, _vendor_faults)
    return Vendors(vendors=tuple(_vendor(each) for each in form.vendors), ref=_ref(VENDORS, body))


def _clock(form: ClockForm) -> Clock:
    return Clock(
        id=form.id,
        things=frozenset(form.things),
        profiles=form.profiles,
        least=_period(form.least),
        most=_period(form.most),
        citation=form.citation,
        confidence=form.confidence,
        why=form.why,
    )


def _vendor(form: VendorForm) -> Vendor:
    agreements = (
        Agreement(kind=each.kind, since=each.since, until=each.until, reference=each.reference)
        for each in form.agreements
    )
    return Vendor(
        id=form.id,
        name=form.name,
        does=form.does,
        handles=frozenset(form.handles),
        engaged_by=form.engaged_by,
        agreements=tuple(agreements),
    )


def _period(text: str | None) -> Period | None:
    return None if text is None else period(text)


def _retention_faults(form: RetentionForm) -> Iterator[Fault]:
    """What is right by itself and wrong beside the rest."""
    for n, each in enumerate(form.clocks):
        if (each.least is None) == (each.most is None):
            yield ("clocks", n), "must say either least or most"
        elif "forever" in (each.least, each.most):
            yield ("clocks", n), "a rule that never ends is no clock: leave it out, or keep the thing forever"
    yield from _twice("clocks", [each.id for each in form.clocks])


def _vendor_faults(form: VendorsForm) -> Iterator[Fault]:
    ids = [each.id for each in form.vendors]
    for n, each in enumerate(form.vendors):
        if each.engaged_by is not None and each.engaged_by not in ids:
            yield ("vendors", n, "engaged_by"), "names no vendor of this file"
        if each.engaged_by == each.id:
            yield ("vendors", n, "engaged_by"), "a vendor cannot engage itself"
        for m, agreement in enumerate(each.agreements):
            if agreement.until < agreement.since:
                yield ("vendors", n, "agreements", m), "ends before it begins"
    yield from _twice("vendors", ids)


def _twice(name: str, ids: list[str]) -> Iterator[Fault]:
    counts = Counter(ids)
    yield from (((name, n, "id"), "the id stands twice") for n, each in enumerate(ids) if counts[each] > 1)


def _body(path: Path) -> bytes | None:
    """The file's bytes; None if there is none.

    Raises:
        PolicyInvalid: it is there and cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PolicyInvalid(f"{path.name}, line 1: cannot be read") from error


def _ref(name: str, body: bytes) -> PolicyRef:
    return PolicyRef(file=name, sha256=hashlib.sha256(body).hexdigest())

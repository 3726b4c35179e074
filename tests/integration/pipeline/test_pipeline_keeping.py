"""Legal holds, retention and erasure over whole recordings; codes and PINs outlive no run."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from fakecall import CALLER, KINDS, NAME, USER, FakeEngines, sound

from compliance import embedded, tidy
from compliance.audit.keyring import trusted
from compliance.audit.verify import verify
from compliance.bootstrap import build
from compliance.byhand import Order, process
from compliance.duties import files
from compliance.duties.retention import Retention
from compliance.errors import DutyToKeep, IndividualUnknown, StateConflict, UnderHold
from compliance.intake.fetch import SOURCE
from compliance.keeping import erase, holds
from compliance.keeping.carry import carry_out
from compliance.keeping.plan import Standing, plan
from compliance.parts import Parts
from compliance.people import destroy_held, release_held
from compliance.pipeline import run_all
from compliance.records import Act, Entity, Outcome, RecordingId, Stage, State
from compliance.redact.detect.fake import FakeRunner
from compliance.store import events, individuals, payloads, recordings
from compliance.store.debts import DebtRow
from compliance.store.recordings import RecordingRow

WHY = "the caller wrote to us"
MATTER = "Quillon v. Northwind"
DAY_MS = 86_400_000


def kinds(parts: Parts, recording_id: str | None) -> Counter[str]:
    """How often each kind of event is told of a recording; with None of none in particular."""
    with parts.database.read() as connection:
        rows = events.page(connection, limit=1000)
    return Counter(row.kind for row in rows if row.recording_id == recording_id)


def now(parts: Parts, recording_id: str) -> RecordingRow:
    """The recording as it stands."""
    with parts.database.read() as connection:
        return recordings.get(connection, recording_id)


def policy(period: str, clock: str = "") -> Retention:
    """A policy under which every output goes after a period."""
    things = "".join(f"  {each}: {period}\n" for each in ("redacted_recording", "transcript", "manifest"))
    body = f"schema: compliance/retention/1\nas_of: 2026-01-01\nschedule:\n{things}clocks: [{clock}]\n"
    return files.retention(body.encode())


def later(parts: Parts, days: int, kept: Retention) -> Parts:
    """The deployment some days later, under a policy."""
    return replace(parts, now_ms=lambda: parts.now_ms() + days * DAY_MS, retention=kept)


def outputs(parts: Parts, recording_id: str) -> list[str]:
    """The names of what was released."""
    return sorted(each.partition("/")[2] for each in parts.outputs.names(f"{recording_id}/"))


class TestCodes:
    """Card verification codes and PINs never outlive the run."""

    @pytest.fixture
    def coded(self, engines: FakeEngines) -> Callable[[Entity], None]:
        """Lets the digits of the call be a code."""

        def make(entity: Entity) -> None:
            engines.__dict__["runner"] = FakeRunner(dict(KINDS) | {"one": entity})

        return make

    @pytest.mark.parametrize("entity", [Entity.CARD_VERIFICATION_CODE, Entity.PIN])
    @pytest.mark.parametrize("profile", ["default", "gdpr", "hipaa-safe-harbor", "numbers-only", "pci"])
    @pytest.mark.parametrize("is_held", [True, False])
    def test_neither_original_nor_raw_words_stay(
        self,
        parts: Parts,
        order: Callable[..., Order],
        coded: Callable[[Entity], None],
        profile: str,
        entity: Entity,
        is_held: bool,
    ) -> None:
        """Under every profile, held or released, only what they were cut from is left."""
        coded(entity)
        samples = sound()
        if is_held:
            samples[0] = 0
        row = process(parts, order(profile=profile, samples=samples), USER)
        left = parts.vault.names(row.id)

        assert row.state is (State.HELD if is_held else State.RELEASED)
        assert SOURCE not in left
        assert not [name for name in left if name in {f"{stage}.json" for stage in Stage}]

    def test_a_legal_hold_does_not_keep_them(
        self, parts: Parts, order: Callable[..., Order], coded: Callable[[Entity], None]
    ) -> None:
        """Placed before the run ends, a hold keeps the redacted form, and the conflict is told."""
        coded(Entity.CARD_VERIFICATION_CODE)
        samples = sound()
        samples[0] = 0
        row = process(parts, order(samples=samples), USER, last=Stage.CONSENT)
        holds.place(parts, row.id, MATTER, USER)
        run_all(parts, row.id, Stage.REDACT)
        tidy.pay(parts, row.id)

        assert now(parts, row.id).state is State.HELD
        assert SOURCE not in parts.vault.names(row.id)
        assert kinds(parts, row.id)["retention.conflict"] == 1

    def test_without_one_a_held_call_keeps_its_original(
        self, parts: Parts, order: Callable[..., Order]
    ) -> None:
        """A card number alone is no such data: what is needed to try again waits in the vault."""
        samples = sound()
        samples[0] = 0
        row = process(parts, order(samples=samples), USER)

        assert SOURCE in parts.vault.names(row.id)


class TestHolds:
    """A legal hold beats every schedule, and every person but the one who ends it."""

    def test_nothing_is_destroyed_under_it(self, parts: Parts, order: Callable[..., Order]) -> None:
        """Neither by retention nor by a person; with its end what is due goes."""
        row = process(parts, order(), USER)
        holds.place(parts, row.id, MATTER, USER)
        after = later(parts, 31, policy("30 days"))
        carry_out(after)

        assert outputs(parts, row.id)
        assert {each.standing for each in plan(after)} == {Standing.LEGAL_HOLD}
        with pytest.raises(UnderHold):
            destroy_held(parts, row.id, USER, WHY)
        assert now(parts, row.id).state is State.RELEASED
        assert holds.end(parts, row.id, MATTER, USER, "settled") == 0
        carry_out(after)
        assert (now(parts, row.id).state, outputs(parts, row.id)) == (State.DESTROYED, [])

    def test_a_released_call_keeps_its_original_under_it(
        self, parts: Parts, order: Callable[..., Order]
    ) -> None:
        """Held by a court before a person releases it, the original stays until the hold ends."""
        samples = sound()
        samples[0] = 0
        row = process(parts, order(samples=samples), USER)
        holds.place(parts, row.id, MATTER, USER)
        release_held(parts, row.id, USER, WHY)

        assert SOURCE in parts.vault.names(row.id)
        holds.end(parts, row.id, MATTER, USER, "settled")
        assert tidy.pay(parts, row.id)
        assert SOURCE not in parts.vault.names(row.id)

    def test_matters_hold_apart_and_once(self, parts: Parts, order: Callable[..., Order]) -> None:
        """Two matters are two holds; the same one twice is one; a strange one ends nothing."""
        row = process(parts, order(), USER)
        first = holds.place(parts, row.id, MATTER, USER)

        assert holds.place(parts, row.id, f" {MATTER} ", USER) == first
        holds.place(parts, row.id, "Vexley v. Northwind", USER)
        with pytest.raises(StateConflict):
            holds.end(parts, row.id, "nobody v. nobody", USER, WHY)
        assert holds.end(parts, row.id, MATTER, USER, WHY) == 1
        assert [each.matter for each in holds.in_force(parts, row.id)] == ["Vexley v. Northwind"]
        assert kinds(parts, row.id)["legal_hold.placed"] == 2

    def test_a_matter_stands_nowhere_in_clear(self, parts: Parts, order: Callable[..., Order]) -> None:
        """Its name is sealed: no file of the home folder holds it."""
        holds.place(parts, process(parts, order(), USER).id, MATTER, USER)
        files_ = [path for path in parts.settings.home.rglob("*") if path.is_file()]

        assert [path for path in files_ if MATTER.encode() in path.read_bytes()] == []

    def test_what_is_gone_cannot_be_held(self, parts: Parts, order: Callable[..., Order]) -> None:
        """A destroyed recording is refused."""
        row = process(parts, order(), USER)
        destroy_held(parts, row.id, USER, WHY)
        with pytest.raises(StateConflict):
            holds.place(parts, row.id, MATTER, USER)

    def test_the_policy_on_consent_destroys_nothing_under_it(
        self, parts: Parts, order: Callable[..., Order]
    ) -> None:
        """A call that is to be destroyed for want of consent is held instead, with both reasons."""
        samples = sound()
        samples[0] = 0
        recording = {**parts.orders.recording, Outcome.MISSING: (Act.DESTROY,)}
        strict = replace(parts, orders=replace(parts.orders, recording=recording, one_party={}))
        free, row = (process(strict, order(samples=samples), USER, last=Stage.VERIFY) for _ in range(2))
        holds.place(parts, row.id, MATTER, USER)
        for each in (free, row):
            run_all(strict, each.id, Stage.RELEASE)

        assert now(parts, free.id).state is State.DESTROYED
        assert now(parts, row.id).state is State.HELD
        assert now(parts, row.id).reasons[0] == "legal_hold"
        assert SOURCE in parts.vault.names(row.id)


class TestRetention:
    """What is due goes, once, with its event; what is not stays."""

    def test_each_thing_goes_by_its_own_clock(self, parts: Parts, order: Callable[..., Order]) -> None:
        """Transcripts are kept by a law for six years; the redacted recording goes, and is told."""
        row = process(parts, order(), USER)
        clock = (
            "{id: some-law, things: [transcript, manifest], least: 6 years,"
            " citation: a law, confidence: memory, why: test}"
        )
        after = later(parts, 31, policy("30 days", clock))

        assert carry_out(after) == 1
        assert carry_out(after) == 0
        assert "redacted.wav" not in outputs(parts, row.id)
        assert {"manifest.json", "transcript.txt"} <= set(outputs(parts, row.id))
        assert kinds(parts, row.id)["retention.expired"] == 1
        assert now(parts, row.id).state is State.RELEASED

    def test_before_its_time_nothing_goes(self, parts: Parts, order: Callable[..., Order]) -> None:
        """A day too early everything is there."""
        row = process(parts, order(), USER)
        before = outputs(parts, row.id)
        early = later(parts, 29, policy("30 days"))

        assert carry_out(early) == 0
        assert outputs(parts, row.id) == before
        assert {each.standing for each in plan(early)} == {Standing.WAITING}

    def test_a_contradiction_is_for_a_person(self, parts: Parts, order: Callable[..., Order]) -> None:
        """Must stay six years, may stay one: nothing goes, and it is told once."""
        row = process(parts, order(), USER)
        pair = [
            f"{{id: law-{n}, things: [transcript], {each}, citation: a law, confidence: memory, why: test}}"
            for n, each in enumerate(("least: 6 years", "most: 1 year"))
        ]
        after = later(parts, 800, policy("forever", ", ".join(pair)))
        for _ in range(2):
            assert carry_out(after) == 0

        assert "transcript.txt" in outputs(parts, row.id)
        assert kinds(parts, row.id)["retention.conflict"] == 1

    @pytest.mark.parametrize("stop", ["decided", "half"])
    def test_a_crash_loses_nothing(
        self, parts: Parts, order: Callable[..., Order], monkeypatch: pytest.MonkeyPatch, stop: str
    ) -> None:
        """Dead after the decision, or in its middle, the next round does the rest; each is told once."""
        row = process(parts, order(), USER)
        after = later(parts, 31, policy("30 days"))
        monkeypatch.setattr("compliance.keeping.carry._destroy", Dying(0 if stop == "decided" else 1))
        with pytest.raises(KeyboardInterrupt):
            carry_out(after)
        monkeypatch.undo()
        carry_out(after)

        assert (now(parts, row.id).state, outputs(parts, row.id)) == (State.DESTROYED, [])
        told = kinds(parts, row.id)
        assert told["retention.expired"] == 3
        assert told["recording.destroyed"] == told["payload.erased"] == 1

    def test_a_hold_stops_what_is_decided_and_not_yet_done(
        self, parts: Parts, order: Callable[..., Order], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Placed after the decision, while a store refuses or the process is down, it keeps everything."""
        row = process(parts, order(), USER)
        before = outputs(parts, row.id)
        after = later(parts, 31, policy("30 days"))
        monkeypatch.setattr("compliance.keeping.carry._destroy", Dying(0))
        with pytest.raises(KeyboardInterrupt):
            carry_out(after)
        monkeypatch.undo()

        holds.place(parts, row.id, MATTER, USER)
        assert carry_out(after) == 0
        assert outputs(parts, row.id) == before
        holds.end(parts, row.id, MATTER, USER, "the matter is settled")
        carry_out(after)
        assert outputs(parts, row.id) == []


class Dying:
    """Destroys so many things and then dies."""

    def __init__(self, count: int) -> None:
        """``count`` things are destroyed."""
        self._count = count

    def __call__(self, parts: Parts, debt: DebtRow) -> None:
        """One thing."""
        if self._count == 0:
            raise KeyboardInterrupt
        self._count -= 1
        for name in list(parts.outputs.names(f"{debt.recording_id}/")):
            if name.endswith(".wav"):
                parts.outputs.delete(name)


class TestErasure:
    """What leads to a person is destroyed, and the log still proves."""

    def test_a_person_is_found_and_forgotten(self, parts: Parts, order: Callable[..., Order]) -> None:
        """Both calls of the person go with their salt; afterwards nobody is found by that number."""
        ids = [process(parts, order(), USER).id for _ in range(2)]
        with parts.database.begin() as connection:
            person = individuals.known(connection, parts.key, CALLER)
        assert person is not None

        assert erase.erase_person(parts, CALLER, USER, WHY) == 0
        assert all(now(parts, each).state is State.DESTROYED for each in ids)
        assert all(now(parts, each).sealed is None for each in ids)
        assert all(outputs(parts, each) == [] for each in ids)
        with pytest.raises(IndividualUnknown):
            erase.erase_person(parts, CALLER, USER, WHY)
        assert kinds(parts, None)["payload.erased"] == 1

    def test_the_log_still_proves(self, parts: Parts, order: Callable[..., Order]) -> None:
        """After an erasure every event is whole, and what it commits to reads as erased."""
        row = process(parts, order(), USER)
        with parts.database.begin() as connection:
            kept = payloads.commit(connection, parts.key, {"name": NAME[0]}, now_ms=1, recording_id=row.id)
        sealing = build(parts.settings, seals=True)
        embedded.seal(sealing)
        erase.erase_recording(parts, row.id, USER, WHY)
        embedded.seal(sealing)
        with parts.database.read() as connection:
            report = verify(connection, trusted(connection, parts.pin))
            assert payloads.read(connection, parts.key, kept).text("name") == payloads.ERASED

        assert report.is_valid
        assert kinds(parts, row.id)["payload.erased"] == kinds(parts, row.id)["erasure.requested"] == 1

    def test_no_trace_of_the_salt_is_left_on_disk(self, parts: Parts, order: Callable[..., Order]) -> None:
        """The sealed salt is in no file of the home folder any more."""
        process(parts, order(), USER)
        with sqlite3.connect(parts.settings.home / "compliance.db") as database:
            salt = database.execute("SELECT salt FROM individuals").fetchone()[0]
        database.close()
        erase.erase_person(parts, CALLER, USER, WHY)
        files_ = [path for path in parts.settings.home.rglob("*") if path.is_file()]

        assert [path for path in files_ if salt[34:] in path.read_bytes()] == []

    def test_under_a_hold_it_waits_for_a_person(self, parts: Parts, order: Callable[..., Order]) -> None:
        """One of two calls is held: the other goes, the conflict is told; then the rest goes."""
        ids = [process(parts, order(), USER).id for _ in range(2)]
        holds.place(parts, ids[0], MATTER, USER)

        assert erase.erase_person(parts, CALLER, USER, WHY) == 1
        assert [now(parts, each).state for each in ids] == [State.RELEASED, State.DESTROYED]
        assert kinds(parts, ids[0])["retention.conflict"] == 1
        carry_out(parts)
        assert kinds(parts, ids[0])["retention.conflict"] == 1, "told once"
        holds.end(parts, ids[0], MATTER, USER, "settled")
        carry_out(parts)
        assert now(parts, ids[0]).state is State.DESTROYED
        assert kinds(parts, None)["payload.erased"] == 1

    def test_a_held_recording_is_not_erased(self, parts: Parts, order: Callable[..., Order]) -> None:
        """It is refused, and done when the hold ends."""
        row = process(parts, order(), USER)
        holds.place(parts, row.id, MATTER, USER)
        with pytest.raises(UnderHold):
            erase.erase_recording(parts, row.id, USER, WHY)
        assert outputs(parts, row.id)
        holds.end(parts, row.id, MATTER, USER, "settled")
        carry_out(parts)

        assert now(parts, row.id).state is State.DESTROYED
        assert kinds(parts, row.id)["erasure.requested"] == 1

    def test_disclosures_must_be_accounted_for(self, parts: Parts, order: Callable[..., Order]) -> None:
        """What HIPAA asks to be kept for six years stops an erasure, until a person says otherwise."""
        row = process(parts, order(), USER)
        with parts.database.begin() as connection:
            person = individuals.pseudonym(connection, parts.key, CALLER)
            payloads.commit(connection, parts.key, {}, now_ms=parts.now_ms(), individual=person)
        with pytest.raises(DutyToKeep):
            erase.erase_person(parts, CALLER, USER, WHY)
        carry_out(parts)
        assert now(parts, row.id).state is State.RELEASED
        assert kinds(parts, None)["retention.conflict"] == 1

        assert erase.erase_person(parts, CALLER, USER, WHY, despite_duties=True) == 0
        assert now(parts, row.id).state is State.DESTROYED

    def test_nothing_is_erased_of_a_stranger(self, parts: Parts, order: Callable[..., Order]) -> None:
        """A number that was never on a call is told so, and nothing changes."""
        row = process(parts, order(), USER)
        with pytest.raises(IndividualUnknown):
            erase.erase_person(parts, "+14155550199", USER, WHY)

        assert now(parts, row.id).state is State.RELEASED

    @pytest.mark.parametrize("place", ["tidy.pay", "store.erasing.empty"])
    def test_an_erasure_that_died_is_carried_on(
        self, parts: Parts, order: Callable[..., Order], monkeypatch: pytest.MonkeyPatch, place: str
    ) -> None:
        """Killed before or after the files are gone, the next round finishes it, once."""
        row = process(parts, order(), USER)

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(f"compliance.{place}", die)
        with pytest.raises(KeyboardInterrupt):
            erase.erase_person(parts, CALLER, USER, WHY)
        monkeypatch.undo()
        carry_out(parts)

        assert now(parts, RecordingId(row.id)).state is State.DESTROYED
        assert now(parts, row.id).sealed is None
        assert kinds(parts, None)["payload.erased"] == 1


def test_a_vendor_without_agreement_stops_health_information(
    parts: Parts, order: Callable[..., Order]
) -> None:
    """Under hipaa-safe-harbor the recording is held with the reason; under another profile it goes on."""
    lapsed = files.vendors(
        b"schema: compliance/vendors/1\nvendors:\n"
        b"  - {id: bucket-host, name: Example Inc., does: keeps recordings, handles: [phi]}\n"
    )
    stopped = replace(parts, vendors=lapsed)
    row = process(stopped, order(profile="hipaa-safe-harbor"), USER)

    assert (row.state, row.reasons) == (State.HELD, ("agreement_missing",))
    assert kinds(parts, row.id)["transcript.created"] == 0, "nothing was read"
    assert process(stopped, order(), USER).state is State.RELEASED

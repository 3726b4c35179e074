"""Events: the registry lists them, and nothing that was said gets into one."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from jsonschema import Draft202012Validator

from compliance.audit import canonical, document, registry
from compliance.audit.events import Actor, AuditEvent, EventKind, event
from compliance.audit.merkle import leaf_hash
from compliance.errors import AuditInvalid, EventInvalid
from compliance.records import Entity, Role
from compliance.schemas.check import faults

PIPELINE = Actor(type="service", id="pipeline", role="pipeline")
RECORDING = "rec_" + "0" * 32
DIGEST = "ab" * 32
DOCS = Path(__file__).parents[3] / "docs"
PACKAGE = Path(__file__).parents[3] / "compliance"
FIXTURES = Path(__file__).parents[2] / "fixtures" / "audit"


def detection(**changes: Any) -> AuditEvent:
    """A good event, or one with something changed."""
    given: dict[str, Any] = {
        "kind": EventKind.DETECTION_RUN,
        "recording_id": RECORDING,
        "key": "1",
        "occurred_at_ms": 1_700_000_000_000,
        "actor": PIPELINE,
        "findings": {Entity.CREDIT_CARD: 2},
        "output_sha256": DIGEST,
    }
    return event(**(given | changes))


def test_the_enum_comes_from_the_registry() -> None:
    """A kind is in the enum if, and only if, the registry has it; the file is what is written today."""
    assert [kind.value for kind in EventKind] == list(registry.kinds())
    assert (PACKAGE / "audit" / "kinds.py").read_text(encoding="utf-8") == document.kinds()


def test_the_contract_comes_from_the_registry() -> None:
    """The JSON Schema is what the registry gives today."""
    assert (PACKAGE / "schemas" / "event-1.json").read_text(encoding="utf-8") == document.contract_text()


EMITTED = {
    node.attr
    for path in [*PACKAGE.rglob("*.py"), *(PACKAGE.parent / "workers").rglob("*.py")]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.Attribute)
    if isinstance(node.value, ast.Name | ast.Attribute)
    if (node.value.id if isinstance(node.value, ast.Name) else node.value.attr) == "EventKind"
}
"""The members of the enum that the service's own code names."""


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_is_emitted_somewhere(kind: EventKind) -> None:
    """The registry lists no kind that nothing writes."""
    assert kind.name in EMITTED


def test_an_event_of_version_1_is_read_for_ever() -> None:
    """Bytes that an earlier version stored are read as they are, and have the digest they had."""
    body = (FIXTURES / "event-1.json").read_bytes()

    read = canonical.decode(body)

    assert leaf_hash(body).hex() == "5770cdabb3218b6d9d3cd4534a5c9e9e0e4f475f25b3499f9a0e1fa5c3edbb84"
    assert (read["schema"], read["kind"]) == ("compliance/event/1", "consent.evaluated")
    assert rfc8785.dumps(read) == body
    assert faults(read) == []


ADMITTED: dict[str, list[Any]] = {
    "word": ["all-party", "consent_late"],
    "words": [[], ["notice", "uid:0"]],
    "label": ["1.2.3", "egress_ended"],
    "id": ["ev_1", "t0123456789ab"],
    "ids": [[], ["ev_1", "rec_2"]],
    "digest": [DIGEST],
    "key": [DIGEST],
    "signature": [DIGEST * 2],
    "digests": [[], [DIGEST]],
    "refs": [{}, {"consent/us/ca.yaml": DIGEST}],
    "names": [[], ["consent/us/ca.yaml", "whisper-base", "lease_s"]],
    "count": [0, 2**53 - 1],
    "ms": [0],
    "offset": [-5, 0],
    "flag": [True],
    "spans": [[], [[None, 0, 5], [1, 5, 5]]],
    "jurisdiction": ["US-CA", "DE", "unknown"],
    "jurisdictions": [["US-CA"]],
    "stage": ["verify"],
    "consent": ["late"],
    "purpose": ["litigation"],
    "roles": [["agent", "unknown"]],
    "methods": [["tone"]],
    "entities": [{}, {"CREDIT_CARD": 1}],
}
REFUSED: dict[str, list[Any]] = {
    "word": ["he said so", "Upper", "", "a" * 81, "card4111111111111111", 1],
    "words": ["notice", ["he said so"], [1]],
    "label": ["he said so", "4111 1111 1111", ""],
    "id": ["4155550123", "John Smith", "+14155550123", "a" * 81, 7],
    "ids": ["ev_1", ["4155550123"], [7]],
    "digest": ["AB" * 32, "ab" * 31, 5],
    "key": ["AB" * 32, "ab" * 31, 5],
    "signature": [DIGEST, "AB" * 64, 5],
    "digests": [DIGEST, ["ab"]],
    "refs": [[], {"../outside.yaml": DIGEST}, {"a.yaml": "ab"}, {"a b": DIGEST}],
    "names": [["../outside.yaml"], ["a b"], "a"],
    "count": [-1, 1.5, True, 2**53, "3"],
    "ms": [-1, "now"],
    "offset": [1.5, 2**53],
    "flag": [1, "true"],
    "spans": [[[0, 1]], [[0, 1, 2, 3]], [["a", 1, 2]], [[0, -1, 2]]],
    "jurisdiction": ["California", "us-ca"],
    "jurisdictions": [["California"], "US-CA"],
    "stage": ["guessing"],
    "consent": ["perhaps"],
    "purpose": ["curiosity"],
    "roles": [["the manager"], "agent"],
    "methods": [["beep"]],
    "entities": [{"SECRET": 1}, {"CREDIT_CARD": -1}, []],
}


@pytest.mark.parametrize("name", registry.TYPES)
def test_the_contract_and_the_check_of_a_type_agree(name: str) -> None:
    """What the service admits keeps the JSON Schema, and what it refuses breaks it."""
    kind = registry.TYPES[name]
    validator = Draft202012Validator(dict(kind.schema))
    for value in ADMITTED[name]:
        assert kind.admits(value)
        assert validator.is_valid(value)
    for value in REFUSED[name]:
        assert not admits(kind, value)
        assert not validator.is_valid(value)


def admits(kind: registry.Type, value: object) -> bool:
    """Whether the check passes the value; one that cannot even be looked up is refused."""
    try:
        return kind.admits(value)
    except TypeError:
        return False


def test_a_good_event_keeps_the_contract_and_one_with_a_strange_field_does_not() -> None:
    """Each kind has its own fields in the JSON Schema."""
    told = canonical.document(detection(profile="default"))

    assert faults(told) == []
    assert faults({**told, "fields": {**detection().fields, "said": "hello"}}) != []
    assert faults({**told, "kind": "recording.held"}) != []


def test_every_type_in_the_registry_is_known() -> None:
    """Each field has a type that the registry can check, and no name that an argument of ``event`` takes."""
    for kind in registry.kinds().values():
        assert kind.meaning.endswith(".")
        for field in kind.fields.values():
            assert "|" in field.type or field.type in registry.TYPES, (kind.name, field)
            assert field.name not in {"kind", "key", "recording_id", "actor", "outcome", "reason"}


def test_the_page_about_events_is_current() -> None:
    """docs/events.md is what the registry gives today."""
    assert (DOCS / "events.md").read_text(encoding="utf-8") == document.page()


@pytest.mark.parametrize(
    "said",
    [
        "my card number is four one one one",
        "John Smith",
        "4111111111111111",
        "4111-1111-1111-1111",
        "card4111111111111111",
        "+14155550123",
        "line\nbreak",
        "",
        "a" * 81,
    ],
)
@pytest.mark.parametrize("field", ["profile", "output_sha256", "detectors", "findings", "models"])
def test_what_was_said_is_refused_in_every_kind_of_field(field: str, said: str) -> None:
    """A sentence, a name or a number is refused wherever it is put, and does not show in the refusal."""
    shapes = {"detectors": [said], "findings": {said: 1}, "models": {"whisper-base": said}}

    with pytest.raises(EventInvalid) as refused:
        detection(**{field: shapes.get(field, said)})

    assert not said or said not in str(refused.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "hello"},
        {"findings": {Entity.CREDIT_CARD: -1}},
        {"findings": {Entity.CREDIT_CARD: 1.5}},
        {"findings": {Entity.CREDIT_CARD: True}},
        {"findings": {Entity.CREDIT_CARD: 2**53}},
        {"findings": None},
        {"cut": "3"},
        {"reason": "he said so"},
        {"outcome": "perhaps"},
        {"recording_id": "call of Mr Smith"},
        {"occurred_at_ms": 1.0},
        {"key": ""},
        {"kind": "detection.imagined"},
        {"findings": [["CREDIT_CARD", 1]]},
        {"detectors": [["nested"]]},
        {"policies": {"../outside.yaml": DIGEST}},
    ],
)
def test_what_the_registry_does_not_list_is_refused(changes: dict[str, Any]) -> None:
    """Unknown or missing fields and values of another type make no event."""
    with pytest.raises(EventInvalid):
        detection(**changes)


@pytest.mark.parametrize(
    ("kind", "id", "role"),
    [("robot", "x1", "pipeline"), ("person", "Jane Doe", "officer"), ("person", "4155550123", "officer")],
)
def test_an_actor_is_an_identifier_and_not_a_name_or_number(kind: Any, id: str, role: str) -> None:
    """People act under ids; names and telephone numbers are refused."""
    with pytest.raises(EventInvalid):
        Actor(type=kind, id=id, role=role)


def test_a_retry_gives_the_same_event_id() -> None:
    """The id follows from recording, kind and step, not from the time or the result."""
    first, again = detection(), detection(occurred_at_ms=1_700_000_009_999, findings={})

    assert first.id == again.id
    assert first.id.startswith("ev_")
    assert len({first.id, detection(key="2").id, detection(recording_id=None).id}) == 3


def test_an_optional_field_may_be_none() -> None:
    """An optional field given as None is left out of the event."""
    assert "profile" not in detection(profile=None).fields


def test_spans_and_roles_are_written_as_plain_json() -> None:
    """Tuples and enum members become lists and words."""
    judged = event(
        EventKind.CONSENT_EVALUATED,
        recording_id=RECORDING,
        key="1",
        occurred_at_ms=0,
        actor=PIPELINE,
        verdict="satisfied",
        rule="all-party",
        jurisdiction="US-CA",
        notice=((0, 100, 2_400), (None, 3_000, 3_000)),
        policies={"consent/us/ca.yaml": DIGEST},
    )

    assert judged.fields["notice"] == [[0, 100, 2400], [None, 3000, 3000]]
    assert canonical.decode(canonical.encode(judged))["fields"] == judged.fields
    with pytest.raises(EventInvalid):
        event(
            EventKind.RECORDING_INGESTED,
            recording_id=RECORDING,
            key="1",
            occurred_at_ms=0,
            actor=PIPELINE,
            source_sha256=[DIGEST],
            size_bytes=1,
            roles=[Role.AGENT, "the manager"],
        )


def test_the_bytes_of_an_event_do_not_depend_on_how_it_was_built() -> None:
    """Equal events have equal bytes, whatever the order of their fields."""
    assert canonical.encode(detection(cut=1, kept=2)) == canonical.encode(detection(kept=2, cut=1))


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body + b" ",
        lambda body: body.replace(b'{"actor"', b'{ "actor"'),
        lambda body: body.replace(b"event/1", b"event/9"),
        lambda body: body.replace(b'"reason":null,', b""),
        lambda body: b"not json",
        lambda body: b"[]",
        lambda body: b'{"schema":"compliance/event/1"}',
    ],
)
def test_other_bytes_are_not_read_as_an_event(change: Any) -> None:
    """Bytes that are not canonical, or of no known schema, are told from an event's."""
    with pytest.raises(AuditInvalid):
        canonical.decode(change(canonical.encode(detection())))

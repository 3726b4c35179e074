"""Facts as the bytes that are stored, and back: canonical JSON, schema compliance/consent-facts/1.

One spelling for equal facts (RFC 8785), so that their digest can stand in the
audit log and in the manifest, and a verdict be replayed from them.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from compliance.audit import canonical
from compliance.consent.facts import Facts
from compliance.errors import FactsAltered
from compliance.manifest import plain

SCHEMA = "compliance/consent-facts/1"

_ADAPTER = TypeAdapter(Facts)


def document(facts: Facts) -> dict[str, Any]:
    """The facts as JSON: times, counts and words of closed lists."""
    made = plain(facts)
    assert isinstance(made, dict), "facts are a dataclass"
    return {"schema": SCHEMA, **made, "day": facts.day.isoformat()}


def encode(facts: Facts) -> bytes:
    """The facts' canonical bytes."""
    return canonical.dumps(document(facts))


def digest(facts: Facts) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(encode(facts)).hexdigest()


def decode(body: bytes, sha256: str) -> Facts:
    """The facts of the bytes that were stored.

    Raises:
        FactsAltered: they have another digest, or are no facts of a known schema.
    """
    if hashlib.sha256(body).hexdigest() != sha256:
        raise FactsAltered("the facts are not those whose digest stands in the audit log")
    read = json.loads(body)
    try:
        if read.pop("schema") != SCHEMA:
            raise FactsAltered("the facts are of no schema that is known here")
        return _ADAPTER.validate_python({**read, "day": date.fromisoformat(read["day"])})
    except (ValidationError, KeyError, ValueError, AttributeError):
        raise FactsAltered("the facts are of no schema that is known here") from None

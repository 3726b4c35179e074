"""``truth.json``: the calls of a folder, and what is known of each."""

from __future__ import annotations

import json

from pydantic import ValidationError

from compliance.errors import TruthInvalid
from compliance.evaluate.calls import call_of
from compliance.evaluate.truth import Call


def parse(body: bytes) -> tuple[Call, ...]:
    """The calls of a ``truth.json``.

    Raises:
        TruthInvalid: it is no JSON, of no known form, or says what cannot be; the place is told, never
            what stands there.
    """
    try:
        told = json.loads(body)
    except json.JSONDecodeError as error:
        # The cause is dropped here and below: it holds the text.
        raise TruthInvalid(f"truth.json, line {error.lineno}: not JSON") from None
    except (ValueError, RecursionError):
        raise TruthInvalid("truth.json is not JSON in UTF-8") from None
    if not isinstance(told, list) or not told:
        raise TruthInvalid("truth.json must be a list of calls, and hold at least one")
    calls = tuple(_call(place, each) for place, each in enumerate(told))
    names = [call.id for call in calls]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise TruthInvalid(f"truth.json names {twice[0]} more than once")
    return calls


def _call(place: int, told: object) -> Call:
    try:
        return call_of(told)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise TruthInvalid(f"truth.json, call {place + 1}, {where}: {first['msg']}") from None

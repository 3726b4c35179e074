"""What must be said in a call that is about to begin, for the agent that opens it.

The numbers come in a body, since what stands in a URL ends in access logs; they
are neither kept nor repeated.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Security
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from compliance.api.access import Door
from compliance.api.admission import Admission, Entry
from compliance.api.auth import TokenRole
from compliance.api.bodies import body_of
from compliance.api.calls import Call, call_of, found_for
from compliance.api.parts import Clock
from compliance.api.problems import Problem
from compliance.audit.events import EventKind
from compliance.consent.document import document
from compliance.consent.law import Law
from compliance.settings import Settings

MAX_BYTES = 65_536
"""Far more than a call's parties come to."""
BODY_S = 10
"""Seconds in which the body must have come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What the endpoint works with; the application carries it."""

    law: Law = field(repr=False)
    settings: Settings
    door: Door
    clock: Clock


router = APIRouter(
    prefix="/v1/consent",
    tags=["consent"],
    dependencies=[Security(HTTPBearer(auto_error=False, description="compliance token create"))],
    responses={status: {"model": Problem} for status in (401, 403, 413, 422, 503)},
)
ToAdvice = Annotated[Entry, Depends(Admission("consent_requirements", frozenset(TokenRole)))]
# With a name of its own, so that its references are looked for inside it and not in OpenAPI's page.
_SCHEMA = {"$id": "urn:compliance:consent-call:1", **Call.model_json_schema()}
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}}


@router.post("/requirements", openapi_extra=_BODY)
async def requirements(request: Request, entry: ToAdvice) -> dict[str, Any]:
    """What must be said in a call, when and why, and words that meet it all.

    The body is read here, after the token was looked at, and not by the
    framework before.  That somebody asked, and by which rule they were answered,
    is on record before the answer is sent.
    """
    try:
        async with asyncio.timeout(BODY_S):
            body = await body_of(request, MAX_BYTES)
    except TimeoutError as error:
        raise HTTPException(408) from error
    return await run_in_threadpool(_answer, request.app.state.advice, entry, body)


def _answer(advice: Advice, entry: Entry, body: bytes) -> dict[str, Any]:
    found = found_for(call_of(body), advice.law, advice.settings, now_ms=advice.clock())
    asked = found.asked
    entry.door.tell(
        EventKind.CONSENT_ADVISED,
        entry.caller,
        entry.wanted,
        rule="all-party" if asked.rule.is_all_party else "one-party",
        jurisdiction=asked.rule.code,
        jurisdictions=sorted({place.jurisdiction for place, _ in asked.rules}),
        confidence=asked.rule.confidence.value,
        agent=found.agent.value,
        must_ask=found.must_ask,
        policies={ref.file: ref.sha256 for ref in found.policies},
    )
    return document(found)

"""Every error's answer: a stable reason and a sentence of ours, never a piece of the request."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from compliance.errors import AccessError, ArgumentInvalid, BodyTooLarge, ComplianceError

SCHEMA = "compliance/error/1"
RETRY_AFTER = {"Retry-After": "2"}
"""Seconds LiveKit waits instead of its own second, two, four, eight."""

_log = logging.getLogger(__name__)
_REASONS = {404: "not_found", 405: "method_not_allowed"}


class Problem(BaseModel):
    """The body of every answer that is not a success."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: str = Field(default=SCHEMA, alias="schema")
    reason: str
    message: str


def problem(status: int, reason: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error's answer."""
    body = {"schema": SCHEMA, "reason": reason, "message": message}
    return JSONResponse(
        body, status_code=status, headers=dict(headers or {}), media_type="application/problem+json"
    )


def answer_to(error: ComplianceError) -> JSONResponse:
    """The answer to an error of ours.

    A 503 says when to come back.  What is the operator's to mend (5xx) is only
    named, since its message may tell of paths and keys; it goes to the log.
    """
    status = error.http_status
    if status >= 500:
        _log.error("answered %d: %s: %s", status, error.reason, error)
        headers = RETRY_AFTER if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
        return problem(status, error.reason, "the service cannot do this at the moment", headers)
    return problem(status, error.reason, str(error), _headers(error))


def _headers(error: ComplianceError) -> dict[str, str]:
    if isinstance(error, AccessError) and error.http_status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    # What was not read is still on its way; the connection cannot be used again.
    return {"Connection": "close"} if isinstance(error, BodyTooLarge) else {}


def install(app: FastAPI) -> None:
    """Answer every kind of error in this form.  FastAPI's own answer to a wrong parameter shows it."""
    app.add_exception_handler(ComplianceError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _ours(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ComplianceError)
    return answer_to(error)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Names the parameters at fault, if they are ours; a name nobody knows is input too."""
    assert isinstance(error, RequestValidationError)
    places = (each["loc"] for each in error.errors() if each["type"] != "extra_forbidden")
    names = sorted({str(place[-1]) for place in places if place[0] in ("query", "path")})
    which = ", ".join(names) or "the request"
    return problem(ArgumentInvalid.http_status, ArgumentInvalid.reason, f"not acceptable: {which}")


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase.lower()
    return problem(
        error.status_code, _REASONS.get(error.status_code, "request_invalid"), phrase, error.headers
    )

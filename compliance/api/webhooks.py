"""The door for LiveKit: a body becomes a committed row of the inbox, and the rest is done elsewhere.

LiveKit sends again what is answered 5xx and never what is answered 4xx, so a
4xx is for what can never be accepted, and every trouble of ours is a 503.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, BackgroundTasks, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from compliance.api.access import Door
from compliance.api.bodies import body_of, claimed_size
from compliance.api.models import Received
from compliance.api.parts import Clock
from compliance.api.problems import RETRY_AFTER, Problem, problem
from compliance.errors import ComplianceError, WebhookError
from compliance.intake.parts import IntakeParts
from compliance.intake.receive import Receipt, receive

_log = logging.getLogger(__name__)

BODY_S = 10
"""Seconds in which the body must have come; LiveKit sends its few kilobytes at once."""

_PROBLEMS: dict[int | str, dict[str, Any]] = {each: {"model": Problem} for each in (401, 413, 422, 503)}

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """What the endpoint works with; the application carries it."""

    intake: IntakeParts
    door: Door
    clock: Clock
    wake: Callable[[], None]
    max_bytes: int


# Both paths answer, since a redirect from the one to the other could lose the body.
@router.post("/livekit/", response_model=Received, include_in_schema=False)
@router.post("/livekit", response_model=Received, responses=_PROBLEMS)
async def livekit(request: Request, background: BackgroundTasks) -> Received | Response:
    """Accept one webhook of LiveKit's, signed in `Authorization`.

    The body is read as bytes whatever its type is said to be: the signature is
    over the bytes, and LiveKit sends `application/webhook+json`.
    """
    hook: Hook = request.app.state.hook
    try:
        async with asyncio.timeout(BODY_S):
            body = await body_of(request, hook.max_bytes)
        receipt = await run_in_threadpool(_receive, hook, body, request.headers.get("authorization"))
    except WebhookError as error:
        await run_in_threadpool(hook.door.reject_webhook, error.reason, claimed_size(request))
        raise
    except ClientDisconnect:
        raise
    except Exception as error:
        return _come_again(error)
    if receipt is Receipt.ACCEPTED:
        background.add_task(_wake, hook)
    return Received(receipt=receipt)


def _receive(hook: Hook, body: bytes, token: str | None) -> Receipt:
    return receive(body, token, hook.intake, now_ms=hook.clock())


def _come_again(error: Exception) -> Response:
    """The answer to any trouble of ours, known or not: nothing was kept, send it again."""
    known = isinstance(error, ComplianceError)
    reason = error.reason if isinstance(error, ComplianceError) else ComplianceError.reason
    _log.error("a webhook could not be kept: %s", error if known else type(error).__name__)
    return problem(503, reason, "the webhook was not kept; send it again", RETRY_AFTER)


def _wake(hook: Hook) -> None:
    """Tell the workers.  If they cannot be told, the sweeper finds the row."""
    try:
        hook.wake()
    except Exception as error:
        _log.warning("no worker was told of the new webhook: %s", type(error).__name__)

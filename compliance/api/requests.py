"""One log line a request, and the last net under all of them.

uvicorn's own access log writes path and query, in which people put numbers;
here the route stands in for the path, and there is no query.
"""

from __future__ import annotations

import json
import logging
import time

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from compliance.api.problems import problem
from compliance.errors import ComplianceError

_log = logging.getLogger("compliance.access")
_GONE = 499
"""The caller hung up before the answer; a number of the log's, never sent."""

_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class Requests:
    """ASGI middleware: logs each request, and answers what nobody else answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        answer = _Answer(send)
        try:
            await self._app(scope, receive, answer.send)
        except ClientDisconnect:
            answer.status = _GONE
        except Exception as error:
            await self._fail(error, answer, scope, receive)
        finally:
            _log.info("%s", line(scope, answer.status, time.perf_counter() - started))

    async def _fail(self, error: Exception, answer: _Answer, scope: Scope, receive: Receive) -> None:
        """Answer 500 and log where it happened; the error's own words might repeat the request's."""
        _log.error("unexpected %s%s", type(error).__name__, _place(error))
        if answer.status == 0:
            message = "something unexpected happened"
            await problem(500, ComplianceError.reason, message)(scope, receive, answer.send)


class _Answer:
    """Passes an answer on, notes its status and adds the headers that all answers have."""

    def __init__(self, send: Send) -> None:
        self.status = 0
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message.get("headers", ()), *_HEADERS]}
        await self._send(message)


def line(scope: Scope, status: int, seconds: float) -> str:
    """The request as one JSON object: method, route, status, milliseconds."""
    path = getattr(scope.get("route"), "path", None)
    told = {
        "method": scope["method"],
        "route": path or "unmatched",
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
    return json.dumps(told)


def _place(error: Exception) -> str:
    """The file and line in which an error was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f" in {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"

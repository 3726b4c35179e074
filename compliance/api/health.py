"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request, Response

from compliance.api.models import Health
from compliance.errors import ComplianceError
from compliance.store import tokens
from compliance.store.database import Database

_log = logging.getLogger(__name__)

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> Health:
    """The process answers; nothing else is asked, so that a slow database does not get it killed."""
    return Health(ok=True)


@router.get("/readyz", responses={503: {"model": Health}})
def readyz(request: Request, response: Response) -> Health:
    """The database answers, keys and models are there.  To strangers a reason is named, never explained."""
    checks: Mapping[str, Callable[[], object]] = request.app.state.checks
    found = {name: _reason(name, check) for name, check in checks.items()}
    is_ready = all(each == "ok" for each in found.values())
    response.status_code = 200 if is_ready else 503
    return Health(ok=is_ready, checks=found)


def answers(database: Database) -> Callable[[], object]:
    """A check that the database answers."""

    def check() -> None:
        with database.read() as connection:
            tokens.page(connection, limit=1)  # a table of ours, so that a missing schema shows too

    return check


def _reason(name: str, check: Callable[[], object]) -> str:
    try:
        check()
    except ComplianceError as error:
        _log.warning("not ready: %s: %s", name, error)
        return error.reason
    except Exception as error:
        _log.warning("not ready: %s: %s", name, type(error).__name__)
        return ComplianceError.reason
    return "ok"

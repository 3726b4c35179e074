"""The HTTP service, put together."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI
from starlette.types import Lifespan

from compliance.api import consent, health, problems, questions, recordings, reports, webhooks
from compliance.api.access import Door
from compliance.api.parts import ApiParts
from compliance.api.requests import Requests


def create_app(parts: ApiParts, *, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """The application over these parts; ``lifespan`` is for what runs beside it, such as embedded workers.

    There are no ``/docs``: that page would fetch its scripts from elsewhere.
    ``/openapi.json`` is there for whoever brings a viewer.
    """
    app = FastAPI(
        title="Recording compliance",
        version=_version(),
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    door = Door(database=parts.database, clock=parts.clock, key=parts.intake.key)
    app.state.door = door
    app.state.report = parts.report
    app.state.checks = {"database": health.answers(parts.database), **parts.checks}
    app.state.hook = webhooks.Hook(
        intake=parts.intake,
        door=door,
        clock=parts.clock,
        wake=parts.wake,
        max_bytes=parts.settings.webhook_max_bytes,
    )
    app.state.advice = consent.Advice(law=parts.law, settings=parts.settings, door=door, clock=parts.clock)
    for each in (webhooks, health, recordings, questions, reports, consent):
        app.include_router(each.router)
    problems.install(app)
    app.add_middleware(Requests)
    return app


def _version() -> str:
    try:
        return version("recording-compliance")
    except PackageNotFoundError:
        return "0"

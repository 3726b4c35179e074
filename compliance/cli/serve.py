"""``compliance serve``: the HTTP service, and the work itself where there is no broker."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from compliance.api.app import create_app
from compliance.errors import ArgumentInvalid
from compliance.settings import load

HEADER_BYTES = 32_768
"""Most that is read of a request before its body; LiveKit's token is about a thousand."""
CONNECTIONS = 512
PATIENCE_S = 20
"""How long a request under way may take to end once the service is told to stop."""


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for all, behind a proxy with TLS.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8000,
) -> None:
    """Serve LiveKit's webhooks and the query API until stopped.

    Without a broker the recordings are processed in this process; with one
    (COMPLIANCE_BROKER_URL), by `compliance worker`.  Set COMPLIANCE_LIVEKIT_KEYS
    for webhooks to be accepted, and point LiveKit at http(s)://HOST/webhooks/livekit.
    """
    from compliance.api.service import service  # with the pipeline, which --help does not need

    settings = load()
    # Only our own lines at the level asked for: libraries tell of their migrations and polls at INFO.
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("compliance").setLevel(settings.log_level.upper())
    if not settings.livekit_keys:
        typer.echo("No COMPLIANCE_LIVEKIT_KEYS: every webhook will be refused.", err=True)
    # uvicorn raises the signal again when it is done. Left to itself SIGTERM would end the process there,
    # with the stage under way not ended, the log not sealed and its end not on record.
    signal.signal(signal.SIGTERM, _end)
    with service(settings) as parts:
        run(create_app(parts), host, port)


def run(app: FastAPI, host: str, port: int) -> None:
    """Serve an application until the process is told to stop.

    Raises:
        ArgumentInvalid: the address cannot be listened on.
    """
    with listening(host, port) as door:
        bound = door.getsockname()[1]
        where = f"http://[{host}]:{bound}" if ":" in host else f"http://{host}:{bound}"
        typer.echo(f"Serving on {where}  (webhooks at /webhooks/livekit; Ctrl-C stops)", err=True)
        uvicorn.Server(configured(app)).run(sockets=[door])


def _end(_signal: int, _frame: object) -> None:
    """Leave every block on the way out."""
    raise SystemExit(0)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there.

    Raises:
        ArgumentInvalid: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        door = socket.create_server((host, port), family=family, backlog=CONNECTIONS)
    except OSError as error:
        raise ArgumentInvalid(f"cannot listen on {host} port {port}: {error.strerror}") from error
    # Connections inherit it.  asyncio sets it only on sockets that name their protocol, and without it
    # an answer, which is two writes, waits 40 ms for the client's delayed acknowledgement of the first.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def configured(app: FastAPI) -> uvicorn.Config:
    """uvicorn's settings.

    Its access log is off, since it writes the query, and stays off whoever adds
    handlers to it; the application logs each request itself.  The pure-Python
    parser is named, as the other has no limit for headers.  Forwarded headers
    are believed from nobody: nothing here asks who the client is.
    """
    logging.getLogger("uvicorn.access").disabled = True
    return uvicorn.Config(
        app,
        http="h11",
        h11_max_incomplete_event_size=HEADER_BYTES,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=PATIENCE_S,
    )

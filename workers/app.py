"""The Celery app; its processes dump no core, write nothing that others may read, and log no values."""

from __future__ import annotations

import logging
import os
import resource
import sys
from typing import Any, Final

from celery import Celery
from celery.signals import setup_logging, worker_process_init

from compliance.settings import load
from workers.options import options

app: Final = Celery("compliance", include=["workers.tasks"], set_as_current=False)
# Settings are read when Celery first asks for them, so that importing this module does nothing.
app.add_defaults(lambda: options(load()))

OURS: Final = ("compliance", "workers", "celery")
"""Loggers that follow the setting ``log_level``; a library's own debug lines may hold what was said."""


@worker_process_init.connect  # type: ignore[untyped-decorator]  # Celery carries no types
def harden(**_: Any) -> None:
    """No core dumps, which would hold words and keys, and no file that others may read."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)


@setup_logging.connect  # type: ignore[untyped-decorator]  # as above
def log_plainly(**_: Any) -> None:
    """Log to stderr, libraries from warnings on only.  Connected, it keeps Celery from doing it its way."""
    form = "%(asctime)s %(levelname)s %(processName)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.WARNING, format=form, stream=sys.stderr, force=True)
    level = load().log_level.upper()
    for name in OURS:
        # Below INFO Celery logs messages whole.
        logging.getLogger(name).setLevel(logging.INFO if name == "celery" and level == "DEBUG" else level)

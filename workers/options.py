"""Celery's settings, from ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kombu.entity import Queue

from compliance.records import Stage
from compliance.settings import Settings

HEAVY: Final = "transcribe"
"""The queue of the stages that use the speech model.  They take every core: one at a time in a process."""
LIGHT: Final = "stages"
"""The queue of the rest; apart, so that a short stage does not wait behind an hour of transcription."""
QUEUES: Final = (HEAVY, LIGHT)

CONNECT_S: Final = 2
"""How long a broker may take to answer the telephone."""
_SLACK_S: Final = 600


def queue_of(stage: Stage) -> str:
    """The queue that a stage is sent to."""
    return HEAVY if stage in (Stage.TRANSCRIBE, Stage.VERIFY) else LIGHT


def name_of(stage: Stage) -> str:
    """The name of a stage's task."""
    return f"compliance.{stage}"


def options(settings: Settings) -> Mapping[str, Any]:
    """What Celery is told.

    Messages hold an id and nothing else; tasks give nothing back, as Celery
    logs what they give and would keep it in the broker.  A message is
    acknowledged when its stage is over.  Recovery does not rest on that: the
    database knows what is due, and the sweeper sends it again.
    """
    return {
        "broker_url": settings.broker_url,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            # Above the longest task: a message must not come again while its stage still runs.
            "visibility_timeout": settings.task_time_limit_s + _SLACK_S,
            "socket_connect_timeout": CONNECT_S,
            "socket_keepalive": True,
        },
        "accept_content": ["json"],
        "task_serializer": "json",
        "result_backend": None,
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_time_limit": settings.task_time_limit_s,
        "task_default_queue": LIGHT,
        "task_queues": [Queue(name) for name in QUEUES],  # type: ignore[no-untyped-call]  # kombu carries no types
        "task_routes": {name_of(stage): {"queue": queue_of(stage)} for stage in Stage},
        "task_create_missing_queues": False,
        "worker_prefetch_multiplier": 1,
        "worker_send_task_events": False,
        "worker_redirect_stdouts": False,
        # Whoever reaches the broker could otherwise steer the workers and read their arguments.
        "worker_enable_remote_control": False,
        "enable_utc": True,
    }

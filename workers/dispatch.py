"""Sending a stage to the workers, quickly or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from celery import Celery
from celery.exceptions import CeleryError
from kombu.exceptions import ChannelError, KombuError

from compliance.errors import BrokerUnavailable
from compliance.records import RecordingId, Stage
from compliance.settings import Settings
from workers.options import CONNECT_S, QUEUES, name_of, options, queue_of

_QUICK: Final = {
    "socket_timeout": CONNECT_S,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    "connect_retries_timeout": CONNECT_S,
}
"""Without these kombu would connect for ever, and whoever sends would wait with it."""


class Dispatcher:
    """Hands stages to the broker.  It may be used by several threads, but not across a fork."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected yet."""
        self._app: Final = Celery("compliance", set_as_current=False)
        self._app.conf.update(options(settings))
        self._app.conf.broker_transport_options |= _QUICK

    def send(self, recording_id: RecordingId, stage: Stage) -> None:
        """Have a worker run a stage; seconds at most, whatever the broker does.

        Raises:
            BrokerUnavailable: it was not sent, or nobody knows; the sweeper sends it again.
        """
        with _answered():
            self._app.send_task(
                name_of(stage), args=(recording_id,), queue=queue_of(stage), retry=False, ignore_result=True
            )

    def waiting(self) -> int:
        """How many messages lie in the queues, begun ones not counted.

        Raises:
            BrokerUnavailable: the broker did not answer.
        """
        with _answered(), self._app.connection_for_write() as connection:
            channel = connection.default_channel
            return sum(_length(channel, name) for name in QUEUES)

    def close(self) -> None:
        """Close every connection."""
        self._app.close()


def _length(channel: object, queue: str) -> int:
    try:
        return int(channel.queue_declare(queue=queue, passive=True).message_count)  # type: ignore[attr-defined]
    except ChannelError:
        return 0  # nothing was ever sent there


@contextmanager
def _answered() -> Iterator[None]:
    """Turn what Celery, kombu and redis raise into ours; their text may hold the broker's address."""
    try:
        yield
    except (CeleryError, KombuError, OSError) as error:
        raise BrokerUnavailable(f"the broker did not answer ({type(error).__name__})") from None

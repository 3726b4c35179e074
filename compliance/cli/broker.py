"""Whether the broker answers."""

from __future__ import annotations

from redis import Redis
from redis.exceptions import RedisError

from compliance.errors import BrokerUnavailable


def ping(url: str, *, timeout_s: float = 3) -> None:
    """Ask the broker for a sign of life.

    Raises:
        BrokerUnavailable: it gave none in time, or the URL is not one of Redis or Valkey.
    """
    try:
        client = Redis.from_url(url, socket_connect_timeout=timeout_s, socket_timeout=timeout_s)
        try:
            client.ping()
        finally:
            client.close()
    except (RedisError, OSError, ValueError):
        # The cause is dropped: it may hold the address, and the address a password.
        raise BrokerUnavailable("the broker does not answer") from None

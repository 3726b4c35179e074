"""Where the time goes: timers round the pipeline's own functions, each second counted once.

A function's own time is what passes in it less what passes in metered functions it
calls.  Only the thread that made the meter is timed: a lease's heartbeat is not work, and
what is made ahead in a thread counts where it is waited for.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

from compliance.records import Span
from compliance.transcribe.heard import Heard, Recogniser
from compliance.transcribe.windows import Samples, Window

Clock = Callable[[], float]


class Meter:
    """Seconds by name."""

    def __init__(self, clock: Clock = time.perf_counter) -> None:
        """Start with nothing under way."""
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._clock = clock
        self._names: list[str] = []
        self._since = 0.0
        self._thread = threading.get_ident()

    @contextmanager
    def under(self, name: str) -> Iterator[None]:
        """Count what passes inside to ``name``, until something metered inside begins."""
        if threading.get_ident() != self._thread:
            yield
            return
        self._switch()
        self._names.append(name)
        try:
            yield
        finally:
            self._switch()
            self._names.pop()

    def _switch(self) -> None:
        """Give the time since the last switch to whatever was under way."""
        now = self._clock()
        if self._names:
            self.seconds[self._names[-1]] += now - self._since
        self._since = now

    def wrap(self, owner: Any, attribute: str, name: str) -> None:
        """Time a function where its callers look it up: an attribute of a module or a class."""
        function = getattr(owner, attribute)

        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.under(name):
                made = function(*args, **kwargs)
            return self.items(made, name) if isinstance(made, Iterator) else made

        setattr(owner, attribute, timed)

    def items(self, items: Iterator[Any], name: str) -> Iterator[Any]:
        """The same items; the making of each is timed, what is done with it is not."""
        while True:
            with self.under(name):
                try:
                    item = next(items)
                except StopIteration:
                    return
            yield item


class TimedRecogniser:
    """A recogniser in a meter: reading under one name, voice activity under another."""

    def __init__(self, recogniser: Recogniser, meter: Meter) -> None:
        """Time this one."""
        self._recogniser = recogniser
        self._meter = meter
        self.batch_size = recogniser.batch_size

    def load(self) -> None:
        """Nothing: it comes loaded."""

    def read(self, windows: Sequence[Window]) -> list[Heard]:
        """The words of each window."""
        with self._meter.under(RECOGNITION):
            return self._recogniser.read(windows)

    def otherwise(self) -> TimedRecogniser:
        """The second opinion, in the same meter."""
        return TimedRecogniser(self._recogniser.otherwise(), self._meter)

    def voiced(self, samples: Samples) -> tuple[Span, ...]:
        """Where a voice is heard."""
        with self._meter.under("voice activity"):
            return self._recogniser.voiced(samples)


RECOGNITION = "speech recognition"

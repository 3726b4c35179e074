"""A call of a minute whose words are tones, and models that hear them."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import av
import numpy as np

from compliance.audit.events import Actor
from compliance.engines import Engines
from compliance.records import Entity, ModelRef, Word
from compliance.redact.detect.fake import FakeRunner
from compliance.transcribe.fake import FakeRecogniser, spoken
from compliance.transcribe.windows import Samples

RATE = 16_000
USER = Actor(type="person", id="tester", role="engineer")
CALLER = "+14155550142"
NAME, STREET = ("quillon", "vexley"), ("marzipan", "boulevard")
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
KINDS = dict.fromkeys(NAME, Entity.PERSON) | dict.fromkeys(DIGITS, Entity.CREDIT_CARD)
SECRETS = (*NAME, *DIGITS)
"""What is to be removed."""
SCRIPT = (
    (0, "hello this is an ai assistant and this call is recorded for quality"),
    (1, "okay that is fine with me i want a porcupine"),
    (0, "may i have your name"),
    (1, "quillon vexley"),
    (0, "and the card for the porcupine"),
    (1, f"four{' one' * 15} thanks"),
    (0, "thank you goodbye"),
)
"""Who says what, the agent left."""
VOCABULARY = tuple(sorted({word for _, line in SCRIPT for word in line.split()} | set(SECRETS)))


def said() -> Iterator[Word]:
    """Every word of the call, with its time: 240 ms each, 80 ms between, half a second between speakers."""
    at_ms = 500
    for channel, line in SCRIPT:
        for text in line.split():
            yield Word(start_ms=at_ms, end_ms=at_ms + 240, channel=channel, confidence=0.9, text=text)
            at_ms += 320
        at_ms += 500


def sound(rate: int = RATE) -> Samples:
    """The call, one channel a speaker."""
    words = list(said())
    length_ms = words[-1].end_ms + 800
    return np.stack(
        [
            spoken(VOCABULARY, [w for w in words if w.channel == c], length_ms=length_ms, rate=rate)
            for c in (0, 1)
        ]
    )


def write_wav(path: Path, samples: Samples, rate: int = RATE) -> Path:
    """A WAV file of 16 bit."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(samples))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples.T * 32_767).astype("<i2").tobytes())
    return path


def write_ogg(path: Path, samples: Samples) -> Path:
    """An Ogg file with Opus at 48 kHz, as Egress writes it."""
    with av.open(str(path), "w", format="ogg") as output:
        stream = output.add_stream("libopus", rate=48_000, layout="stereo")
        stream.bit_rate = 128_000
        packed = np.ascontiguousarray(samples.T.reshape(1, -1).astype(np.float32))
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout="stereo")
        frame.sample_rate, frame.time_base, frame.pts = 48_000, Fraction(1, 48_000), 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


class FakeEngines(Engines):
    """Models that are always there; ``recogniser`` and ``runner`` may be replaced by worse ones."""

    def __init__(self) -> None:
        """Nothing is read from disk."""
        super().__init__(Path("nowhere"), whisper_model="fake", threads=1, batch_size=4)

    @cached_property
    def recogniser(self) -> FakeRecogniser:  # type: ignore[override]
        """Hears the script's words."""
        return FakeRecogniser(VOCABULARY)

    @cached_property
    def runner(self) -> FakeRunner:  # type: ignore[override]
        """Finds names and digits."""
        return FakeRunner(KINDS)

    @property
    def refs(self) -> tuple[ModelRef, ...]:
        """Weights there are none of, with digests all the same."""
        return (ModelRef(name="fake", sha256="0" * 64),)

    def check(self) -> None:
        """All is there."""

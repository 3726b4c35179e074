"""Which functions of the pipeline are metered, and under what name their time is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.meter import Meter
from compliance import artifacts, byhand, cutting, reels, release, run, steps, tidy
from compliance.redact import apart, rewrite, splice, tape, verify
from compliance.store.vault import Vault

VAULT = "vault: encrypt, decrypt, store"
ROOMS: tuple[tuple[Any, str, str], ...] = (
    (byhand, "take", VAULT),
    (Vault, "copy_to", VAULT),
    (Vault, "put_stream", VAULT),
    (Vault, "get", VAULT),
    (Vault, "destroy", VAULT),
    (run, "_digest", VAULT),
    (apart, "_run", "probe: decode to the end"),
    (reels, "decode", "decode for the recogniser"),
    (reels, "together", "decode for the recogniser"),
    (steps, "listen", "cut, pack, crosstalk"),
    (cutting, "read_again", "cut, pack, crosstalk"),
    (steps, "detect", "detect"),
    (steps, "facts_of", "consent"),
    (steps, "decide", "consent"),
    (cutting, "plan", "plan the cuts"),
    (cutting, "rewrite", "rewrite: decode, cut, encode"),
    (splice, "_measured", "rewrite: level of what is cut"),
    (tape, "_strip", "where packets lie"),
    (rewrite, "rate_of", "rewrite: bit rate"),
    (cutting, "compare", "compare by samples"),
    (verify, "residuals", "look for what was removed"),
    (artifacts, "keep", "values to JSON and back"),
    (artifacts, "load", "values to JSON and back"),
    (release, "texts", "transcript, captions, manifest"),
    (release, "manifest", "transcript, captions, manifest"),
    (release, "publish", "write out"),
    (tidy, "pay", "destroy what must go"),
)


@contextmanager
def metered(meter: Meter) -> Iterator[None]:
    """Time all of them while the block runs."""
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in ROOMS]
    for owner, name, told_as in ROOMS:
        meter.wrap(owner, name, told_as)
    try:
        yield
    finally:
        for owner, name, function in kept:
            setattr(owner, name, function)

"""Samples as WAV stores them: float to bytes and back, for the few samples that are replaced.

Everything outside a cut stays the bytes it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from compliance.redact.tone import Float

Bytes = NDArray[np.uint8]


def integers(samples: Float, bits: int) -> NDArray[np.int64]:
    """Samples as whole numbers of so many bits, clipped."""
    full = 2 ** (bits - 1)
    whole = np.rint(samples.astype(np.float64) * full)
    return np.asarray(np.clip(whole, -full, full - 1), dtype=np.int64)


def _signed(samples: Float, width: int) -> Bytes:
    wide = integers(samples, 8 * width).astype("<i8").view(np.uint8)
    return wide.reshape(-1, 8)[:, :width]


def _unsigned(samples: Float) -> Bytes:
    return (integers(samples, 8) + 128).astype(np.uint8).reshape(-1, 1)


def _floating(samples: Float, kind: str) -> Bytes:
    values = samples.astype(kind)
    return values.view(np.uint8).reshape(-1, values.itemsize)


def mulaw_values() -> NDArray[np.int64]:
    """The value of each of the 256 mu-law codes, 16 bit (ITU-T G.711)."""
    code = ~np.arange(256) & 0xFF
    size = (((code & 0x0F) << 3) + 0x84) << (code >> 4 & 7)
    return np.where(code & 0x80, 0x84 - size, size - 0x84)


def alaw_values() -> NDArray[np.int64]:
    """The value of each of the 256 A-law codes, 16 bit (ITU-T G.711)."""
    code = np.arange(256) ^ 0x55
    segment = code >> 4 & 7
    low = ((code & 0x0F) << 4) + 8
    size = np.where(segment == 0, low, (low + 0x100) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, size, -size)


def _nearest(samples: Float, values: NDArray[np.int64]) -> Bytes:
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    wanted = integers(samples, 16)
    above = np.clip(np.searchsorted(ranked, wanted), 1, 255)
    pick = np.where(wanted - ranked[above - 1] <= ranked[above] - wanted, above - 1, above)
    return order[pick].astype(np.uint8).reshape(-1, 1)


ENCODERS: Mapping[str, Callable[[Float], Bytes]] = MappingProxyType(
    {
        "pcm_u8": _unsigned,
        "pcm_s16le": lambda samples: _signed(samples, 2),
        "pcm_s24le": lambda samples: _signed(samples, 3),
        "pcm_s32le": lambda samples: _signed(samples, 4),
        "pcm_f32le": lambda samples: _floating(samples, "<f4"),
        "pcm_f64le": lambda samples: _floating(samples, "<f8"),
        "pcm_mulaw": lambda samples: _nearest(samples, mulaw_values()),
        "pcm_alaw": lambda samples: _nearest(samples, alaw_values()),
    }
)
"""By FFmpeg's name of the codec: samples to bytes, one row a sample."""


def _from_signed(stored: Bytes) -> Float:
    width = stored.shape[1]
    wide = np.zeros((len(stored), 4), np.uint8)
    wide[:, 4 - width :] = stored
    return np.asarray(wide.view("<i4")[:, 0] / np.float32(2**31), dtype=np.float32)


def _from_unsigned(stored: Bytes) -> Float:
    return np.asarray((stored[:, 0].astype(np.float32) - 128) / np.float32(128), dtype=np.float32)


def _from_floating(stored: Bytes) -> Float:
    return np.ascontiguousarray(stored).view(f"<f{stored.shape[1]}")[:, 0].astype(np.float32)


def _by_table(values: NDArray[np.int64]) -> Callable[[Bytes], Float]:
    table = (values / 2**15).astype(np.float32)
    return lambda stored: table[stored[:, 0]]


DECODERS: Mapping[str, Callable[[Bytes], Float]] = MappingProxyType(
    {
        "pcm_u8": _from_unsigned,
        "pcm_s16le": _from_signed,
        "pcm_s24le": _from_signed,
        "pcm_s32le": _from_signed,
        "pcm_f32le": _from_floating,
        "pcm_f64le": _from_floating,
        "pcm_mulaw": _by_table(mulaw_values()),
        "pcm_alaw": _by_table(alaw_values()),
    }
)
"""The other way: rows of bytes to samples."""

WIDTHS: Mapping[str, int] = MappingProxyType(
    {name: encode(np.zeros(1, np.float32)).shape[1] for name, encode in ENCODERS.items()}
)
"""Bytes of a sample."""

"""Samples as they are passed on from a decoder."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.redact.tone import Float

Native = NDArray[Any]
"""Samples (channels, n) in the decoder's own type: float, or 16 or 32 bit at full scale."""


def as_float(block: Native) -> Float:
    """Samples as float, full scale at 1."""
    if block.dtype == np.uint8:
        return (block.astype(np.float32) - 128) / np.float32(128)
    if block.dtype == np.float32:
        return block
    scale = {np.dtype(np.int16): 2**15, np.dtype(np.int32): 2**31}.get(block.dtype, 1)
    return np.asarray(block.astype(np.float32) / np.float32(scale), dtype=np.float32)

"""Small networks over onnxruntime, and the pieces of words they read.  The only module that imports both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime
from tokenizers import Tokenizer

VOCABULARY = "tokenizer.json"


def session(weights: Path) -> Any:
    """The network in a file, on one thread of the processor.

    Raises whatever onnxruntime does where it is none; who loads it says which model that is.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


def tokenizer(folder: Path) -> Any:
    """What cuts words into pieces, without padding or an end; raises as above."""
    found = Tokenizer.from_file(str(folder / VOCABULARY))
    found.no_padding()
    found.no_truncation()
    return found

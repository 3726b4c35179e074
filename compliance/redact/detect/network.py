"""Small networks over onnxruntime, and the pieces of words they read.  The only module that imports both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

VOCABULARY = "tokenizer.json"
Rows = Sequence[Sequence[int]]
Odds = npt.NDArray[np.float32]


class Network:
    """A classifier of pieces in a file, on one thread of the processor."""

    def __init__(self, weights: Path) -> None:
        """Raises whatever onnxruntime does where it is none; who loads it says which model that is."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(weights), options, providers=["CPUExecutionProvider"]
        )

    def told(self, name: str) -> str:
        """What the file says of itself under a name; raises KeyError where it says nothing."""
        return str(self._session.get_modelmeta().custom_metadata_map[name])

    def probabilities(self, pieces: Rows, kinds: Rows | None = None) -> Iterator[Odds]:
        """For each row of pieces, the probability of each label for each piece: (pieces, labels).

        All rows are read at once.  ``kinds`` tells of each piece of which kind it is, of those
        that the file knows; else all are of the first.
        """
        shape = (len(pieces), max(map(len, pieces)))
        named = {
            name: np.zeros(shape, np.int64) for name in ("input_ids", "attention_mask", "token_type_ids")
        }
        for place, row in enumerate(pieces):
            named["input_ids"][place, : len(row)] = row
            named["attention_mask"][place, : len(row)] = 1
            if kinds is not None:
                named["token_type_ids"][place, : len(row)] = kinds[place]
        (scores,) = self._session.run(None, named)
        raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
        odds = raised / raised.sum(axis=-1, keepdims=True)
        return (odds[place, : len(row)] for place, row in enumerate(pieces))


def tokenizer(folder: Path) -> Any:
    """What cuts words into pieces, without padding or an end; raises as above."""
    found = Tokenizer.from_file(str(folder / VOCABULARY))
    found.no_padding()
    found.no_truncation()
    return found

"""Weights from Rampart's ONNX file into torch, and back into a copy of that file.

The file keeps matrices as 4-bit numbers in blocks of 32 with a scale each
(``MatMulNBits`` of onnxruntime), embeddings as bytes with one scale, the rest as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from training.network import Encoder

Array = npt.NDArray[np.float32]
BLOCK, MIDDLE, LEAST, MOST = 32, 8, 0, 15
SHRINKS = (1.0, 0.95, 0.9, 0.85, 0.8)
"""Scales that are tried for each block: a little less than the largest weight may lose less in all."""
CLASSIFIER = "classifier"
_LAYER = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "output": "attention.output.dense",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "attended": "attention.output.LayerNorm",
    "stepped": "output.LayerNorm",
}
_EMBEDDED = {"piece": "word", "place": "position", "speaker": "token_type"}


def load(path: Path, labels: Sequence[str]) -> Encoder:
    """Rampart's encoder, or what was made of it; a classifier that knows other labels is left to chance."""
    file = onnx.load(path)
    stored = {each.name: numpy_helper.to_array(each) for each in file.graph.initializer}
    encoder = Encoder(len(labels))
    for name, part in _EMBEDDED.items():
        key = f"bert.embeddings.{part}_embeddings.weight"
        grid = stored[key + "_quantized"].astype(np.float32) - stored[key + "_zero_point"].item()
        _put(getattr(encoder, name).weight, grid * stored[key + "_scale"].item())
    matrices, parts = _matrices(file), [*_modules(encoder)]
    if ",".join(labels) in (each.value for each in file.metadata_props):
        parts.append((CLASSIFIER, encoder.classifier))
    for name, module in parts:
        if isinstance(module, nn.Linear):
            _put(module.weight, dequantized(*(stored[key] for key in matrices[name])))
        else:
            _put(module.weight, stored[name + ".weight"])
        _put(module.bias, stored[name + ".bias"])
    return encoder


def save(encoder: Encoder, labels: Sequence[str], rampart: Path, out: Path) -> None:
    """A copy of Rampart's file with these weights and labels in it."""
    file = onnx.load(rampart)
    matrices, new = _matrices(file), dict[str, npt.NDArray[np.generic]]()
    for name, module in [*_modules(encoder), (CLASSIFIER, encoder.classifier)]:
        new[name + ".bias"] = _array(module.bias)
        if isinstance(module, nn.Linear):
            weights, scales = matrices[name]
            new[weights], new[scales] = quantized(_array(module.weight))
        else:
            new[name + ".weight"] = _array(module.weight)
    new |= _bytes("bert.embeddings.token_type_embeddings.weight", _array(encoder.speaker.weight))
    for place, each in enumerate(file.graph.initializer):
        if each.name in new:
            made = numpy_helper.from_array(np.array(new[each.name], order="C"), each.name)
            file.graph.initializer[place].CopyFrom(made)
    _relabel(file, matrices[CLASSIFIER][0], labels)
    onnx.save(file, out)


def _relabel(file: onnx.ModelProto, classifier: str, labels: Sequence[str]) -> None:
    """The labels into the file, and their number where the graph names it."""
    for node in file.graph.node:
        if classifier in node.input:
            next(each for each in node.attribute if each.name == "N").i = len(labels)
    file.graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(labels)
    del file.metadata_props[:]
    entry = file.metadata_props.add()
    entry.key, entry.value = "labels", ",".join(labels)


def _modules(encoder: Encoder) -> Iterator[tuple[str, nn.Linear | nn.LayerNorm]]:
    """Every part that learns but the embeddings and the classifier, by its name in the file."""
    yield "bert.embeddings.LayerNorm", encoder.embedded
    for number, layer in enumerate(encoder.layers):
        for name, part in _LAYER.items():
            yield f"bert.encoder.layer.{number}.{part}", getattr(layer, name)


def _matrices(file: onnx.ModelProto) -> dict[str, tuple[str, str]]:
    """The names of 4-bit weights and scales, by the part whose matrix they are."""
    nodes = (node for node in file.graph.node if node.op_type == "MatMulNBits")
    return {
        node.name.strip("/").removesuffix("/MatMul_Q4").replace("/", "."): (node.input[1], node.input[2])
        for node in nodes
    }


def dequantized(weights: npt.NDArray[np.uint8], scales: Array) -> Array:
    """Rows of 4-bit numbers, two a byte, as numbers."""
    rows, blocks, _ = weights.shape
    pairs = np.stack([weights & MOST, weights >> 4], axis=-1).reshape(rows, blocks, BLOCK)
    whole = (pairs.astype(np.float32) - MIDDLE) * scales.reshape(rows, blocks, 1)
    return np.asarray(whole.reshape(rows, blocks * BLOCK), np.float32)


def quantized(matrix: Array) -> tuple[npt.NDArray[np.uint8], Array]:
    """The opposite: of some scales for each block the one that loses least."""
    blocks = matrix.reshape(len(matrix), -1, BLOCK)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(-1)[..., None], -1)
    tried = [_tried(blocks, largest * np.float32(shrink / -MIDDLE)) for shrink in SHRINKS]
    best = np.argmin([loss for _, _, loss in tried], axis=0)
    grid = np.choose(best, [numbers for numbers, _, _ in tried]).astype(np.uint8)
    scales = np.choose(best, [scale for _, scale, _ in tried])[..., 0]
    return grid[..., 0::2] | (grid[..., 1::2] << 4), np.asarray(scales, np.float32)


def _tried(blocks: Array, scale: Array) -> tuple[Array, Array, Array]:
    """Blocks on a grid of one scale each, the scale, and what is lost by it."""
    scale = np.where(scale == 0, np.float32(1e-8), scale)
    grid = np.clip(np.round(blocks / scale) + MIDDLE, LEAST, MOST)
    loss = (((grid - MIDDLE) * scale - blocks) ** 2).sum(axis=-1, keepdims=True)
    return grid, scale, loss


def _bytes(name: str, matrix: Array) -> dict[str, npt.NDArray[np.generic]]:
    """A matrix as bytes with one scale."""
    scale, zero = np.float32(np.abs(matrix).max() / 127), 128
    return {
        name + "_scale": np.array(scale, np.float32),
        name + "_zero_point": np.array(zero, np.uint8),
        name + "_quantized": np.clip(np.round(matrix / scale) + zero, 0, 255).astype(np.uint8),
    }


def _array(weights: torch.Tensor) -> Array:
    return np.asarray(weights.detach().numpy(), np.float32)


def _put(into: nn.Parameter, values: npt.NDArray[np.float32]) -> None:
    into.data = torch.from_numpy(np.array(values, np.float32))

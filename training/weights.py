"""Weights from Rampart's ONNX file into torch, and back into a copy of that file.

Rampart's file keeps matrices as 4-bit numbers in blocks of 32 with a scale each
(``MatMulNBits`` of onnxruntime), embeddings as bytes with one scale, the rest as it is.
Ours keeps matrices as bytes with a scale for each column: processors multiply bytes
twice as fast, and it finds the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from training.network import Encoder

Array = npt.NDArray[np.float32]
BLOCK, MIDDLE, MOST = 32, 8, 15
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
_EMBEDDED = {"piece": "word", "place": "position", "kind": "token_type"}


def load(path: Path, labels: Sequence[str]) -> Encoder:
    """Rampart's encoder, or what was made of it; a classifier that knows other labels is left to chance."""
    file = onnx.load(path)
    stored = {each.name: numpy_helper.to_array(each) for each in file.graph.initializer}
    encoder = Encoder(len(labels))
    for name, part in _EMBEDDED.items():
        rows = _scaled(stored, f"bert.embeddings.{part}_embeddings.weight")
        weight = getattr(encoder, name).weight
        # Rampart knows two kinds of pieces; whatever else there is begins like these.
        _put(weight, np.tile(rows, (len(weight) // len(rows), 1)))
    narrow = {_part(node): dequantized(*(stored[key] for key in node.input[1:3])) for node in _matrices(file)}
    parts = [*_modules(encoder)]
    if ",".join(labels) in (each.value for each in file.metadata_props):
        parts.append((CLASSIFIER, encoder.classifier))
    for name, module in parts:
        if not isinstance(module, nn.Linear):
            _put(module.weight, stored[name + ".weight"])
        else:
            _put(module.weight, narrow[name] if name in narrow else _scaled(stored, name + ".weight").T)
        _put(module.bias, stored[name + ".bias"])
    return encoder


def mean(paths: Sequence[Path], labels: Sequence[str]) -> Encoder:
    """The weights of several goes of one training, averaged (Izmailov et al., 2018)."""
    first, *others = (load(path, labels) for path in paths)
    weights = first.state_dict()
    for each in others:
        for name, value in each.state_dict().items():
            weights[name] = weights[name] + value
    first.load_state_dict({name: value / len(paths) for name, value in weights.items()})
    return first


def _scaled(stored: Mapping[str, npt.NDArray[np.generic]], name: str) -> Array:
    """Bytes with one scale, or one for each column, as numbers."""
    grid, zero = (np.asarray(stored[name + end], np.float32) for end in ("_quantized", "_zero_point"))
    return np.asarray((grid - zero) * np.asarray(stored[name + "_scale"]), np.float32)


def save(encoder: Encoder, labels: Sequence[str], rampart: Path, out: Path) -> None:
    """A copy of Rampart's file with these weights and labels in it, matrices as bytes."""
    file = onnx.load(rampart)
    new = _bytes("bert.embeddings.token_type_embeddings.weight", _array(encoder.kind.weight))
    modules = dict([*_modules(encoder), (CLASSIFIER, encoder.classifier)])
    for name, module in modules.items():
        new[name + ".bias"] = _array(module.bias)
        if not isinstance(module, nn.Linear):
            new[name + ".weight"] = _array(module.weight)
    for each in file.graph.initializer:
        if each.name in new:
            each.CopyFrom(numpy_helper.from_array(np.array(new[each.name], order="C"), each.name))
    for node in _matrices(file):
        _widen(file, node, _array(modules[_part(node)].weight))
    _drop_unused(file)
    quantize_dynamic(
        file, out, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"],
        extra_options={"MatMulConstBOnly": True},
    )  # fmt: skip
    _relabel(out, labels)


def _widen(file: onnx.ModelProto, node: onnx.NodeProto, matrix: Array) -> None:
    """A multiplication by 4-bit numbers made one by a whole matrix (outputs, inputs)."""
    name = _part(node) + ".weight"
    file.graph.initializer.append(numpy_helper.from_array(matrix.T.copy(), name))
    node.input[:], node.op_type, node.domain = [node.input[0], name], "MatMul", ""
    del node.attribute[:]


def _drop_unused(file: onnx.ModelProto) -> None:
    """What nothing reads any more out of the file."""
    read = {name for node in file.graph.node for name in node.input}
    kept = [each for each in file.graph.initializer if each.name in read]
    del file.graph.initializer[:]
    file.graph.initializer.extend(kept)


def _relabel(out: Path, labels: Sequence[str]) -> None:
    """The labels into the file, and their number where the graph names it."""
    file = onnx.load(out)
    file.graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(labels)
    del file.metadata_props[:]
    entry = file.metadata_props.add()
    entry.key, entry.value = "labels", ",".join(labels)
    onnx.save(file, out)


def _modules(encoder: Encoder) -> Iterator[tuple[str, nn.Linear | nn.LayerNorm]]:
    """Every part that learns but the embeddings and the classifier, by its name in the file."""
    yield "bert.embeddings.LayerNorm", encoder.embedded
    for number, layer in enumerate(encoder.layers):
        for name, part in _LAYER.items():
            yield f"bert.encoder.layer.{number}.{part}", getattr(layer, name)


def _matrices(file: onnx.ModelProto) -> list[onnx.NodeProto]:
    """The multiplications by 4-bit numbers."""
    return [node for node in file.graph.node if node.op_type == "MatMulNBits"]


def _part(node: onnx.NodeProto) -> str:
    """The name of the part whose multiplication it is."""
    return str(node.name).strip("/").removesuffix("/MatMul_Q4").replace("/", ".")


def dequantized(weights: npt.NDArray[np.uint8], scales: Array) -> Array:
    """Rows of 4-bit numbers, two a byte, as numbers."""
    rows, blocks, _ = weights.shape
    pairs = np.stack([weights & MOST, weights >> 4], axis=-1).reshape(rows, blocks, BLOCK)
    whole = (pairs.astype(np.float32) - MIDDLE) * scales.reshape(rows, blocks, 1)
    return np.asarray(whole.reshape(rows, blocks * BLOCK), np.float32)


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

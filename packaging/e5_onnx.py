"""Draw multilingual-e5-small as an int8 ONNX graph. Reads no file itself and runs nothing.

Written node by node with onnx's helpers: the exporter of torch needs a package more and changes with
each version; this graph is the same bytes every time. Weights are int8 with a scale per output channel, the
table of words int8 with a scale per row, activations are quantized as they come
(`DynamicQuantizeLinear`), which is what onnxruntime fuses into its fast int8 kernels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from e5_weights import Report, Weights
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 20  # the first with Gelu as one node
MASKED = -10000.0
WHOLE, SEVEN_BITS = 127, 63
"""Largest value of a quantized weight. Factors of a product keep to seven bits: AVX2 without VNNI adds two
products in sixteen bits and saturates, silently. It costs .0007 of cosine here."""


def quantize_rows(
    matrix: NDArray[np.float32], largest: int = SEVEN_BITS
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """int8 values (rows, columns) and one scale per row (rows,), symmetric about zero."""
    scale = np.abs(matrix).max(axis=1) / largest
    scale[scale == 0] = 1
    return np.rint(matrix / scale[:, None]).astype(np.int8), scale.astype(np.float32)


class _Graph:
    """Nodes and constants on their way to a model."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._known: set[str] = set()

    def constant(self, name: str, value: NDArray[Any]) -> str:
        if name not in self._known:
            self._known.add(name)
            self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def quantized(self, name: str, of: str) -> tuple[str, str, str]:
        """An activation as uint8 with its scale and zero point."""
        outputs = [f"{name}.u8", f"{name}.scale", f"{name}.zero"]
        self.nodes.append(helper.make_node("DynamicQuantizeLinear", [of], outputs, name=outputs[0]))
        return outputs[0], outputs[1], outputs[2]

    def linear(self, name: str, of: tuple[str, str, str], matrix: Any, bias: Any) -> str:
        """x W^T + b for a matrix (out, in) over a quantized activation."""
        values, scale = quantize_rows(matrix)
        weight = self.constant(f"{name}.w", values.T)
        zero = self.constant(f"{name}.w.zero", np.zeros(len(scale), np.int8))
        product = self.node("MatMulInteger", [of[0], weight, of[2], zero], f"{name}.int")
        product = self.node("Cast", [product], f"{name}.float", to=TensorProto.FLOAT)
        scales = self.node("Mul", [of[1], self.constant(f"{name}.w.scale", scale)], f"{name}.scales")
        product = self.node("Mul", [product, scales], f"{name}.scaled")
        return self.node("Add", [product, self.constant(f"{name}.b", bias)], name)

    def norm(self, name: str, of: str, weights: Weights, tensor: str) -> str:
        scale = self.constant(f"{name}.weight", weights.tensor(f"{tensor}.w"))
        bias = self.constant(f"{name}.bias", weights.tensor(f"{tensor}.b"))
        return self.node(
            "LayerNormalization", [of, scale, bias], name, axis=-1, epsilon=weights.shape.epsilon
        )


def _embeddings(graph: _Graph, weights: Weights) -> str:
    """Word + position + the one token type that is ever used, normalized: (batch, tokens, hidden)."""
    values, scale = quantize_rows(weights.tensor("emb.word"), WHOLE)
    table, scales = graph.constant("words", values), graph.constant("words.scale", scale[:, None])
    rows = graph.node("Gather", [table, "input_ids"], "words.rows")
    rows = graph.node("Cast", [rows], "words.float", to=TensorProto.FLOAT)
    row_scales = graph.node("Gather", [scales, "input_ids"], "words.scales")
    words = graph.node("Mul", [rows, row_scales], "words.scaled")
    positions = weights.tensor("emb.pos") + weights.tensor("emb.type")[0]
    table = graph.constant("positions", positions)
    graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    start = graph.constant("start", np.array([0], np.int64))
    first = graph.node("Slice", [table, start, "length"], "positions.first")
    summed = graph.node("Add", [words, first], "embedded")
    return graph.norm("embedded.norm", summed, weights, "emb.ln")


def _attention(graph: _Graph, weights: Weights, layer: int, hidden: str) -> str:
    """What the layer's heads bring: (batch, tokens, hidden)."""
    shape, at = weights.shape, f"layer{layer}"
    width = shape.hidden // shape.heads
    # one product for query, key and value; the query brings the 1/sqrt(width) of attention with it
    root = np.float32(width**-0.5)
    parts = [weights.tensor(f"l{layer}.{part}.w") for part in "qkv"]
    biases = [weights.tensor(f"l{layer}.{part}.b") for part in "qkv"]
    matrix, bias = (
        np.concatenate([parts[0] * root, *parts[1:]]),
        np.concatenate([biases[0] * root, *biases[1:]]),
    )
    joined = graph.linear(f"{at}.qkv", graph.quantized(f"{at}.in", hidden), matrix, bias)
    thirds = [f"{at}.{part}" for part in "qkv"]
    graph.nodes.append(
        helper.make_node("Split", [joined], thirds, name=f"{at}.split", axis=-1, num_outputs=3)
    )
    by_head = graph.constant("by_head", np.array([0, 0, shape.heads, width], np.int64))
    whole = graph.constant("whole", np.array([0, 0, shape.hidden], np.int64))
    cut = [graph.node("Reshape", [third, by_head], f"{third}.heads") for third in thirds]
    query, value = (
        graph.node("Transpose", [cut[i]], f"{thirds[i]}.turned", perm=[0, 2, 1, 3]) for i in (0, 2)
    )
    key = graph.node("Transpose", [cut[1]], f"{thirds[1]}.turned", perm=[0, 2, 3, 1])
    scores = graph.node("MatMul", [query, key], f"{at}.scores")
    scores = graph.node("Add", [scores, "mask.bias"], f"{at}.masked")
    shares = graph.node("Softmax", [scores], f"{at}.shares", axis=-1)
    mixed = graph.node("MatMul", [shares, value], f"{at}.mixed")
    mixed = graph.node("Transpose", [mixed], f"{at}.mixed.turned", perm=[0, 2, 1, 3])
    mixed = graph.node("Reshape", [mixed, whole], f"{at}.mixed.whole")
    return graph.linear(
        f"{at}.attention",
        graph.quantized(f"{at}.mixed", mixed),
        weights.tensor(f"l{layer}.ao.w"),
        weights.tensor(f"l{layer}.ao.b"),
    )


def _feed_forward(graph: _Graph, weights: Weights, layer: int, hidden: str) -> str:
    at = f"layer{layer}"
    tensors = {name: weights.tensor(f"l{layer}.{name}") for name in ("fi.w", "fi.b", "fo.w", "fo.b")}
    wide = graph.linear(
        f"{at}.wide", graph.quantized(f"{at}.middle", hidden), tensors["fi.w"], tensors["fi.b"]
    )
    wide = graph.node("Gelu", [wide], f"{at}.gelu")
    return graph.linear(f"{at}.narrow", graph.quantized(f"{at}.gelu", wide), tensors["fo.w"], tensors["fo.b"])


def build(weights: Weights, report: Report) -> onnx.ModelProto:
    """The graph: `input_ids` and `attention_mask` (batch, tokens) int64 to `last_hidden_state`."""
    graph, layers = _Graph(), weights.shape.layers
    hidden = _embeddings(graph, weights)
    mask = graph.node("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
    away = graph.node("Sub", [graph.constant("one", np.float32(1)), mask], "mask.away")
    away = graph.node("Mul", [away, graph.constant("masked", np.float32(MASKED))], "mask.large")
    graph.node("Unsqueeze", [away, graph.constant("axes", np.array([1, 2], np.int64))], "mask.bias")
    report(0.4)
    for layer in range(layers):
        last = layer == layers - 1
        attended = graph.node("Add", [_attention(graph, weights, layer, hidden), hidden], f"layer{layer}.sum")
        attended = graph.norm(f"layer{layer}.norm", attended, weights, f"l{layer}.aln")
        summed = _feed_forward(graph, weights, layer, attended)
        summed = graph.node("Add", [summed, attended], f"layer{layer}.sum2")
        hidden = graph.norm(
            "last_hidden_state" if last else f"layer{layer}.out", summed, weights, f"l{layer}.oln"
        )
        report(0.4 + 0.5 * (layer + 1) / layers)
    return _model(graph, weights.shape.hidden)


def _model(graph: _Graph, hidden: int) -> onnx.ModelProto:
    tokens = ["batch", "tokens"]
    drawn = helper.make_graph(
        graph.nodes,
        "multilingual-e5-small",
        [
            helper.make_tensor_value_info("input_ids", TensorProto.INT64, tokens),
            helper.make_tensor_value_info("attention_mask", TensorProto.INT64, tokens),
        ],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*tokens, hidden])],
        graph.constants,
    )
    return helper.make_model(
        drawn, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10, producer_name="sobremesa"
    )


def write_onnx(weights: Weights, target: Path, report: Report) -> None:
    """The int8 graph as one file. Raises OSError when the disk is full."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(build(weights, report).SerializeToString(deterministic=True))
    report(1.0)

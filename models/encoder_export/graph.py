"""The encoder as an ONNX graph, written directly in ONNX Runtime's fused operators.

Tracing PyTorch and hoping that an optimiser finds the fusions needs PyTorch and differs with its versions.
The architecture (BERT with six layers) is small and fixed, so the graph is written down: token ids and mask in, one
vector of unit length per text out. Pooling and normalisation follow sentence-transformers' all-MiniLM-L6-v2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.encoder_export.quantization import quantize_columns, quantize_rows

Weights = Mapping[str, npt.NDArray[np.float32]]

OPSET = 17
IR_VERSION = 8
CONTRIB = "com.microsoft"
MASKED = -10000.0


@dataclass(frozen=True)
class Architecture:
    """The numbers of the published config.json that decide the graph's shape."""

    hidden: int
    layers: int
    heads: int
    max_tokens: int
    epsilon: float


@dataclass
class _Graph:
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    initializers: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, op: str, inputs: list[str], output: str, *, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, domain=domain, **attributes))
        return output


def build(weights: Weights, architecture: Architecture) -> onnx.ModelProto:
    """Build the int8 graph. Inputs ``input_ids`` and ``attention_mask``: int32 (batch, tokens); output ``vectors``:
    float32 (batch, hidden). Raises KeyError when a weight is missing. The same weights give the same bytes."""
    graph = _Graph()
    state = _embeddings(graph, weights, architecture)
    for layer in range(architecture.layers):
        state = _layer(graph, weights, architecture, layer, state)
    _pool(graph, state)
    shape = ["batch", "tokens"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "all-MiniLM-L6-v2",
            [
                helper.make_tensor_value_info(name, TensorProto.INT32, shape)
                for name in ("input_ids", "attention_mask")
            ],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", architecture.hidden])],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)],
        ir_version=IR_VERSION,
        producer_name="parley",
    )
    onnx.checker.check_model(model)
    return model


def _embeddings(graph: _Graph, weights: Weights, architecture: Architecture) -> str:
    table, scales = quantize_rows(weights["embeddings.word_embeddings.weight"])
    rows = graph.node("Gather", [graph.constant("words", table), "input_ids"], "words.rows")
    scale = graph.node("Gather", [graph.constant("words.scales", scales), "input_ids"], "words.scale")
    cast = graph.node("Cast", [rows], "words.cast", to=TensorProto.FLOAT)
    words = graph.node("Mul", [cast, scale], "words.real")
    # Every text is of segment 0, so its embedding is a constant of the position.
    positions = weights["embeddings.position_embeddings.weight"][: architecture.max_tokens]
    table_name = graph.constant(
        "positions", positions + weights["embeddings.token_type_embeddings.weight"][0]
    )
    length = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    zero = graph.constant("zero", np.array([0], dtype=np.int64))
    sliced = graph.node("Slice", [table_name, zero, length, zero], "positions.used")
    total = graph.node("Add", [words, sliced], "embeddings.sum")
    return graph.node(
        "LayerNormalization",
        [total, *_norm(graph, weights, "embeddings.LayerNorm")],
        "embeddings.out",
        axis=-1,
        epsilon=architecture.epsilon,
    )


def _layer(graph: _Graph, weights: Weights, architecture: Architecture, layer: int, state: str) -> str:
    source = f"encoder.layer.{layer}"
    attended = _attention(graph, weights, architecture, layer, state)
    dense = _matmul(
        graph, weights, [f"{source}.attention.output.dense"], f"layer{layer}.attention.dense", attended
    )
    bias = graph.constant(f"layer{layer}.attention.bias", weights[f"{source}.attention.output.dense.bias"])
    middle = graph.node(
        "SkipLayerNormalization",
        [dense, state, *_norm(graph, weights, f"{source}.attention.output.LayerNorm"), bias],
        f"layer{layer}.middle",
        domain=CONTRIB,
        epsilon=architecture.epsilon,
    )
    wide = _matmul(graph, weights, [f"{source}.intermediate.dense"], f"layer{layer}.wide", middle)
    wide_bias = graph.constant(f"layer{layer}.wide.bias", weights[f"{source}.intermediate.dense.bias"])
    activated = graph.node("BiasGelu", [wide, wide_bias], f"layer{layer}.gelu", domain=CONTRIB)
    narrow = _matmul(graph, weights, [f"{source}.output.dense"], f"layer{layer}.narrow", activated)
    narrow_bias = graph.constant(f"layer{layer}.narrow.bias", weights[f"{source}.output.dense.bias"])
    return graph.node(
        "SkipLayerNormalization",
        [narrow, middle, *_norm(graph, weights, f"{source}.output.LayerNorm"), narrow_bias],
        f"layer{layer}.out",
        domain=CONTRIB,
        epsilon=architecture.epsilon,
    )


def _attention(graph: _Graph, weights: Weights, architecture: Architecture, layer: int, state: str) -> str:
    names = [f"encoder.layer.{layer}.attention.self.{part}" for part in ("query", "key", "value")]
    joined = _matmul(graph, weights, names, f"layer{layer}.qkv", state)
    parts = [f"layer{layer}.{part}" for part in ("query", "key", "value")]
    graph.nodes.append(helper.make_node("Split", [joined], parts, name=f"layer{layer}.split", axis=-1))
    bias = graph.constant(
        f"layer{layer}.qkv.bias", np.concatenate([weights[f"{name}.bias"] for name in names])
    )
    return graph.node(
        "MultiHeadAttention",
        [*parts, bias, "attention_mask"],
        f"layer{layer}.attended",
        domain=CONTRIB,
        num_heads=architecture.heads,
        mask_filter_value=MASKED,
    )


def _matmul(graph: _Graph, weights: Weights, sources: list[str], name: str, state: str) -> str:
    weight = np.concatenate([weights[f"{source}.weight"].T for source in sources], axis=1)
    quantized, scales = quantize_columns(weight)
    return graph.node(
        "DynamicQuantizeMatMul",
        [state, graph.constant(f"{name}.weight", quantized), graph.constant(f"{name}.scales", scales)],
        name,
        domain=CONTRIB,
    )


def _norm(graph: _Graph, weights: Weights, source: str) -> list[str]:
    return [graph.constant(f"{source}.{part}", weights[f"{source}.{part}"]) for part in ("weight", "bias")]


def _pool(graph: _Graph, state: str) -> None:
    """Mean over the real tokens, then unit length: the mean's divisor cancels, so the sum is normalised directly."""
    axis = graph.constant("token_axis", np.array([2], dtype=np.int64))
    mask = graph.node("Cast", ["attention_mask"], "mask.real", to=TensorProto.FLOAT)
    column = graph.node("Unsqueeze", [mask, axis], "mask.column")
    kept = graph.node("Mul", [state, column], "tokens.kept")
    tokens = graph.constant("sum_axis", np.array([1], dtype=np.int64))
    total = graph.node("ReduceSum", [kept, tokens], "tokens.sum", keepdims=0)
    graph.node("LpNormalization", [total], "vectors", axis=-1, p=2)

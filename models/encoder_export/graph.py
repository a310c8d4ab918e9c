"""The encoder as an ONNX graph, written directly in ONNX Runtime's fused operators.

Tracing PyTorch and hoping that an optimiser finds the fusions needs PyTorch and differs with its versions.
The architecture (BERT with six layers) is small and fixed, so the graph is written down: token ids and mask in, one
vector of unit length per text out. Pooling and normalisation follow sentence-transformers' all-MiniLM-L6-v2.

No activation's scale depends on the batch, or a text's vector would depend on the texts it happens to be encoded with:
most are fixed beforehand, and behind the activation function each token has its own (docs/adr/0020).

Between the layers the state is a matrix of (batch × tokens, hidden), so that a row can have its own scale.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.encoder_export.architecture import Architecture, Weights
from models.encoder_export.calibration import Ranges, ranges
from models.encoder_export.quantization import evened, quantize_columns, quantize_rows

OPSET = 17
IR_VERSION = 8
CONTRIB = "com.microsoft"
MASKED = -10000.0
ZERO_POINT, LOW_ZERO_POINT = 128, 16
"""What stands for 0 in eight bits: the middle, and, where nothing is below -0.17, near the bottom."""
LOWEST = 0.17
"""The least that GELU gives has this magnitude."""
MIDDLE = (2, 3, 4)
"""Layers, counted from 1, whose states the output ``middle`` holds: the best by cross-validation of the sentiment head
(docs/adr/0100)."""


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


@dataclass(frozen=True)
class Branch:
    """Layers `first` and up with weights of their own, under the published names; `tags` is the tag head's weight
    (tags, 2 × hidden), on the state above and below the branch, and its bias."""

    first: int
    weights: Weights
    tags: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]] | None = None


def build(weights: Weights, architecture: Architecture) -> onnx.ModelProto:
    """Build the int8 graph. Inputs ``input_ids`` and ``attention_mask``: int32 (batch, tokens); outputs ``vectors``:
    float32 (batch, hidden), and ``middle``: float32 (batch, 3 × hidden), the same of three middle layers, which know
    more of tone. Raises KeyError when a weight is missing. The same weights give the same bytes."""
    return _model(*_published(weights, architecture)[:2])


def build_with_branch(weights: Weights, architecture: Architecture, branch: Branch) -> onnx.ModelProto:
    """The same graph with a second tower on its lower layers: one pass gives what both say.

    Further outputs: ``adapted``, the branch's vectors (batch, hidden), and, with a tag head, ``tags``: float32 (batch,
    tokens, tags). ``vectors`` stays what :func:`build` gives.
    """
    graph, outputs, states = _published(weights, architecture)
    state = below = states[branch.first]
    reached = ranges({**weights, **branch.weights}, architecture)
    for layer in range(branch.first, architecture.layers):
        state = _layer(graph, branch.weights, reached[layer], architecture, layer, state, tower="adapted.")
    _pool(graph, state, "adapted")
    outputs.append(_floats("adapted", "batch", architecture.hidden))
    if branch.tags is not None:
        weight, bias = branch.tags
        both = graph.node("Concat", [state, below], "tags.states", axis=-1)
        product = graph.node("MatMul", [both, graph.constant("tags.weight", weight.T)], "tags.product")
        flat = graph.node("Add", [product, graph.constant("tags.bias", bias)], "tags.flat")
        graph.node("Reshape", [flat, "cube"], "tags")
        outputs.append(_floats("tags", "batch", "tokens", len(bias)))
    return _model(graph, outputs)


def replace_tag_head(
    model: onnx.ModelProto, weight: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]
) -> None:
    """Another tag head of the same shape, in place."""
    values = {"tags.weight": weight.T, "tags.bias": bias}
    for tensor in model.graph.initializer:
        if tensor.name in values:
            value = np.ascontiguousarray(values[tensor.name])
            tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))


def _published(
    weights: Weights, architecture: Architecture
) -> tuple[_Graph, list[onnx.ValueInfoProto], list[str]]:
    """The published tower, its outputs, and the names of the states below each layer."""
    graph = _Graph()
    _shared(graph, architecture)
    states = [_embeddings(graph, weights, architecture)]
    for layer, reached in enumerate(ranges(weights, architecture)):
        states.append(_layer(graph, weights, reached, architecture, layer, states[-1]))
    _pool(graph, states[-1], "vectors")
    pooled = [_pool(graph, states[layer], f"middle.{layer}") for layer in MIDDLE]
    graph.node("Concat", pooled, "middle", axis=-1)
    outputs = [
        _floats("vectors", "batch", architecture.hidden),
        _floats("middle", "batch", len(MIDDLE) * architecture.hidden),
    ]
    return graph, outputs, states


def _floats(name: str, *shape: str | int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _model(graph: _Graph, outputs: list[onnx.ValueInfoProto]) -> onnx.ModelProto:
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT32, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", inputs, outputs, graph.initializers),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)],
        ir_version=IR_VERSION,
        producer_name="parley",
    )
    onnx.checker.check_model(model)
    return model


def _shared(graph: _Graph, architecture: Architecture) -> None:
    """Constants and shapes that several nodes use."""
    graph.constant("one", np.array(1, np.float32))
    graph.constant("zero_point", np.array(ZERO_POINT, np.uint8))
    graph.constant("low", np.array(LOW_ZERO_POINT, np.uint8))
    graph.constant("low.level", np.array(1 / (255 - LOW_ZERO_POINT), np.float32))
    graph.constant("low.least", np.array(LOWEST / LOW_ZERO_POINT, np.float32))
    graph.constant("axis1", np.array([1], np.int64))
    graph.constant("axis2", np.array([2], np.int64))
    graph.constant("rest", np.array([-1], np.int64))
    graph.constant("matrix", np.array([-1, architecture.hidden], np.int64))
    mask = graph.node("Cast", ["attention_mask"], "mask.real", to=TensorProto.FLOAT)
    graph.node("Unsqueeze", [mask, "axis2"], "mask.column")
    graph.node("Shape", ["input_ids"], "batch_tokens")
    graph.node("Concat", ["batch_tokens", "rest"], "cube", axis=0)
    graph.node("Size", ["input_ids"], "rows.scalar")
    graph.node("Reshape", ["rows.scalar", "rest"], "rows")
    zero_points = helper.make_tensor("value", TensorProto.UINT8, [1], [LOW_ZERO_POINT])
    graph.node("ConstantOfShape", ["rows"], "lows", value=zero_points)


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
    used = graph.node("Slice", [table_name, zero, length, zero], "positions.used")
    total = graph.node("Add", [words, used], "embeddings.sum")
    flat = graph.node("Reshape", [total, "matrix"], "embeddings.flat")
    return _norm(graph, weights, architecture, "embeddings.LayerNorm", flat)


def _layer(
    graph: _Graph,
    weights: Weights,
    reached: Ranges,
    architecture: Architecture,
    layer: int,
    state: str,
    tower: str = "",
) -> str:
    source, name = f"encoder.layer.{layer}", f"{tower}layer{layer}"
    attended = _attention(graph, weights, reached, architecture, source, name, state)
    dense = _product(
        graph, weights, [f"{source}.attention.output.dense"], f"{name}.dense", attended, reached.attended
    )
    total = graph.node("Add", [dense, state], f"{name}.dense.sum")
    middle = _norm(graph, weights, architecture, f"{source}.attention.output.LayerNorm", total, tower)
    wide = _product(graph, weights, [f"{source}.intermediate.dense"], f"{name}.wide", middle, reached.wide)
    activated = graph.node("Gelu", [wide], f"{name}.gelu", domain=CONTRIB)
    narrow = _product_by_row(graph, weights, f"{source}.output.dense", f"{name}.narrow", activated)
    # Plain nodes: ONNX Runtime's SkipLayerNormalization took twice their time on a CPU.
    total = graph.node("Add", [narrow, middle], f"{name}.narrow.sum")
    return _norm(graph, weights, architecture, f"{source}.output.LayerNorm", total, tower)


def _attention(
    graph: _Graph,
    weights: Weights,
    reached: Ranges,
    architecture: Architecture,
    source: str,
    name: str,
    state: str,
) -> str:
    sources = [f"{source}.attention.self.{part}" for part in ("query", "key", "value")]
    joined = _product(graph, weights, sources, f"{name}.qkv", state, reached.attention)
    cube = graph.node("Reshape", [joined, "cube"], f"{name}.qkv.cube")
    parts = [f"{name}.{part}" for part in ("query", "key", "value")]
    graph.nodes.append(helper.make_node("Split", [cube], parts, name=f"{name}.split", axis=-1))
    attended = graph.node(
        "MultiHeadAttention",
        [*parts, "", "attention_mask"],
        f"{name}.attended",
        domain=CONTRIB,
        num_heads=architecture.heads,
        mask_filter_value=MASKED,
    )
    return graph.node("Reshape", [attended, "matrix"], f"{name}.attended.flat")


def _product(
    graph: _Graph,
    weights: Weights,
    sources: list[str],
    name: str,
    state: str,
    reached: npt.NDArray[np.float32],
) -> str:
    """``state`` (rows, inputs) by int8 weights, and the bias; the state's scale is fixed."""
    weight = np.concatenate([weights[f"{source}.weight"].T for source in sources], axis=1)
    factors, scale = evened(weight, reached)
    quantized, scales = quantize_columns(weight * factors[:, np.newaxis])
    divided = graph.node("Mul", [state, graph.constant(f"{name}.factors", 1 / factors)], f"{name}.divided")
    fixed = graph.constant(f"{name}.scale", np.array(scale, np.float32))
    rows = graph.node("QuantizeLinear", [divided, fixed, "zero_point"], f"{name}.rows")
    bias = np.concatenate([weights[f"{source}.bias"] for source in sources])
    constants = [
        graph.constant(f"{name}.{part}", value)
        for part, value in (("weight", quantized), ("scales", scales), ("bias", bias))
    ]
    return graph.node(
        "MatMulIntegerToFloat",
        [rows, constants[0], fixed, constants[1], "zero_point", "", constants[2]],
        name,
        domain=CONTRIB,
    )


def _product_by_row(graph: _Graph, weights: Weights, source: str, name: str, state: str) -> str:
    """What GELU gives, ``state`` (rows, inputs), by int8 weights, and the bias; each row has a scale of its own."""
    quantized, scales = quantize_columns(weights[f"{source}.weight"].T)
    largest = graph.node("ReduceMax", [state], f"{name}.largest", axes=[-1], keepdims=0)
    level = graph.node("Mul", [largest, "low.level"], f"{name}.level")
    row_scales = graph.node("Max", [level, "low.least"], f"{name}.row_scales")
    rows = graph.node("QuantizeLinear", [state, row_scales, "lows"], f"{name}.rows", axis=0)
    constants = [graph.constant(f"{name}.weight", quantized), "one", graph.constant(f"{name}.scales", scales)]
    product = graph.node("MatMulIntegerToFloat", [rows, *constants, "low"], f"{name}.product", domain=CONTRIB)
    column = graph.node("Unsqueeze", [row_scales, "axis1"], f"{name}.column")
    scaled = graph.node("Mul", [product, column], f"{name}.scaled")
    return graph.node("Add", [scaled, graph.constant(f"{name}.bias", weights[f"{source}.bias"])], name)


def _norm(
    graph: _Graph, weights: Weights, architecture: Architecture, source: str, state: str, tower: str = ""
) -> str:
    name = f"{tower}{source}"
    constants = [graph.constant(f"{name}.{part}", weights[f"{source}.{part}"]) for part in ("weight", "bias")]
    return graph.node(
        "LayerNormalization", [state, *constants], f"{name}.out", axis=-1, epsilon=architecture.epsilon
    )


def _pool(graph: _Graph, state: str, output: str) -> str:
    """Mean over the real tokens, then unit length: the mean's divisor cancels, so the sum is normalised directly."""
    cube = graph.node("Reshape", [state, "cube"], f"{output}.cube")
    kept = graph.node("Mul", [cube, "mask.column"], f"{output}.kept")
    total = graph.node("ReduceSum", [kept, "axis1"], f"{output}.sum", keepdims=0)
    return graph.node("LpNormalization", [total], output, axis=-1, p=2)

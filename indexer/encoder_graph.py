"""The default encoder as an ONNX graph, written straight from its weights.

The same network as sentence-transformers runs (BERT, mean over the tokens, unit length), without
loading torch to trace it: a machine's first start is a quarter of a minute shorter. The query,
key and value of a layer are one product, and the scale of attention stands in the weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from indexer.encoder_weights import Array, Shape

OPSET = 20


class _Graph:
    """Collects nodes and weights; every call gives the name of what it makes."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.weights: dict[str, NDArray[Any]] = {}

    def constant(self, name: str, value: Any) -> str:
        self.weights[name] = np.asarray(value)
        return name

    def node(self, kind: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        name = out or f"{kind.lower()}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def linear(self, name: str, x: str, weight: Array, bias: Array) -> str:
        product = self.node("MatMul", x, self.constant(f"{name}.w", np.ascontiguousarray(weight.T)))
        return self.node("Add", product, self.constant(f"{name}.b", bias))


def write(path: Path, shape: Shape, state: dict[str, Array]) -> None:
    """Write the graph of a model with that shape and those weights (names as BertModel's).

    Inputs ``input_ids`` and ``attention_mask``, int64 (texts, tokens); output ``embedding``,
    float32 (texts, hidden), rows of length one.
    """
    graph = _Graph()
    x = _embedded(graph, shape, state)
    kept = graph.node("Cast", "attention_mask", to=TensorProto.FLOAT)
    bias = _mask_bias(graph, kept)
    for layer in range(shape.layers):
        x = _layer(graph, shape, state, f"encoder.layer.{layer}", x, bias)
    _pooled(graph, x, kept)
    axes: list[str | int] = ["texts", "tokens"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "encoder",
            [
                helper.make_tensor_value_info(name, TensorProto.INT64, axes)
                for name in ("input_ids", "attention_mask")
            ],
            [
                helper.make_tensor_value_info(
                    "embedding", TensorProto.FLOAT, ["texts", shape.hidden]
                )
            ],
            [numpy_helper.from_array(value, name) for name, value in graph.weights.items()],
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=10,
    )
    onnx.save(model, str(path))


def _norm(graph: _Graph, shape: Shape, state: dict[str, Array], name: str, x: str) -> str:
    scale = graph.constant(f"{name}.scale", state[f"{name}.weight"])
    shift = graph.constant(f"{name}.shift", state[f"{name}.bias"])
    return graph.node("LayerNormalization", x, scale, shift, axis=-1, epsilon=shape.epsilon)


def _embedded(graph: _Graph, shape: Shape, state: dict[str, Array]) -> str:
    words = graph.constant("words", state["embeddings.word_embeddings.weight"])
    # Every text is of the first type, so its vector joins those of the positions.
    places = graph.constant(
        "places",
        state["embeddings.position_embeddings.weight"]
        + state["embeddings.token_type_embeddings.weight"][0],
    )
    tokens = graph.node(
        "Gather", graph.node("Shape", "input_ids"), graph.constant("second", np.array([1]))
    )
    first = graph.constant("zero", np.array([0]))
    here = graph.node("Slice", places, first, tokens, first)
    summed = graph.node("Add", graph.node("Gather", words, "input_ids"), here)
    return _norm(graph, shape, state, "embeddings.LayerNorm", summed)


def _mask_bias(graph: _Graph, kept: str) -> str:
    """Zero for tokens that are there, very low for padding; shape (texts, 1, 1, tokens)."""
    gone = graph.node("Sub", graph.constant("one", np.float32(1)), kept)
    low = graph.node("Mul", gone, graph.constant("low", np.float32(-1e9)))
    return graph.node("Unsqueeze", low, graph.constant("heads_axes", np.array([1, 2])))


def _layer(
    graph: _Graph, shape: Shape, state: dict[str, Array], name: str, x: str, bias: str
) -> str:
    size = shape.hidden // shape.heads
    scale = np.float32(1 / np.sqrt(size))
    parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
    weight = np.concatenate([state[f"{part}.weight"] for part in parts])
    shift = np.concatenate([state[f"{part}.bias"] for part in parts])
    weight[: shape.hidden] *= scale
    shift[: shape.hidden] *= scale
    joint = graph.linear(f"{name}.qkv", x, weight, shift)
    split = graph.node(
        "Reshape", joint, graph.constant("by_head", np.array([0, 0, 3, shape.heads, size]))
    )
    apart = graph.node("Transpose", split, perm=[2, 0, 3, 1, 4])
    query, key, value = (
        graph.node("Gather", apart, graph.constant(f"part{i}", np.array(i)), axis=0)
        for i in range(3)
    )
    scores = graph.node("MatMul", query, graph.node("Transpose", key, perm=[0, 1, 3, 2]))
    weights = graph.node("Softmax", graph.node("Add", scores, bias), axis=-1)
    mixed = graph.node("Transpose", graph.node("MatMul", weights, value), perm=[0, 2, 1, 3])
    joined = graph.node("Reshape", mixed, graph.constant("joined", np.array([0, 0, shape.hidden])))

    def dense(part: str, given: str) -> str:
        own = f"{name}.{part}.dense"
        return graph.linear(own, given, state[f"{own}.weight"], state[f"{own}.bias"])

    attended = graph.node("Add", dense("attention.output", joined), x)
    x = _norm(graph, shape, state, f"{name}.attention.output.LayerNorm", attended)
    wide = graph.node("Gelu", dense("intermediate", x))
    return _norm(
        graph,
        shape,
        state,
        f"{name}.output.LayerNorm",
        graph.node("Add", dense("output", wide), x),
    )


def _pooled(graph: _Graph, x: str, kept: str) -> None:
    last = graph.constant("last", np.array([-1]))
    middle = graph.constant("middle", np.array([1]))
    total = graph.node(
        "ReduceSum",
        graph.node("Mul", x, graph.node("Unsqueeze", kept, last)),
        middle,
        keepdims=0,
    )
    count = graph.node("ReduceSum", kept, middle, keepdims=1)
    mean = graph.node("Div", total, count)
    graph.node("LpNormalization", mean, axis=-1, p=2, out="embedding")

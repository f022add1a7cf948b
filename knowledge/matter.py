"""Whether a question's meaning lies among the matters of these laws: a border through the vectors.

The border (``matter.safetensors``) is fitted for one encoder by ``indexer.training.matter``, on
questions written for the laws and on questions that nothing here answers. It is kept as questions
near it, in eight bits each, with what each weighs; the nearer one is to a question, the more it
counts. With another encoder it is silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

FILE = Path(__file__).with_name("matter.safetensors")
_STEPS = 127


@dataclass(frozen=True)
class Border:
    """Vectors of length one near the border (a row each), what each weighs, what is added, how
    fast nearness falls off, and the encoder they are of."""

    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: float
    gamma: float
    encoder: str

    def side(self, vector: NDArray[np.float32]) -> float:
        """Above zero: one of our matters; the further, the surer."""
        near = np.exp(2 * self.gamma * (self.vectors @ vector - 1))
        return float(near @ self.weights) + self.bias

    def save(self, file: Path) -> None:
        """Write it, the vectors in eight bits."""
        scale = np.abs(self.vectors).max(axis=1, keepdims=True) / _STEPS
        held = {
            "vectors": np.rint(self.vectors / scale).astype(np.int8),
            "scale": scale.astype(np.float32),
            "weights": self.weights.astype(np.float32),
        }
        about = {"bias": str(self.bias), "gamma": str(self.gamma), "encoder": self.encoder}
        save_file(held, str(file), metadata=about)


@cache
def border(file: Path = FILE) -> Border | None:
    """The border at hand; None when there is none."""
    if not file.exists():
        return None
    with safe_open(str(file), framework="np") as opened:
        about: dict[str, str] = opened.metadata()
        vectors = opened.get_tensor("vectors").astype(np.float32) * opened.get_tensor("scale")
        return Border(
            vectors=np.asarray(vectors, dtype=np.float32),
            weights=opened.get_tensor("weights"),
            bias=float(about["bias"]),
            gamma=float(about["gamma"]),
            encoder=about["encoder"],
        )


def side_of(vector: NDArray[np.float32], encoder: str) -> float:
    """On which side of the border a question lies; 0 when the border is for another encoder."""
    held = border()
    return held.side(vector) if held and held.encoder == encoder else 0.0

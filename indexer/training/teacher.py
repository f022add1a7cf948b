"""The teacher's adapter: small matrices that taught the whole base how workers ask.

A weight W of the base becomes W + scale * (b @ a), with a of shape (rank, in) and b of
shape (out, rank). How it was made and what it brings: docs/encoder.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

FILE = Path(__file__).with_name("teacher.safetensors")


class AdapterFaulty(Exception):
    """The adapter's file cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Adapter:
    """The matrices by the weight they change, and the fingerprint of the base they are for."""

    pairs: Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
    scale: float
    base: str

    def merged(self, state: Mapping[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
        """The base's weights with the adapter added. Raises AdapterFaulty for an unknown weight."""
        out = dict(state)
        for name, (a, b) in self.pairs.items():
            weight = f"{name}.weight"
            if weight not in out or out[weight].shape != (b.shape[0], a.shape[1]):
                raise AdapterFaulty(f"{FILE.name}: {name} không có trong bộ mã hoá gốc. {_ADVICE}")
            out[weight] = out[weight] + np.float32(self.scale) * (b @ a)
        return out


_ADVICE = "Hãy lấy lại tệp này từ kho mã nguồn, hoặc huấn luyện lại (docs/encoder.md)."


def load(file: Path = FILE) -> Adapter:
    """Read an adapter. Raises AdapterFaulty."""
    try:
        with safe_open(str(file), framework="np") as opened:
            about: dict[str, str] = opened.metadata() or {}
            held = {name: opened.get_tensor(name).astype(np.float32) for name in opened.keys()}  # noqa: SIM118
        names = sorted({name.rpartition(".")[0] for name in held})
        pairs = {name: (held[f"{name}.a"], held[f"{name}.b"]) for name in names}
        return Adapter(pairs, float(about["scale"]), about["base"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise AdapterFaulty(f"{file.name} không đọc được ({error}). {_ADVICE}") from error


def save(matrices: Mapping[str, Any], file: Path, *, scale: float, base: str) -> None:
    """Write an adapter as half-precision numbers; ``matrices`` are named "<weight>.a" and ".b"."""
    held = {name: np.asarray(value).astype(np.float16) for name, value in matrices.items()}
    save_file(held, str(file), metadata={"scale": str(scale), "base": base})

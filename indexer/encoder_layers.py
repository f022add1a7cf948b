"""The layers taught for this work, which take the place of the default encoder's own.

They are half as many as the base has, so a question costs half the time. Kept as eight-bit numbers
in blocks of 64 with a scale each, so that the file is small; whatever is encoded, here and in
serving, is encoded with the numbers as kept. How they were made: docs/encoder.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from indexer.encoder_weights import Array, Decoded

FILE = Path(__file__).with_name("encoder_layers.safetensors")
_BLOCK = 64
PREFIX = "encoder.layer."
_ADVICE = "Hãy lấy lại tệp này từ kho mã nguồn, hoặc huấn luyện lại (docs/encoder.md)."


class LayersFaulty(Exception):
    """The layers' file cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Layers:
    """The layers' weights by name (as BertModel's), and the fingerprint of their base."""

    state: Mapping[str, Array]
    base: str

    @property
    def count(self) -> int:
        """How many layers they are."""
        return len({name.removeprefix(PREFIX).partition(".")[0] for name in self.state})

    def over(self, base: Decoded) -> Decoded:
        """The base with these layers for its own. Raises LayersFaulty for another base."""
        if base.fingerprint() != self.base:
            raise LayersFaulty(
                f"{FILE.name} được huấn luyện cho bộ mã hoá gốc {self.base}, không phải "
                f"{base.fingerprint()}. Hãy cài đúng phiên bản ghi trong requirements.lock."
            )
        rest = {name: value for name, value in base.state.items() if not name.startswith(PREFIX)}
        shape = replace(base.shape, layers=self.count)
        return replace(base, shape=shape, state=rest | dict(self.state))


def load(file: Path = FILE) -> Layers:
    """Read layers. Raises LayersFaulty."""
    try:
        with safe_open(str(file), framework="np") as opened:
            about: dict[str, str] = opened.metadata() or {}
            held = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        state = {}
        for name, value in held.items():
            if name.endswith(".scale"):
                continue
            scale = held.get(f"{name}.scale")
            state[name] = value.astype(np.float32) if scale is None else _widened(value, scale)
        return Layers(state, about["base"])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise LayersFaulty(f"{file.name} không đọc được ({error}). {_ADVICE}") from error


def save(state: Mapping[str, Array], file: Path, *, base: str) -> None:
    """Write the layers among ``state``: products in eight bits, the rest in 32."""
    held: dict[str, NDArray[np.generic]] = {}
    for name, value in state.items():
        if not name.startswith(PREFIX):
            continue
        if value.ndim == 1:
            held[name] = value.astype(np.float32)
        else:
            held[name], held[f"{name}.scale"] = _narrowed(value)
    save_file(held, str(file), metadata={"base": base})


def _narrowed(value: Array) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Eight-bit numbers of the same shape and a scale for each block of a row."""
    blocks = value.reshape(len(value), -1, _BLOCK)
    largest = np.abs(blocks).max(axis=-1)
    scale = np.maximum(largest / 127, 1e-6).astype(np.float16)
    whole = np.rint(blocks / scale[..., None].astype(np.float32))
    return np.clip(whole, -127, 127).astype(np.int8).reshape(value.shape), scale


def _widened(value: NDArray[np.int8], scale: NDArray[np.float16]) -> Array:
    blocks = value.reshape(len(value), -1, _BLOCK).astype(np.float32)
    wide: Array = (blocks * scale[..., None].astype(np.float32)).reshape(value.shape)
    return wide

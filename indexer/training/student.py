"""The encoder under training: half the layers of its teacher, on the base's own embeddings."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from indexer.encoder_layers import PREFIX, Layers
from indexer.encoder_weights import Array, Decoded, unpack
from indexer.training import teacher

KEPT = (1, 3, 5, 7, 9, 11)
"""The teacher's layers that the student starts from."""


class Reader:
    """A BertModel that turns texts into unit vectors, in bfloat16 where the processor has it."""

    def __init__(self, model: Decoded) -> None:
        from transformers import AutoModel, AutoTokenizer

        with tempfile.TemporaryDirectory() as folder:
            unpack(Path(folder), model)
            self.model: Any = AutoModel.from_pretrained(folder, attn_implementation="eager")
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)

    def encode(self, prompt: str, texts: Sequence[str], tokens: int, parts: int = 2) -> Tensor:
        """Vectors of length one, a row a text, each text cut at ``tokens``."""
        # Short texts apart from long ones: a batch costs as much as its longest.
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        size = -(-len(order) // parts)
        runs = [order[at : at + size] for at in range(0, len(order), size)]
        vectors = torch.cat([self._batch(prompt, [texts[i] for i in run], tokens) for run in runs])
        return vectors[torch.argsort(torch.tensor(order))]

    def _batch(self, prompt: str, texts: Sequence[str], tokens: int) -> Tensor:
        given = self._tokenizer(
            [prompt + text for text in texts],
            padding=True,
            truncation=True,
            max_length=tokens,
            return_tensors="pt",
        )
        mask = given["attention_mask"]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            out = self.model(input_ids=given["input_ids"], attention_mask=mask).last_hidden_state
        kept = mask.unsqueeze(-1).float()
        return functional.normalize((out.float() * kept).sum(1) / kept.sum(1), dim=1)

    def layers(self) -> dict[str, Array]:
        """The weights of the layers, by name."""
        return {
            name: value.detach().float().numpy()
            for name, value in self.model.state_dict().items()
            if name.startswith(PREFIX)
        }

    def trained(self) -> list[Any]:
        """The parameters that learn: those of the layers; the embeddings stay the base's."""
        own = []
        for name, parameter in self.model.named_parameters():
            parameter.requires_grad = name.startswith(PREFIX)
            if parameter.requires_grad:
                own.append(parameter)
        self.model.train()
        return own


def taught(base: Decoded) -> Decoded:
    """The teacher: the base with the adapter."""
    return replace(base, state=teacher.load().merged(base.state))


def halved(model: Decoded, base: Decoded, kept: Sequence[int] = KEPT) -> Layers:
    """Layers over the base to start from: every second of the model's."""
    state: dict[str, Array] = {}
    for new, old in enumerate(kept):
        start = f"{PREFIX}{old}."
        for name, value in model.state.items():
            if name.startswith(start):
                state[f"{PREFIX}{new}.{name.removeprefix(start)}"] = np.asarray(value)
    return Layers(state, base.fingerprint())


def step(optimiser: Any, loss: Any, learning: Sequence[Any], rate: float) -> None:
    """One step down, no longer than it should be."""
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(learning, 1.0)
    optimiser.step()


def pace(highest: float, done: int, steps: int, warm: int) -> float:
    """The learning rate after ``done`` of ``steps``: up within ``warm``, then a cosine down."""
    falling = (1 + math.cos(math.pi * done / max(steps, 1))) / 2
    return highest * min(1.0, (done + 1) / warm) * falling

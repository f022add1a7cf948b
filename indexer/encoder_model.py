"""Prepares the default encoder once a machine: decode, load, export, check, put in place."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from indexer.encoder_weights import PACKAGE, unpack
from knowledge.encoder import (
    DEFAULT_MODEL,
    DESCRIPTION_FILE,
    EXPORT_FILE,
    Encoder,
    OnnxEncoder,
    open_encoder,
)

LOWEST_COSINE = 0.999
_SAMPLES = (
    "công ty không trả lương đúng ngày",
    "Người làm đêm được trả thêm ít nhất bao nhiêu phần trăm tiền lương?",
    "nghi viec bao truoc may ngay",
)


class ExportDisagrees(Exception):
    """The exported model gives other vectors than sentence-transformers does."""


def prepared(models: Path) -> bool:
    """Whether the default encoder stands ready under ``models``."""
    return (models / DEFAULT_MODEL / DESCRIPTION_FILE).exists()


def prepare(name: str, models: Path, *, threads: int = 2) -> Encoder:
    """Open the encoder of that name, preparing the default one first if need be (about 20 s)."""
    if name == DEFAULT_MODEL and not prepared(models):
        models.mkdir(parents=True, exist_ok=True)
        for left in models.glob(".preparing-*"):  # of a killed process
            shutil.rmtree(left, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=".preparing-", dir=models))
        try:
            _export(work / "plain", work / "ready")
            shutil.rmtree(models / DEFAULT_MODEL, ignore_errors=True)
            (work / "ready").rename(models / DEFAULT_MODEL)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return open_encoder(name, models, threads=threads)


def _export(plain: Path, ready: Path) -> None:
    unpack(plain)
    import torch
    from sentence_transformers import SentenceTransformer

    logging.getLogger("transformers").setLevel(logging.ERROR)
    model = SentenceTransformer(str(plain), device="cpu")
    model.eval()

    class Pooled(torch.nn.Module):
        def __init__(self, network: Any) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            hidden = self.network(input_ids=input_ids, attention_mask=attention_mask)[0]
            kept = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * kept).sum(1) / kept.sum(1)
            return torch.nn.functional.normalize(mean, dim=-1)

    ready.mkdir(parents=True)
    ids = torch.randint(4, 1000, (2, 16))
    axes = {0: "texts", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The TorchScript exporter: four times quicker than the newer one and equal here.
        torch.onnx.export(
            Pooled(model[0].auto_model),
            (ids, torch.ones_like(ids)),
            str(ready / EXPORT_FILE),
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "texts"}},
            dynamo=False,
            opset_version=17,
        )
    shutil.copy(plain / "tokenizer.json", ready / "tokenizer.json")
    weights = hashlib.sha256((plain / "model.safetensors").read_bytes()).hexdigest()[:12]
    prompts = {role: model.prompts[role] for role in ("query", "passage")}
    (ready / DESCRIPTION_FILE).write_text(
        json.dumps(
            {
                "fingerprint": f"{DEFAULT_MODEL}:{weights}",
                "dimensions": model.get_sentence_embedding_dimension(),
                "prompts": prompts,
                "from": f"{PACKAGE} {version(PACKAGE)}",
            },
            indent=1,
        ),
        encoding="utf-8",
    )
    theirs = model.encode(list(_SAMPLES), prompt_name="query", show_progress_bar=False)
    ours = OnnxEncoder(ready).encode_queries(_SAMPLES)
    lowest = float(np.min(np.sum(np.asarray(theirs) * ours, axis=1)))
    if lowest < LOWEST_COSINE:
        raise ExportDisagrees(
            f"Bộ mã hoá xuất ra chỉ giống bản gốc {lowest:.4f} (cần {LOWEST_COSINE}). "
            "Hãy kiểm tra phiên bản torch và onnxruntime (xem requirements.lock)."
        )

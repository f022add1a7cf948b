"""Prepares the default encoder once a machine: decode, write the graph, check, put in place."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import numpy as np

from indexer import encoder_layers
from indexer.encoder_graph import write
from indexer.encoder_weights import PACKAGE, Decoded, decode
from knowledge.encoder import (
    DEFAULT_MODEL,
    DESCRIPTION_FILE,
    EXPORT_FILE,
    Encoder,
    OnnxEncoder,
    folder_of_default,
    is_prepared,
    open_encoder,
)

_SAMPLES = (
    "công ty không trả lương đúng ngày",
    "ông chủ nợ tiền công của tôi",
    "trời hôm nay nhiều mây",
)
"""The first two mean nearly the same, the third something else."""


class ExportFaulty(Exception):
    """The prepared model gives vectors that mean nothing on this machine."""


def default_fingerprint() -> str:
    """Of the default encoder as this program makes it: the package's weights, the taught layers."""
    made_of = f"{PACKAGE} {version(PACKAGE)}".encode() + encoder_layers.FILE.read_bytes()
    return f"{DEFAULT_MODEL}:{hashlib.sha256(made_of).hexdigest()[:12]}"


def prepared(models: Path) -> bool:
    """Whether the default encoder stands ready under ``models``."""
    return is_prepared(models, DEFAULT_MODEL, default_fingerprint())


def prepare(name: str, models: Path, *, threads: int = 2) -> Encoder:
    """Open the encoder of that name, preparing the default one first if need be (about 7 s)."""
    fingerprint = default_fingerprint() if name == DEFAULT_MODEL else ""
    if name == DEFAULT_MODEL and not prepared(models):
        models.mkdir(parents=True, exist_ok=True)
        for left in models.glob(".preparing-*"):  # of a killed process
            shutil.rmtree(left, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=".preparing-", dir=models))
        try:
            _export(work / "ready", fingerprint)
            folder = folder_of_default(models, fingerprint)
            shutil.rmtree(folder, ignore_errors=True)
            (work / "ready").rename(folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return open_encoder(name, models, fingerprint, threads=threads)


def forget_unused(models: Path, wanted: Iterable[str]) -> None:
    """Delete prepared default encoders that none of the ``wanted`` fingerprints names."""
    kept = {folder_of_default(models, each) for each in wanted}
    for folder in models.glob(f"{DEFAULT_MODEL}*"):
        if folder not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def export(model: Decoded, folder: Path, fingerprint: str, made_of: str) -> None:
    """Write a model into a folder as ``OnnxEncoder`` opens it; ``made_of`` is for people."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / EXPORT_FILE, model.shape, model.state)
    model.tokenizer.save(str(folder / "tokenizer.json"))
    described = {
        "fingerprint": fingerprint,
        "dimensions": model.shape.hidden,
        "prompts": model.prompts,
        "from": made_of,
    }
    (folder / DESCRIPTION_FILE).write_text(json.dumps(described, indent=1), encoding="utf-8")


def _export(ready: Path, fingerprint: str) -> None:
    made_of = f"{PACKAGE} {version(PACKAGE)}, {encoder_layers.FILE.name}"
    export(encoder_layers.load().over(decode()), ready, fingerprint, made_of)
    sample = OnnxEncoder(ready).encode_queries(_SAMPLES)
    lengths = np.linalg.norm(sample, axis=1)
    nearest = (sample @ sample.T)[0, 1:]
    # The machine's own runtime must bring forth vectors that mean something: tests compare them
    # with sentence-transformers, but they do not run where this does.
    if not np.allclose(lengths, 1, atol=1e-3) or nearest[0] <= nearest[1]:
        raise ExportFaulty(
            "Bộ mã hoá vừa chuẩn bị cho kết quả vô nghĩa. Hãy kiểm tra phiên bản onnxruntime và "
            "numpy (xem requirements.lock), cài lại môi trường rồi chạy lại."
        )

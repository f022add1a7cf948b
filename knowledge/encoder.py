"""The dense leg: texts to unit vectors.

sentence-transformers is the interface by which a model is prepared and by which any other model
named in the settings is used. The default model is served from its ONNX export, so that a process
that only answers questions loads neither torch nor transformers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (texts, dimensions), each row of length one."""

Progress = Callable[[int], None]
"""Called with the number of texts just done."""

DEFAULT_MODEL = "e5-small"
EXPORT_FILE = "model.onnx"
DESCRIPTION_FILE = "encoder.json"
_BATCH = 4
"""Texts encoded together; more of them gain nothing on one core and pad more."""


class EncoderMissing(Exception):
    """The model an index was built with is not on this machine."""


class Encoder(Protocol):
    """Anything that turns texts into unit vectors of one length."""

    fingerprint: str
    dimensions: int

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Questions to vectors, in order."""

    def encode_passages(
        self, texts: Sequence[str], max_tokens: int, progress: Progress | None = None
    ) -> Vectors:
        """Clauses and cards to vectors, in order, each text cut at ``max_tokens``."""


class OnnxEncoder:
    """The exported model on ONNX Runtime.

    The folder holds ``model.onnx`` (token ids and mask in, unit vectors out), ``tokenizer.json``
    and ``encoder.json`` (fingerprint, dimensions, prompts). ``threads`` batches are encoded side
    by side, each on one core: for many texts that is quicker than many cores on one small batch
    after another. With ``together`` the cores share each batch: quicker for one question.
    """

    def __init__(
        self,
        folder: Path,
        *,
        threads: int = 2,
        together: bool = False,
        max_query_tokens: int = 128,
    ) -> None:
        """Open the folder. Raises EncoderMissing when it is not there or not whole."""
        import onnxruntime
        from tokenizers import Tokenizer

        self._max_query_tokens = max_query_tokens
        self._threads = 1 if together else threads
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads if together else 1
        # Cores that wait awake take time from other questions.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            described = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
            self.fingerprint: str = described["fingerprint"]
            self.dimensions: int = described["dimensions"]
            self._prompts: dict[str, str] = described["prompts"]
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(
                str(folder / EXPORT_FILE), options, providers=["CPUExecutionProvider"]
            )
        except FileNotFoundError:
            raise EncoderMissing(
                f"Chưa có bộ mã hoá trong {folder}. Hãy chạy 'caunoi index build' để chuẩn bị."
            ) from None
        except Exception as error:  # both libraries raise bare Exception for a bad file
            raise EncoderMissing(
                f"Bộ mã hoá trong {folder} bị hỏng ({str(error)[:200]}). "
                "Hãy xoá thư mục đó rồi chạy 'caunoi index build'."
            ) from error

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode("query", texts, self._max_query_tokens, None)

    def encode_passages(
        self, texts: Sequence[str], max_tokens: int, progress: Progress | None = None
    ) -> Vectors:
        return self._encode("passage", texts, max_tokens, progress)

    def _encode(
        self, role: str, texts: Sequence[str], max_tokens: int, progress: Progress | None
    ) -> Vectors:
        # Texts of like length go together: a batch costs as much as its longest text.
        prompt = self._prompts[role]
        ids = [self._cut(self._tokenizer.encode(prompt + text).ids, max_tokens) for text in texts]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        out = np.zeros((len(ids), self.dimensions), dtype=np.float32)
        batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]

        def run(rows: list[int]) -> Vectors:
            return self._run([ids[i] for i in rows])

        if self._threads == 1 or len(batches) == 1:
            self._place(out, batches, map(run, batches), progress)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                self._place(out, batches, pool.map(run, batches), progress)
        return out

    def _run(self, ids: list[list[int]]) -> Vectors:
        """One batch, padded to its longest text; safe to call from several threads."""
        width = max(map(len, ids))
        tokens = np.ones((len(ids), width), dtype=np.int64)
        mask = np.zeros((len(ids), width), dtype=np.int64)
        for row, each in enumerate(ids):
            tokens[row, : len(each)] = each
            mask[row, : len(each)] = 1
        vectors: Vectors = self._session.run(None, {"input_ids": tokens, "attention_mask": mask})[0]
        return vectors

    @staticmethod
    def _place(
        out: Vectors,
        batches: list[list[int]],
        vectors: Iterable[Vectors],
        progress: Progress | None,
    ) -> None:
        for rows, part in zip(batches, vectors, strict=True):
            out[rows] = part
            if progress:
                progress(len(rows))

    @staticmethod
    def _cut(ids: list[int], max_tokens: int) -> list[int]:
        return ids if len(ids) <= max_tokens else [*ids[: max_tokens - 1], ids[-1]]


class SentenceEncoder:
    """Any sentence-transformers model, by folder or hub name. Loads torch."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        self._model: Any = SentenceTransformer(name, device="cpu")
        self.fingerprint = f"sentence-transformers:{name}"
        dimensions: Any = self._model.get_sentence_embedding_dimension()
        self.dimensions = int(dimensions)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode("query", texts)

    def encode_passages(
        self, texts: Sequence[str], max_tokens: int, progress: Progress | None = None
    ) -> Vectors:
        self._model.max_seq_length = max_tokens
        out = []
        for start in range(0, len(texts), 64):
            part = texts[start : start + 64]
            out.append(self._encode("passage", part))
            if progress:
                progress(len(part))
        return np.concatenate(out) if out else np.zeros((0, self.dimensions), dtype=np.float32)

    def _encode(self, role: str, texts: Sequence[str]) -> Vectors:
        prompt = role if role in self._model.prompts else None
        vectors = self._model.encode(
            list(texts), prompt_name=prompt, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


def folder_of_default(models: Path, fingerprint: str) -> Path:
    """Where the default encoder of that fingerprint is prepared: each has a folder of its own, so
    that an index goes on with the one it was built with while a newer one is made."""
    return models / fingerprint.replace(":", "-")


def is_prepared(models: Path, name: str, fingerprint: str) -> bool:
    """Whether the encoder can be opened here; a hub model is fetched when it is."""
    folder = folder_of_default(models, fingerprint)
    return name != DEFAULT_MODEL or (folder / DESCRIPTION_FILE).exists()


def open_encoder(
    name: str, models: Path, fingerprint: str, *, threads: int = 2, together: bool = False
) -> Encoder:
    """The encoder of that name: the default's export under ``models``, else a model of the hub.

    ``together``: for one question at a time rather than for many texts.

    Raises EncoderMissing when the default of that fingerprint is not prepared on this machine.
    """
    if name == DEFAULT_MODEL:
        folder = folder_of_default(models, fingerprint)
        return OnnxEncoder(folder, threads=threads, together=together)
    return SentenceEncoder(name)

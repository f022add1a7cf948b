"""Vectors kept by text: each encoded once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.vector_cache import VectorCache
from knowledge.encoder import Vectors

DIMENSIONS = 3


class Counting:
    """Encodes a text as (its length, its first letter's code, 1); may fail after some texts."""

    def __init__(self, fails_after: int | None = None) -> None:
        self.texts: list[str] = []
        self.fails_after = fails_after

    def __call__(self, texts: Sequence[str]) -> Vectors:
        if self.fails_after is not None and len(self.texts) + len(texts) > self.fails_after:
            raise KeyboardInterrupt
        self.texts += texts
        return vectors(texts)


def vectors(texts: Sequence[str]) -> Vectors:
    rows = [[len(text), ord(text[0]), 1] for text in texts]
    return np.array(rows, dtype=np.float32).reshape(len(rows), DIMENSIONS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "vectors.sqlite3"


@pytest.fixture
def cache(path: Path) -> Iterator[VectorCache]:
    opened = VectorCache(path)
    yield opened
    opened.close()


TEXTS = ["ong", "mướp hương", "ong", "gà", "vịt xiêm lai"]


def test_order_is_kept_and_nothing_is_encoded_twice(cache: VectorCache) -> None:
    encode = Counting()
    for _ in range(2):
        out = cache.encode("m:passage", TEXTS, DIMENSIONS, encode, batch=2)
        assert out.dtype == np.float32
        np.testing.assert_array_equal(out, vectors(TEXTS))
    assert sorted(encode.texts) == sorted(set(TEXTS))


def test_it_is_kept_over_closing(path: Path) -> None:
    for _ in range(2):
        encode = Counting()
        opened = VectorCache(path)
        opened.encode("m:passage", TEXTS, DIMENSIONS, encode)
        opened.close()
    assert encode.texts == []


def test_only_what_is_new_is_encoded(cache: VectorCache) -> None:
    cache.encode("m:passage", TEXTS, DIMENSIONS, Counting())
    encode = Counting()
    assert cache.count_missing("m:passage", [*TEXTS, "bưởi", "bưởi"]) == 1
    out = cache.encode("m:passage", ["bưởi", *TEXTS], DIMENSIONS, encode)
    assert encode.texts == ["bưởi"]
    np.testing.assert_array_equal(out, vectors(["bưởi", *TEXTS]))


def test_what_was_done_before_it_was_killed_is_kept(path: Path) -> None:
    texts = [f"{'r' * n}au" for n in range(10)]
    killed = Counting(fails_after=6)
    cache = VectorCache(path)
    with pytest.raises(KeyboardInterrupt):
        cache.encode("m:passage", texts, DIMENSIONS, killed, batch=3)
    cache.close()
    again = VectorCache(path)
    assert again.count_missing("m:passage", texts) == 4
    encode = Counting()
    out = again.encode("m:passage", texts, DIMENSIONS, encode, batch=3)
    again.close()
    assert set(encode.texts) == set(texts) - set(killed.texts)
    np.testing.assert_array_equal(out, vectors(texts))


def test_another_model_or_role_is_another_vector(cache: VectorCache) -> None:
    cache.encode("m:passage", ["ong"], DIMENSIONS, Counting())
    for role in ("m:query", "n:passage"):
        encode = Counting()
        assert cache.count_missing(role, ["ong"]) == 1
        cache.encode(role, ["ong"], DIMENSIONS, encode)
        assert encode.texts == ["ong"]


def test_no_texts_and_very_many(cache: VectorCache) -> None:
    assert cache.encode("m", [], DIMENSIONS, Counting()).shape == (0, DIMENSIONS)
    many = [f"luống {n}" for n in range(1203)]
    encode = Counting()
    cache.encode("m", many, DIMENSIONS, encode)
    np.testing.assert_array_equal(cache.encode("m", many, DIMENSIONS, encode), vectors(many))
    assert len(encode.texts) == 1203


def test_an_encoder_that_gives_too_few_vectors_is_refused(cache: VectorCache) -> None:
    with pytest.raises(ValueError, match="shorter"):
        cache.encode("m", ["ong", "gà"], DIMENSIONS, lambda texts: vectors(texts[:1]))
    assert cache.count_missing("m", ["ong", "gà"]) == 2


def test_vectors_of_another_precision_are_kept_right(cache: VectorCache) -> None:
    def wider(texts: Sequence[str]) -> Any:
        return vectors(texts).astype(np.float64)

    for _ in range(2):
        out = cache.encode("m", ["ong"], DIMENSIONS, wider)
        np.testing.assert_array_equal(out, vectors(["ong"]))


def test_a_damaged_file_is_begun_anew(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database at all " * 100)
    cache = VectorCache(path)
    np.testing.assert_array_equal(cache.encode("m", TEXTS, DIMENSIONS, Counting()), vectors(TEXTS))
    cache.close()

"""The border between our matters and all others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer.encoder_model import default_fingerprint
from knowledge.matter import Border, border, side_of


def made() -> Border:
    vectors = np.eye(3, dtype=np.float32)[:2]
    return Border(vectors, np.array([1.0, -1.0], dtype=np.float32), 0.1, 2.0, "e:1")


def test_a_question_lies_on_the_side_it_is_nearer_to() -> None:
    one, other, neither = np.eye(3, dtype=np.float32)
    assert made().side(one) > 1
    assert made().side(other) < -0.8
    assert made().side(neither) == pytest.approx(0.1)


def test_it_is_kept_in_eight_bits(tmp_path: Path) -> None:
    chance = np.random.default_rng(4)
    vectors = chance.normal(size=(50, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    whole = Border(vectors, chance.normal(size=50).astype(np.float32), -0.2, 2.0, "e:1")
    file = tmp_path / "matter.safetensors"
    whole.save(file)
    held = border(file)
    assert held is not None
    assert (held.encoder, held.gamma, held.bias) == ("e:1", 2.0, -0.2)
    for vector in vectors[:5]:
        assert held.side(vector) == pytest.approx(whole.side(vector), abs=0.01)


def test_without_a_border_or_for_another_encoder_it_is_silent(tmp_path: Path) -> None:
    assert border(tmp_path / "none.safetensors") is None
    assert side_of(np.ones(384, dtype=np.float32), "another:1") == 0.0


def test_the_border_at_hand_is_for_the_encoder_at_hand() -> None:
    """Else it says nothing: fit it anew after the encoder (docs/encoder.md)."""
    held = border()
    assert held is not None
    assert held.encoder == default_fingerprint()

"""How the legs' findings become one ranking."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.fusing import Leg, fuse, share, worker_voice
from knowledge.weights import Weights

LAW, DECREE, OTHER = 0, 1, 2
IS_DECREE = np.array([False, True, *[False] * 8])
EVEN = Weights(
    dense_clause=1,
    dense_ask=1,
    lexical_clause=1,
    lexical_ask=1,
    decree=0.5,
    decree_card=0.5,
    voice_cosine=0.02,
    voice_cosine_span=0.02,
)


def leg(found: dict[int, float]) -> Leg:
    """A leg that found some places, best first."""
    best = sorted(found.items(), key=lambda item: -item[1])
    return Leg(
        np.array([place for place, _ in best], dtype=np.int64),
        np.array([score for _, score in best], dtype=np.float64),
    )


def test_a_worker_voice_is_heard_where_an_ask_is_nearer_than_any_clause() -> None:
    near, far = leg({LAW: 0.95}), leg({LAW: 0.85})
    assert worker_voice({"dense_ask": near, "dense_clause": far}, EVEN) > 0.95
    assert worker_voice({"dense_ask": far, "dense_clause": near}, EVEN) < 0.05
    assert worker_voice({"dense_ask": near, "dense_clause": leg({})}, EVEN) > 0.95


def test_the_law_stands_before_the_decree_that_repeats_it() -> None:
    fused = fuse({"dense_clause": leg({LAW: 0.9, DECREE: 0.9})}, 5, IS_DECREE, EVEN)
    assert fused.totals[LAW] > fused.totals[DECREE] > 0
    assert fused.ranked().tolist() == [LAW, DECREE]


def test_a_far_ask_is_no_evidence() -> None:
    far = EVEN.ask_cosine_least - 0.01
    fused = fuse({"dense_ask": leg({OTHER: far})}, 5, IS_DECREE, EVEN)
    assert fused.totals[OTHER] == 0.0
    assert fused.evidence(OTHER) == {"dense_ask": 0.0}
    assert fused.evidence(LAW) == {}


found = st.dictionaries(st.integers(0, 9), st.floats(0.01, 1.0), max_size=6).map(leg)


@given(st.dictionaries(st.sampled_from(["dense_clause", "dense_ask", "lexical_card"]), found))
def test_what_is_given_adds_up_and_nothing_is_below_zero(legs: dict[str, Leg]) -> None:
    fused = fuse(legs, 4, IS_DECREE, Weights())
    went = {place for each in legs.values() for place in each.places.tolist()}
    if went:
        assert set(fused.ranked().tolist()) == went
    for place, total in enumerate(fused.totals):
        assert total == pytest.approx(sum(fused.evidence(place).values()))
        assert all(part >= 0 for part in fused.evidence(place).values())


@given(st.floats(-5, 5), st.floats(-1, 5))
def test_a_share_lies_within_its_whole(value: float, whole: float) -> None:
    assert 0.0 <= share(np.array([value]), whole)[0] <= 1.0

"""How the legs' findings become one ranking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.fusing import fuse, share, worker_voice
from knowledge.weights import Weights

LAW, DECREE = ("1/2000/QH1", "1"), ("2/2000/NĐ-CP", "1")
EVEN = Weights(
    dense_clause=1, dense_ask=1, lexical_clause=1, lexical_ask=1, decree=0.5, decree_card=0.5
)


def _is_decree(law: str) -> bool:
    return law == DECREE[0]


def test_a_worker_voice_is_heard_where_an_ask_is_nearer_than_any_clause() -> None:
    near, far = [(LAW, 0.95)], [(LAW, 0.85)]
    assert worker_voice({"dense_ask": near, "dense_clause": far}, EVEN) > 0.95
    assert worker_voice({"dense_ask": far, "dense_clause": near}, EVEN) < 0.05
    assert worker_voice({"dense_ask": near}, EVEN) > 0.95


def test_the_law_stands_before_the_decree_that_repeats_it() -> None:
    totals, _ = fuse({"dense_clause": [(LAW, 0.9), (DECREE, 0.9)]}, 5, _is_decree, EVEN)
    assert totals[LAW] > totals[DECREE]


def test_a_far_ask_is_no_evidence() -> None:
    far = EVEN.ask_cosine_least - 0.01
    totals, evidence = fuse({"dense_ask": [(LAW, far)]}, 5, _is_decree, EVEN)
    assert totals == {LAW: 0.0}
    assert evidence[LAW] == {"dense_ask": 0.0}


places = st.tuples(st.just("1/2000/QH1"), st.integers(1, 9).map(str))
ranked = st.dictionaries(places, st.floats(0.01, 1.0), max_size=6).map(
    lambda found: sorted(found.items(), key=lambda item: -item[1])
)


@given(st.dictionaries(st.sampled_from(["dense_clause", "dense_ask", "lexical_card"]), ranked))
def test_what_is_given_adds_up_and_nothing_is_below_zero(legs: dict[str, list]) -> None:
    totals, evidence = fuse(legs, 4, _is_decree, Weights())
    assert set(totals) == {place for found in legs.values() for place, _ in found}
    for place, total in totals.items():
        assert total == pytest.approx(sum(evidence[place].values()))
        assert all(part >= 0 for part in evidence[place].values())


@given(st.floats(-5, 5), st.floats(-1, 5))
def test_a_share_lies_within_its_whole(value: float, whole: float) -> None:
    assert 0.0 <= share(value, whole) <= 1.0

"""The table by which weights are fitted says what the search itself says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.training.fusion import LEGS, Asked, Table, improved
from knowledge.fusing import Leg, fuse
from knowledge.weights import Weights

NAMES = [("1/2000/QH1" if at < 6 else "2/2000/NĐ-CP", str(at)) for at in range(12)]
IS_DECREE = np.array([at >= 6 for at in range(12)])


def leg(found: dict[int, float]) -> Leg:
    """A leg that found some places, best first."""
    best = sorted(found.items(), key=lambda item: -item[1])
    return Leg(
        np.array([place for place, _ in best], dtype=np.int64),
        np.array([score for _, score in best], dtype=np.float64),
    )


legs = st.dictionaries(
    st.sampled_from(LEGS),
    st.dictionaries(st.integers(0, 11), st.floats(0.05, 1.0), max_size=6).map(leg),
)


@given(st.lists(legs, min_size=1, max_size=4), st.integers(1, 40))
def test_totals_are_those_of_the_search(found: list[dict[str, Leg]], words: int) -> None:
    weights = Weights()
    asked = [Asked(each, words, frozenset({NAMES[1]}), "g") for each in found]
    table = Table.of(asked, NAMES, IS_DECREE)
    totals = table.totals(weights)
    for number, each in enumerate(found):
        fused = fuse(each, words, IS_DECREE, weights)
        went = {place for one in each.values() for place in one.places.tolist()}
        rows = totals[table.owner == number]
        expected = [fused.totals[place] for place in went] or [0.0]
        assert sorted(rows) == pytest.approx(sorted(expected))


def test_a_gold_place_is_ranked_among_the_others() -> None:
    clauses = leg({1: 0.9, 2: 0.8, 3: 0.7})
    asked = [
        Asked({"dense_clause": clauses}, 5, frozenset({NAMES[number]}), "g") for number in (1, 3, 5)
    ]
    ranks = Table.of(asked, NAMES, IS_DECREE).ranks(Weights())
    assert ranks.tolist() == [0, 2, 999]


def test_fitting_trusts_the_leg_that_is_right() -> None:
    right, wrong = leg({1: 0.9, 2: 0.89}), leg({2: 20.0, 1: 10.0})
    asked = [Asked({"dense_clause": right, "lexical_clause": wrong}, 5, frozenset({NAMES[1]}), "g")]
    table = Table.of(asked, NAMES, IS_DECREE)
    start = Weights(
        dense_clause=0.9,
        lexical_clause=1.0,
        clauses_yield=0.0,
        constant=1.747,
        cosine_scale=0.02017,
    )
    assert table.ranks(start)[0] == 1
    best = improved(table, start, 400, 1)
    assert table.ranks(best)[0] == 0
    assert np.isclose(table.worth(best), 1.0)

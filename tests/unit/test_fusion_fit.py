"""The table by which weights are fitted says what the search itself says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.training.fusion import LEGS, Asked, Table, improved
from knowledge.fusing import Ranked, fuse
from knowledge.weights import Weights

LAW, DECREE = "1/2000/QH1", "2/2000/NĐ-CP"
places = st.tuples(st.sampled_from([LAW, DECREE]), st.integers(1, 6).map(str))
ranked = st.dictionaries(places, st.floats(0.05, 1.0), max_size=6).map(
    lambda found: sorted(found.items(), key=lambda item: -item[1])
)
legs = st.dictionaries(st.sampled_from(LEGS), ranked)


def _is_decree(law: str) -> bool:
    return law == DECREE


@given(st.lists(legs, min_size=1, max_size=4), st.integers(1, 40))
def test_totals_are_those_of_the_search(found: list[dict[str, Ranked]], words: int) -> None:
    weights = Weights()
    asked = [Asked(each, words, frozenset({(LAW, "1")}), "g") for each in found]
    table = Table.of(asked, _is_decree)
    totals = table.totals(weights)
    for number, each in enumerate(found):
        expected, _ = fuse(each, words, _is_decree, weights)
        rows = totals[table.owner == number]
        assert sorted(rows) == pytest.approx(sorted(expected.values()) or [0.0])


def test_a_gold_place_is_ranked_among_the_others() -> None:
    clauses: Ranked = [((LAW, "1"), 0.9), ((LAW, "2"), 0.8), ((LAW, "3"), 0.7)]
    asked = [
        Asked({"dense_clause": clauses}, 5, frozenset({(LAW, number)}), "g")
        for number in ("1", "3", "9")
    ]
    ranks = Table.of(asked, _is_decree).ranks(Weights())
    assert ranks.tolist() == [0, 2, 999]


def test_fitting_trusts_the_leg_that_is_right() -> None:
    right: Ranked = [((LAW, "1"), 0.9), ((LAW, "2"), 0.89)]
    wrong: Ranked = [((LAW, "2"), 20.0), ((LAW, "1"), 10.0)]
    asked = [
        Asked({"dense_clause": right, "lexical_clause": wrong}, 5, frozenset({(LAW, "1")}), "g")
    ]
    table = Table.of(asked, _is_decree)
    start = Weights(dense_clause=0.9, lexical_clause=1.0, clauses_yield=0.0)
    assert table.ranks(start)[0] == 1
    best = improved(table, start, 400, 1)
    assert table.ranks(best)[0] == 0
    assert np.isclose(table.worth(best), 1.0)

"""Sums as people say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.language.fold import fold
from knowledge.language.money import amounts, spelled


@pytest.mark.parametrize(
    ("text", "dong"),
    [
        ("lương 8tr5", [8_500_000]),
        ("8 củ rưỡi", [8_500_000]),
        ("mười hai triệu", [12_000_000]),
        ("hai mươi lăm triệu một tháng", [25_000_000]),
        ("năm triệu rưỡi", [5_500_000]),
        ("trăm hai nghìn", [120_000]),
        ("ba trăm ngàn", [300_000]),
        ("phạt 500k", [500_000]),
        ("lương cơ bản 4.960.000đ", [4_960_000]),
        ("lương 5 triệu 3", [5_300_000]),
        ("8tr250", [8_250_000]),
        ("4,5 triệu đồng", [4_500_000]),
        ("3tr5/tháng", [3_500_000]),
        ("10.5tr", [10_500_000]),
        ("tỷ 2 thì chưa, 1 tỷ 2 thì rồi", [1_200_000_000]),
        ("7tr2 với 500 ngàn chuyên cần", [7_200_000, 500_000]),
        ("3 triệu 2 tháng", [3_000_000]),
        ("5 triệu 30 ngày", [5_000_000]),
        ("có 5 k vậy", []),
        ("tăng ca 3 tiếng, 1.5 lần", []),
        ("nghỉ 30/4, mùng 1 tết", []),
        ("1/7/2025 hay 01.07.2025", []),
    ],
)
def test_sums_are_read_with_marks_and_without(text: str, dong: list[int]) -> None:
    assert [amount.dong for amount in amounts(text)] == dong
    assert [amount.dong for amount in amounts(fold(text))] == dong


def test_a_sum_is_put_one_way() -> None:
    assert spelled("lương em 8tr5, thưởng 2 củ rưỡi") == (
        "lương em 8,5 triệu đồng, thưởng 2,5 triệu đồng"
    )
    assert spelled("phạt 500k đồng, lương 4.960.000đ") == "phạt 500 nghìn đồng, lương 4.960.000đ"
    assert spelled("nghỉ 12 ngày") == "nghỉ 12 ngày"


@given(st.integers(1, 999), st.integers(0, 9))
def test_what_is_put_one_way_is_read_as_the_same(millions: int, tenth: int) -> None:
    text = f"lương {millions}tr{tenth}" if tenth else f"lương {millions}tr"
    dong = millions * 1_000_000 + tenth * 100_000
    assert [amount.dong for amount in amounts(text)] == [dong]
    assert [amount.dong for amount in amounts(spelled(text))] == [dong]


@given(st.text(alphabet="0123456789., trktriệucủrưỡi/mươ hai", max_size=40))
def test_nothing_typed_is_lost_or_breaks(text: str) -> None:
    for amount in amounts(text):
        assert 0 <= amount.start < amount.end <= len(text)
        assert amount.dong >= 0
    spelled(text)

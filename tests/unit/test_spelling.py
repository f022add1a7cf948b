"""Slips are mended, what is known or may be a word stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.language.spelling import mend


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tiền lươg tháng này", "tiền lương tháng này"),
        ("cong ty khog tra", "cong ty khong tra"),
        ("bị đuổi việcc", "bị đuổi việc"),
        ("nghiviec tienluong", "nghi viec tien luong"),
        ("đóng bảohiểm", "đóng bảo hiểm"),
    ],
)
def test_one_slip_is_mended(typed: str, meant: str) -> None:
    assert mend(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "công ty nợ lương hai tháng",
        "cong ty no luong hai thang",
        "làm ở samsung với facebook zalo",
        "em tên Quỳnh ở Bắc Giang",
        "xyzzt qwrtp",
        "12.000.000 đồng 8tr5",
        "",
    ],
)
def test_what_is_known_or_cannot_be_explained_stays(typed: str) -> None:
    assert mend(typed) == typed


@given(st.text(alphabet="abcdeghiklmnopqrstuvxyđươ ", max_size=60))
def test_no_word_is_lost(text: str) -> None:
    mended = mend(text)
    assert len(mended.split()) >= len(text.split())

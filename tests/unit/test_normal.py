"""Texts written in many ways become one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.language.normal import normalise


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hoà giải thuỷ điện khoẻ", "hòa giải thủy điện khỏe"),
        ("HOÀ GIẢI Uỷ ban", "HÒA GIẢI Ủy ban"),
        ("quý hoàn toàn tuỳ", "quý hoàn toàn tùy"),
        ("lươnggg sao lâuuuu quá", "lương sao lâu quá"),
        ("xoong nồi 1000 đồng", "xoong nồi 1000 đồng"),
        ("tăng\u200b ca\u00a0 đêm", "tăng ca đêm"),
        ("ＡＢ đi làm", "AB đi làm"),
        (unicodedata.normalize("NFD", "nghỉ việc"), "nghỉ việc"),
        ("dòng một\ndòng hai", "dòng một\ndòng hai"),
        ("", ""),
    ],
)
def test_one_way_of_writing(typed: str, meant: str) -> None:
    assert normalise(typed) == meant


@given(st.text(max_size=200))
def test_what_is_normal_stays(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once

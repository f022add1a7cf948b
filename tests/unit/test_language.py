"""Folding, terms, the share of marked words, and short forms written out."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.language.abbreviations import expand
from knowledge.language.fold import fold, marked_share, syllables, terms


def test_folding_takes_every_mark_off() -> None:
    assert fold("Đơn phương CHẤM DỨT, ưỡn ẹo") == "don phuong cham dut, uon eo"
    assert fold(unicodedata.normalize("NFD", "Đường đời")) == "duong doi"
    assert fold("hòa hoà") == "hoa hoa"


@given(st.text(max_size=60))
def test_folding_is_the_same_for_every_way_of_writing(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


def test_terms_are_syllables_and_their_neighbours() -> None:
    assert syllables("Nghỉ 12 ngày, được?") == ["nghi", "12", "ngay", "duoc"]
    assert terms("Nghỉ 12 ngày") == ["nghi", "12", "ngay", "nghi_12", "12_ngay"]
    assert terms("") == terms("🙂 …") == []


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", 0.0),
        ("🙂🙂", 0.0),
        ("12 000", 0.0),
        ("cong ty no luong", 0.0),
        ("đi", 1.0),
        ("công ty nợ lương", 0.75),
        ("nghỉ 7 ngày", 1.0),
    ],
)
def test_share_of_marked_words(text: str, share: float) -> None:
    assert marked_share(text) == share
    assert marked_share(unicodedata.normalize("NFD", text)) == share


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("cty ko trả lương", "công ty không trả lương"),
        ("CTY KO trả", "công ty không trả"),
        ("bhxh, BHTN?", "bảo hiểm xã hội, bảo hiểm thất nghiệp?"),
        ("hđlđ đc ký", "hợp đồng lao động được ký"),
        ("kho hàng cn", "kho hàng công nhân"),
        ("không đổi gì", "không đổi gì"),
        ("", ""),
    ],
)
def test_short_forms_are_written_out(short: str, full: str) -> None:
    assert expand(short) == full
    assert expand(unicodedata.normalize("NFD", short)) == full

"""Folding, terms, the share of marked words, and short forms written out."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from knowledge.language.dictionary import Entries, expand, meanings
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
        ("kho hàng nv", "kho hàng nhân viên"),
        ("không đổi gì", "không đổi gì"),
        ("", ""),
    ],
)
def test_short_forms_are_written_out(short: str, full: str) -> None:
    assert expand(short) == full
    assert expand(unicodedata.normalize("NFD", short)) == full


def test_slang_is_explained_and_not_replaced() -> None:
    assert expand("em nghỉ ngang") == "em nghỉ ngang"
    assert meanings("em Nghỉ  ngang rồi rút một cục") == (
        "nghỉ việc không báo trước",
        "hưởng bảo hiểm xã hội một lần",
    )
    assert meanings("nghỉ, ngang") == (), "a phrase is not broken by a comma"


def test_of_bare_words_only_phrases_are_known() -> None:
    assert meanings("bi tang ca hoai") == ("làm thêm giờ",)
    assert meanings("bị tang ca hoài") == (), "who writes marks means the word without them"


def test_the_longest_phrase_is_taken() -> None:
    assert expand("tụi tui đi làm") == "chúng tôi đi làm"


@given(st.text(max_size=80))
def test_any_text_can_be_expanded(text: str) -> None:
    once = expand(text)
    assert isinstance(meanings(text), tuple)
    assert expand(once) == expand(unicodedata.normalize("NFD", once))


ENTRY = {
    "says": "tăng ca",
    "means": "làm thêm giờ",
    "kind": "slang",
    "example": "tối nay tăng ca nữa",
    "review": {"written": "2026-01-01"},
}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"example": "câu này không có lời ấy"}, "câu ví dụ không có 'tăng ca'"),
        ({"says": "một hai ba bốn năm"}, "dài quá 4 chữ"),
        ({"kind": "joke"}, "abbreviation"),
        ({"region": "Tây"}, "pattern"),
    ],
)
def test_a_wrong_entry_says_what_to_do(change: dict[str, str], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Entries.model_validate({"entries": [ENTRY | change]})


def test_an_entry_stands_once() -> None:
    with pytest.raises(ValidationError, match="'Tăng ca' ghi hai lần"):
        Entries.model_validate({"entries": [ENTRY, ENTRY | {"says": "Tăng ca"}]})

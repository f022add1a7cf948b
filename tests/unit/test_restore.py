"""Marks are put back where they are missing, and only there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.language.fold import fold
from knowledge.language.restore import LONGEST, restore


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cong ty khong tra luong", "công ty không trả lương"),
        ("bi duoi viec thi kien o dau", "bị đuổi việc thì kiện ở đâu"),
        ("CONG TY no luong", "CÔNG TY nợ lương"),
        ("công ty khong tra tien tang ca cho em", "công ty không trả tiền tăng ca cho em"),
    ],
)
def test_marks_are_put_back(typed: str, meant: str) -> None:
    assert restore(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "Công ty có phải trả lương khi tôi nghỉ ốm không?",
        "cho em hỏi ai được nghỉ thai sản",
        "98",
        "😀 ???",
        "",
    ],
)
def test_a_text_with_marks_or_without_words_stays(text: str) -> None:
    assert restore(text) == text


def test_what_is_too_long_keeps_its_end() -> None:
    text = "tra luong " * LONGEST
    restored = restore(text)
    assert restored.startswith("trả lương")
    assert restored.endswith("tra luong ")


@given(st.text(max_size=120))
def test_only_marks_change(text: str) -> None:
    composed = restore(text)
    assert fold(composed) == fold(text)

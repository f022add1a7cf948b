"""Plain text as the blocks a page shows."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.web.blocks import blocks


def kinds(text: str) -> list[str]:
    return [block.kind for block in blocks(text)]


def test_an_answer_falls_into_its_parts() -> None:
    found = blocks(
        "Có, bạn được trả thêm.\nKể cả khi đã nghỉ.\n\nBạn nên làm:\n- Giữ giấy tờ.\n- Hỏi nhân sự."
        "\n\nCăn cứ: khoản 2 Điều 11 Luật Mẫu\nTính đến ngày 02/03/2026."
    )
    assert [(b.kind, b.lines) for b in found] == [
        ("text", ["Có, bạn được trả thêm.", "Kể cả khi đã nghỉ."]),
        ("lead", ["Bạn nên làm:"]),
        ("bullets", ["Giữ giấy tờ.", "Hỏi nhân sự."]),
        ("fine", ["Căn cứ: khoản 2 Điều 11 Luật Mẫu"]),
        ("fine", ["Tính đến ngày 02/03/2026."]),
    ]


def test_numbers_stay_as_written() -> None:
    (found,) = blocks("2. Hai\n3) Ba\n7. Bảy")
    assert found.numbers == [2, 3, 7]
    assert found.lines == ["Hai", "Ba", "Bảy"]


def test_a_list_under_the_fine_print_is_fine_print_too() -> None:
    assert [(b.kind, b.small) for b in blocks("Căn cứ:\n- Điều 1\n- Điều 2")] == [
        ("fine", False),
        ("bullets", True),
    ]


def test_lettered_points_stand_together_under_their_number() -> None:
    found = blocks("1. Mở đầu:\na) Một;\nđ) Hai.\n2. Hết.\na ) không phải điểm")
    assert [(b.kind, b.lines) for b in found] == [
        ("numbers", ["Mở đầu:"]),
        ("points", ["a) Một;", "đ) Hai."]),
        ("numbers", ["Hết."]),
        ("text", ["a ) không phải điểm"]),
    ]


def test_figures_and_ranges_are_not_lists() -> None:
    assert kinds("15.000 đồng\n-5%\n2026. ") == ["text"]


def test_nothing_is_one_empty_page() -> None:
    assert blocks(" \n\n ") == []


@given(st.text(alphabet="abcđ1 .:-\n)", max_size=80))
def test_no_word_is_lost_or_doubled(text: str) -> None:
    shown = " ".join(line for block in blocks(text) for line in block.lines)
    numbers = sum(len(block.numbers) for block in blocks(text))
    said = re.sub(r"[^\wđ]", "", re.sub(r"(?m)^[^\S\n]*\d{1,2}[.)][^\S\n]+(?=\S)", "", text))
    assert re.sub(r"[^\wđ]", "", shown) == said
    assert numbers == len(re.findall(r"(?m)^[^\S\n]*\d{1,2}[.)][^\S\n]+\S", text.strip()))

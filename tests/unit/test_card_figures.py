"""Figures, dates and document numbers as the check of the cards reads them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from indexer.card_figures import DayMonth, Figure, Ground, NotArithmetic, evaluate, read


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("ít nhất 01 tháng", "1", "tháng"),
        ("được 5.310.000 đồng", "5310000", "đồng"),
        ("trừ 1,5% lương", "1.5", "%"),
        ("thêm 0,03%/ngày", "0.03", "%"),
        ("làm 3 ngày làm việc", "3", "ngày làm việc"),
        ("từ tháng thứ 7", "7", "tháng"),
        ("nghỉ 1/2 ngày", "0.5", "ngày"),
        ("nghỉ ½ ngày", "0.5", "ngày"),
        ("đền nửa tháng", "0.5", "tháng"),
        ("bị phạt gấp đôi", "2", "lần"),
        ("phạt 2 triệu đồng", "2000000", "đồng"),
    ],
)
def test_a_figure_is_its_value_and_what_it_counts(text: str, value: str, unit: str) -> None:
    (figure,) = read(text).figures
    assert (figure.value, figure.unit) == (Decimal(value), unit)


def test_a_row_of_numbers_shares_the_unit_at_its_end() -> None:
    figures = read("hợp đồng 12 đến 36 tháng, nghỉ 40, 50 hoặc 70 ngày").figures
    assert [(str(int(f.value)), f.unit) for f in figures] == [
        ("12", "tháng"), ("36", "tháng"), ("40", "ngày"), ("50", "ngày"), ("70", "ngày"),
    ]  # fmt: skip


def test_months_within_months_are_two_figures() -> None:
    assert [f.value for f in read("đóng 12/24 tháng").figures] == [12, 24]


def test_dates_citations_and_documents_are_no_figures() -> None:
    reading = read(
        "Từ 01/07/2025, ngày 02 tháng 9 năm 2026 và tháng 5/2024, theo Điều 97 khoản 2, 3 "
        "Nghị định 145/2020/NĐ-CP và nghị định 12, nghỉ lễ 30/4"
    )
    assert reading.figures == ()
    assert reading.days == {date(2025, 7, 1), date(2026, 9, 2)}
    assert reading.months == {(5, 2024)}
    assert reading.documents == ("145/2020/NĐ-CP", "nghị định 12")
    assert reading.articles == ("97",)
    assert reading.day_months == (DayMonth(30, 4, "30/4"),)
    assert reading.unread == ()


def test_what_cannot_be_read_is_told() -> None:
    assert read("làm tới 10h đêm").unread == ("10h",)


def test_working_days_and_days_are_different_figures() -> None:
    ground = Ground()
    ground.add_text("báo trước 3 ngày làm việc")
    days = Figure(Decimal(3), "ngày", "3 ngày")
    assert not ground.holds(days)
    assert ground.holds(days, in_working_days=True)
    assert not ground.holds(Figure(Decimal(3), "tháng", "3 tháng"))
    assert ground.holds(Figure(Decimal(3), None, "3"))


def test_a_text_may_say_once_that_its_days_are_working_days() -> None:
    working = Figure(Decimal(8), "ngày làm việc", "8 ngày làm việc")
    plain, said_once = Ground(), Ground()
    plain.add_text("được nghỉ 08 ngày")
    said_once.add_text("được nghỉ 08 ngày, tính theo ngày làm việc")
    assert not plain.holds(working)
    assert said_once.holds(working)


def test_arithmetic_gives_value_and_operands() -> None:
    value, operands = evaluate("30 * (2000 + 500) / 100")
    assert value == 750
    assert operands == (30, 2000, 500, 100)
    assert evaluate("0.1 + 0.2")[0] == Decimal("0.3")


@pytest.mark.parametrize(
    "written", ["__import__('os')", "2 ** 9", "1 / 0", "hai", "1 +", "True + 1", "-x", ""]
)
def test_anything_but_arithmetic_is_refused(written: str) -> None:
    with pytest.raises(NotArithmetic):
        evaluate(written)

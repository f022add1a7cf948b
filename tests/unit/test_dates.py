"""The day a question speaks of."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.dates import day_spoken_of
from knowledge.language.fold import fold

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("ngày 15/6/2025 em nghỉ", date(2025, 6, 15)),
        ("hôm 15-06-2025 em nghỉ", date(2025, 6, 15)),
        ("nghỉ hôm 5.1.2024", date(2024, 1, 5)),
        ("ngày 29/02/2024 em sinh con", date(2024, 2, 29)),
        ("ngày 15 tháng 6 năm 2025 em nghỉ", date(2025, 6, 15)),
        ("hồi 3/2024 em bị nợ lương", date(2024, 3, 31)),
        ("tháng 4 năm 2025 thì sao", date(2025, 4, 30)),
        ("t2/2024 chưa có lương", date(2024, 2, 29)),
        ("tháng 2/2023 chưa có lương", date(2023, 2, 28)),
        ("năm 2023 em sinh con", date(2023, 12, 31)),
        ("hồi 2023 em sinh con", date(2023, 12, 31)),
        ("sinh con năm 2023 nghỉ mấy tháng", date(2023, 12, 31)),
        ("bị kỷ luật hồi tháng 3/2024", date(2024, 3, 31)),
        ("theo luật lao động thì hồi 3/2024 tính sao", date(2024, 3, 31)),
        ("làm từ năm 2018 đến 2024 thì nghỉ", date(2024, 12, 31)),
        ("nghỉ hôm 1/2/2024, tới 5/2024 chưa có sổ", date(2024, 5, 31)),
        ("lương tối thiểu năm 2026", TODAY),
    ],
)
def test_a_past_day_is_read(question: str, day: date) -> None:
    for written in (question, question.upper(), unicodedata.normalize("NFD", question)):
        assert day_spoken_of(written, TODAY) == day
    assert day_spoken_of(fold(question), TODAY) == day


@pytest.mark.parametrize(
    "question",
    [
        "",
        "nghỉ việc phải báo trước mấy ngày",
        "ngày 30/02/2025 em nghỉ",
        "tháng 13/2024",
        "ngày 11/3/2026 em nghỉ",
        "cuối tháng 3/2026 em nghỉ",
        "năm 2027 em nghỉ hưu",
        "Bộ luật Lao động 2019",
        "bộ luật lao động năm 2019 quy định sao",
        "Luật An toàn, vệ sinh lao động năm 2015",
        "luật bhxh 2024 từ 1/7/2025",
        "nghị định 12/2022 phạt bao nhiêu",
        "12/2022/NĐ-CP điều 8",
        "luật công đoàn 12/2012/QH13",
        "thông tư 10/2020 nói gì",
        "luật có hiệu lực từ ngày 1/7/2025",
        "em làm từ năm 2018 đến nay",
        "em vào làm tháng 3/2021, giờ muốn nghỉ",
        "em sinh năm 2001, muốn rút một lần",
        "lương 2025 nghìn",
    ],
)
def test_what_names_no_past_day(question: str) -> None:
    assert day_spoken_of(question, TODAY) is None


PAST = st.dates(date(2000, 1, 1), TODAY)


@given(day=PAST, form=st.sampled_from(["%d/%m/%Y", "%d-%m-%Y", "ngày %d tháng %m năm %Y"]))
def test_every_day_written_is_read_back(day: date, form: str) -> None:
    assert day_spoken_of(f"em nghỉ {day.strftime(form)} thì sao", TODAY) == day


@given(day=PAST, form=st.sampled_from(["hồi %m/%Y", "tháng %m năm %Y", "T%m/%Y"]))
def test_every_month_written_is_its_last_day(day: date, form: str) -> None:
    read = day_spoken_of(f"em nghỉ {day.strftime(form)} thì sao", TODAY)
    if (day.year, day.month) == (TODAY.year, TODAY.month):
        assert read is None
    else:
        assert read is not None
        assert (read.year, read.month) == (day.year, day.month)
        assert (read + timedelta(days=1)).day == 1


@given(st.text(alphabet="0123456789/.- ngàythángnămhồi", max_size=60))
def test_nothing_typed_gives_a_day_to_come(question: str) -> None:
    read = day_spoken_of(question, TODAY)
    assert read is None or read <= TODAY

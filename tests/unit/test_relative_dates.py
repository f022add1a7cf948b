"""Days spoken of from today."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.dates import day_spoken_of
from knowledge.language.fold import fold

TODAY = date(2026, 11, 22)
"""The lunar year began on 17 February 2026, the one before on 29 January 2025."""


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("năm ngoái em sinh con", date(2025, 12, 31)),
        ("cuối năm ngoái bị cho nghỉ", date(2025, 12, 31)),
        ("giữa năm ngoái bị cho nghỉ", date(2025, 8, 31)),
        ("tháng 5 năm ngoái nghỉ việc", date(2025, 5, 31)),
        ("hồi tháng 3 công ty giam lương", date(2026, 3, 31)),
        ("hồi tháng 12 em nghỉ", date(2025, 12, 31)),
        ("tháng 7 vừa rồi bị trừ thưởng", date(2026, 7, 31)),
        ("vợ em sinh tháng 6 năm nay", date(2026, 6, 30)),
        ("đầu năm nay lương tối thiểu bao nhiêu", date(2026, 4, 30)),
        ("tháng trước chưa trả lương", date(2026, 10, 31)),
        ("tuần trước bị té trong xưởng", date(2026, 11, 15)),
        ("hôm qua bị té trong xưởng", date(2026, 11, 21)),
        ("cách đây 6 tháng em nghỉ", date(2026, 5, 22)),
        ("hai năm trước em bị sa thải", date(2024, 11, 22)),
        ("ngày 15/3 em nghỉ", date(2026, 3, 15)),
        ("hồi trước tết bị đuổi", date(2026, 2, 10)),
        ("sau tết năm ngoái bị đuổi", date(2025, 2, 12)),
    ],
)
def test_a_day_gone_by_is_read(question: str, day: date) -> None:
    assert day_spoken_of(question, TODAY) == day
    assert day_spoken_of(fold(question), TODAY) == day


@pytest.mark.parametrize(
    "question",
    [
        "báo trước 3 tháng trước khi nghỉ",
        "lương bình quân 6 tháng liền kề trước khi nghỉ",
        "12 tháng trước khi sinh đóng đủ 6 tháng",
        "lương tháng 13",
        "cho em hỏi tháng 3 này lương bao nhiêu",
        "trước tết có được thưởng không",
        "tết năm nay nghỉ mấy ngày, ngày 2/9 nghỉ mấy ngày",
        "dự sinh ngày 20/12",
        "em làm từ năm ngoái",
        "vào làm hồi tháng 2",
        "nghỉ 3 tháng rồi, phép năm trước có cộng dồn không",
        "2 năm trước em nghỉ, giờ muốn rút bảo hiểm thì sao",
        "năm ngoái em nghỉ việc, hiện nay còn nhận được gì không",
    ],
)
def test_what_is_of_no_day_gone_by(question: str) -> None:
    read = day_spoken_of(question, date(2026, 1, 20) if "tết năm nay" in question else TODAY)
    assert read is None


@given(today=st.dates(date(2021, 1, 1), date(2030, 12, 31)), month=st.integers(1, 12))
def test_a_month_gone_by_is_its_last_day_within_a_year(today: date, month: int) -> None:
    read = day_spoken_of(f"hồi tháng {month} em bị trừ lương", today)
    if month == today.month:
        assert read is None
    else:
        assert read is not None
        assert read.month == month
        assert 0 < (today - read).days <= 366


@given(
    today=st.dates(date(2021, 1, 1), date(2030, 12, 31)),
    words=st.lists(
        st.sampled_from(
            [
                "hồi",
                "tháng",
                "năm",
                "ngoái",
                "nay",
                "kia",
                "trước",
                "sau",
                "tết",
                "vừa",
                "rồi",
                "2",
                "3",
                "12",
                "30/4",
                "ngày",
                "cách",
                "đây",
                "đầu",
                "cuối",
                "tuần",
            ]
        ),
        max_size=9,
    ),
)
def test_whatever_is_said_the_day_is_past(today: date, words: list[str]) -> None:
    read = day_spoken_of(" ".join(words), today)
    assert read is None or read <= today

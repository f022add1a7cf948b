"""Citations as people type them, and what only looks like one."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.citation import Cited, find
from knowledge.clause import Ref
from knowledge.register import load

TODAY = date(2026, 3, 1)
LABOUR, OLD_LABOUR = "45/2019/QH14", "10/2012/QH13"
INSURANCE, OLD_INSURANCE = "41/2024/QH15", "58/2014/QH13"
DECREE = "145/2020/NĐ-CP"


def read(question: str, day: date = TODAY) -> Cited | None:
    return find(question, load(), day)


@pytest.mark.parametrize(
    ("question", "ref"),
    [
        ("điều 98", f"{LABOUR} điều 98"),
        ("Điều 98 là gì", f"{LABOUR} điều 98"),
        ("khoản 1 điều 35 BLLĐ", f"{LABOUR} điều 35 khoản 1"),
        ("KHOẢN 1 ĐIỀU 35 BLLĐ", f"{LABOUR} điều 35 khoản 1"),
        ("d 35 k 2 bo luat lao dong", f"{LABOUR} điều 35 khoản 2"),
        ("Đ.35, K.2 BLLĐ", f"{LABOUR} điều 35 khoản 2"),
        ("đ35k2 blld", f"{LABOUR} điều 35 khoản 2"),
        ("dieu98khoan1", f"{LABOUR} điều 98 khoản 1"),
        ("điều số 98, khoản thứ 1", f"{LABOUR} điều 98 khoản 1"),
        ("luật bhxh điều 70", f"{INSURANCE} điều 70"),
        ("điều 70 luật bhxh", f"{INSURANCE} điều 70"),
        ("điều 70 bhxh", f"{INSURANCE} điều 70"),
        ("điểm đ khoản 1 Điều 34", f"{LABOUR} điều 34 khoản 1 điểm đ"),
        ("điểm d khoản 1 Điều 34", f"{LABOUR} điều 34 khoản 1 điểm d"),
        ("Điều 98 khoản 1 điểm c", f"{LABOUR} điều 98 khoản 1 điểm c"),
        ("điều 12a", f"{LABOUR} điều 12a"),
        ("điều 12đ khoản 3b", f"{LABOUR} điều 12đ khoản 3b"),
        ("nghị định 145 điều 7", f"{DECREE} điều 7"),
        ("nđ145 điều 7", f"{DECREE} điều 7"),
        ("145/2020/NĐ-CP điều 7 khoản 2", f"{DECREE} điều 7 khoản 2"),
        ("bộ luật lao động 2012 điều 37", f"{OLD_LABOUR} điều 37"),
        ("Bộ luật Lao động năm 2012, Điều 37", f"{OLD_LABOUR} điều 37"),
        ("blld2012 điều 37", f"{OLD_LABOUR} điều 37"),
        ("Điều 37 Bộ luật Lao động 10/2012/QH13", f"{OLD_LABOUR} điều 37"),
        ("Điều 37 Bộ luật Lao động số 10/2012/QH13", f"{OLD_LABOUR} điều 37"),
        ("điều 60 luật bảo hiểm xã hội số 58/2014/QH13", f"{OLD_INSURANCE} điều 60"),
    ],
)
def test_a_citation_alone_is_read_whole(question: str, ref: str) -> None:
    expected = Cited(Ref.parse(ref), bare=True)
    assert read(question) == expected
    assert read(unicodedata.normalize("NFD", question)) == expected


@pytest.mark.parametrize(
    ("question", "ref"),
    [
        ("điều 98 quy định gì về làm thêm giờ", f"{LABOUR} điều 98"),
        ("công ty nói theo khoản 1 điều 35 thì em phải báo trước", f"{LABOUR} điều 35 khoản 1"),
        ("điều 98 quy định gì về tiền đóng bhxh hằng tháng", f"{LABOUR} điều 98"),
        (
            "điều 35 bộ luật lao động và nghị định 145/2020/NĐ-CP nói gì về báo trước",
            f"{LABOUR} điều 35",
        ),
        ("điều 98 áp dụng hồi tháng 12/2012 cho công nhân không", f"{LABOUR} điều 98"),
        (
            "phạt bao nhiêu theo điều 19 nghị định 12/2022 khi kỷ luật trái bộ luật lao động",
            "12/2022/NĐ-CP điều 19",
        ),
        (
            "điều 7 nghị định 145/2020/NĐ-CP hướng dẫn bộ luật lao động 45/2019/QH14 ra sao nhỉ",
            f"{DECREE} điều 7",
        ),
    ],
)
def test_a_citation_within_a_question_is_not_bare(question: str, ref: str) -> None:
    assert read(question) == Cited(Ref.parse(ref), bare=False)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "d 3 tháng",
        "đóng bhxh đ 3 tháng rồi nghỉ",
        "làm đ 2 năm k 1 lần tăng lương bộ luật lao động",
        "tôi làm được 35 ngày",
        "khoảng 2 tuần",
        "khoản 2 là gì",
        "điều kiện hưởng",
        "5 điều cần biết",
        "em muốn hỏi một điều 2 năm trước em nghỉ việc",
        "lương 7 triệu đ 35 k",
        "đặc điểm a của công việc",
        "quyết định 35",
        "mức 500đ 2 tuần",
    ],
)
def test_what_is_no_citation(question: str) -> None:
    assert read(question) is None


def test_a_shared_name_means_the_law_in_force_that_day() -> None:
    for question, old, new in (
        ("điều 37", OLD_LABOUR, LABOUR),
        ("điều 37 bộ luật lao động", OLD_LABOUR, LABOUR),
        ("điều 60 luật bhxh", OLD_INSURANCE, INSURANCE),
    ):
        then, now = read(question, date(2016, 5, 1)), read(question)
        assert then is not None
        assert then.ref.law == old
        assert now is not None
        assert now.ref.law == new


LETTERS = st.sampled_from(["", "a", "b", "đ"])
NUMBERS = st.builds(lambda n, letter: f"{n}{letter}", st.integers(1, 220), LETTERS)
CLAUSES = st.builds(lambda n, letter: f"{n}{letter}", st.integers(1, 30), LETTERS)
POINTS = st.sampled_from([*"abcdđeghiklmnopqrstuvxy", "a1", "đ1"])
FORMS = (
    "điểm {p} khoản {k} điều {d}",
    "Điểm {p}, Khoản {k}, Điều {d} BLLĐ",
    "điều {d} khoản {k} điểm {p}",
    "bộ luật lao động điều {d} khoản {k} điểm {p}",
    "d {d} k {k} điểm {p} blld",
)


@given(article=NUMBERS, clause=CLAUSES, point=POINTS, form=st.sampled_from(FORMS))
def test_every_place_written_is_read_back(article: str, clause: str, point: str, form: str) -> None:
    found = read(form.format(d=article, k=clause, p=point))
    assert found == Cited(Ref(law=LABOUR, article=article, clause=clause, point=point), bare=True)


@given(article=NUMBERS, clause=CLAUSES)
def test_every_place_written_short_is_read_back(article: str, clause: str) -> None:
    for form in ("đ{d}k{k} blld", "đ.{d} k.{k} bộ luật lao động", "dieu {d} khoan {k} bllđ"):
        found = read(form.format(d=article, k=clause))
        assert found == Cited(Ref(law=LABOUR, article=article, clause=clause), bare=True), form


TYPED = (
    "điều dieu đ d khoản k điểm luật bộ lao động bhxh nghị định 145 145/2020/NĐ-CP số năm 2012 98 "
    "1 0 12a ¤ ð / . , % tháng"
)
WORDS = st.sampled_from(TYPED.split())


@given(st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=15).map(" ".join)))
def test_nothing_typed_makes_it_stumble(question: str) -> None:
    found = read(question)
    if found:
        assert Ref.parse(str(found.ref)) == found.ref
        assert found.ref.law in load()

"""What search found, made into an answer people read."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.answer import Act, Answer
from knowledge.clause import Ref
from knowledge.compose import NOT_HELD, OUT_OF_SCOPE, UNREVIEWED, cite, compose
from knowledge.weights import Weights
from tests.unit import made_library
from tests.unit.made_library import CAVEAT, LABOUR, LONG_SENTENCE, OLD_LABOUR, TODAY

LIBRARY = made_library.library()
ENGINE = made_library.searcher(over=LIBRARY)
CODE = "Bộ luật Lao động 45/2019/QH14"


def answer(question: str, day: date = TODAY) -> Answer:
    given = compose(ENGINE.search(question, day), LIBRARY)
    assert given.as_of == day
    return given


@pytest.mark.parametrize(
    ("ref", "label"),
    [
        (f"{LABOUR} điều 98 khoản 1", f"khoản 1 Điều 98 {CODE}, áp dụng từ 01/01/2021"),
        (
            f"{LABOUR} điều 98 khoản 1 điểm đ",
            f"điểm đ khoản 1 Điều 98 {CODE}, áp dụng từ 01/01/2021",
        ),
        (f"{LABOUR} điều 98", f"Điều 98 {CODE}, áp dụng từ 01/01/2021"),
        (f"{LABOUR} điều 139", f"Điều 139 {CODE}, áp dụng từ 01/07/2026"),
        (
            "145/2020/NĐ-CP điều 7 khoản 2",
            "khoản 2 Điều 7 Nghị định 145/2020/NĐ-CP, áp dụng từ 01/02/2021",
        ),
        (f"{LABOUR} điều 400", f"Điều 400 {CODE}"),
    ],
)
def test_a_label_says_place_law_and_since_when(ref: str, label: str) -> None:
    assert cite(Ref.parse(ref), TODAY, LIBRARY).label == label


def test_a_label_says_until_when() -> None:
    day = date(2026, 6, 30)
    for place in ("khoản 1 ", ""):
        ref = Ref.parse(f"{LABOUR} điều 139 {place}".strip())
        assert cite(ref, day, LIBRARY).label == (
            f"{place}Điều 139 {CODE}, áp dụng từ 01/01/2021 đến 30/06/2026"
        )


def test_a_citation_shows_the_wording_of_the_day_and_its_caveat() -> None:
    whole = cite(Ref.parse(f"{LABOUR} điều 98"), TODAY, LIBRARY)
    assert whole.text.splitlines() == [
        "Điều 98. Thưởng hái mướp",
        "1. Ai hái mướp buổi tối thì được thêm rổ mướp như sau:",
        "a) Tối thường: một rổ mướp;",
        "đ) Tối rằm: ba rổ mướp.",
        "2. Hái mướp ban trưa thì thêm bát chè.",
    ]
    assert whole.note is None
    assert cite(Ref.parse(f"{LABOUR} điều 106"), TODAY, LIBRARY).note == CAVEAT


def test_a_citation_alone_gives_the_clause() -> None:
    given = answer("khoản 2 điều 98 bộ luật lao động")
    assert given.act is Act.LOOKUP
    assert given.text == "Điều 98. Thưởng hái mướp\n2. Hái mướp ban trưa thì thêm bát chè."
    assert [str(c.ref) for c in given.citations] == [f"{LABOUR} điều 98 khoản 2"]


@pytest.mark.parametrize("more", ["", " quy định gì về rổ mướp và chuồng gà"])
@pytest.mark.parametrize(
    ("question", "day", "says"),
    [
        (
            "điều 300",
            TODAY,
            f"Mình không tìm thấy Điều 300 trong {CODE} (tính đến ngày 22/11/2026).",
        ),
        (
            "điểm g khoản 1 điều 98",
            TODAY,
            f"Mình không tìm thấy điểm g khoản 1 Điều 98 trong {CODE} (tính đến ngày 22/11/2026).",
        ),
        (
            "khoản 1 điều 50",
            TODAY,
            f"Mình không tìm thấy khoản 1 Điều 50 trong {CODE} (tính đến ngày 22/11/2026).",
        ),
        (
            "điều 37 10/2012/QH13",
            TODAY,
            "Bộ luật Lao động 10/2012/QH13 không còn hiệu lực vào ngày 22/11/2026.",
        ),
        (
            "điều 98 45/2019/QH14",
            date(2019, 12, 1),
            f"{CODE} chưa có hiệu lực vào ngày 01/12/2019 (có hiệu lực từ 01/01/2021).",
        ),
    ],
)
def test_a_place_that_cannot_be_shown_is_not_cited(
    question: str, day: date, says: str, more: str
) -> None:
    given = answer(question + more, day)
    assert given.text == says
    assert given.citations == ()


@pytest.mark.parametrize("question", ["điều 70 luật bhxh", "điều 70 luật bhxh nói gì về vườn rau"])
def test_a_law_of_which_no_text_is_held_is_cited_without_text(question: str) -> None:
    given = answer(question)
    assert given.text == NOT_HELD
    assert [(c.label, c.text) for c in given.citations] == [
        ("Điều 70 Luật Bảo hiểm xã hội 41/2024/QH15", "")
    ]


def test_a_card_answers_with_its_steps_doubt_and_at_most_four_citations() -> None:
    given = answer("hái mướp tối được thêm gì", date(2023, 1, 1))
    assert (given.act, given.card, given.topic) == (Act.ANSWER, "hai-muop", "thoi-gio")
    assert given.text == "Hái mướp buổi tối thì được thêm một rổ, tối rằm ba rổ."
    assert given.steps == ("Ghi số rổ vào sổ.",)
    assert given.doubt == "Tối rằm có mưa thì chưa rõ."
    assert [c.ref.article for c in given.citations] == ["98", "98", "7", "50"]
    assert all(c.text for c in given.citations)
    assert given.options[0] == "Thẻ ong dot"
    assert "Thẻ hai muop" not in given.options
    assert len(given.options) <= 3


def test_a_card_shows_no_text_that_is_not_in_force_that_day() -> None:
    given = answer("hái mướp tối được thêm gì")
    shown = {str(c.ref): c for c in given.citations}
    repealed = shown[f"{LABOUR} điều 50 khoản 1"]
    assert (repealed.text, repealed.label) == ("", f"khoản 1 Điều 50 {CODE}")
    assert "quét vôi" not in given.model_dump_json()


def test_a_card_says_what_held_that_day() -> None:
    question = "chăm ong nghỉ mấy hôm"
    assert "sáu hôm" in answer(question, date(2026, 6, 30)).text
    assert "bảy hôm" in answer(question, date(2026, 7, 1)).text
    old = answer("ao cá tát mấy lần", date(2016, 1, 1))
    assert old.card == "tat-ao"
    assert old.citations[0].ref.law == OLD_LABOUR
    assert answer("ao cá tát mấy lần").card is None


def test_without_a_card_the_clause_speaks_and_says_so() -> None:
    bare = made_library.library(with_cards=[])
    engine = made_library.searcher(over=bare)
    found = engine.search("tổ ong non phải có người trông thay", TODAY)
    given = compose(found, bare, Weights(scope_bias=30.0))
    assert given.act is Act.ANSWER
    assert given.card is None
    label = f"khoản 2 Điều 139 {CODE}, áp dụng từ 01/01/2021"
    assert label in given.text
    assert "Tổ ong non phải có người trông thay." in given.text
    assert given.doubt == UNREVIEWED
    assert [c.label for c in given.citations] == [label]
    assert given.options == ()


def test_a_citation_within_a_question_shows_its_clause() -> None:
    given = answer("khoản 1 điều 60 có bắt đi quanh bờ rào mỗi sáng trong mùa mưa không")
    assert given.act is Act.ANSWER
    assert given.text.startswith(f"khoản 1 Điều 60 {CODE}, áp dụng từ 01/01/2021:\n")


def test_a_long_text_is_cut_at_a_sentence_end() -> None:
    given = answer("điều 60")
    assert given.text.endswith(f"{LONG_SENTENCE.strip()} […]")
    assert 800 < len(given.text) <= 904
    assert given.citations[0].text.count(LONG_SENTENCE.strip()) == 30


@pytest.mark.parametrize(
    ("text", "last"),
    [
        # A clause's number is no sentence end, and a break too early is no place to cut.
        (f"{'rau ' * 220}\n2. {'cải ' * 60}", "rau […]"),
        (f"Ngắn.\n{'rau ' * 400}", "rau […]"),
        ("x" * 2000, "x […]"),
        (f"{'rau ' * 99}rau;\n{'cải ' * 200}", "rau; […]"),
    ],
)
def test_where_a_long_text_is_cut(text: str, last: str) -> None:
    long = made_library.clause(f"{LABOUR} điều 1", "Vườn", text)
    held = made_library.library([long], [])
    engine = made_library.searcher(over=held)
    given = compose(engine.search("điều 1", TODAY), held)
    assert given.text.endswith(last)
    assert "2. […]" not in given.text
    assert len(given.text) <= 904


def test_a_question_about_something_else_is_out_of_scope() -> None:
    given = answer("thoi tiet hom nay the nao")
    assert (given.act, given.text, given.citations) == (Act.OUT_OF_SCOPE, OUT_OF_SCOPE, ())

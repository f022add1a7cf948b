"""Amendments to dated wordings: on an invented law, on random ones, on the official texts."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.statute import Article, ClauseText, PointText, Statute
from indexer.validity import DatedText, ValidityError, clause_versions
from knowledge.clause import Change, Clause, Document, Ref
from tests.unit import official_texts

LAW = "1/2020/QH99"
START = date(2020, 7, 1)
AMENDED = date(2023, 1, 1)
Words = dict[tuple[str, str], str]


def _law(*changes: Change, **more: object) -> Document:
    return Document.model_validate(
        {
            "number": LAW,
            "title": "Luật Làm thử",
            "short_title": "Luật Làm thử",
            "kind": "luật",
            "issuer": "Quốc hội",
            "issued": None,
            "effective": START,
            "articles": 3,
            "grade": "A",
            "changes": changes,
        }
        | more
    )


def _text(law: Document, number: str, *included: str, **more: object) -> Document:
    return Document.model_validate(
        law.model_dump()
        | {
            "number": number,
            "kind": "văn bản hợp nhất",
            "consolidates": law.number,
            "changes": [c for c in law.changes if c.by in included],
        }
        | more
    )


def _change(by: str, day: date, *places: str, kind: str = "amends", **more: object) -> Change:
    refs = tuple(Ref.parse(f"{LAW} {place}") for place in places)
    return Change.model_validate({"by": by, "effective": day, "places": refs, "kind": kind} | more)


def _statute(words: Words, name: str = "thu.txt") -> Statute:
    """A statute from (article, clause) to words; clause "" is an article without clauses."""
    articles: dict[str, list[ClauseText]] = {}
    plain: dict[str, str] = {}
    for (article, clause), text in words.items():
        clauses = articles.setdefault(article, [])
        if clause:
            clauses.append(ClauseText(clause, text))
        else:
            plain[article] = text
    made = [
        Article(number, f"Tên điều {number}", plain.get(number, ""), tuple(clauses))
        for number, clauses in articles.items()
    ]
    return Statute(name=name, number=LAW, title="LUẬT LÀM THỬ", articles=tuple(made))


FIRST: Words = {
    ("1", ""): "Luật này nói về việc làm thử.",
    ("2", "1"): "Người thử được nghỉ ba ngày;",
    ("2", "2"): "Người thử được trả lương.",
    ("3", "1"): "Có hiệu lực sau một năm.",
}


def _at(versions: list[Clause], place: str) -> list[Clause]:
    ref = Ref.parse(f"{LAW} {place}")
    return [clause for clause in versions if clause.ref == ref]


def _spans(versions: list[Clause], place: str) -> list[tuple[str, date, date | None]]:
    return [(c.text, c.valid_from, c.valid_until) for c in _at(versions, place)]


def test_an_amended_clause_has_two_wordings_and_its_neighbour_one() -> None:
    law = _law(_change("2/2022/QH99", AMENDED, "điều 2 khoản 1"))
    new = FIRST | {("2", "1"): "Người thử được nghỉ bốn ngày;"}
    versions = clause_versions(
        law,
        [
            DatedText(law, _statute(FIRST)),
            DatedText(_text(law, "9/VBHN", "2/2022/QH99"), _statute(new)),
        ],
    )
    assert _spans(versions, "điều 2 khoản 1") == [
        ("Người thử được nghỉ ba ngày;", START, date(2022, 12, 31)),
        ("Người thử được nghỉ bốn ngày;", AMENDED, None),
    ]
    assert _spans(versions, "điều 2 khoản 2") == [("Người thử được trả lương.", START, None)]
    assert [c.source for c in _at(versions, "điều 2 khoản 1")] == [LAW, "9/VBHN"]
    assert all(c.caveat is None for c in versions)


def test_each_amendment_of_one_consolidation_keeps_its_own_day() -> None:
    law = _law(
        _change("2/2022/QH99", AMENDED, "điều 2 khoản 1"),
        _change("3/2023/QH99", date(2024, 1, 1), "điều 2 khoản 2", "điều 2 khoản 3", kind="adds"),
        _change("4/2024/QH99", date(2025, 1, 1), "điều 2 khoản 1"),
    )
    second = FIRST | {("2", "1"): "bốn ngày"}
    third = second | {("2", "1"): "năm ngày", ("2", "3"): "thêm một khoản"}
    law = law.model_copy(
        update={
            "changes": (
                law.changes[0],
                _change("3/2023/QH99", date(2024, 1, 1), "điều 2 khoản 3", kind="adds"),
                law.changes[2],
            )
        }
    )
    versions = clause_versions(
        law,
        [
            DatedText(_text(law, "8/VBHN", "2/2022/QH99"), _statute(second)),
            DatedText(
                _text(law, "9/VBHN", "2/2022/QH99", "3/2023/QH99", "4/2024/QH99"), _statute(third)
            ),
            DatedText(law, _statute(FIRST)),
        ],
    )
    assert [(t, s) for t, s, _ in _spans(versions, "điều 2 khoản 1")] == [
        ("Người thử được nghỉ ba ngày;", START),
        ("bốn ngày", AMENDED),
        ("năm ngày", date(2025, 1, 1)),
    ]
    assert _spans(versions, "điều 2 khoản 3") == [("thêm một khoản", date(2024, 1, 1), None)]


def test_an_amendment_on_the_first_day_means_the_original_never_applied() -> None:
    law = _law(_change("2/2020/QH99", START, "điều 2 khoản 1"))
    new = FIRST | {("2", "1"): "bốn ngày"}
    versions = clause_versions(
        law,
        [
            DatedText(law, _statute(FIRST)),
            DatedText(_text(law, "9/VBHN", "2/2020/QH99"), _statute(new)),
        ],
    )
    assert _spans(versions, "điều 2 khoản 1") == [("bốn ngày", START, None)]


def test_a_repealed_place_ends_the_day_before() -> None:
    law = _law(_change("2/2022/QH99", AMENDED, "điều 2 khoản 2", "điều 3", kind="repeals"))
    gone = {k: v for k, v in FIRST.items() if k != ("3", "1")} | {("2", "2"): "(Được bãi bỏ)"}
    for texts in (
        [DatedText(law, _statute(FIRST))],
        [
            DatedText(law, _statute(FIRST)),
            DatedText(_text(law, "9/VBHN", "2/2022/QH99"), _statute(gone)),
        ],
    ):
        versions = clause_versions(law, texts)
        assert _spans(versions, "điều 2 khoản 2")[0][2] == date(2022, 12, 31)
        assert _spans(versions, "điều 3 khoản 1")[0][2] == date(2022, 12, 31)
        assert len(_at(versions, "điều 2 khoản 2")) == 1


def test_without_the_new_text_the_old_stays_with_a_caveat() -> None:
    law = _law(_change("2/2022/QH99", AMENDED, "điều 2 khoản 1", text_held=False))
    before, after = _at(clause_versions(law, [DatedText(law, _statute(FIRST))]), "điều 2 khoản 1")
    assert (before.valid_until, before.caveat) == (date(2022, 12, 31), None)
    assert (after.text, after.valid_from, after.valid_until) == (before.text, AMENDED, None)
    assert after.caveat is not None
    assert "2/2022/QH99" in after.caveat
    assert "01/01/2023" in after.caveat


def test_with_only_the_new_text_an_earlier_day_has_no_wording() -> None:
    law = _law(_change("2/2022/QH99", AMENDED, "điều 2 khoản 1"))
    versions = clause_versions(
        law, [DatedText(_text(law, "9/VBHN", "2/2022/QH99"), _statute(FIRST))]
    )
    assert _spans(versions, "điều 2 khoản 1")[0][1] == AMENDED
    assert _spans(versions, "điều 2 khoản 2")[0][1] == START


def test_a_suspension_is_a_caveat_and_no_end() -> None:
    law = _law(
        _change("5/2024/NQ", AMENDED, "điều 2 khoản 1", kind="suspends", until=date(2023, 6, 30)),
        _change("6/2024/NĐ-CP", AMENDED, "điều 3", kind="overlays", until=date(2023, 6, 30)),
    )
    versions = clause_versions(law, [DatedText(law, _statute(FIRST))])
    (suspended,) = _at(versions, "điều 2 khoản 1")
    assert suspended.valid_until is None
    assert suspended.caveat is not None
    assert "từ ngày 01/01/2023 đến hết ngày 30/06/2023 theo 5/2024/NQ" in suspended.caveat
    (overlaid,) = _at(versions, "điều 3 khoản 1")
    assert overlaid.caveat is not None
    assert "6/2024/NĐ-CP" in overlaid.caveat
    (untouched,) = _at(versions, "điều 2 khoản 2")
    assert untouched.caveat is None


def test_a_place_that_begins_later_than_its_law() -> None:
    law = _law(_change(LAW, AMENDED, "điều 2 khoản 2", kind="adds"))
    versions = clause_versions(law, [DatedText(law, _statute(FIRST))])
    assert _spans(versions, "điều 2 khoản 2") == [("Người thử được trả lương.", AMENDED, None)]


def test_the_end_of_the_law_ends_every_wording() -> None:
    end = date(2022, 6, 30)
    law = _law(
        _change("2/2022/QH99", AMENDED, "điều 2 khoản 1", text_held=False),
        expires=end,
        replaced_by="9/2022/QH99",
    )
    versions = clause_versions(law, [DatedText(law, _statute(FIRST))])
    assert {c.valid_until for c in versions} == {end}
    assert len(_at(versions, "điều 2 khoản 1")) == 1


def test_a_text_of_grade_c_marks_every_clause() -> None:
    law = _law(grade="C", caveat="Chữ đọc máy.")
    versions = clause_versions(law, [DatedText(law, _statute(FIRST))])
    assert {(c.grade, c.caveat) for c in versions} == {("C", "Chữ đọc máy.")}


def test_a_reconstruction_marks_only_what_it_alone_says() -> None:
    law = _law(_change("2/2022/QH99", AMENDED, "điều 2 khoản 1"))
    text = _text(law, "9/VBHN", "2/2022/QH99", grade="B", caveat="Bản tái lập.")
    new = FIRST | {("2", "1"): "bốn ngày"}
    versions = clause_versions(
        law, [DatedText(text, _statute(new)), DatedText(law, _statute(FIRST))]
    )
    assert [c.ref.clause for c in versions if c.caveat == "Bản tái lập."] == ["1"]


def test_a_rewritten_article_may_have_other_clauses() -> None:
    law = _law(_change("2/2022/QH99", AMENDED, "điều 1", "điều 2"))
    new = {k: v for k, v in FIRST.items() if k[0] == "3"} | {
        ("1", "1"): "Nay có khoản một.",
        ("1", "2"): "Nay có khoản hai.",
        ("2", "1"): "Người thử được nghỉ ba ngày;",
    }
    versions = clause_versions(
        law,
        [
            DatedText(law, _statute(FIRST)),
            DatedText(_text(law, "9/VBHN", "2/2022/QH99"), _statute(new)),
        ],
    )
    last = date(2022, 12, 31)
    assert _spans(versions, "điều 1")[0][1:] == (START, last)
    assert _spans(versions, "điều 1 khoản 2") == [("Nay có khoản hai.", AMENDED, None)]
    assert _spans(versions, "điều 2 khoản 2")[0][1:] == (START, last)
    assert _spans(versions, "điều 2 khoản 1")[0][1:] == (START, None)


def test_words_before_the_first_clause_are_kept() -> None:
    article = Article(
        "1", "Tên", "Được nghỉ như sau:", (ClauseText("1", "", (PointText("a", "hai ngày;"),)),)
    )
    law = _law()
    statute = Statute("thu.txt", LAW, "LUẬT", (article,))
    lead, clause = clause_versions(law, [DatedText(law, statute)])
    assert (lead.ref.clause, lead.full_text) == (None, "Được nghỉ như sau:")
    assert clause.full_text == "a) hai ngày;"


# Contradictions


def test_an_unexplained_difference_names_place_and_both_copies() -> None:
    law = _law(_change("2/2022/QH99", AMENDED, "điều 3 khoản 1"))
    new = FIRST | {("2", "1"): "bốn ngày", ("3", "1"): "sau hai năm"}
    with pytest.raises(ValidityError) as caught:
        clause_versions(
            law,
            [
                DatedText(law, _statute(FIRST, "cu.docx")),
                DatedText(_text(law, "9/VBHN", "2/2022/QH99"), _statute(new, "moi.pdf")),
            ],
        )
    message = str(caught.value)
    for part in ("khoản 1 Điều 2", LAW, "cu.docx", "9/VBHN (moi.pdf)", "sổ đăng ký"):
        assert part in message


def test_a_clause_missing_from_one_copy_is_refused() -> None:
    law = _law()
    short = {k: v for k, v in FIRST.items() if k != ("2", "2")}
    with pytest.raises(ValidityError, match="khoản 2 Điều 2"):
        clause_versions(
            law,
            [
                DatedText(law, _statute(FIRST)),
                DatedText(_text(law, "9/VBHN"), _statute(short)),
            ],
        )


def test_a_registered_change_that_does_not_show_is_refused() -> None:
    law = _law(_change("2/2022/QH99", AMENDED, "điều 2 khoản 1"))
    with pytest.raises(ValidityError, match="giống nhau"):
        clause_versions(
            law,
            [
                DatedText(law, _statute(FIRST)),
                DatedText(_text(law, "9/VBHN", "2/2022/QH99"), _statute(FIRST)),
            ],
        )


def test_of_two_copies_of_one_text_the_registered_wins() -> None:
    law = _law()
    good, bad = _statute(FIRST), _statute(FIRST | {("2", "1"): "bốn ngày"}, "sai.txt")
    hashes = {article.number: article.fingerprint for article in good.articles}
    for copies in ((good, bad), (bad, good)):
        versions = clause_versions(law, [DatedText(law, copy, hashes) for copy in copies])
        assert _spans(versions, "điều 2 khoản 1")[0][0] == "Người thử được nghỉ ba ngày;"
    with pytest.raises(ValidityError, match="hai bản"):
        clause_versions(law, [DatedText(law, good), DatedText(law, bad)])


def test_a_text_of_another_law_is_refused() -> None:
    law = _law()
    other = _law(number="7/2019/QH99")
    with pytest.raises(ValidityError, match="không phải là văn bản của luật này"):
        clause_versions(law, [DatedText(other, _statute(FIRST))])


# Random laws


@st.composite
def _histories(draw: st.DrawFn) -> tuple[Document, list[DatedText]]:
    """A law, its amendments in order, and a consolidation after some of them."""
    words: Words = {
        (str(article), str(clause)): f"điều {article} khoản {clause} lúc đầu"
        for article in range(1, draw(st.integers(1, 4)) + 1)
        for clause in range(1, draw(st.integers(1, 3)) + 1)
    }
    stages: list[Words] = [words]
    changes: list[Change] = []
    day = START
    for number in range(draw(st.integers(0, 5))):
        day += timedelta(days=draw(st.integers(1, 400)))
        now = dict(stages[-1])
        kind = draw(st.sampled_from(["amends", "adds", "repeals"]))
        if kind == "adds":
            article = draw(st.sampled_from(sorted({a for a, _ in words})))
            place = (article, f"{9 + number}")
        else:
            if not now:
                continue
            place = draw(st.sampled_from(sorted(now)))
        if kind == "repeals":
            del now[place]
        else:
            now[place] = f"lời văn {number} theo luật sửa đổi"
        where = f"điều {place[0]} khoản {place[1]}"
        changes.append(_change(f"{number}/SĐ", day, where, kind=kind))
        stages.append(now)
    expires = draw(st.none() | st.integers(0, 1500).map(lambda n: START + timedelta(days=n)))
    more = {} if expires is None else {"expires": expires, "replaced_by": "9/2030/QH99"}
    law = _law(*changes, **more)
    texts = [DatedText(law, _statute(words))]
    for count in sorted(draw(st.sets(st.integers(1, len(changes))) if changes else st.just(set()))):
        included = [change.by for change in changes[:count]]
        texts.append(DatedText(_text(law, f"{count}/VBHN", *included), _statute(stages[count])))
    return law, texts


@given(_histories())
@settings(max_examples=150, deadline=None)
def test_a_day_has_at_most_one_wording_of_a_place(
    history: tuple[Document, list[DatedText]],
) -> None:
    law, texts = history
    versions = clause_versions(law, texts)
    by_place: dict[Ref, list[Clause]] = {}
    for clause in versions:
        by_place.setdefault(clause.ref, []).append(clause)
        assert clause.valid_from >= law.effective
        if law.expires is not None:
            assert clause.valid_until is not None
            assert clause.valid_until <= law.expires
    for clauses in by_place.values():
        for earlier, later in pairwise(clauses):
            assert earlier.valid_until is not None
            assert earlier.valid_from <= earlier.valid_until < later.valid_from
    assert len({clause.key for clause in versions}) == len(versions)


@given(_histories())
@settings(max_examples=150, deadline=None)
def test_the_words_of_a_day_are_those_of_the_last_stage(
    history: tuple[Document, list[DatedText]],
) -> None:
    """With every stage held, the library of a day reads exactly as the law then did."""
    law, texts = history
    versions = clause_versions(law, texts)
    for text in texts:
        included = [c for c in text.document.changes if text.document.consolidates]
        day = max((c.effective for c in included), default=law.effective)
        if law.expires is not None and day > law.expires:
            continue
        following = [c.effective for c in law.changes if c not in included]
        if following and min(following) <= day:
            continue
        said = {(c.ref.article, c.ref.clause): c.text for c in versions if c.in_force(day)}
        meant = {
            (article.number, clause.number): clause.text
            for article in text.statute.articles
            for clause in article.clauses
        }
        assert said == meant


@given(_histories(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_changes_and_texts_does_not_matter(
    history: tuple[Document, list[DatedText]], chance: random.Random
) -> None:
    law, texts = history
    expected = clause_versions(law, texts)
    changes = list(law.changes)
    chance.shuffle(changes)
    shuffled = list(texts)
    chance.shuffle(shuffled)
    assert clause_versions(law.model_copy(update={"changes": tuple(changes)}), shuffled) == expected


# The official texts


def _official(written: str) -> list[tuple[date, date | None, str]]:
    return [(c.valid_from, c.valid_until, c.source) for c in official_texts.wordings(written)]


@pytest.mark.laws
@pytest.mark.parametrize(
    ("place", "changed", "source"),
    [
        ("45/2019/QH14 điều 139 khoản 1", date(2026, 7, 1), "18/VBHN-VPQH"),
        ("45/2019/QH14 điều 59 khoản 2", date(2026, 1, 1), "18/VBHN-VPQH"),
        ("45/2019/QH14 điều 61 khoản 3", date(2026, 1, 1), "18/VBHN-VPQH"),
        ("41/2024/QH15 điều 37 khoản 1", date(2026, 3, 1), "19/VBHN-VPQH"),
        ("41/2024/QH15 điều 53 khoản 2", date(2026, 7, 1), "19/VBHN-VPQH"),
        ("84/2015/QH13 điều 43 khoản 1", date(2025, 7, 1), "84/2015/QH13 hiện hành"),
        ("88/2020/NĐ-CP điều 39", date(2025, 7, 1), "88/2020/NĐ-CP hiện hành"),
    ],
)
def test_an_official_clause_has_two_wordings(place: str, changed: date, source: str) -> None:
    law = place.split(maxsplit=1)[0]
    (first, before, original), (second, after, current) = _official(place)
    assert (before, second, after) == (changed - timedelta(days=1), changed, None)
    assert (original, current) == (law, source)
    assert first < second


@pytest.mark.laws
def test_the_second_child_brings_a_seventh_month_of_leave() -> None:
    old, new = official_texts.wordings("45/2019/QH14 điều 139 khoản 1")
    assert "07 tháng" not in old.full_text
    assert "07 tháng" in new.full_text
    assert old.in_force(date(2026, 6, 30))
    assert new.in_force(date(2026, 7, 1))


@pytest.mark.laws
def test_official_additions_repeals_and_late_beginnings() -> None:
    assert _official("45/2019/QH14 điều 154 khoản 8a") == [(date(2026, 1, 1), None, "18/VBHN-VPQH")]
    assert _official("41/2024/QH15 điều 66 khoản 3a")[0][0] == date(2026, 1, 1)
    assert _official("41/2024/QH15 điều 16 khoản 1") == [(date(2025, 7, 1), None, "58/VBHN-VPQH")]
    assert _official("50/2024/QH15 điều 4 khoản 4") == []
    assert _official("135/2020/NĐ-CP điều 3 khoản 2")[0][1] == date(2025, 6, 30)
    assert _official("58/2014/QH13 điều 2 khoản 2")[0][0] == date(2018, 1, 1)


@pytest.mark.laws
def test_predecessors_answer_for_their_own_years() -> None:
    for law, first, last in (
        ("10/2012/QH13", date(2013, 5, 1), date(2020, 12, 31)),
        ("12/2012/QH13", date(2013, 1, 1), date(2025, 6, 30)),
        ("38/2013/QH13", date(2015, 1, 1), date(2025, 12, 31)),
    ):
        versions = official_texts.clauses(law)
        assert {clause.valid_from for clause in versions if clause.ref.article == "1"} == {first}
        assert {clause.valid_until for clause in versions if clause.ref.article == "1"} == {last}
        assert max(clause.valid_until or date.max for clause in versions) == last


@pytest.mark.laws
def test_every_clause_of_an_unvouched_text_says_so() -> None:
    for law in ("283/2026/NĐ-CP", "161/2026/NĐ-CP", "374/2025/NĐ-CP"):
        versions = official_texts.clauses(law)
        assert versions
        assert all(clause.grade == "C" and clause.caveat for clause in versions)
    leasing = official_texts.wordings("145/2020/NĐ-CP điều 12")
    assert all("66.18/2026/NQ-CP" in (clause.caveat or "") for clause in leasing)

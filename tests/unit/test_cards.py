"""The cards as they stand: they load, know each other, and a faulty file says where and what."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from indexer.card_asks import check_asks
from indexer.card_findings import Kind, places
from knowledge import datafile
from knowledge.asking import today
from knowledge.cards import TOPICS, Card, CardError, load
from knowledge.cards.loader import FOLDER
from knowledge.parameters import load as load_parameters
from knowledge.register import load as load_register

CARD = """\
law: "45/2019/QH14"
chapter: "Thử"
cards:
  - id: {id}
    topic: tien-luong
    title: "Một thẻ để thử"
    wordings:
      - from: 2021-01-01
        says: "Lời này dài hơn hai mươi chữ cái."
        refs: ["45/2019/QH14 điều 97"]
    related: [{related}]
    asks: ["một", "hai", "ba"]
    review: {{written: 2026-11-21}}
"""


@pytest.fixture(scope="module")
def cards() -> tuple[Card, ...]:
    return load()


def test_the_cards_workers_ask_most_are_there(cards: tuple[Card, ...]) -> None:
    assert len(cards) >= 60
    assert {card.topic for card in cards} == set(TOPICS)
    wanted = {
        "luong-tra-cham", "luong-lam-them-gio", "bao-truoc-nghi-viec", "bi-sa-thai-trai-luat",
        "thu-viec-luong", "thai-san-nghi-bao-lau", "bhxh-rut-mot-lan", "om-dau-so-ngay",
        "tro-cap-that-nghiep-dieu-kien", "tai-nan-lao-dong-quyen-loi",
    }  # fmt: skip
    assert wanted <= {card.id for card in cards}


def test_each_card_answers_today(cards: tuple[Card, ...]) -> None:
    assert [card.id for card in cards if card.wording(today()) is None] == []


def test_no_ask_belongs_to_two_cards(cards: tuple[Card, ...]) -> None:
    findings = check_asks(cards, places(FOLDER), today())
    assert [str(finding) for finding in findings if finding.kind is Kind.FAULT] == []


def test_laws_and_parameters_cited_are_known(cards: tuple[Card, ...]) -> None:
    register, parameters = load_register(), load_parameters()
    for card in cards:
        for wording in card.wordings:
            unknown = [str(ref) for ref in wording.refs if ref.law not in register]
            unknown += [name for name in wording.parameters if name not in parameters]
            assert unknown == [], card.id


def test_related_cards_are_others(cards: tuple[Card, ...]) -> None:
    assert [card.id for card in cards if card.id in card.related] == []
    assert [card.id for card in cards if len(set(card.related)) < len(card.related)] == []


def test_a_card_left_open_says_its_doubt(cards: tuple[Card, ...]) -> None:
    silent = [c.id for c in cards if c.review.outcome == "open" and not c.doubt]
    assert silent == []


def test_a_corrected_card_says_what_was_corrected(cards: tuple[Card, ...]) -> None:
    silent = [c.id for c in cards if c.review.outcome == "corrected" and not c.review.remark]
    assert silent == []


def test_places_name_every_card(cards: tuple[Card, ...]) -> None:
    found = places(FOLDER)
    assert set(found) == {card.id for card in cards}
    file, line = found["luong-tra-cham"].split(":")
    assert (
        "luong-tra-cham" in (FOLDER / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    )


def _write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("topic: tien-luong", "topic: tien-cong", 4, "không có chủ đề 'tien-cong'"),
        ("45/2019/QH14 điều 97", "điều thứ 97 nào đó", 10, "không phải là một căn cứ"),
        ("from: 2021-01-01", "from: hôm qua", 8, "không phải là ngày"),
        ('asks: ["một", "hai", "ba"]', 'asks: ["một"]', 12, "cần ít nhất 3 dòng, đang có 1"),
        ("chapter: ", "chuong: x\nchapter: ", 2, "không có mục nào tên như vậy"),
        ("    title: ", "   title: ", 6, "YAML"),
        ("says: ", "say: x\n        says: ", 9, "không có mục nào tên như vậy"),
    ],
)
def test_a_malformed_card_names_file_line_and_remedy(
    tmp_path: Path, old: str, new: str, line: int, problem: str
) -> None:
    text = CARD.format(id="mot-the", related="")
    assert old in text
    _write(tmp_path, "sai.yaml", text.replace(old, new))
    with pytest.raises(datafile.DataFileError) as caught:
        load(tmp_path)
    assert (caught.value.path.name, caught.value.line) == ("sai.yaml", line)
    assert problem in str(caught.value)
    assert "Sửa" in str(caught.value)


def test_overlapping_wordings_are_refused(tmp_path: Path) -> None:
    text = CARD.format(id="mot-the", related="")
    later = (
        "      - from: 2025-01-01\n"
        '        says: "Lời sau cũng dài hơn hai mươi chữ."\n'
        '        refs: ["45/2019/QH14 điều 97"]\n'
        "    related:"
    )
    _write(tmp_path, "sai.yaml", text.replace("    related:", later))
    with pytest.raises(datafile.DataFileError, match="chồng nhau; lời trước phải hết"):
        load(tmp_path)


def test_one_id_in_two_files_is_refused(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        _write(tmp_path, name, CARD.format(id="mot-the", related=""))
    with pytest.raises(CardError, match=r"'mot-the' có cả ở a\.yaml và b\.yaml; đổi"):
        load(tmp_path)


def test_a_related_card_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, "a.yaml", CARD.format(id="mot-the", related="the-ma"))
    with pytest.raises(CardError, match=r"a\.yaml: thẻ 'mot-the'.*'the-ma'.*sửa mã"):
        load(tmp_path)


def test_a_wording_holds_from_its_first_to_its_last_day(tmp_path: Path) -> None:
    text = CARD.format(id="mot-the", related="").replace(
        "from: 2021-01-01", "from: 2021-01-01\n        until: 2021-12-31"
    )
    _write(tmp_path, "a.yaml", text)
    (card,) = load(tmp_path)
    days = [date(2020, 12, 31), date(2021, 1, 1), date(2021, 12, 31), date(2022, 1, 1)]
    assert [card.wording(day) is not None for day in days] == [False, True, True, False]

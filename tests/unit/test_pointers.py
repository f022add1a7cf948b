"""Pointers: neighbouring matters are told where to go, and never hide what these laws answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from knowledge.answer import Act
from knowledge.asking import Asking
from knowledge.cards import CardError, load_pointers
from knowledge.datafile import DataFileError
from tests.made_application import opened_index

DAY = date(2026, 11, 1)

POINTER = """
chapter: Thử
pointers:
  - id: {id}
    title: "Chuyện của nơi khác"
    says: "Chuyện này do nơi khác lo, không thuộc luật ở đây."
    where: ["Hỏi nơi khác."]
    related: [{related}]
    asks: ["một", "hai", "ba", "bốn"]
    review: {{written: 2026-01-01}}
"""


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with opened_index(tmp_path_factory.mktemp("index")) as opened:
        yield opened


def test_a_neighbouring_matter_is_told_where_to_go(asking: Asking) -> None:
    answer = asking.answer("đất vườn chịu thuế thế nào", DAY)
    assert answer.act is Act.OUT_OF_SCOPE
    assert answer.text == "Thuế đất của vườn do nơi thu thuế lo, không thuộc luật làm vườn."
    assert answer.steps == ("Hỏi nơi thu thuế của xã.",)
    assert answer.card == "thue-dat-vuon"
    assert answer.citations == ()


def test_a_question_of_these_laws_is_answered_beside_it(asking: Asking) -> None:
    answer = asking.answer("làm vườn có được nghỉ trưa không", DAY)
    assert (answer.act, answer.card) == (Act.ANSWER, "nghi-trua")


def test_a_pointer_is_no_evidence_for_a_clause(asking: Asking) -> None:
    found = asking.find("thuế nhà vườn do ai thu", DAY)
    assert found.pointers[0].pointer.id == "thue-dat-vuon"
    assert all("thue" not in hit.card.id for hit in found.cards)


def _write(folder: Path, text: str) -> Path:
    (folder / "outside").mkdir()
    (folder / "outside" / "a.yaml").write_text(text, encoding="utf-8")
    return folder


def test_pointers_are_read_with_their_links(tmp_path: Path) -> None:
    found = load_pointers(_write(tmp_path, POINTER.format(id="mot-noi", related="")))
    assert [pointer.id for pointer in found] == ["mot-noi"]


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"outside/a\.yaml: thẻ 'mot-noi'.*'the-ma'.*sửa mã"):
        load_pointers(_write(tmp_path, POINTER.format(id="mot-noi", related="the-ma")))


def test_a_malformed_pointer_names_file_and_line(tmp_path: Path) -> None:
    text = POINTER.format(id="mot-noi", related="").replace('where: ["Hỏi nơi khác."]', "where: []")
    with pytest.raises(DataFileError, match=r"a\.yaml, dòng 7: .*cần ít nhất 1"):
        load_pointers(_write(tmp_path, text))


def test_the_pointers_of_the_house_load() -> None:
    assert all(pointer.where for pointer in load_pointers())

"""One JSON object a line in and out, in order, with exactly the agreed keys."""

from __future__ import annotations

import json
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.machine import BadLine, answered, ask_line, questions, search_line
from knowledge.asking import Asking
from tests.unit.made_library import LABOUR, clause, library, searcher


@pytest.fixture(scope="module")
def door() -> Asking:
    return Asking(cast(Any, SimpleNamespace(searcher=searcher())))


def row(question: str, number: Any = 1, **more: Any) -> str:
    return json.dumps({"id": number, "question": question, **more}, ensure_ascii=False)


def test_search_gives_exactly_the_agreed_keys(door: Asking) -> None:
    (line,) = answered(door, [row("hái mướp buổi tối, rổ mướp, ong đốt")], search_line)
    assert "\n" not in line
    out = json.loads(line)
    assert list(out) == ["id", "act", "hits", "ms"]
    assert len(out["hits"]) > 1
    for hit in out["hits"]:
        assert list(hit) == ["law", "article", "clause", "point", "score"]
    assert isinstance(out["ms"], int | float)
    assert out["ms"] >= 0


def test_ask_gives_exactly_the_agreed_keys(door: Asking) -> None:
    (line,) = answered(door, [row("hái mướp tối được thêm gì")], ask_line)
    out = json.loads(line)
    assert list(out) == ["id", "act", "text", "citations", "as_of", "ms"]
    assert out["act"] == "answer"
    assert out["text"].splitlines() == [
        "Hái mướp buổi tối thì được thêm một rổ, tối rằm ba rổ.",
        "- Ghi số rổ vào sổ.",
        "Tối rằm có mưa thì chưa rõ.",
    ]
    assert out["citations"][0] == {"law": LABOUR, "article": 98, "clause": 1, "point": None}
    assert "mướp" in line  # not escaped: people read these files


def test_numbers_are_numbers_and_letters_are_text() -> None:
    held = [
        clause(f"{LABOUR} điều 12a khoản 3", "Giàn", "Giàn mướp ở bờ ao."),
        clause(f"{LABOUR} điều 13", "Bờ ao", "Bờ ao trồng dừa nước quanh năm."),
    ]
    door = Asking(cast(Any, SimpleNamespace(searcher=searcher(over=library(held, [])))))
    lines = answered(door, [row("điều 12a khoản 3"), row("điều 13")], search_line)
    lettered, plain = (json.loads(line)["hits"][0] for line in lines)
    assert (lettered["article"], lettered["clause"]) == ("12a", 3)
    assert (plain["article"], plain["clause"], plain["point"]) == (13, None, None)


def test_order_and_ids_of_any_kind_are_kept(door: Asking) -> None:
    ids: list[Any] = ["b", 7, 1.5, None, True, {"set": [1, "x"]}, ["a"], "", "b", "\ud800"]
    lines = [json.dumps({"id": n, "question": "hái mướp"}) for n in ids]
    out = list(answered(door, lines, search_line))
    assert [json.loads(line)["id"] for line in out] == ids
    for line in out:
        line.encode()


def test_the_day_given_is_the_day_answered_for(door: Asking) -> None:
    lines = [
        row("điều 139 khoản 1", 1, as_of="2026-06-30"),
        row("điều 139 khoản 1", 2, as_of=None),
        row("điều 139 khoản 1", 3),
    ]
    out = [json.loads(line) for line in answered(door, lines, ask_line, date(2026, 7, 2))]
    assert [o["as_of"] for o in out] == ["2026-06-30", "2026-07-02", "2026-07-02"]
    assert ["sáu" in out[0]["text"], "bảy" in out[1]["text"]] == [True, True]


def test_search_looks_at_the_law_of_the_day_given(door: Asking) -> None:
    question = "chuồng gà phải quét vôi trắng"
    lines = [row(question, 1, as_of="2024-01-01"), row(question, 2, as_of="2025-01-01")]
    then, later = (json.loads(line)["hits"] for line in answered(door, lines, search_line))
    assert 50 in [hit["article"] for hit in then]
    assert 50 not in [hit["article"] for hit in later]


def test_empty_lines_and_more_keys_do_no_harm(door: Asking) -> None:
    lines = ["", row("hái mướp", gold=[1]) + "\n", "  \n"]
    assert len(list(answered(door, lines, search_line))) == 1


@pytest.mark.parametrize(
    "bad",
    [
        "không phải json",
        "[1, 2]",
        '"chỉ là chữ"',
        '{"id": 1}',
        '{"question": "hái mướp"}',
        '{"id": 1, "question": null}',
        '{"id": 1, "question": 5}',
        '{"id": 1, "question": "a", "as_of": "30/06/2026"}',
        '{"id": 1, "question": "a", "as_of": "2026-02-30"}',
        '{"id": 1, "question": "\udcff"}',
    ],
)
def test_a_bad_line_is_named_and_those_before_it_are_answered(door: Asking, bad: str) -> None:
    lines = iter([row("hái mướp"), "", bad, row("hái mướp")])
    out = answered(door, lines, search_line)
    assert json.loads(next(out))["id"] == 1
    with pytest.raises(BadLine, match=r"^dòng 3: "):
        next(out)


def test_the_index_is_opened_before_the_first_line_is_read() -> None:
    events: list[str] = []

    class Door(Asking):
        def open(self) -> None:
            events.append("open")

    def lines() -> Any:
        events.append("read")
        yield from ()

    list(answered(Door(cast(Any, None)), lines(), search_line))
    assert events == ["open", "read"]


def test_questions_carry_nothing_but_what_is_asked() -> None:
    read = list(questions([row("a", 1, as_of="2024-01-02", gold=[]), row("b", 2)]))
    assert read == [
        {"id": 1, "question": "a", "as_of": date(2024, 1, 2)},
        {"id": 2, "question": "b"},
    ]

"""Question sets are read, scored and compared with the run accepted before."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from knowledge.answer import Act
from knowledge.evaluation import Outcome, SetUnreadable, read, score
from knowledge.evaluation.accepted import AcceptedUnreadable, changes, load, save

LAW = "45/2019/QH14"


def _set(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n")
    return path


def _row(id: str, **more: object) -> dict[str, object]:
    return {"id": id, "question": "Ai trả lương?", "gold": [{"law": LAW, "article": 94}]} | more


def test_gold_is_that_of_today_or_of_the_day_asked(tmp_path: Path) -> None:
    now = [{"law": LAW, "article": "95"}, {"law": LAW, "article": None}]
    path = _set(
        tmp_path / "s.jsonl",
        _row("today", gold_now=now),
        _row("then", gold_now=now, as_of="2016-05-01"),
        _row("elsewhere", gold=[], style="oos-near"),
        _row("refused", gold=[], behaviour="OOS"),
        _row("unscored", gold=[]),
        _row("left out", style="oos-disputed"),
    )
    found = {question.id: question for question in read(path)}
    assert found["today"].gold == {(LAW, "95")}
    assert found["then"].gold == {(LAW, "94")}
    assert found["then"].as_of == date(2016, 5, 1)
    assert [id for id, question in found.items() if question.elsewhere] == ["elsewhere", "refused"]
    assert found["unscored"].gold == frozenset()
    assert "left out" not in found
    assert found["today"].unmarked().text == "Ai tra luong?"


@pytest.mark.parametrize("line", ["{", '{"id": 1}', "[]", '{"id": 1, "question": "a", "gold": 3}'])
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps(_row("a")) + "\n" + line + "\n")
    with pytest.raises(SetUnreadable, match="dòng 2"):
        read(path)


def _outcome(path: Path, row: dict[str, object], places: list[str], act: Act) -> Outcome:
    (question,) = read(_set(path / "one.jsonl", row))
    return Outcome(question, tuple((LAW, place) for place in places), act, 5.0)


def test_scores(tmp_path: Path) -> None:
    away = _row("x", gold=[], style="oos")
    outcomes = [
        _outcome(tmp_path, _row("a"), ["94", "1"], Act.ANSWER),
        _outcome(tmp_path, _row("b"), ["1", "2", "94"], Act.ASK_BACK),
        _outcome(tmp_path, _row("c"), ["1", "2", "3", "94"], Act.OUT_OF_SCOPE),
        _outcome(tmp_path, _row("d"), [], Act.ANSWER),
        _outcome(tmp_path, away, ["1"], Act.OUT_OF_SCOPE),
        _outcome(tmp_path, away, ["1"], Act.ANSWER),
        _outcome(tmp_path, _row("y", gold=[]), ["1"], Act.ANSWER),
    ]
    figures = score("s", outcomes)
    assert (figures.answerable, figures.first, figures.among_three) == (4, 0.25, 0.5)
    assert figures.reciprocal == pytest.approx((1 + 1 / 3 + 1 / 4) / 4, abs=1e-4)
    assert (figures.false_refusal, figures.elsewhere, figures.refused) == (0.25, 2, 0.5)
    assert score("none", []).first is None


def test_a_run_is_compared_with_the_one_accepted(tmp_path: Path) -> None:
    file = tmp_path / "docs" / "search.json"
    assert load(file) == {}
    better = score("s", [_outcome(tmp_path, _row("a"), ["94"], Act.ANSWER)])
    worse = score("s", [_outcome(tmp_path, _row("a"), ["1", "94"], Act.OUT_OF_SCOPE)])
    other = score("t", [_outcome(tmp_path, _row("a"), ["94"], Act.ANSWER)])
    save(file, [better, other], date(2026, 11, 22))
    assert changes(better, load(file)["s"]) == []
    moved = {change.measure: change for change in changes(worse, load(file)["s"])}
    assert moved.keys() == {"first", "false_refusal"}
    assert all(change.worse for change in moved.values())
    save(file, [worse], date(2026, 11, 23))
    assert load(file)["t"]["first"] == 1.0
    assert not any(change.worse for change in changes(better, load(file)["s"]))
    assert changes(better, load(file).get("new")) == []


def test_an_accepted_run_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    file = tmp_path / "search.json"
    file.write_text("[]")
    with pytest.raises(AcceptedUnreadable, match="--accept"):
        load(file)

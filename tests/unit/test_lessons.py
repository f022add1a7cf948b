"""What the encoder is taught with."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from indexer.training import lessons as module
from indexer.training.lessons import (
    Lesson,
    Lessons,
    Reading,
    apart,
    elsewhere,
    held_out,
    kept_back,
    more_questions,
    readings,
)
from indexer.training.mistyping import mistype
from knowledge.clause import Ref
from knowledge.language.fold import fold
from tests.unit.made_library import LABOUR, TODAY, library


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lessons]:
    """Lessons over the made library."""
    read = [
        Reading("mướp tối thì thưởng thế nào", (Ref.parse(f"{LABOUR} điều 98 khoản 1"),)),
        Reading("người bị ong đốt được gì", (Ref.parse(f"{LABOUR} điều 106"),)),
    ]
    monkeypatch.setattr(module, "more_questions", dict)
    monkeypatch.setattr(module, "readings", lambda: read)
    monkeypatch.setattr(module, "elsewhere", lambda: ["trăng có mấy mặt", "ai vẽ bức tranh này"])
    monkeypatch.setattr(module, "held_out", lambda _card: False)
    monkeypatch.setattr(module, "kept_back", lambda _name: False)
    return Lessons(library(), TODAY, random.Random(3))


def test_a_batch_has_cards_and_questions_of_readers(made: Lessons) -> None:
    (batch,) = made.batches(4, 2)
    assert len(batch) == 6
    by_name = {lesson.name: lesson for lesson in batch}
    muop = by_name["hai-muop"]
    assert muop.says is not None
    assert "thêm một rổ" in muop.says
    assert Ref.parse(f"{LABOUR} điều 98") in muop.places
    read = by_name["mướp tối thì thưởng thế nào"]
    assert read.asks[0] == read.name
    assert read.clause is not None
    assert "hái mướp buổi tối" in read.clause.lower()
    assert not apart(read, muop), "what rests on the same article is no wrong answer"
    assert apart(by_name["cham-ong"], by_name["ong-dot"])
    assert by_name["tat-ao"].says is None, "it says nothing on the day"
    assert made.count(4) == 1
    assert sorted(made.outside(2)) == ["ai vẽ bức tranh này", "trăng có mấy mặt"]


def test_titles_come_with_words_of_their_article(made: Lessons) -> None:
    held = {(clause.article_title, clause.full_text) for clause in library().clauses}
    ((title, words),) = made.titles(1)
    assert (title, words) in held
    assert len(words) > 60


def test_what_is_held_out_stays_so_and_is_a_tenth() -> None:
    names = [f"card-{n}" for n in range(2000)]
    first = [kept_back(name) for name in names]
    assert first == [kept_back(name) for name in names]
    assert 0.07 < sum(first) / len(names) < 0.13


def test_the_files_at_hand_can_be_read() -> None:
    read = readings()
    assert len(read) > 2000
    assert all(each.rests_on and each.question for each in read)
    strange = elsewhere()
    assert len(strange) > 1500
    assert len(set(map(fold, strange))) == len(strange)
    assert len(more_questions()) > 1000


def test_hurried_people_leave_out_marks_and_letters_but_not_the_question() -> None:
    chance = random.Random(5)
    ask = "chăm ong được nghỉ mấy hôm mỗi mùa hoa nhãn?"
    ways = [mistype(ask, chance) for _ in range(400)]
    bare = sum(way == fold(way) for way in ways) / len(ways)
    assert 0.2 < bare < 0.45
    assert all(abs(len(way.split()) - len(ask.split())) == 0 for way in ways)
    assert any(way == ask for way in ways)


def _lesson(name: str, *places: str) -> Lesson:
    refs = frozenset(map(Ref.parse, places))
    return Lesson(name, refs, ("a", "b"), None, None)


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        (_lesson("x", f"{LABOUR} điều 1"), _lesson("y", f"{LABOUR} điều 2"), True),
        (_lesson("x", f"{LABOUR} điều 1"), _lesson("y", f"{LABOUR} điều 1"), False),
        (_lesson("x"), _lesson("x"), False),
    ],
)
def test_what_is_a_wrong_answer(one: Any, other: Any, are: bool) -> None:
    assert apart(one, other) is are


def test_held_out_cards_are_those_of_their_names() -> None:
    for card in library().cards.values():
        assert held_out(card) is kept_back(card.id)

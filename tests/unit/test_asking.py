"""The one door for questions: which day is meant, what a follow-up leans on, what is read."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
import time_machine

from bot.asking import LibraryKnowledge
from bot.conversation.state import Remembered
from knowledge.asking import VIETNAM, Asking, Previous, today
from knowledge.clause import Ref
from tests.unit.made_library import LABOUR, TODAY, MadeSearcher, searcher


@pytest.fixture
def engine() -> MadeSearcher:
    return searcher()


@pytest.fixture
def door(engine: MadeSearcher) -> Asking:
    return Asking(cast(Any, SimpleNamespace(searcher=engine)))


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=VIETNAM), tick=False):
        yield


def test_today_is_the_day_in_vietnam() -> None:
    with time_machine.travel(datetime(2026, 1, 1, 0, 30, tzinfo=VIETNAM), tick=False):
        assert today() == date(2026, 1, 1)


def test_the_day_is_the_one_given_then_the_one_spoken_of_then_today(door: Asking) -> None:
    question = "chăm ong nghỉ mấy hôm"
    assert door.answer(question).as_of == door.find(question).day == TODAY
    spoken = f"hồi 3/2024 {question}"
    assert door.answer(spoken).as_of == door.find(spoken).day == date(2024, 3, 31)
    given = date(2023, 5, 5)
    assert door.answer(spoken, given).as_of == door.find(spoken, given).day == given


@pytest.mark.parametrize(
    ("follow_up", "previous", "day"),
    [
        ("còn tối rằm", Previous("hái mướp"), TODAY),
        ("còn tối rằm", Previous("hái mướp hồi 3/2024"), date(2024, 3, 31)),
        ("còn tối rằm", Previous("hái mướp", date(2023, 1, 2)), date(2023, 1, 2)),
        ("thế hồi 5/2022", Previous("hái mướp hồi 3/2024", date(2023, 1, 2)), date(2022, 5, 31)),
    ],
)
def test_a_follow_up_is_read_with_the_question_before(
    door: Asking, follow_up: str, previous: Previous, day: date
) -> None:
    answer = door.answer(follow_up, previous=previous)
    assert answer.as_of == day


def test_a_follow_up_needs_the_question_before(engine: MadeSearcher, door: Asking) -> None:
    LibraryKnowledge(door).answer(
        "còn tối rằm", None, cast(Remembered, SimpleNamespace(question="hái mướp được mấy rổ"))
    )
    assert engine.asked == ["hái mướp được mấy rổ còn tối rằm còn tối rằm"]


def test_a_very_long_follow_up_does_not_push_the_question_out(
    engine: MadeSearcher, door: Asking
) -> None:
    door.answer("dạ vâng " * 1000, previous=Previous("hái mướp buổi tối"))
    (asked,) = engine.asked
    assert asked.startswith("hái mướp buổi tối dạ vâng")
    assert len(asked) < 4100


def test_only_the_beginning_of_a_very_long_question_is_read(
    engine: MadeSearcher, door: Asking
) -> None:
    door.find("mướp " * 10_000)
    (asked,) = engine.asked
    assert 1990 <= len(asked) <= 2000


def test_half_a_character_does_no_harm(door: Asking) -> None:
    for question in ("\ud83d hái mướp buổi tối \udc00", "\ud800"):
        assert door.find(question).question.isprintable()
        assert door.answer(question).as_of == TODAY


def test_a_clause_is_given_as_of_a_day(door: Asking) -> None:
    ref = Ref.parse(f"{LABOUR} điều 50 khoản 1")
    held = door.clause(ref, date(2024, 1, 1))
    assert held is not None
    assert "quét vôi" in held.text
    assert door.clause(ref, TODAY) is None

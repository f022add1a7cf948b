"""Messages of several questions, over the made library."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.parting import MOST, part
from knowledge.search import Found
from knowledge.weights import Weights
from tests.unit.made_library import TODAY, searcher

OPEN = Weights(scope_least=0.0)
"""The made library's vectors are no real ones: all is taken for ours."""
ENGINE = searcher()


def find(question: str) -> Found:
    return ENGINE.search(question, TODAY)


def parts(text: str) -> tuple[str, ...]:
    return part(text, find, OPEN)


def test_two_matters_are_two_questions() -> None:
    second = "mùa này ai hái mướp buổi tối thì được thêm gì?"
    text = f"chăm ong nghỉ mấy hôm? với lại {second}"
    assert parts(text) == ("chăm ong nghỉ mấy hôm?", second)


def test_a_short_question_that_is_clear_needs_nothing_else() -> None:
    first, second = "hái mướp tối được thêm gì?", "bị ong đốt phải làm sao?"
    assert parts(f"{first} {second}") == (first, second)


def test_a_short_question_that_is_not_clear_is_read_with_the_one_before() -> None:
    first = "hái mướp tối được thêm gì"
    assert parts(f"{first}, vậy còn trưa thì sao?") == (f"{first}, vậy còn trưa thì sao?",)


def test_one_matter_in_other_words_is_one_question() -> None:
    text = "chăm ong được nghỉ mấy hôm? Tức là mùa hoa nhãn nghỉ bao lâu?"
    assert parts(text) == (text,)
    text = "bị ong đốt phải làm sao? con ong nó đốt em thì phải làm gì?"
    assert parts(text) == (text,)


def test_what_is_told_goes_with_its_question() -> None:
    first, second = parts(
        "Em chăm ong ở vườn nhãn, được nghỉ mấy hôm? Hôm qua bị ong đốt sưng tay, phải làm sao?"
    )
    assert first == "Em chăm ong ở vườn nhãn, được nghỉ mấy hôm?"
    assert "bị ong đốt sưng tay" in second


def test_a_piece_that_is_not_ours_is_not_parted_off() -> None:
    text = "chăm ong nghỉ mấy hôm? với lại hái mướp tối được thêm gì?"
    assert part(text, find, Weights(scope_least=1.1, card_overlap_sure=2.0)) == (text,)


def test_a_first_piece_that_says_nothing_of_its_own_goes_with_the_next() -> None:
    def half_deaf(question: str) -> Found:
        found = find(question)
        return replace(found, hits=()) if question.startswith("ai biết") else found

    text = "ai biết không? chăm ong nghỉ mấy hôm? với lại hái mướp tối được thêm gì?"
    assert part(text, half_deaf, OPEN) == (text,), "all of it goes with what cannot be heard"


def test_more_questions_than_can_be_read_one_by_one_stay_together() -> None:
    text = " ".join(f"{n}. hái mướp tối được thêm gì số {n}?" for n in range(1, 9))
    assert parts(text) == (text,)
    assert MOST == 3


@pytest.mark.parametrize("text", ["", "???", "hái mướp tối được thêm gì", "x" * 5000])
def test_what_holds_one_question_or_none_stays_whole(text: str) -> None:
    assert parts(text) == (text,)

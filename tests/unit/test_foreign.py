"""English and Chinese are told from Vietnamese, with or without marks."""

from __future__ import annotations

import pytest

from knowledge.answer import Act
from knowledge.cards import load
from knowledge.compose import compose
from knowledge.language.fold import fold
from knowledge.language.foreign import ANSWERS, language_of
from tests.unit.made_library import TODAY, searcher


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("How many days of maternity leave do I get?", "en"),
        ("my boss has not paid my salary for two months, what should I do", "en"),
        ("老板两个月没发工资怎么办", "zh"),
        ("công ty không trả lương", None),
        ("cong ty khong tra luong thi lam sao", None),
        ("KPI OT bonus", None),
        ("help", None),
        ("", None),
        ("12 000 000", None),
    ],
)
def test_the_language_of_a_question(text: str, code: str | None) -> None:
    assert language_of(text) == code


def test_no_way_workers_ask_is_taken_for_another_language() -> None:
    asks = [ask for card in load() for ask in card.asks]
    assert [ask for ask in asks if language_of(ask) or language_of(fold(ask))] == []


@pytest.mark.parametrize("code", ["en", "zh"])
def test_it_is_answered_in_its_language(code: str) -> None:
    engine = searcher()
    question = {"en": "What is the overtime pay for my work?", "zh": "加班费怎么算"}[code]
    answer = compose(engine.search(question, TODAY), engine.library)
    assert (answer.act, answer.text) == (Act.OUT_OF_SCOPE, ANSWERS[code])
    assert not answer.citations

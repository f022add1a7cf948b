"""Messages that lean on the one before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.citation import Cited
from knowledge.clause import Ref
from knowledge.leaning import SIGNS, leaning, leans
from knowledge.search import Found
from knowledge.weights import WEIGHTS, Weights
from tests.unit.made_library import LABOUR, TODAY, searcher

ENGINE = searcher()
WILLING = Weights(lean_least=0.0)


def found(question: str) -> Found:
    return replace(ENGINE.search(question, TODAY), matter=1.0)


def test_every_sign_has_a_weight() -> None:
    for name in SIGNS:
        assert isinstance(getattr(WEIGHTS, f"lean_{name}"), float)


def test_words_that_go_on_speak_for_leaning_and_a_new_beginning_against() -> None:
    alone, both = found("tối rằm"), found("hái mướp được mấy rổ tối rằm tối rằm")
    plain = leaning(alone, both)
    assert leaning(replace(alone, question="còn tối rằm"), both) > plain
    assert leaning(replace(alone, question="cho em hỏi tối rằm"), both) < plain


@pytest.mark.parametrize("question", ["mướp " * 30])
def test_a_long_message_stands_by_itself(question: str) -> None:
    alone = replace(found("mướp"), question=question)
    assert not leans(alone, found("hái mướp"), WILLING)
    assert leans(found("mướp"), found("hái mướp"), WILLING)


def test_who_names_an_article_means_that_article() -> None:
    cited = Cited(ref=Ref.parse(f"{LABOUR} điều 98"), bare=True)
    assert not leans(replace(found("điều 98"), cited=cited), found("hái mướp"), WILLING)


@pytest.mark.parametrize(
    ("text", "follows"),
    [
        ("còn thử việc thì sao?", True),
        ("vậy tôi được bao nhiêu", True),
        ("neu khong co hop dong thi sao", True),
        ("con neu lam ca dem", True),
        ("con toi om thi duoc nghi may ngay", False),
        ("con tôi ốm thì được nghỉ mấy ngày", False),
        ("thẻ bảo hiểm bị mất thì sao", False),
        ("the bao hiem y te bi mat", False),
        ("nếu " + "rất dài " * 10, False),
    ],
)
def test_with_another_encoder_the_first_words_tell(text: str, follows: bool) -> None:
    alone = replace(ENGINE.search("mướp", TODAY), question=text)
    assert alone.matter == 0.0
    assert leans(alone, alone) is follows

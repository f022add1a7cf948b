"""Where one question of a message ends and the next begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.language.fold import fold
from knowledge.language.questions import asks, pieces


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("mướp trồng mấy tháng thì hái?", ["mướp trồng mấy tháng thì hái?"]),
        (
            "mướp trồng mấy tháng thì hái, với lại ong đốt thì phải làm sao",
            ["mướp trồng mấy tháng thì hái", "ong đốt thì phải làm sao"],
        ),
        (
            "1. Mướp trồng mấy tháng? 2. Ong đốt làm sao? 3) Ao cá ai tát?",
            ["Mướp trồng mấy tháng?", "Ong đốt làm sao?", "Ao cá ai tát?"],
        ),
        (
            "cho em hỏi ao cá có được tát không và nước lấy ở đâu ạ",
            ["cho em hỏi ao cá có được tát không", "nước lấy ở đâu ạ"],
        ),
        (
            "Vườn nhà em rộng. Bờ rào bị đổ, vậy ai phải dựng lại?",
            ["vậy ai phải dựng lại?"],
        ),
        ("Chú nói hái trưa được hai rổ, có đúng không ạ?", None),
        ("bờ rào bị đổ hôm qua rồi", []),
        ("", []),
    ],
)
def test_the_questions_of_a_message(text: str, questions: list[str] | None) -> None:
    found = pieces(text)
    if questions is None:
        assert len(found) == 1
        assert found[0].asks.startswith("Chú nói") or "hai rổ" in found[0].asks
    else:
        assert [piece.asks for piece in found] == questions
        assert len(pieces(fold(text))) == len(questions)


def test_what_is_told_belongs_to_the_question_after_it() -> None:
    first, second = pieces(
        "Ong nhà em bị lạc. Tìm ở đâu? Ao thì cạn nước. Có được bơm không? Nhà em ở xa lắm."
    )
    assert first.told == "Ong nhà em bị lạc."
    assert second.told == "Ao thì cạn nước. Nhà em ở xa lắm."


@pytest.mark.parametrize(
    "text",
    [
        "hái tháng nào cũng được trả công",
        "mấy tháng sau mới hái",
        "không ai được hỏi",
        "thế à",
        "lúc ong bay chẳng thấy ông giữ vườn nào.",
    ],
)
def test_words_that_only_look_like_asking(text: str) -> None:
    assert not asks(text)


@given(st.text(max_size=300))
def test_nothing_typed_breaks_it_and_nothing_is_invented(text: str) -> None:
    for piece in pieces(text):
        for word in (*piece.asks.split(), *piece.told.split()):
            assert fold(word) in fold(text)

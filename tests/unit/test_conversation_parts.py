"""The parts of a turn: cleaning, recognising, choosing, splitting, composing."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.port import Capabilities, Choice
from bot.conversation import wording
from bot.conversation.choosing import chosen
from bot.conversation.compose import ONE_MESSAGE, answer_messages, full_text_messages
from bot.conversation.recognise import (
    Command,
    Courtesy,
    command_of,
    courtesy_of,
    says_no,
    says_nothing,
    says_yes,
)
from bot.conversation.split import pack, split
from bot.plain_text import clean
from knowledge.answer import Act, Answer, Citation
from knowledge.clause import Ref

LABEL = "khoản 1 Điều 98 Bộ luật Lao động 45/2019/QH14, áp dụng từ 01/01/2021"
DAY = date(2026, 10, 17)
BUTTONS = Capabilities(buttons=True, folding=True)
PLAIN = Capabilities()


@given(st.text(alphabet=st.characters(codec=None, categories=None), max_size=200))
def test_cleaned_text_can_always_be_stored(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not [c for c in cleaned if unicodedata.category(c) == "Cc" and c != "\n"]
    assert clean(cleaned) == cleaned


def test_cleaning_keeps_words_lines_and_emoji() -> None:
    assert clean(" lương\r\ntháng\t10 👩‍🏭 ") == "lương\ntháng 10 👩‍🏭"


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/start", Command.START),
        ("/start@CauNoiBot xyz", Command.START),
        ("/XOA", Command.FORGET),
        ("xóa", Command.FORGET),
        ("Xoá dữ liệu của tôi", Command.FORGET),
        ("nguồn luật", Command.SOURCES),
        ("trợ giúp", Command.HELP),
        ("tro giup!", Command.HELP),
        ("Xem nguyên văn", Command.FULL_TEXT),
        ("đồng ý", Command.AGREE),
        ("ko luu", Command.DECLINE),
        ("công ty xóa tên tôi khỏi bảng lương", None),
        ("nguồn thu nhập có tính thuế không", None),
        ("/khongco", None),
        ("", None),
    ],
)
def test_commands_with_and_without_slash_and_marks(text: str, command: Command | None) -> None:
    assert command_of(text) is command


@pytest.mark.parametrize(
    ("text", "courtesy"),
    [
        ("cảm ơn bạn nhiều nha", Courtesy.THANKS),
        ("da em cam on ad a", Courtesy.THANKS),
        ("xin chào", Courtesy.HELLO),
        ("chào buổi sáng", Courtesy.HELLO),
        ("ad ơi", Courtesy.HELLO),
        ("ok", Courtesy.OK),
        ("dạ vâng", Courtesy.OK),
        ("cảm ơn, còn tiền ăn ca thì sao", None),
        ("chào bạn, công ty nợ lương", None),
        ("ok vậy nghỉ không lương có mất phép không", None),
        ("không", None),
    ],
)
def test_courtesies_only_when_nothing_else_is_said(text: str, courtesy: Courtesy | None) -> None:
    assert courtesy_of(text) is courtesy


def test_yes_and_no_are_not_confused_without_marks() -> None:
    assert says_yes("Có")
    assert says_yes("xóa hết")
    assert says_no("không")
    assert says_no("đừng xóa")
    assert not says_yes("đừng")
    assert not says_yes("không đồng ý")


@pytest.mark.parametrize("text", ["", "😭😭", "...", "?!", "👩‍🏭 "])
def test_signs_alone_say_nothing(text: str) -> None:
    assert says_nothing(text)


OFFERED = (
    Choice(id="4.full", label="Xem nguyên văn"),
    Choice(id="4.o0", label="Làm thêm ban đêm"),
    Choice(id="4.o1", label="Làm thêm ngày lễ"),
)


@pytest.mark.parametrize(
    ("text", "numbered", "picked"),
    [
        ("2", True, "4.o0"),
        ("số 3", True, "4.o1"),
        ("(1).", True, "4.full"),
        ("4", True, None),
        ("0", True, None),
        ("2", False, None),
        ("lam them ngay le", True, "4.o1"),
        ("làm thêm ngày lễ.", False, "4.o1"),
        ("lam them ban dm", False, "4.o0"),
        ("làm thêm", True, None),
        ("không làm thêm ngày lễ", True, None),
        ("còn làm thêm ngày lễ", True, None),
        ("xemnguyenvan", True, "4.full"),
        ("xem nguyen vam", True, "4.full"),
        ("", True, None),
        ("2 tháng chưa có lương", True, None),
    ],
)
def test_a_choice_is_picked_by_number_or_words(
    text: str, numbered: bool, picked: str | None
) -> None:
    found = chosen(text, None, OFFERED, numbered)
    assert (found.id if found else None) == picked


def test_a_figure_or_a_short_word_is_never_taken_for_a_slip() -> None:
    offered = (Choice(id="a", label="Làm đủ 12 tháng"), Choice(id="b", label="Có báo trước"))
    assert chosen("làm đủ 10 tháng", None, offered, numbered=False) is None
    assert chosen("ko báo trước", None, offered, numbered=False) is None
    twins = (Choice(id="a", label="Ca đêm"), Choice(id="b", label="Ca đem"))
    assert chosen("ca dem", None, twins, numbered=False) is None


@given(
    st.lists(
        st.text(alphabet="aăđẹ \n.,;", min_size=1, max_size=120) | st.just(LABEL), max_size=12
    ),
    st.integers(min_value=80, max_value=300),
)
def test_splitting_loses_no_word_and_keeps_citations_whole(words: list[str], limit: int) -> None:
    text = " ".join(words)
    parts = split(text, limit)
    assert all(len(part) <= limit for part in parts)
    whole = unicodedata.normalize("NFC", text)
    assert "".join("".join(parts).split()) == "".join(whole.split())
    assert sum(part.count("Điều 98") for part in parts) == whole.count("Điều 98")
    assert sum(part.count("45/2019/QH14") for part in parts) == whole.count("45/2019/QH14")


def test_splitting_prefers_the_larger_pause() -> None:
    text = "Câu một ở đây. Câu hai ở đây.\n\nĐoạn sau dài hơn một chút, có phẩy."
    assert split(text, 45) == [
        "Câu một ở đây. Câu hai ở đây.",
        "Đoạn sau dài hơn một chút, có phẩy.",
    ]
    assert split("Câu một ở đây. Câu hai ở đây thôi.", 22) == [
        "Câu một ở đây.",
        "Câu hai ở đây thôi.",
    ]


def test_splitting_never_tears_marks_or_emoji_apart() -> None:
    assert "".join(split("👩‍🏭" * 50, 20)) == "👩‍🏭" * 50
    assert all(part.startswith("👩") for part in split("👩‍🏭" * 50, 20))
    assert split("x" * 50, 20) == ["x" * 20, "x" * 20, "x" * 10]


def test_packing_fills_messages_block_by_block() -> None:
    assert pack(["a" * 10, "b" * 10, "c" * 30], 30) == ["a" * 10 + "\n\n" + "b" * 10, "c" * 30]


def answer(**given: object) -> Answer:
    base: dict[str, object] = {
        "act": Act.ANSWER,
        "text": "Bạn được trả thêm.",
        "citations": (
            Citation(
                ref=Ref.parse("45/2019/QH14 điều 98 khoản 1"), label=LABEL, text="Chữ nguyên văn."
            ),
        ),
        "as_of": DAY,
    }
    return Answer(**{**base, **given})  # type: ignore[arg-type]


def test_a_short_answer_is_one_message_in_the_agreed_order() -> None:
    (message,) = answer_messages(
        answer(steps=("Hỏi tổ trưởng.", "Giữ bảng chấm công.")),
        PLAIN,
        3,
        notice=True,
        together=False,
    )
    assert message.text == (
        "Bạn được trả thêm.\n\n"
        "Bạn nên làm:\n- Hỏi tổ trưởng.\n- Giữ bảng chấm công.\n\n"
        f"Căn cứ: {LABEL}\n\n"
        "Tính đến ngày 17/10/2026. Trả lời tự động, không thay luật sư.\n\n"
        "Bạn nhắn số để chọn:\n1. Xem nguyên văn"
    )


def test_what_folds_open_is_the_list_of_sources_and_named_once() -> None:
    other = Citation(ref=Ref.parse("45/2019/QH14 điều 99"), label="Điều 99 không có bản chính thức")
    held = answer().citations[0]
    (message,) = answer_messages(
        answer(citations=(held, other)), BUTTONS, 3, notice=True, together=False
    )
    assert message.text == (
        "Bạn được trả thêm.\n\n"
        "Căn cứ: Điều 99 không có bản chính thức\n\n"
        "Trả lời tự động, không thay luật sư.\n\n"
        "Căn cứ, tính đến ngày 17/10/2026 (bấm vào để đọc nguyên văn):"
    )
    assert [(p.citation, p.text) for p in message.passages] == [(LABEL, "Chữ nguyên văn.")]
    assert message.choices == (), "the wording folds open in place, no button needed"


def test_a_long_answer_is_two_messages_the_answer_first() -> None:
    first, second = answer_messages(
        answer(text="Câu dài. " * 70, steps=("Làm một việc. " * 10,)),
        BUTTONS,
        3,
        notice=False,
        together=False,
    )
    assert first.text.startswith("Câu dài.")
    assert second.text.startswith("Bạn nên làm:")
    assert "Căn cứ, tính đến ngày 17/10/2026" in second.text
    assert wording.MACHINE_NOTICE not in second.text
    assert not first.passages
    assert second.passages
    assert len(first.text) + len(second.text) > ONE_MESSAGE


def test_a_doubt_is_said_and_brings_the_machine_notice() -> None:
    (message,) = answer_messages(
        answer(doubt="Hai văn bản nói khác nhau."), PLAIN, 3, notice=False, together=False
    )
    assert "Lưu ý: Hai văn bản nói khác nhau." in message.text
    assert wording.MACHINE_NOTICE in message.text


def test_without_buttons_choices_are_a_numbered_list_at_the_end() -> None:
    (message,) = answer_messages(
        answer(options=("Ca đêm", "Ngày lễ", "Cuối tuần", "Thứ tư")),
        PLAIN,
        3,
        notice=False,
        together=False,
    )
    assert message.text.endswith(
        "Bạn nhắn số để chọn:\n1. Xem nguyên văn\n2. Ca đêm\n3. Ngày lễ\n4. Cuối tuần"
    )
    assert message.choices == ()
    assert message.passages == ()


def test_asking_back_offers_all_options_and_claims_no_day() -> None:
    asked = answer(
        act=Act.ASK_BACK,
        text="Bạn làm ca nào?",
        citations=(),
        options=("Ngày", "Đêm", "Xoay", "Lễ"),
    )
    (message,) = answer_messages(asked, BUTTONS, 3, notice=False, together=False)
    assert message.text == "Bạn làm ca nào?"
    assert [c.label for c in message.choices] == ["Ngày", "Đêm", "Xoay", "Lễ"]
    assert [c.id for c in message.choices] == ["3.o0", "3.o1", "3.o2", "3.o3"]


def test_a_wording_read_out_in_full_is_not_folded_again_one_cut_short_is() -> None:
    for text, folds in (("Đây: Chữ nguyên văn.", 0), ("Chữ nguyên […]", 1)):
        (message,) = answer_messages(
            answer(act=Act.LOOKUP, text=text), BUTTONS, 3, notice=False, together=False
        )
        assert len(message.passages) == folds
        assert (f"Căn cứ: {LABEL}" in message.text) == (not folds)
        assert "17/10/2026" in message.text


def test_a_lookup_shows_the_wording_where_nothing_folds() -> None:
    (message,) = answer_messages(
        answer(act=Act.LOOKUP, text=""), PLAIN, 3, notice=False, together=False
    )
    assert "Chữ nguyên văn." in message.text
    assert "Xem nguyên văn" not in message.text


def test_a_citation_without_its_text_is_said_to_be_missing() -> None:
    citations = [
        Citation(ref=Ref.parse("45/2019/QH14 điều 98"), label=LABEL),
        Citation(ref=Ref.parse("1/2000/QH10 điều 1"), label="Điều 1 luật thử", text="Chữ giữ."),
    ]
    (plain,) = full_text_messages(citations, PLAIN)
    assert plain.text.index("Chữ giữ.") < plain.text.index("Mình chưa có bản chính thức")
    (folding,) = full_text_messages(citations, BUTTONS)
    assert [p.text for p in folding.passages] == ["Chữ giữ."]
    assert LABEL in folding.text


def test_small_channels_get_more_messages_none_too_long() -> None:
    tiny = Capabilities(max_text=160)
    messages = answer_messages(
        answer(text="Câu này dài vừa phải thôi. " * 12, steps=("Một bước. " * 9,)),
        tiny,
        3,
        notice=True,
        together=False,
    )
    assert all(len(m.text) <= 160 for m in messages)
    assert any(LABEL in m.text for m in messages)

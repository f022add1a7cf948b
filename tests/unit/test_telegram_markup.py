"""Messages as Telegram takes them: parts that fit, escaped, with buttons within the limits."""

from __future__ import annotations

import html
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.port import Choice, Outgoing, Passage, SendRefused
from bot.channels.telegram.markup import MAX_UNITS, keyboard_of, parts_of, units
from bot.plain_text import clean


def seen(marked: str) -> str:
    """What is left for Telegram to count when the markup is taken away."""
    return html.unescape(re.sub(r"</?(?:b|blockquote)(?: expandable)?>", "", marked))


def test_everything_is_escaped() -> None:
    (part,) = parts_of(Outgoing(text="<b>a</b> & <script>\nx < 5 > 3 &amp; \"q\" 'q'"))
    assert part.plain == "<b>a</b> & <script>\nx < 5 > 3 &amp; \"q\" 'q'"
    assert "<" not in part.html.replace("&lt;", "")
    assert seen(part.html) == part.plain


def test_headings_are_bold_and_lists_are_not() -> None:
    text = "Bạn cần làm:\n- Viết đơn:\n- Gửi <đơn>\n1. Nộp:\n2. Chờ\n\nCăn cứ:"
    (part,) = parts_of(Outgoing(text=text))
    assert part.html == (
        "<b>Bạn cần làm:</b>\n- Viết đơn:\n- Gửi &lt;đơn&gt;\n1. Nộp:\n2. Chờ\n\nCăn cứ:"
    )


def test_long_text_is_split_before_it_is_marked() -> None:
    text = "\n\n".join(f"Mục & số {n}:\n" + "lương < tối thiểu " * 40 for n in range(20))
    parts = parts_of(Outgoing(text=text, choices=(Choice(id="1.full", label="Xem"),)))
    assert len(parts) > 1
    assert all(units(part.plain) <= MAX_UNITS for part in parts)
    assert all(part.html.count("<b>") == part.html.count("</b>") for part in parts)
    assert [part.keyboard is not None for part in parts] == [False] * (len(parts) - 1) + [True]
    words = " ".join(part.plain for part in parts).split()
    assert words == text.split()


def test_emoji_count_twice() -> None:
    parts = parts_of(Outgoing(text="😀" * 4000))
    assert len(parts) > 1
    assert all(units(part.plain) <= MAX_UNITS for part in parts)
    assert "".join(part.plain for part in parts) == "😀" * 4000


@given(st.text(st.sampled_from("ab <&>:\n-1.😀ậđ̣e\u0301\u200b"), max_size=6000))
def test_no_text_breaks_it(text: str) -> None:
    try:
        parts = parts_of(Outgoing(text=text))
    except SendRefused:
        assert not clean(text)
        return
    for part in parts:
        assert 0 < units(part.plain) <= MAX_UNITS
        assert seen(part.html) == part.plain == unicodedata.normalize("NFC", part.plain)


@pytest.mark.parametrize("text", ["", "  \n", "\u200b\x00"])
def test_nothing_to_say_is_refused(text: str) -> None:
    with pytest.raises(SendRefused):
        parts_of(Outgoing(text=text))


def test_passages_fold_open_where_they_fit() -> None:
    short = Passage(citation="Điều 5 <x>", text="Nội dung & quyền", note="hết hiệu lực")
    long = Passage(citation="Điều 6", text="dài " * 1100)
    (part,) = parts_of(Outgoing(text="Trả lời", passages=(long, short)))
    assert part.html == (
        "Trả lời\n\n<b>Điều 5 &lt;x&gt; (hết hiệu lực):</b>\n"
        "<blockquote expandable>Nội dung &amp; quyền</blockquote>"
    )
    assert part.plain == "Trả lời\n\nĐiều 5 <x> (hết hiệu lực):\nNội dung & quyền"


def labels(*choices: str) -> list[list[str]]:
    keyboard = keyboard_of([Choice(id=str(i), label=label) for i, label in enumerate(choices)])
    assert keyboard is not None
    return [[button.text for button in row] for row in keyboard.inline_keyboard]


def test_two_short_buttons_stand_side_by_side() -> None:
    long = "Công ty không trả lương đúng hạn"
    assert labels("Có", "Không", "Bỏ qua") == [["Có", "Không"], ["Bỏ qua"]]
    assert labels("Có", long, "Không", "Bỏ qua") == [["Có"], [long], ["Không", "Bỏ qua"]]


def test_a_keyboard_carries_the_ids_as_they_are() -> None:
    keyboard = keyboard_of([Choice(id="x" * 64, label="Được")])
    assert keyboard is not None
    assert keyboard.inline_keyboard[0][0].callback_data == "x" * 64
    assert keyboard_of([]) is None


@pytest.mark.parametrize(
    "choices",
    [
        [Choice(id="", label="a")],
        [Choice(id="đ" * 33, label="a")],  # 33 letters, 66 bytes
        [Choice(id="1", label=" ")],
        [Choice(id=str(n), label="a") for n in range(101)],
    ],
)
def test_choices_telegram_would_refuse(choices: list[Choice]) -> None:
    with pytest.raises(SendRefused):
        keyboard_of(choices)

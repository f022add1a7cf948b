"""What the bot writes at the Telegram stand-in, judged by python-telegram-bot."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator

import pytest
from telegram import (
    Bot,
    InputFile,
    Message,
    MessageEntity,
    ReplyKeyboardMarkup,
)
from telegram.error import BadRequest, Forbidden

from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.telegram_stand_in.errors import ApiError
from tests.contract.telegram_stand_in.keyboard import read_markup
from tests.contract.telegram_stand_in.markup import parse
from tests.contract.telegram_stand_in.parameters import Parameters
from tests.contract.telegram_stand_in_judge import LAN, MINH, PNG, bot_of, keyboard, newest, refused


@pytest.fixture
def telegram() -> Iterator[TelegramStandIn]:
    with TelegramStandIn() as made:
        yield made


@pytest.fixture
async def bot(telegram: TelegramStandIn) -> AsyncIterator[Bot]:
    async with bot_of(telegram) as made:
        yield made


async def test_html_becomes_text_and_entities(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.say(LAN, "chào")
    source = (
        " <b>Điều 5.</b> 😀 <i>a &lt; b &amp; c</i> &#272; &nbsp;"
        '<a href="https://a.vn/?x=1&amp;y=2">xem</a> <blockquote expandable>lời văn</blockquote> '
    )
    message = await bot.send_message(LAN, source, parse_mode="HTML")
    assert message.text == "Điều 5. 😀 a < b & c Đ &nbsp;xem lời văn"
    assert [(e.type, message.parse_entity(e)) for e in message.entities] == [
        ("bold", "Điều 5."),
        ("italic", "a < b & c"),
        ("text_link", "xem"),
        ("expandable_blockquote", "lời văn"),
    ]
    assert message.entities[2].url == "https://a.vn/?x=1&y=2"
    assert telegram.sent(LAN)[0].text == message.text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("trả <10 ngày", 'Unsupported start tag "10" at byte offset 6'),
        ("đ<p>x</p>", 'Unsupported start tag "p" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        (
            "<a href>x</a>",
            'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0',
        ),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
    ],
)
def test_wrong_html_is_refused(source: str, words: str) -> None:
    with pytest.raises(ApiError) as refusal:
        parse(source, "HTML")
    assert refusal.value.code == 400
    assert refusal.value.description == f"Bad Request: can't parse entities: {words}"


async def test_wrong_html_can_be_sent_as_plain_text(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.say(LAN, "chào")
    source = "trả <10 ngày & hơn"
    with refused('Can\'t parse entities: Unsupported start tag "10" at byte offset 6'):
        await bot.send_message(LAN, source, parse_mode="HTML")
    assert (await bot.send_message(LAN, source)).text == source


async def test_text_has_its_limits(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.say(LAN, "chào")
    assert len((await bot.send_message(LAN, "ề" * 4096)).text or "") == 4096
    marked = f"<b>{'x' * 4094}</b>&lt;&gt;"
    assert len((await bot.send_message(LAN, marked, parse_mode="HTML")).text or "") == 4096
    for text in ("x" * 4097, "😀" * 2049):
        with refused("Message is too long"):
            await bot.send_message(LAN, text)
    with refused("Message text is empty"):
        await bot.send_message(LAN, "")
    for text in (" \n ", "<b> </b>"):
        with refused("Text must be non-empty"):
            await bot.send_message(LAN, text, parse_mode="HTML")
    with refused("Unsupported parse_mode"):
        await bot.send_message(LAN, "x", parse_mode="BBCode")
    assert (await bot.send_message(LAN, " a\x00b\r\nc\u202ed ")).text == "a b\ncd"


async def test_entities_may_be_given(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.say(LAN, "chào")
    bold = MessageEntity(MessageEntity.BOLD, 0, 4)
    message = await bot.send_message(LAN, "Điều 5", entities=[bold])
    assert message.parse_entities() == {bold: "Điều"}


async def test_inline_keyboards_come_back(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.say(LAN, "chào")
    markup = keyboard([("Có", "x" * 64), ("Không", "k")], [("ô" * 3, "ữ" * 21)])
    message = await bot.send_message(LAN, "Chọn", reply_markup=markup)
    assert message.reply_markup == markup
    sent = telegram.sent(LAN)[0]
    assert sent.data_of("Không") == "k"
    assert sent.reply_markup == markup.to_dict()
    below = ReplyKeyboardMarkup([["Có", "Không"]])
    assert (await bot.send_message(LAN, "Chọn", reply_markup=below)).reply_markup is None


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([[{"text": "x", "callback_data": "x" * 65}]], "BUTTON_DATA_INVALID"),
        ([[{"text": "x", "callback_data": "ữ" * 22}]], "BUTTON_DATA_INVALID"),
        ([[{"text": "x", "callback_data": ""}]], "BUTTON_DATA_INVALID"),
        ([[{"text": "x"}]], "Text buttons are unallowed in the inline keyboard"),
        ([[{"text": "", "callback_data": "x"}]], "BUTTON_TEXT_INVALID"),
        ([[{"callback_data": "x"}]], 'Can\'t find field "text"'),
        ([[{"text": "x", "url": "javascript:x"}]], "is invalid: Wrong HTTP URL"),
        ([[{"text": "x", "callback_data": "x"}]] * 101, "reply markup is too long"),
        ([[{"text": "x", "callback_data": "x"}] * 9], "reply markup is too long"),
        ([["x"]], "Object expected"),
        ("x", "must be of type Array"),
    ],
)
def test_wrong_keyboards_are_refused(rows: object, words: str) -> None:
    asked = {"reply_markup": json.dumps({"inline_keyboard": rows})}
    with pytest.raises(ApiError) as refusal:
        read_markup(Parameters(asked, {}))
    assert refusal.value.code == 400
    assert words in refusal.value.description


async def test_a_button_holds_64_bytes(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.say(LAN, "chào")
    with refused("BUTTON_DATA_INVALID"):
        await bot.send_message(LAN, "x", reply_markup=keyboard([("x", "ữ" * 22)]))
    assert telegram.sent(LAN) == []


async def test_who_may_be_written_to(telegram: TelegramStandIn, bot: Bot) -> None:
    group = telegram.group()
    telegram.say_in_group(group, MINH, "chào")
    for place, error, words in (
        (LAN, BadRequest, "Chat not found"),
        ("@nobody", BadRequest, "Chat not found"),
        (-1001, BadRequest, "Chat not found"),
        ("", BadRequest, "Chat_id is empty"),
    ):
        with pytest.raises(error, match=words):
            await bot.send_message(place, "x")
        with pytest.raises(error, match=words):
            await bot.send_chat_action(place, "typing")
    telegram.say(MINH, "chào")
    await bot.send_chat_action(MINH, "typing")
    with refused("Wrong parameter action"):
        await bot.send_chat_action(MINH, "thinking")
    telegram.user(MINH, deactivated=True)
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(MINH, "x")
    telegram.user(MINH, deactivated=False, started=False)
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(MINH, "x")


async def test_replies(telegram: TelegramStandIn, bot: Bot) -> None:
    asked = telegram.say(LAN, "hỏi")
    message = await bot.send_message(LAN, "đáp", reply_to_message_id=asked)
    assert message.reply_to_message is not None
    assert telegram.sent(LAN)[0].reply_to == asked
    with refused("Message to be replied not found"):
        await bot.send_message(LAN, "đáp", reply_to_message_id=99)
    lenient = await bot.send_message(
        LAN, "đáp", reply_to_message_id=99, allow_sending_without_reply=True
    )
    assert lenient.reply_to_message is None


async def test_edits_by_the_bot(telegram: TelegramStandIn, bot: Bot) -> None:
    asked = telegram.say(LAN, "hỏi")
    markup = keyboard([("Có", "1")])
    sent = await bot.send_message(LAN, "một", reply_markup=markup)
    edited = await bot.edit_message_text("hai", LAN, sent.message_id, reply_markup=markup)
    assert isinstance(edited, Message)
    assert (edited.text, edited.reply_markup) == ("hai", markup)
    assert edited.edit_date is not None
    with refused("Message is not modified: specified new message"):
        await bot.edit_message_text("hai", LAN, sent.message_id, reply_markup=markup)
    without = await bot.edit_message_text("hai", LAN, sent.message_id)
    assert without.reply_markup is None  # type: ignore[union-attr]
    with refused("Message is not modified"):
        await bot.edit_message_reply_markup(LAN, sent.message_id)
    await bot.edit_message_reply_markup(LAN, sent.message_id, reply_markup=markup)
    with refused("Message to edit not found"):
        await bot.edit_message_text("x", LAN, 99)
    with refused("Message can't be edited"):
        await bot.edit_message_text("x", LAN, asked)
    with refused("Message identifier is not specified"):
        await bot.edit_message_text("x", LAN)
    kept = telegram.sent(LAN)[0]
    assert (kept.text, kept.edits, kept.buttons) == ("hai", ["một"], [("Có", "1")])


async def test_deleting(telegram: TelegramStandIn, bot: Bot) -> None:
    asked = telegram.say(LAN, "số điện thoại của tôi")
    sent = await bot.send_message(LAN, "x")
    assert await bot.delete_message(LAN, asked)
    assert await sent.delete()
    assert telegram.sent(LAN)[0].deleted
    with refused("Message to delete not found"):
        await sent.delete()
    with refused("Message to edit not found"):
        await bot.edit_message_text("y", LAN, sent.message_id)
    group = telegram.group(status="member")
    with refused("Message can't be deleted"):
        await bot.delete_message(group, telegram.say_in_group(group, LAN, "x"))


async def test_pressed_buttons(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.say(LAN, "hỏi")
    sent = await bot.send_message(LAN, "Chọn", reply_markup=keyboard([("Có", "c1")]))
    pressed = telegram.press(LAN, sent.message_id, "c1")
    query = (await newest(bot)).callback_query
    assert query is not None
    assert (query.id, query.data, query.from_user.id) == (pressed, "c1", LAN)
    assert query.message is not None
    assert query.message.message_id == sent.message_id
    assert telegram.answer(pressed) is None
    await query.answer("Vâng")
    assert telegram.answer(pressed) == {"text": "Vâng", "show_alert": False}
    await query.edit_message_text("Đã chọn Có")
    with pytest.raises(ValueError, match="no button"):
        telegram.press(LAN, sent.message_id, "c1")
    telegram.press(MINH, sent.message_id, "forged", chat=LAN, forged=True)
    forged = (await newest(bot)).callback_query
    assert forged is not None
    assert (forged.data, forged.from_user.id) == ("forged", MINH)
    telegram.delete_message(LAN, sent.message_id)
    telegram.press(LAN, sent.message_id, "c1", forged=True)
    gone = (await newest(bot)).callback_query
    assert not gone.message.is_accessible  # type: ignore[union-attr]
    with refused("MESSAGE_TOO_LONG"):
        await gone.answer("x" * 201)  # type: ignore[union-attr]
    telegram.expire_queries()
    for query_id in (gone.id, "404"):  # type: ignore[union-attr]
        with refused("Query is too old and response timeout expired"):
            await bot.answer_callback_query(query_id)


async def test_sending_files(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.say(LAN, "chào")
    photo = await bot.send_photo(LAN, PNG, caption="<b>Ảnh</b>", parse_mode="HTML")
    assert photo.caption_entities[0].type == "bold"
    sent = telegram.sent(LAN)[0]
    assert (sent.kind, sent.text) == ("photo", "Ảnh")
    assert telegram.file(sent.file_id or "") == PNG
    again = await bot.send_photo(LAN, photo.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == photo.photo[-1].file_unique_id
    paper = await bot.send_document(LAN, InputFile(b"%PDF", filename="đơn.pdf"))
    assert paper.document is not None
    assert paper.document.file_name == "đơn.pdf"
    assert telegram.calls("sendDocument")[0].files == {"document": 4}
    for content, words in (
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (b"", "File must be non-empty"),
    ):
        with refused(words):
            await bot.send_photo(LAN, content)
    with refused(f"File of size {len(PNG) + 10 * 2**20} bytes is too big for a photo"):
        await bot.send_photo(LAN, PNG + bytes(10 * 1024 * 1024))
    with refused("Message caption is too long"):
        await bot.send_photo(LAN, PNG, caption="x" * 1025)
    with refused("There is no photo in the request"):
        await bot.send_photo(LAN, "")
    with refused("Wrong remote file identifier"):
        await bot.send_document(LAN, "AgUnknown")


async def test_copies_hide_the_author_and_forwards_show_it(
    telegram: TelegramStandIn, bot: Bot
) -> None:
    group = telegram.group()
    asked = telegram.photo(LAN, PNG, "bảng lương", album="a")
    copied = await bot.copy_message(group, LAN, asked, caption="của một người lao động")
    forwarded = await bot.forward_message(group, LAN, asked)
    assert forwarded.forward_origin.sender_user.id == LAN  # type: ignore[union-attr]
    copy, forward = telegram.sent(group)
    assert copy.message_id == copied.message_id
    assert (copy.text, forward.text) == ("của một người lao động", "bảng lương")
    assert str(LAN) not in str(copy.api)
    assert "media_group_id" not in copy.api
    telegram.user(LAN, hidden=True, first_name="Lan")
    hidden = await bot.forward_message(group, LAN, asked)
    assert hidden.forward_origin.sender_user_name == "Lan"  # type: ignore[union-attr]
    assert str(LAN) not in str(hidden.forward_origin.to_dict())  # type: ignore[union-attr]
    with refused("Message to copy not found"):
        await bot.copy_message(group, LAN, 99)
    with refused("Message to forward not found"):
        await bot.forward_message(group, LAN, 99)

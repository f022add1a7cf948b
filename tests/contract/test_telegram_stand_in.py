"""The Telegram stand-in judged by a client nobody here wrote: python-telegram-bot, unmodified.

Here the bot itself, the forms of calls, and what people send.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator, Iterator

import pytest
from telegram import (
    Bot,
    MessageEntity,
)
from telegram.error import EndPointNotFound, Forbidden, InvalidToken

from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.telegram_stand_in_judge import LAN, PNG, bot_of, fetch, newest, refused

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


@pytest.fixture
def telegram() -> Iterator[TelegramStandIn]:
    with TelegramStandIn() as made:
        yield made


@pytest.fixture
async def bot(telegram: TelegramStandIn) -> AsyncIterator[Bot]:
    async with bot_of(telegram) as made:
        yield made


async def test_get_me(bot: Bot) -> None:
    me = await bot.get_me()
    assert me.is_bot
    assert me.id == bot.id > 2**31
    assert me.username == "caunoi_thu_bot"
    assert me.can_read_all_group_messages is False


@pytest.mark.parametrize(
    ("token", "status", "description"),
    [
        ("7812345678:WrongWrongWrongWrongWrongWrong", 401, "Unauthorized"),
        ("not-a-token", 404, "Not Found"),
        ("0123:abc", 404, "Not Found"),
    ],
)
async def test_a_wrong_token_is_refused(
    telegram: TelegramStandIn, token: str, status: int, description: str
) -> None:
    raw = await asyncio.to_thread(fetch, f"{telegram.address}{token}/getMe")
    assert raw.status_code == status
    assert raw.json() == {"ok": False, "error_code": status, "description": description}
    with pytest.raises(InvalidToken):
        await bot_of(telegram, token).get_me()


async def test_an_unknown_method_is_not_found(bot: Bot) -> None:
    with pytest.raises(EndPointNotFound):
        await bot.do_api_request("sendNothing")


def test_paths_that_lead_nowhere(telegram: TelegramStandIn) -> None:
    answer = fetch(f"{telegram.address}{telegram.token}/sendNothing")
    assert answer.status_code == 404
    assert answer.json() == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found: method not found",
    }
    assert fetch(f"{telegram.host}/elsewhere").json()["error_code"] == 404
    assert fetch(f"{telegram.file_address}{telegram.token}/photos/file_1.jpg").status_code == 404


def test_every_form_of_call_is_read_alike(telegram: TelegramStandIn) -> None:
    telegram.say(LAN, "chào")
    url = f"{telegram.address}{telegram.token}/sendMessage"
    fields = {"chat_id": str(LAN), "text": "Chào chị & anh", "disable_notification": "true"}
    asked = [
        fetch(url, params=fields),
        fetch(url, method="POST", params=fields),
        fetch(url, method="POST", data=fields),
        fetch(
            url, method="POST", json={"chat_id": LAN, "text": fields["text"], "x": None, "y": [1]}
        ),
        fetch(url, method="POST", data=fields, files={"unused": b"-"}),
        fetch(url.replace("sendMessage", "SENDmessage"), method="POST", data=fields),
    ]
    for answer in asked:
        assert answer.status_code == 200, answer.text
        assert answer.json()["result"]["text"] == fields["text"]
    assert [one.message_id for one in telegram.sent(LAN)] == [2, 3, 4, 5, 6, 7]
    assert telegram.calls("sendMessage")[2].parameters == fields


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"x"', b"[" * 100_000, b'{"chat_id":"\xff"}'])
def test_a_broken_body_is_refused(telegram: TelegramStandIn, body: bytes) -> None:
    url = f"{telegram.address}{telegram.token}/sendMessage"
    answer = fetch(url, method="POST", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == answer.json()["error_code"] == 400


async def test_commands_are_kept_by_scope(bot: Bot) -> None:
    await bot.set_my_commands([("start", "Bắt đầu"), ("tuvan", "Gặp cán bộ")])
    await bot.set_my_commands([("start", "Start")], language_code="en")
    assert [(c.command, c.description) for c in await bot.get_my_commands()] == [
        ("start", "Bắt đầu"),
        ("tuvan", "Gặp cán bộ"),
    ]
    assert len(await bot.get_my_commands(language_code="en")) == 1
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()
    for name, words in (("TuVan", "x"), ("tư_vấn", "x"), ("start", ""), ("x" * 33, "x")):
        with refused("BOT_COMMAND_"):
            await bot.set_my_commands([(name, words)])


async def test_what_a_person_writes_comes_as_an_update(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.user(LAN, first_name="Lan", username="lan_cn", language_code="vi")
    first = telegram.say(LAN, "/start")
    second = telegram.say(LAN, "😀 xem https://a.vn/b rồi /xoa", reply_to=first)
    one, two = await bot.get_updates()
    assert two.update_id == one.update_id + 1
    assert one.message is not None
    assert one.message.from_user is not None
    assert (one.message.from_user.id, one.message.from_user.first_name) == (LAN, "Lan")
    assert (one.message.chat.id, one.message.chat.type) == (LAN, "private")
    age = datetime.datetime.now(datetime.UTC) - one.message.date
    assert datetime.timedelta(seconds=-2) < age < datetime.timedelta(seconds=10)
    assert one.message.entities[0].type == MessageEntity.BOT_COMMAND
    message = two.message
    assert message is not None
    assert (message.message_id, message.reply_to_message.message_id) == (second, first)  # type: ignore[union-attr]
    assert list(message.parse_entities().values()) == ["https://a.vn/b", "/xoa"]


async def test_edits_blocks_and_unblocks_are_told(telegram: TelegramStandIn, bot: Bot) -> None:
    message_id = telegram.say(LAN, "nợ lương 2 thang")
    telegram.edit(LAN, message_id, "nợ lương 3 tháng")
    edited = (await newest(bot)).edited_message
    assert edited is not None
    assert (edited.message_id, edited.text) == (message_id, "nợ lương 3 tháng")
    assert edited.edit_date is not None
    telegram.block(LAN)
    change = (await newest(bot)).my_chat_member
    assert change is not None
    assert change.difference()["status"] == ("member", "kicked")
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(LAN, "x")
    with pytest.raises(ValueError, match="blocked"):
        telegram.say(LAN, "x")
    telegram.unblock(LAN)
    change = (await newest(bot)).my_chat_member
    assert change is not None
    assert change.difference()["status"] == ("kicked", "member")
    await bot.send_message(LAN, "x")


async def test_media_and_albums(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.photo(LAN, PNG, "bảng lương", album="lương")
    telegram.photo(LAN, PNG + b"2", album="lương")
    telegram.document(LAN, b"%PDF", "hợp đồng.pdf", caption="hợp đồng")
    telegram.voice(LAN, b"OggS", seconds=7)
    telegram.send(LAN, {"location": {"latitude": 10.8, "longitude": 106.6}})
    messages = [update.message for update in await bot.get_updates()]
    one, two, paper, voice, place = messages
    assert one.caption == "bảng lương"  # type: ignore[union-attr]
    assert one.media_group_id == two.media_group_id is not None  # type: ignore[union-attr]
    assert paper.media_group_id is None  # type: ignore[union-attr]
    assert paper.document.file_name == "hợp đồng.pdf"  # type: ignore[union-attr]
    assert voice.voice.to_dict()["duration"] == 7  # type: ignore[union-attr]
    assert place.location is not None  # type: ignore[union-attr]
    small, large = two.photo  # type: ignore[union-attr]
    got = await (await bot.get_file(large.file_id)).download_as_bytearray()
    assert bytes(got) == PNG + b"2"
    assert bytes(await (await bot.get_file(small.file_id)).download_as_bytearray()) != PNG + b"2"


async def test_file_paths_expire_and_large_files_are_refused(
    telegram: TelegramStandIn, bot: Bot
) -> None:
    telegram.document(LAN, b"%PDF")
    telegram.document(LAN, b"%PDF", size=20 * 1024 * 1024 + 1)
    paper, large = [update.message.document for update in await bot.get_updates()]  # type: ignore[union-attr]
    file = await bot.get_file(paper)  # type: ignore[arg-type]
    telegram.expire_files()
    with pytest.raises(InvalidToken):  # what PTB makes of every 404
        await file.download_as_bytearray()
    again = await bot.get_file(paper)  # type: ignore[arg-type]
    assert again.file_path != file.file_path
    assert bytes(await again.download_as_bytearray()) == b"%PDF"
    with refused("File is too big"):
        await bot.get_file(large)  # type: ignore[arg-type]
    with refused("Wrong file_id"):
        await bot.get_file("AgACAgUnknown")

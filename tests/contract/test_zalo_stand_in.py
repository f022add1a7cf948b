"""The Zalo stand-in before its judge: python-zalo-bot, a client of other people."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
import zalo_bot
from zalo_bot.error import BadRequest, Forbidden, InvalidToken, NetworkError, TimedOut, ZaloError
from zalo_bot.ext import ApplicationBuilder, MessageHandler, filters

from tests.contract.zalo_stand_in import ZaloStandIn
from tests.contract.zalo_stand_in.calling import SECRET, fetch

pytest_plugins = ("tests.contract.zalo_stand_in.fixtures",)


@pytest.fixture
def judge(zalo: ZaloStandIn) -> zalo_bot.Bot:
    """python-zalo-bot, unmodified."""
    return zalo_bot.Bot(zalo.token, base_url=zalo.address)


async def test_judge_knows_the_bot(zalo: ZaloStandIn, judge: zalo_bot.Bot) -> None:
    async with judge:
        me = await judge.get_me()
        assert me.display_name is None
        zalo.switches.display_name = True
        assert (await judge.get_me()).display_name == zalo.bot_name
    assert (me.id, me.account_type, me.can_join_groups) == (zalo.bot_id, "BASIC", True)


async def test_judge_with_a_wrong_token(zalo: ZaloStandIn) -> None:
    with pytest.raises(InvalidToken):
        await zalo_bot.Bot("1:wrong", base_url=zalo.address).get_me()
    assert [call.status for call in zalo.calls("getMe")] == [401]


async def test_judge_reads_a_message_and_answers(zalo: ZaloStandIn, judge: zalo_bot.Bot) -> None:
    before = time.time()
    said = zalo.say("Lan <b>", "Công ty nợ lương 😀", date=None)
    update = await judge.get_update(timeout=5)
    assert update.message.message_id == said
    assert update.message.text == "Công ty nợ lương 😀"
    assert update.message.chat.id == update.message.from_user.id == zalo.chat("Lan <b>")
    assert (update.message.chat.type, update.message.from_user.is_bot) == ("PRIVATE", False)
    assert update.effective_user.display_name == "Lan <b>"
    assert abs(update.message.date.timestamp() - before) < 60  # milliseconds, not seconds

    reply = await update.message.reply_text("Được trả lãi.")
    [sent] = zalo.sent("Lan <b>")
    assert (sent.message_id, sent.text, sent.method) == (
        reply.message_id,
        "Được trả lãi.",
        "sendMessage",
    )
    quoted = await judge.send_message(sent.chat_id, "thêm", reply_to_message_id=said)
    assert quoted.message_id != reply.message_id
    assert zalo.sent("Lan <b>")[-1].parameters["reply_to_message_id"] == said


async def test_judge_sends_everything_it_can(zalo: ZaloStandIn, judge: zalo_bot.Bot) -> None:
    zalo.say("Lan", "chào")
    message = (await judge.get_update(timeout=5)).message
    await message.reply_photo("https://example.vn/a.jpg", "một trang")
    await message.reply_sticker("0e078a2fb66a5f34067b")
    assert await message.reply_action("typing") is None  # an answer without a result
    photo, sticker = zalo.sent("Lan")
    assert (photo.photo, photo.text) == ("https://example.vn/a.jpg", "một trang")
    assert sticker.sticker == "0e078a2fb66a5f34067b"
    assert [call.status for call in zalo.calls("sendChatAction")] == [200]


async def test_judge_on_text_that_is_too_long(zalo: ZaloStandIn, judge: zalo_bot.Bot) -> None:
    zalo.say("Lan", "chào")
    await judge.send_message(zalo.chat("Lan"), "a" * 2000)
    for text in ("a" * 2001, ""):
        with pytest.raises(BadRequest):
            await judge.send_message(zalo.chat("Lan"), text)
    with pytest.raises(BadRequest):
        await judge.send_photo(zalo.chat("Lan"), "a" * 2001, "https://example.vn/a.jpg")
    assert len(zalo.sent()) == 1


async def test_judge_on_both_idle_forms(zalo: ZaloStandIn, judge: zalo_bot.Bot) -> None:
    with pytest.raises(NetworkError, match="Request timeout"):
        await judge.get_update(timeout=0, api_kwargs={"timeout": "0.05"})
    zalo.switches.idle = "200"
    assert await judge.get_update(timeout=0, api_kwargs={"timeout": "0.05"}) is None


async def test_judge_reads_every_kind_of_event(zalo: ZaloStandIn, judge: zalo_bot.Bot) -> None:
    zalo.photo("Lan", b"\xff\xd8picture", "bảng lương")
    message = (await judge.get_update(timeout=5)).message
    assert message.message_type == "CHAT_PHOTO"
    assert (await asyncio.to_thread(fetch, message.photo_url)).content == b"\xff\xd8picture"

    zalo.photo("Lan", b"x", field="photo")
    raw = (await judge.get_update(timeout=5)).message.api_kwargs
    assert raw["photo"].startswith(zalo.address)
    assert not {"photo_url", "caption"} & set(raw)

    zalo.sticker("Lan", "0e078a2fb66a5f34067b")
    assert (await judge.get_update(timeout=5)).message.sticker == "0e078a2fb66a5f34067b"
    zalo.voice("Lan", b"\xff\xf1sound")
    message = (await judge.get_update(timeout=5)).message
    address = message.api_kwargs["voice_url"]
    assert address.endswith(".aac")
    assert message.message_type == "CHAT_VOICE"
    assert (await asyncio.to_thread(fetch, address)).content == b"\xff\xf1sound"

    zalo.unsupported("Lan")
    update = await judge.get_update(timeout=5)
    assert update.api_kwargs["event_name"] == "message.unsupported.received"
    assert (update.message.text, update.message.chat.id) == (None, zalo.chat("Lan"))
    zalo.unsupported("Lan", with_message=False)
    assert (await judge.get_update(timeout=5)).message is None
    zalo.unknown_event("Lan", reaction="heart")
    update = await judge.get_update(timeout=5)
    assert update.api_kwargs["event_name"] == "message.reaction.received"
    zalo.link("Lan", "https://example.vn")
    assert (await judge.get_update(timeout=5)).message.text == "https://example.vn"


async def test_judge_works_its_handlers(zalo: ZaloStandIn) -> None:
    app = ApplicationBuilder().token(zalo.token).base_url(zalo.address).build()

    async def answer(update: Any, _: Any) -> None:
        await update.message.reply_text(f"đã nghe: {update.message.text}")

    app.add_handler(MessageHandler(filters.TEXT, answer))
    zalo.say("Lan", "một")
    async with app.bot:
        await app.process_update(await app.bot.get_update(timeout=5))
    assert [sent.text for sent in zalo.sent("Lan")] == ["đã nghe: một"]


def test_judge_sets_and_removes_a_webhook(zalo: ZaloStandIn, judge: zalo_bot.Bot) -> None:
    with pytest.raises(InvalidToken, match="Not Found"):  # this client takes 404 for that
        judge.get_webhook_info()
    zalo.switches.local_webhooks = True
    zalo.switches.webhook_timeout = 0.2
    assert judge.set_webhook("http://127.0.0.1:9/zalo", SECRET)
    info = judge.get_webhook_info()
    assert (info.url, type(info.updated_at)) == ("http://127.0.0.1:9/zalo", int)
    with pytest.raises(BadRequest, match="while a webhook is set"):
        asyncio.run(judge.get_update(timeout=1))
    assert judge.delete_webhook()
    assert judge.delete_webhook()
    zalo.switches.webhook_info_none = "empty"
    assert judge.get_webhook_info().url == ""
    with pytest.raises(BadRequest):
        judge.set_webhook("https://bot.example.vn/zalo", "7 chars")


FAULTS: list[tuple[int | str, type[Exception]]] = [
    (401, InvalidToken),
    (403, Forbidden),
    (429, NetworkError),
    (500, NetworkError),
    (502, ZaloError),
    (504, ZaloError),
    ("not-json", ZaloError),
    ("cut-json", ZaloError),
    ("drop", NetworkError),
    ("hang", TimedOut),
    ("accepted-then-dropped", NetworkError),
    ("accepted-then-502", ZaloError),
    ("accepted-then-hang", TimedOut),
]


@pytest.mark.parametrize(("kind", "error"), FAULTS)
async def test_judge_meets_each_fault_once(
    zalo: ZaloStandIn, kind: int | str, error: type[Exception]
) -> None:
    request = zalo_bot.request.HTTPXRequest(read_timeout=0.2 if "hang" in str(kind) else 5)
    judge = zalo_bot.Bot(zalo.token, base_url=zalo.address)
    judge._request = (request, request)
    zalo.say("Lan", "chào")
    zalo.fail_next("sendMessage", kind)
    with pytest.raises(error):
        await judge.send_message(zalo.chat("Lan"), "một")
    accepted = "accepted" in str(kind)
    assert [sent.answered for sent in zalo.sent("Lan")] == [False] * accepted
    await judge.send_message(zalo.chat("Lan"), "một")
    assert len(zalo.sent("Lan")) == 1 + accepted
    assert zalo.sent("Lan")[-1].answered
    assert zalo.figures()["unanswered"] == accepted

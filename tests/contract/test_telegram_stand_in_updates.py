"""How updates reach the bot from the Telegram stand-in: long polling and the webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from telegram import Bot, Update
from telegram.error import Conflict
from telegram.ext import Application, CommandHandler, ContextTypes, MessageHandler, filters

from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.telegram_stand_in_judge import LAN, MINH, bot_of, refused
from tests.contract.telegram_stand_in_receiver import Receiver

Context = ContextTypes.DEFAULT_TYPE


@pytest.fixture
def telegram() -> Iterator[TelegramStandIn]:
    with TelegramStandIn() as made:
        yield made


@pytest.fixture
async def bot(telegram: TelegramStandIn) -> AsyncIterator[Bot]:
    async with bot_of(telegram) as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


def texts(updates: tuple[Update, ...]) -> list[str | None]:
    return [update.message.text for update in updates if update.message]


async def polling(
    bot: Bot, telegram: TelegramStandIn, *, offset: int | None = None, seconds: int = 30
) -> asyncio.Task[tuple[Update, ...]]:
    """A long poll that has reached the server."""
    before = telegram.call_count("getUpdates")
    task = asyncio.create_task(bot.get_updates(offset=offset, timeout=seconds))
    await telegram.eventually(lambda: telegram.call_count("getUpdates") > before)
    return task


# Long polling


async def test_a_whole_application_of_ptb_runs_on_it(telegram: TelegramStandIn) -> None:
    async def start(update: Update, context: Context) -> None:
        assert update.effective_chat is not None
        await context.bot.send_message(update.effective_chat.id, "Chào bạn")

    async def echo(update: Update, context: Context) -> None:
        assert update.message is not None
        await update.message.reply_text(f"<b>{update.message.text}</b>", parse_mode="HTML")

    application = Application.builder().bot(bot_of(telegram)).build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(MessageHandler(filters.TEXT, echo))
    async with application:
        assert application.updater is not None
        await application.updater.start_polling(timeout=5)
        await application.start()
        telegram.say(LAN, "/start")
        telegram.say(MINH, "nợ lương")
        await telegram.eventually(lambda: telegram.sent(LAN) and telegram.sent(MINH))
        await application.updater.stop()
        await application.stop()
    assert [telegram.sent(who)[0].text for who in (LAN, MINH)] == ["Chào bạn", "nợ lương"]
    assert telegram.pending() == 0


async def test_updates_are_kept_until_the_offset_acknowledges_them(
    telegram: TelegramStandIn, bot: Bot
) -> None:
    telegram.say_many([(LAN, f"câu {number}") for number in range(5)])
    first = await bot.get_updates()
    again = await bot.get_updates(limit=2)
    assert texts(again) == ["câu 0", "câu 1"]
    assert again[0].update_id == first[0].update_id
    assert texts(await bot.get_updates(offset=first[2].update_id)) == ["câu 2", "câu 3", "câu 4"]
    assert telegram.pending() == 3
    assert texts(await bot.get_updates()) == ["câu 2", "câu 3", "câu 4"]
    assert texts(await bot.get_updates(offset=-1)) == ["câu 4"]
    assert telegram.pending() == 1
    assert await bot.get_updates(offset=first[4].update_id + 1) == ()
    assert telegram.handed_out() == [2, 2, 3, 3, 4]
    assert telegram.pending() == 0


async def test_at_most_a_hundred_updates_at_once(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.say_many([(LAN, f"câu {number}") for number in range(101)])
    assert len(await bot.get_updates(limit=1000)) == 100
    assert telegram.handed_out() == [1] * 100 + [0]


async def test_a_poll_waits_for_what_comes(telegram: TelegramStandIn, bot: Bot) -> None:
    waiting = await polling(bot, telegram)
    assert not waiting.done()
    telegram.say(LAN, "chào")
    assert texts(await asyncio.wait_for(waiting, 5)) == ["chào"]


async def test_a_poll_ends_empty_when_its_time_is_up(telegram: TelegramStandIn, bot: Bot) -> None:
    waiting = await polling(bot, telegram, seconds=1)
    assert telegram.calls("getUpdates")[0].status == 0
    assert await asyncio.wait_for(waiting, 10) == ()
    assert telegram.calls("getUpdates")[0].status == 200


async def test_a_second_poll_ends_the_first(telegram: TelegramStandIn, bot: Bot) -> None:
    first = await polling(bot, telegram)
    second = await polling(bot, telegram)
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await asyncio.wait_for(first, 5)
    telegram.say(LAN, "chào")
    assert texts(await asyncio.wait_for(second, 5)) == ["chào"]


async def test_a_poller_that_dies_takes_nothing_along(telegram: TelegramStandIn, bot: Bot) -> None:
    async with bot_of(telegram) as dying:
        waiting = await polling(dying, telegram)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    await telegram.eventually(lambda: telegram.calls("getUpdates")[0].status)
    telegram.say(LAN, "chào")
    assert telegram.handed_out() == [0]
    assert texts(await bot.get_updates()) == ["chào"]


async def test_only_what_was_asked_for_comes(telegram: TelegramStandIn, bot: Bot) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    telegram.say(LAN, "chào")
    await bot.get_updates(allowed_updates=[])
    telegram.say(LAN, "hỏi")
    assert texts(await bot.get_updates()) == ["hỏi"]


async def test_an_acknowledged_update_can_come_again(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.say(LAN, "chào")
    (update,) = await bot.get_updates()
    waiting = await polling(bot, telegram, offset=update.update_id + 1)
    assert telegram.redeliver() == update.update_id
    assert [one.update_id for one in await asyncio.wait_for(waiting, 5)] == [update.update_id]


# The webhook


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://bot.congdoan.vn/t", "Bad webhook: An HTTPS URL must be provided for webhook"),
        ("https://bot.congdoan.vn:8080/t", "Bad webhook: Webhook can be set up only on ports"),
        ("https://localhost/t", "Bad webhook: Failed to resolve host"),
        ("https://192.168.1.5/t", "Bad webhook: IP address 192.168.1.5 is reserved"),
        ("https://[/t", "Bad webhook: invalid webhook URL specified"),
    ],
)
async def test_webhooks_telegram_could_not_reach(bot: Bot, url: str, words: str) -> None:
    with refused(words):
        await bot.set_webhook(url)
    assert (await bot.get_webhook_info()).url == ""


async def test_secrets_have_a_form(telegram: TelegramStandIn, bot: Bot) -> None:
    url = "https://bot.congdoan.vn:8443/t"
    with refused("Secret token contains unallowed characters"):
        await bot.set_webhook(url, secret_token="bí mật")
    with refused("Secret token is too long"):
        await bot.set_webhook(url, secret_token="x" * 257)
    assert await bot.set_webhook(url, secret_token="A-z_9" + "x" * 251)


async def test_updates_are_posted_with_the_secret(
    telegram: TelegramStandIn, bot: Bot, receiver: Receiver
) -> None:
    telegram.webhook(allow_http=True)
    telegram.say(LAN, "trước")
    await bot.set_webhook(receiver.url, secret_token="s3cret", allowed_updates=["message"])
    telegram.say(LAN, "sau")
    await telegram.eventually(lambda: telegram.pending() == 0)
    assert receiver.texts() == ["trước", "sau"]
    update, headers = receiver.posts[1]
    assert Update.de_json(update, bot).message.text == "sau"  # type: ignore[union-attr]
    assert headers["x-telegram-bot-api-secret-token"] == "s3cret"
    assert headers["content-type"] == "application/json"
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count) == (receiver.url, 0)
    assert info.allowed_updates == ("message",)
    assert info.last_error_message is None
    with pytest.raises(Conflict, match="while webhook is active"):
        await bot.get_updates()


async def test_a_poll_ends_when_a_webhook_is_set(
    telegram: TelegramStandIn, bot: Bot, receiver: Receiver
) -> None:
    telegram.webhook(allow_http=True)
    waiting = await polling(bot, telegram)
    await bot.set_webhook(receiver.url)
    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await asyncio.wait_for(waiting, 5)


async def test_what_is_not_taken_is_posted_again(
    telegram: TelegramStandIn, bot: Bot, receiver: Receiver
) -> None:
    telegram.webhook(allow_http=True, backoff=0.01)
    receiver.statuses.extend([503, 403, 302])
    await bot.set_webhook(receiver.url)
    telegram.say(LAN, "một")
    telegram.say(LAN, "hai")
    await telegram.eventually(lambda: telegram.pending() == 0)
    assert receiver.texts() == ["một"] * 4 + ["hai"]
    assert len(set(receiver.ids())) == 2
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 302 Found"
    assert info.last_error_date is not None


async def test_a_chat_that_fails_holds_up_only_itself(
    telegram: TelegramStandIn, bot: Bot, receiver: Receiver
) -> None:
    telegram.webhook(allow_http=True, backoff=0.01)
    receiver.refuse = lambda update: update["message"]["text"] == "Lan 1"
    await bot.set_webhook(receiver.url)
    telegram.say_many([(LAN, "Lan 1"), (LAN, "Lan 2"), (MINH, "Minh 1"), (MINH, "Minh 2")])
    await telegram.eventually(lambda: telegram.pending() == 2)
    assert [text for text in receiver.texts() if text != "Lan 1"] == ["Minh 1", "Minh 2"]
    assert (await bot.get_webhook_info()).pending_update_count == 2
    receiver.refuse = lambda update: False
    await telegram.eventually(lambda: telegram.pending() == 0)
    assert receiver.texts()[-1] == "Lan 2"


async def test_the_receiver_may_ask_for_time(
    telegram: TelegramStandIn, bot: Bot, receiver: Receiver
) -> None:
    telegram.webhook(allow_http=True, backoff=0.001)
    receiver.retry_after = "3600"
    receiver.statuses.append(429)
    await bot.set_webhook(receiver.url)
    telegram.say(LAN, "chờ một giờ")
    await telegram.eventually(lambda: receiver.texts() == ["chờ một giờ"])
    receiver.retry_after = ""
    receiver.statuses.extend([503] * 5)
    telegram.say(MINH, "ngay")
    await telegram.eventually(lambda: telegram.pending() == 1)
    assert receiver.texts() == ["chờ một giờ"] + ["ngay"] * 6


async def test_a_webhook_that_is_down_is_reported(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.webhook(allow_http=True, backoff=0.01)
    with Receiver() as receiver:
        url = receiver.url
    await bot.set_webhook(url)
    telegram.say(LAN, "chào")
    await telegram.eventually(lambda: telegram.handed_out()[0] > 1)
    info = await bot.get_webhook_info()
    assert (info.pending_update_count, info.last_error_message) == (1, "Connection refused")
    await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""
    assert texts(await bot.get_updates()) == ["chào"]


async def test_pending_updates_can_be_dropped(telegram: TelegramStandIn, bot: Bot) -> None:
    telegram.say(LAN, "chào")
    await bot.delete_webhook()
    assert telegram.pending() == 1
    await bot.delete_webhook(drop_pending_updates=True)
    assert telegram.pending() == 0


@pytest.mark.parametrize("at_once", [False, True])
async def test_an_update_can_be_posted_twice(
    telegram: TelegramStandIn, bot: Bot, receiver: Receiver, at_once: bool
) -> None:
    telegram.webhook(allow_http=True)
    await bot.set_webhook(receiver.url)
    telegram.send_twice(at_once=at_once)
    telegram.say(LAN, "một")
    await telegram.eventually(lambda: len(receiver.posts) == 2)
    telegram.say(LAN, "hai")
    await telegram.eventually(lambda: len(receiver.posts) == 3)
    assert receiver.texts() == ["một", "một", "hai"]
    first = receiver.ids()[0]
    assert receiver.ids() == [first, first, first + 1]
    telegram.redeliver(first)
    await telegram.eventually(lambda: len(receiver.posts) == 4)
    assert receiver.ids()[-1] == first


async def test_updates_can_come_in_the_wrong_order(
    telegram: TelegramStandIn, bot: Bot, receiver: Receiver
) -> None:
    telegram.webhook(allow_http=True)
    await bot.set_webhook(receiver.url)
    telegram.reorder(3)
    telegram.say_many([(LAN, str(number)) for number in range(4)])
    await telegram.eventually(lambda: telegram.pending() == 0)
    assert [text for text in receiver.texts() if text != "3"] == ["2", "1", "0"]
    telegram.reorder(3)
    telegram.say(LAN, "x")
    telegram.release()
    await telegram.eventually(lambda: telegram.pending() == 0)
    assert receiver.texts()[-1] == "x"

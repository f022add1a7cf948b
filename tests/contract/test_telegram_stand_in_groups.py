"""Groups and topics at the Telegram stand-in, judged by python-telegram-bot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from telegram import (
    Bot,
)
from telegram.error import ChatMigrated, Forbidden

from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.telegram_stand_in_judge import LAN, MINH, bot_of, newest, refused


@pytest.fixture
def telegram() -> Iterator[TelegramStandIn]:
    with TelegramStandIn() as made:
        yield made


@pytest.fixture
async def bot(telegram: TelegramStandIn) -> AsyncIterator[Bot]:
    async with bot_of(telegram) as made:
        yield made


async def test_a_group_and_who_is_in_it(telegram: TelegramStandIn, bot: Bot) -> None:
    group = telegram.group(forum=True, title="Tư vấn Q.1", owner=MINH)
    chat = await bot.get_chat(group)
    assert (chat.title, chat.is_forum, chat.type) == ("Tư vấn Q.1", True, "supergroup")
    assert chat.permissions is not None
    me = await bot.get_chat_member(group, bot.id)
    assert me.status == "administrator"
    assert me.to_dict()["can_manage_topics"] is True
    assert (await bot.get_chat_member(group, MINH)).status == "creator"
    telegram.say_in_group(group, LAN, "chào")
    assert (await bot.get_chat_member(group, LAN)).status == "member"
    with refused("Invalid user_id"):
        await bot.get_chat_member(group, 42)
    assert {admin.user.id for admin in await bot.get_chat_administrators(group)} == {MINH, bot.id}
    assert await bot.get_chat_member_count(group) == 3
    telegram.set_bot(group, "member", by=MINH)
    assert (await newest(bot)).my_chat_member.new_chat_member.status == "member"  # type: ignore[union-attr]
    telegram.set_bot(group, "restricted", by=MINH)
    assert (await newest(bot)).my_chat_member is not None
    with refused("Not enough rights to send text messages"):
        await bot.send_message(group, "x")
    telegram.set_bot(group, "kicked", by=MINH)
    assert (await newest(bot)).my_chat_member.new_chat_member.status == "kicked"  # type: ignore[union-attr]
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(group, "x")
    other = telegram.group(kind="group")
    assert other > -(10**12)
    assert await bot.leave_chat(other)
    with pytest.raises(Forbidden, match="bot is not a member of the group chat"):
        await bot.send_message(other, "x")


async def test_privacy_in_groups(telegram: TelegramStandIn, bot: Bot) -> None:
    group = telegram.group(status="member")
    mine = await bot.send_message(group, "tôi đây")
    telegram.say_in_group(group, LAN, "nói chuyện riêng")
    telegram.say_in_group(group, LAN, "/start@other_bot")
    telegram.say_in_group(group, LAN, "@caunoi_thu_bot cho hỏi")
    telegram.say_in_group(group, LAN, "/start")
    telegram.say_in_group(group, LAN, "ừ", reply_to=mine.message_id)
    heard = [update.message.text for update in await bot.get_updates()]  # type: ignore[union-attr]
    assert heard == ["@caunoi_thu_bot cho hỏi", "/start", "ừ"]
    telegram.set_privacy(False)
    telegram.say_in_group(group, LAN, "nói chuyện riêng")
    assert (await newest(bot)).message.text == "nói chuyện riêng"  # type: ignore[union-attr]


async def test_a_group_that_became_a_supergroup(telegram: TelegramStandIn, bot: Bot) -> None:
    old = telegram.group(kind="group", owner=MINH)
    new = telegram.migrate(old)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(old, "x")
    assert moved.value.new_chat_id == new
    first, second = await bot.get_updates()
    assert first.message.migrate_to_chat_id == new  # type: ignore[union-attr]
    assert second.message.migrate_from_chat_id == old  # type: ignore[union-attr]
    await bot.send_message(new, "x")


async def test_forum_topics(telegram: TelegramStandIn, bot: Bot) -> None:
    forum = telegram.group(forum=True)
    topic = await bot.create_forum_topic(forum, "Ca 12: nợ lương")
    thread = topic.message_thread_id
    message = await bot.send_message(forum, "x", message_thread_id=thread)
    assert (message.message_thread_id, message.is_topic_message) == (thread, True)
    assert telegram.sent(forum)[0].thread_id == thread
    telegram.say_in_group(forum, MINH, "để tôi", thread=thread)
    heard = (await newest(bot)).message
    assert heard.message_thread_id == thread  # type: ignore[union-attr]
    await bot.edit_forum_topic(forum, thread, name="Ca 12: xong")
    assert telegram.topics(forum)[0]["name"] == "Ca 12: xong"
    await bot.close_forum_topic(forum, thread)
    with refused("TOPIC_CLOSED"):
        await bot.send_message(forum, "x", message_thread_id=thread)
    with refused("TOPIC_NOT_MODIFIED"):
        await bot.close_forum_topic(forum, thread)
    await bot.reopen_forum_topic(forum, thread)
    await bot.send_message(forum, "y", message_thread_id=thread)
    await bot.delete_forum_topic(forum, thread)
    with refused("Message thread not found"):
        await bot.send_message(forum, "x", message_thread_id=thread)
    with refused("TOPIC_ID_INVALID"):
        await bot.reopen_forum_topic(forum, thread)
    for other in (1, 999):
        with refused("Message thread not found"):
            await bot.send_message(forum, "x", message_thread_id=other)
    assert (await bot.send_message(forum, "chung")).message_thread_id is None


async def test_topics_of_people_and_missing_rights(telegram: TelegramStandIn, bot: Bot) -> None:
    forum = telegram.group(forum=True, rights=["can_manage_chat"])
    thread = telegram.open_topic(forum, MINH, "Việc chung")
    told = (await newest(bot)).message
    assert told.forum_topic_created.name == "Việc chung"  # type: ignore[union-attr]
    sent = await bot.send_message(forum, "x", message_thread_id=thread)
    telegram.close_topic(forum, thread)
    with refused("TOPIC_CLOSED"):
        await bot.copy_message(forum, forum, sent.message_id, message_thread_id=thread)
    telegram.reopen_topic(forum, thread)
    telegram.delete_topic(forum, thread, "TOPIC_DELETED")
    with refused("TOPIC_DELETED"):
        await bot.send_chat_action(forum, "typing", message_thread_id=thread)
    with refused("Not enough rights to create a topic"):
        await bot.create_forum_topic(forum, "x")
    plain = telegram.group()
    with refused("The chat is not a forum"):
        await bot.create_forum_topic(plain, "x")
    with refused("Message thread not found"):
        await bot.send_message(plain, "x", message_thread_id=5)
    able = telegram.group(forum=True)
    for name, words in (("", "Title must be non-empty"), ("x" * 129, "TOPIC_TITLE_TOO_LONG")):
        with refused(words):
            await bot.create_forum_topic(able, name)

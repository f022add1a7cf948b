"""What an update means: an Incoming, or nothing.

Names, phone numbers and profile data are not read. A person is the number of their chat.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from telegram import CallbackQuery, Chat, ChatMemberUpdated, Message, MessageEntity, Update

from bot.channels.port import Incoming, UpdateKind
from bot.channels.telegram.contents import album_of, files_of, stands_for
from bot.plain_text import clean

CHANNEL = "telegram"
COMMANDS = {
    "tuvan": "Gặp tư vấn viên công đoàn",
    "trogiup": "Cách hỏi và những gì bot làm được",
    "nguon": "Các văn bản luật đang dùng",
    "xoa": "Xóa cuộc trò chuyện này",
}
"""The commands in Telegram's menu, with what it says of them."""

_CHOICE_BYTES = 64
_OURS = {"start", *COMMANDS}
_COMMAND = re.compile(r"/(\w+)(?:@(\w+))?(?!\S)")


@dataclass(frozen=True, slots=True)
class Me:
    """The bot itself, as people address it."""

    id: int
    username: str


def read(update: Update, me: Me, desk_groups: Collection[int], now: datetime) -> Incoming | None:
    """The update for the route; None when it is not for us. ``now`` dates presses of buttons.

    In groups the bot hears only what is said to it, and nothing in those of the desk.
    """
    number = str(update.update_id)
    if update.callback_query is not None:
        return _press(update.callback_query, number, desk_groups, now)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member, number)
    message = update.message or update.edited_message
    if message is None or message.from_user is None or message.from_user.is_bot:
        return None
    edited = update.message is None
    if message.chat.type == Chat.PRIVATE:
        return _private(message, number, me, edited=edited)
    if edited or message.chat.id in desk_groups or message.chat.type == Chat.CHANNEL:
        return None
    return _in_group(message, number, me)


def _private(message: Message, number: str, me: Me, *, edited: bool) -> Incoming | None:
    if edited and message.location is not None:
        return None  # a live location moves every few seconds
    files = files_of(message)
    text = clean(message.text or message.caption or "") or stands_for(message)
    if not text and not files:
        return None  # a service message: something was pinned, a background chosen
    return Incoming(
        channel=CHANNEL,
        chat_id=str(message.chat.id),
        update_id=number,
        kind=UpdateKind.EDIT if edited else UpdateKind.MESSAGE,
        text=_without_address(text, me),
        files=files,
        remote_id=str(message.message_id),
        album=album_of(message),
        sent_at=(message.edit_date if edited else None) or message.date,
    )


def _in_group(message: Message, number: str, me: Me) -> Incoming | None:
    """What is said to us in a group. Pictures stay there: others may be on them."""
    text = clean(message.text or message.caption or "")
    if not _is_addressed(message, text, me):
        return None
    return Incoming(
        channel=CHANNEL,
        chat_id=str(message.chat.id),
        update_id=number,
        kind=UpdateKind.GROUP,
        text=clean(_mention(me).sub("", _without_address(text, me))),
        remote_id=str(message.message_id),
        sent_at=message.date,
    )


def _is_addressed(message: Message, text: str, me: Me) -> bool:
    if not text:
        return False
    if command := _COMMAND.match(text):
        name, bot = command[1].lower(), (command[2] or me.username).lower()
        return name in _OURS and bot == me.username.lower()
    replied = message.reply_to_message
    if replied is not None and replied.from_user is not None and replied.from_user.id == me.id:
        return True
    named = (*message.entities, *message.caption_entities)
    return _mention(me).search(text) is not None or any(
        each.type == MessageEntity.TEXT_MENTION and each.user is not None and each.user.id == me.id
        for each in named
    )


def _mention(me: Me) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@])@{re.escape(me.username)}\b", re.IGNORECASE)


def _without_address(text: str, me: Me) -> str:
    """A command without the bot's name behind it."""
    command = _COMMAND.match(text)
    if command is None or (command[2] or "").lower() != me.username.lower():
        return text
    return f"/{command[1]}{text[command.end() :]}"


def _press(
    query: CallbackQuery, number: str, desk_groups: Collection[int], now: datetime
) -> Incoming | None:
    """A quick reply. That its id was offered to this chat is for the turn to check."""
    if query.message is None or not query.data or query.from_user.is_bot:
        return None
    chat = query.message.chat
    if len(query.data.encode("utf-8", "replace")) > _CHOICE_BYTES or chat.id in desk_groups:
        return None
    private = chat.type == Chat.PRIVATE
    if private and chat.id != query.from_user.id:
        return None
    return Incoming(
        channel=CHANNEL,
        chat_id=str(chat.id),
        update_id=number,
        kind=UpdateKind.MESSAGE if private else UpdateKind.GROUP,
        choice=query.data,
        sent_at=now,
    )


def _membership(change: ChatMemberUpdated, number: str) -> Incoming | None:
    """A person blocked the bot, or let it write again."""
    if change.chat.type != Chat.PRIVATE:
        return None
    blocked = change.new_chat_member.status in ("kicked", "left")
    return Incoming(
        channel=CHANNEL,
        chat_id=str(change.chat.id),
        update_id=number,
        kind=UpdateKind.BLOCKED if blocked else UpdateKind.UNBLOCKED,
        sent_at=change.date,
    )

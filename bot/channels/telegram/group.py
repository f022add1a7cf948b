"""Writing to a group of counsellors: posts with a link, edits, topics."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.channels.telegram.client import TelegramClient
from bot.channels.telegram.faults import MALFORMED_RESULTS, may_have_arrived, seconds_of, words
from bot.channels.telegram.pacing import Pace, TooFast

T = TypeVar("T")

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_TOPIC_NAME = 128
"""Characters the name of a topic may have."""


class GroupError(Exception):
    """The group did not take it; the message is Vietnamese and says why."""


class GroupGone(GroupError):
    """The group does not exist for this bot, or it was put out of it."""


class GroupMoved(GroupGone):
    """The group became a supergroup; ``to`` is its new id."""

    def __init__(self, to: int) -> None:
        super().__init__(f"Nhóm Telegram đã được nâng cấp; số hiệu mới là {to}.")
        self.to = to


class ThreadGone(GroupError):
    """The topic was deleted."""


class ThreadClosed(GroupError):
    """The topic is closed."""


class MessageGone(GroupError):
    """The message to change was deleted, or may no longer be changed."""


class NotAllowed(GroupError):
    """The bot lacks a right in this group."""


class TryLater(GroupError):
    """Not this time. ``uncertain``: it may have been done, only the answer was lost."""

    def __init__(
        self, says: str, retry_after: float | None = None, *, uncertain: bool = False
    ) -> None:
        super().__init__(says)
        self.retry_after = retry_after
        self.uncertain = uncertain


class _Unchanged(GroupError):
    """It is as it should be already."""


_MEANING: tuple[tuple[str, type[GroupError], str], ...] = (
    ("not modified", _Unchanged, ""),
    ("topic_not_modified", _Unchanged, ""),
    ("chat not found", GroupGone, "Telegram không tìm thấy nhóm này. Hãy kiểm tra số hiệu nhóm."),
    ("kicked", GroupGone, "Bot đã bị đưa ra khỏi nhóm. Hãy thêm bot vào lại."),
    ("not a member", GroupGone, "Bot không còn trong nhóm. Hãy thêm bot vào lại."),
    ("thread not found", ThreadGone, "Chủ đề trong nhóm đã bị xóa."),
    ("topic_deleted", ThreadGone, "Chủ đề trong nhóm đã bị xóa."),
    ("topic_id_invalid", ThreadGone, "Chủ đề trong nhóm đã bị xóa."),
    ("topic_closed", ThreadClosed, "Chủ đề trong nhóm đã đóng."),
    ("message to edit not found", MessageGone, "Tin trong nhóm đã bị xóa."),
    ("message_id_invalid", MessageGone, "Tin trong nhóm đã bị xóa."),
    ("message can't be edited", MessageGone, "Tin trong nhóm không còn sửa được."),
    ("not a forum", NotAllowed, "Nhóm chưa bật chủ đề (Topics)."),
    ("rights", NotAllowed, "Bot chưa có đủ quyền trong nhóm. Hãy đặt bot làm quản trị viên."),
    ("admin_required", NotAllowed, "Bot chưa là quản trị viên của nhóm."),
    ("write_forbidden", NotAllowed, "Bot chưa có quyền viết trong nhóm."),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A button that opens an address."""

    label: str
    url: str


class DeskGroup:
    """Everything here raises GroupError, as one of the kinds above where one fits.

    ``groups`` collects the ids it writes to (a group may get a new one): the desk's own, where
    nothing that is said is a question. ``text`` is Telegram's HTML, at most 4096 characters;
    whoever writes it has escaped it.
    """

    def __init__(self, client: TelegramClient, pace: Pace, groups: set[int] | None = None) -> None:
        self._bot = client.bot
        self._pace = pace
        self._groups = groups if groups is not None else set()

    async def post(
        self, group: int, text: str, link: Link | None = None, thread: int | None = None
    ) -> int:
        """Post a message; its id. ``thread``: the topic it goes to."""
        sent = await self._do(
            group,
            lambda: self._bot.send_message(
                group,
                text,
                parse_mode=ParseMode.HTML,
                message_thread_id=thread,
                reply_markup=_button(link),
                link_preview_options=_NO_PREVIEW,
            ),
        )
        return sent.message_id

    async def edit(self, group: int, message: int, text: str, link: Link | None = None) -> None:
        """Change a post; harmless when it reads so already. Without ``link`` its button goes."""
        with contextlib.suppress(_Unchanged):
            await self._do(
                group,
                lambda: self._bot.edit_message_text(
                    text,
                    chat_id=group,
                    message_id=message,
                    parse_mode=ParseMode.HTML,
                    reply_markup=_button(link),
                    link_preview_options=_NO_PREVIEW,
                ),
            )

    async def is_forum(self, group: int) -> bool:
        """Whether the group has topics."""
        chat = await _translated(self._bot.get_chat(group))
        return bool(chat.is_forum)

    async def create_topic(self, group: int, name: str) -> int:
        """A new topic; its thread id. Make few: Telegram is known to ban bots that make many."""
        topic = await self._do(
            group, lambda: self._bot.create_forum_topic(group, name[:_TOPIC_NAME])
        )
        return topic.message_thread_id

    async def reopen_topic(self, group: int, thread: int) -> None:
        """Open a closed topic again; harmless when it is open."""
        with contextlib.suppress(_Unchanged):
            await self._do(group, lambda: self._bot.reopen_forum_topic(group, thread))

    async def close_topic(self, group: int, thread: int) -> None:
        """Close a topic; harmless when it is closed."""
        with contextlib.suppress(_Unchanged):
            await self._do(group, lambda: self._bot.close_forum_topic(group, thread))

    async def _do(self, group: int, call: Callable[[], Awaitable[T]]) -> T:
        """Call when it is the group's turn. Raises GroupError."""
        self._groups.add(group)
        try:
            await self._pace.turn(group)
        except TooFast as error:
            raise TryLater(
                "Đang viết vào nhóm chậm lại theo giới hạn của Telegram.", error.wait
            ) from None
        try:
            return await _translated(call())
        finally:
            self._pace.answered(group)


async def _translated(call: Awaitable[T]) -> T:
    try:
        return await call
    except (TelegramError, *MALFORMED_RESULTS) as error:
        raise _meaning(error) from None


def _meaning(error: Exception) -> GroupError:
    match error:
        case ChatMigrated():
            return GroupMoved(error.new_chat_id)
        case RetryAfter():
            return TryLater(words(error), seconds_of(error))
        case InvalidToken():
            return NotAllowed(words(error))
        case BadRequest() | Forbidden():
            said = error.message.lower()
            for mark, kind, says in _MEANING:
                if mark in said:
                    return kind(says)
            return (
                GroupGone(words(error))
                if isinstance(error, Forbidden)
                else GroupError(words(error))
            )
    return TryLater(words(error), uncertain=may_have_arrived(error))


def _button(link: Link | None) -> InlineKeyboardMarkup | None:
    if link is None:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(link.label, url=link.url)]])

"""The conversations of the web channel as the store keeps them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import TypeAdapter
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from bot.channels.port import Choice, Passage
from bot.channels.web.shown import FileContent, Shown, ShownFile
from bot.store.database import Database
from bot.store.models import Chat, File, Message, Update
from bot.store.models import FileContent as Content

_CHOICES = TypeAdapter(tuple[Choice, ...])
_PASSAGES = TypeAdapter(tuple[Passage, ...])
_ROLES: dict[str, Literal["worker", "bot", "counsellor"]] = {
    "worker": "worker",
    "bot": "bot",
    "counsellor": "counsellor",
}

_LAST_ID = 2**31 - 1
"""The greatest id a database may give; a greater number from outside is cut to it."""
# Made once: a page asks these again and again, and making them costs as much as running them.
_OF_CHAT = (
    select(Message, Update.update_id)
    .join(Chat, Chat.id == Message.chat)
    .outerjoin(Update, Update.id == Message.inbox)
    .where(Chat.channel == bindparam("channel"), Chat.chat_id == bindparam("chat_id"))
    .limit(bindparam("count"))
)
_AFTER = _OF_CHAT.where(Message.id > bindparam("edge")).order_by(Message.id)
_BEFORE = _OF_CHAT.where(Message.id < bindparam("edge")).order_by(Message.id.desc())
_UNANSWERED = (
    select(Update.id)
    .join(Chat, Chat.id == Update.chat)
    .where(
        Chat.channel == bindparam("channel"),
        Chat.chat_id == bindparam("chat_id"),
        Update.finished_at.is_(None),
    )
    .limit(1)
)


class StoredConversations:
    """Reads conversations from the store, in a thread. Raises StoreUnavailable."""

    def __init__(self, database: Database, channel: str = "web") -> None:
        self._database = database
        self._channel = channel

    async def history(self, chat_id: str, after_id: int, limit: int) -> Sequence[Shown]:
        """The first ``limit`` messages whose id is greater than ``after_id``, in order."""
        given = {"chat_id": chat_id, "edge": min(after_id, _LAST_ID), "count": limit}
        return await asyncio.to_thread(self._read, _AFTER, given)

    async def before(self, chat_id: str, before_id: int | None, limit: int) -> Sequence[Shown]:
        """The last ``limit`` messages whose id is less than ``before_id``, in order."""
        edge = _LAST_ID if before_id is None else min(before_id, _LAST_ID)
        given = {"chat_id": chat_id, "edge": edge, "count": limit}
        return (await asyncio.to_thread(self._read, _BEFORE, given))[::-1]

    def _read(self, query: Select[Message, str], given: dict[str, Any]) -> list[Shown]:
        with self._database.read() as session:
            rows = session.execute(query, {**given, "channel": self._channel}).all()
            files = _files(
                session, [message.id for message, _ in rows if message.author == "worker"]
            )
            return [_shown(message, update_id, files[message.id]) for message, update_id in rows]

    async def answering(self, chat_id: str) -> bool:
        """Whether an update of the chat still waits for its turn, in a thread."""
        return await asyncio.to_thread(self._answering, chat_id)

    def _answering(self, chat_id: str) -> bool:
        with self._database.read() as session:
            given = {"channel": self._channel, "chat_id": chat_id}
            return session.scalar(_UNANSWERED, given) is not None

    async def file(self, chat_id: str, file: int) -> FileContent | None:
        """A kept file of that chat, in a thread."""
        return await asyncio.to_thread(self._file, chat_id, min(file, _LAST_ID))

    def _file(self, chat_id: str, file: int) -> FileContent | None:
        found = (
            select(File.media_type, Content.data)
            .join(Content, Content.file == File.id)
            .join(Chat, Chat.id == File.chat)
            .where(File.id == file, Chat.channel == self._channel, Chat.chat_id == chat_id)
        )
        with self._database.read() as session:
            row = session.execute(found).first()
            return None if row is None else FileContent(row.media_type, row.data)


def _files(session: Session, messages: Sequence[int]) -> defaultdict[int, list[ShownFile]]:
    """The files of these messages, by message."""
    found: defaultdict[int, list[ShownFile]] = defaultdict(list)
    if messages:
        for each in session.scalars(
            select(File).where(File.message.in_(messages)).order_by(File.id)
        ):
            shown = ShownFile(
                id=each.id,
                name=each.name,
                media_type=each.media_type,
                kept=each.status == "kept",
            )
            found[each.message].append(shown)
    return found


def _shown(message: Message, update_id: str | None, files: Sequence[ShownFile]) -> Shown:
    role = _ROLES[message.author]
    return Shown(
        id=message.id,
        role=role,
        text=message.text,
        choices=_CHOICES.validate_python(message.choices),
        passages=_PASSAGES.validate_python(message.passages),
        files=tuple(files),
        at=message.at,
        # The bot's words point to the update they answer; only the worker's own carry its id.
        update_id=update_id if role == "worker" else None,
    )

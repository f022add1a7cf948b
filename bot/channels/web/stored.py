"""The conversations of the web channel as the store keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

from pydantic import TypeAdapter
from sqlalchemy import Select, select

from bot.channels.port import Choice, Passage
from bot.channels.web.shown import Shown
from bot.store.database import Database
from bot.store.models import Chat, Message, Update

_CHOICES = TypeAdapter(tuple[Choice, ...])
_PASSAGES = TypeAdapter(tuple[Passage, ...])
_ROLES: dict[str, Literal["worker", "bot", "counsellor"]] = {
    "worker": "worker",
    "bot": "bot",
    "counsellor": "counsellor",
}


class StoredConversations:
    """Reads conversations from the store, in a thread. Raises StoreUnavailable."""

    def __init__(self, database: Database, channel: str = "web") -> None:
        self._database = database
        self._channel = channel

    async def history(self, chat_id: str, after_id: int, limit: int) -> Sequence[Shown]:
        """The first ``limit`` messages whose id is greater than ``after_id``, in order."""
        query = self._of(chat_id).where(Message.id > after_id).order_by(Message.id).limit(limit)
        return await asyncio.to_thread(self._read, query)

    async def before(self, chat_id: str, before_id: int | None, limit: int) -> Sequence[Shown]:
        """The last ``limit`` messages whose id is less than ``before_id``, in order."""
        query = self._of(chat_id).order_by(Message.id.desc()).limit(limit)
        if before_id is not None:
            query = query.where(Message.id < before_id)
        return (await asyncio.to_thread(self._read, query))[::-1]

    def _of(self, chat_id: str) -> Select[Message, str]:
        return (
            select(Message, Update.update_id)
            .join(Chat, Chat.id == Message.chat)
            .outerjoin(Update, Update.id == Message.inbox)
            .where(Chat.channel == self._channel, Chat.chat_id == chat_id)
        )

    def _read(self, query: Select[Message, str]) -> list[Shown]:
        with self._database.read() as session:
            return [_shown(message, update_id) for message, update_id in session.execute(query)]


def _shown(message: Message, update_id: str | None) -> Shown:
    role = _ROLES[message.author]
    return Shown(
        id=message.id,
        role=role,
        text=message.text,
        choices=_CHOICES.validate_python(message.choices),
        passages=_PASSAGES.validate_python(message.passages),
        at=message.at,
        # The bot's words point to the update they answer; only the worker's own carry its id.
        update_id=update_id if role == "worker" else None,
    )

"""Reading a conversation back, as a page shows it after a reload."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.channels.port import Choice, Passage
from bot.store.database import Database
from bot.store.models import Chat, Message
from bot.store.outbox import as_outgoing


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said in a chat. ``author`` is worker, bot or counsellor; ids grow over time."""

    id: int
    author: str
    text: str
    choices: tuple[Choice, ...]
    passages: tuple[Passage, ...]
    at: datetime


class Chats:
    """The stored conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def history(self, channel: str, chat_id: str, after: int = 0, limit: int = 200) -> list[Said]:
        """What was said after message ``after``, oldest first, at most ``limit``.

        With ``after`` 0 (nothing shown yet) it is the latest ``limit`` messages. Within a chat no
        message ever appears with an id below one that could be read before.
        Raises StoreUnavailable.
        """
        said = (
            select(Message)
            .join(Chat, Chat.id == Message.chat)
            .where(Chat.channel == channel, Chat.chat_id == chat_id, Message.id > after)
            .order_by(Message.id if after else Message.id.desc())
            .limit(limit)
        )
        with self._database.read() as session:
            found = [_said(each) for each in session.scalars(said)]
        return found if after else found[::-1]


def _said(message: Message) -> Said:
    shown = as_outgoing(message)
    return Said(
        id=message.id,
        author=message.author,
        text=shown.text,
        choices=shown.choices,
        passages=shown.passages,
        at=message.at,
    )

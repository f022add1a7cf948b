"""Taking updates in: each one exactly once, committed before it is acknowledged."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.channels.port import Incoming
from bot.consent import Consent
from bot.plain_text import clean, kept
from bot.store.database import Database
from bot.store.models import CHOICE_LENGTH, KEY_LENGTH, Chat, Message, Update

_OFFERS_LOOKED_AT = 30
"""How many of the latest messages are searched for the words of a pressed choice."""


class Inbox:
    """The entrance of the one-way route."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accept(self, incoming: Incoming) -> bool:
        """Commit one update; True when it is new, False when it was taken in before.

        Updates are recognised by a set of ids, not by the highest one: they may come in any
        order. Raises StoreUnavailable when nothing could be committed, ValueError when the ids
        are not usable (a fault of the channel).
        """
        for name in ("channel", "chat_id", "update_id"):
            value = getattr(incoming, name)
            if not value or len(value) > KEY_LENGTH or clean(value) != value:
                raise ValueError(f"{name} must be 1 to {KEY_LENGTH} plain characters")
        with self._database.write() as session:
            chat = self._lock_chat(session, incoming)
            taken = select(Update.id).where(
                Update.chat == chat.id, Update.update_id == incoming.update_id
            )
            if session.scalar(taken) is not None:
                return False
            now = self._database.now()
            choice = clean(incoming.choice)[:CHOICE_LENGTH] if incoming.choice else None
            text = kept(incoming.text)
            update = Update(
                chat=chat.id,
                update_id=incoming.update_id,
                kind=incoming.kind,
                choice=choice,
                length=len(incoming.text),
                sent_at=incoming.sent_at,
                received_at=now,
                attempts=0,
            )
            session.add(update)
            session.flush()
            session.add(
                Message(
                    chat=chat.id,
                    inbox=update.id,
                    author="worker",
                    text=text or _words_of(session, chat.id, choice),
                    choices=[],
                    passages=[],
                    at=now,
                )
            )
        return True

    def _lock_chat(self, session: Session, incoming: Incoming) -> Chat:
        """The chat's row, made when missing, locked until the end of the transaction."""
        now = self._database.now()
        insert = sqlite.insert if self._database.sqlite else postgresql.insert
        # An update on conflict locks the row, and makes it again if it was just swept away.
        statement = (
            insert(Chat)
            .values(
                channel=incoming.channel,
                chat_id=incoming.chat_id,
                consent=Consent.UNASKED,
                created_at=now,
                last_seen_at=now,
                context={},
            )
            .on_conflict_do_update(
                index_elements=["channel", "chat_id"], set_={"last_seen_at": now}
            )
            .returning(Chat)
        )
        return session.scalars(statement, execution_options={"populate_existing": True}).one()


def _words_of(session: Session, chat: int, choice: str | None) -> str:
    """The words on the quick reply that was pressed, as the conversation shows them."""
    if choice is None:
        return ""
    offers = session.scalars(
        select(Message.choices)
        .where(Message.chat == chat, Message.author != "worker")
        .order_by(Message.id.desc())
        .limit(_OFFERS_LOOKED_AT)
    )
    return next(
        (str(each["label"]) for offer in offers for each in offer if each["id"] == choice), ""
    )

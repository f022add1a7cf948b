"""Messages on their way out: in order per chat, sent at least once, settled once."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bot.channels.port import Choice, Delivery, Outgoing, Passage
from bot.store.claiming import FreeChats, take_free
from bot.store.database import Database
from bot.store.models import Chat, Message, Parcel

_AT_ONCE = 10
"""Messages of one chat taken together."""
_WAITING = select(Parcel.message).where(Parcel.settled_at.is_(None))
_FREE = FreeChats(Chat.send_free_at, _WAITING.where(Parcel.chat == Chat.id))
_UNSENT = (
    select(Message)
    .join(Parcel, Parcel.message == Message.id)
    .where(Parcel.chat == bindparam("chat"), Parcel.settled_at.is_(None))
    .order_by(Message.id)
    .limit(_AT_ONCE)
)
_ONLY_THERE = {"synchronize_session": False}
"""For updates of rows that the session has not read."""


@dataclass(frozen=True, slots=True)
class TakenParcels:
    """The waiting messages of one chat, in order, held under ``token``."""

    token: str
    channel: str
    deliveries: tuple[Delivery, ...]


class Outbox:
    """The exit of the one-way route. ``lease`` is how long a silent sender is waited for.

    ``give_up_after``: a message the channel did not take for that long is settled as given up,
    so that a dead chat does not keep its words for ever.
    """

    def __init__(
        self,
        database: Database,
        lease: timedelta = timedelta(seconds=20),
        give_up_after: timedelta = timedelta(days=3),
    ) -> None:
        self._database = database
        self.lease = lease
        self._give_up_after = give_up_after

    def take(self, channels: Collection[str]) -> TakenParcels | None:
        """The waiting messages of one chat nobody sends for; None when there are none."""
        return take_free(self._database, _FREE, channels, self._hold)

    def take_of(self, session: Session, chat: Chat) -> TakenParcels | None:
        """The waiting messages of a chat whose row is locked; None when someone sends for it."""
        if chat.send_free_at is not None and chat.send_free_at > self._database.now():
            return None
        return self._hold(session, chat)

    def _hold(self, session: Session, chat: Chat) -> TakenParcels | None:
        """Take the waiting messages of a chat whose row is locked."""
        waiting = session.scalars(_UNSENT, {"chat": chat.id}).all()
        if not waiting:  # sent by another process between our look and our lock
            return None
        chat.send_holder = token = uuid.uuid4().hex
        chat.send_free_at = self._database.now() + self.lease
        return TakenParcels(
            token=token,
            channel=chat.channel,
            deliveries=tuple(
                Delivery(id=each.id, chat_id=chat.chat_id, message=as_outgoing(each))
                for each in waiting
            ),
        )

    def renew(self, tokens: Collection[str]) -> None:
        """Say that the senders holding these chats are alive. Raises StoreUnavailable."""
        if not tokens:
            return
        with self._database.write() as session:
            session.execute(
                update(Chat)
                .where(Chat.send_holder.in_(tokens))
                .values(send_free_at=self._database.now() + self.lease)
            )

    def settle(
        self,
        message: int,
        outcome: str = "sent",
        reason: str | None = None,
        ending: TakenParcels | None = None,
    ) -> None:
        """Mark one message as sent, or as refused for a reason. Harmless when it is gone.

        ``ending``: it was the last of these; release them in the same transaction.
        """
        with self._database.write() as session:
            session.execute(
                update(Parcel)
                .where(Parcel.message == message, Parcel.settled_at.is_(None))
                .values(
                    settled_at=self._database.now(),
                    outcome=outcome,
                    reason=reason[:300] if reason else None,
                    attempts=Parcel.attempts + 1,
                ),
                execution_options=_ONLY_THERE,
            )
            if ending is not None:
                self._release(session, ending, timedelta())

    def failed(self, message: int, reason: str) -> tuple[int, bool]:
        """Count a try that failed; how many there were, and whether the message is given up."""
        with self._database.write() as session:
            parcel = session.get(Parcel, message)
            if parcel is None or parcel.settled_at is not None:
                return 0, False
            parcel.attempts += 1
            parcel.reason = reason[:300]
            now = self._database.now()
            given_up = now - parcel.created_at > self._give_up_after
            if given_up:
                parcel.settled_at = now
                parcel.outcome = "given_up"
            return parcel.attempts, given_up

    def release(self, taken: TakenParcels, pause: timedelta = timedelta()) -> None:
        """Let others send for the chat, after ``pause``. Raises StoreUnavailable."""
        with self._database.write() as session:
            self._release(session, taken, pause)

    def _release(self, session: Session, taken: TakenParcels, pause: timedelta) -> None:
        session.execute(
            update(Chat)
            .where(Chat.send_holder == taken.token)
            .values(
                send_holder=None,
                send_free_at=self._database.now() + pause if pause else None,
            ),
            execution_options=_ONLY_THERE,
        )


def as_outgoing(message: Message) -> Outgoing:
    """A stored message as channels take it."""
    return Outgoing(
        text=message.text,
        choices=tuple(Choice(**each) for each in message.choices),
        passages=tuple(Passage(**each) for each in message.passages),
    )

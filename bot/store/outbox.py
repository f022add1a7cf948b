"""Messages on their way out: in order per chat, sent at least once, settled once."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bot.cases.states import Actor, CaseState, Happened
from bot.channels.port import Choice, Delivery, Outgoing, Passage
from bot.store.claiming import FreeChats, take_free
from bot.store.database import Database
from bot.store.desk_models import Case, CaseEvent
from bot.store.models import KEY_LENGTH, Chat, Message, Parcel

BLOCKED = "Người lao động đã chặn Cầu Nối, nên tin không gửi đi được nữa."
"""Why a message to a chat that is known to be blocked is refused, as a counsellor reads it."""
UNCERTAIN_TRIES = 3
"""Tries whose answer was lost, after which a message is not sent again: it may have arrived."""

_REASON_LENGTH = 300
_LONG_WAIT = timedelta(days=1)
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
    """The waiting messages of one chat, in order, held under ``token`` since ``at``."""

    token: str
    channel: str
    deliveries: tuple[Delivery, ...]
    at: datetime


class Outbox:
    """The exit of the one-way route. ``lease`` is how long a silent sender is waited for.

    ``give_up_after``: a message the channel did not take for that long is settled as given up,
    so that a dead chat does not keep its words for ever. One that the channel asked us to hold
    back is given a day more.
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
        if chat.send_free_at is not None and (
            not self._database.lapses() or chat.send_free_at > self._database.now()
        ):
            return None
        return self._hold(session, chat)

    def _hold(self, session: Session, chat: Chat) -> TakenParcels | None:
        """Take the waiting messages of a chat whose row is locked."""
        waiting = session.scalars(_UNSENT, {"chat": chat.id}).all()
        if not waiting:  # sent by another process between our look and our lock
            return None
        now = self._database.now()
        if chat.blocked_at is not None:
            self._refuse_all(session, chat, now)
            return None
        chat.send_holder = token = uuid.uuid4().hex
        chat.send_free_at = now + self.lease
        return TakenParcels(
            token=token,
            channel=chat.channel,
            at=now,
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
        *,
        remote_id: str | None = None,
        blocked: bool = False,
    ) -> None:
        """Mark one message as sent, or as refused for a reason. Harmless when it is gone.

        ``ending``: it was the last of these; release them in the same transaction. ``blocked``
        (with ``ending``): nothing more can be sent to the chat. ``remote_id`` is the platform's
        id of what was sent. Raises StoreUnavailable.
        """
        with self._database.write() as session:
            # The chat's row before the parcel's, as everywhere: no two may wait for each other.
            chat = None if outcome == "sent" else _lock_chat_of(session, message)
            if blocked and ending is not None:
                self._mark_blocked(session, ending)
            if ending is not None:
                self._release(session, ending, timedelta())
            settled = session.scalar(
                update(Parcel)
                .where(Parcel.message == message, Parcel.settled_at.is_(None))
                .values(
                    settled_at=self._database.now(),
                    outcome=outcome,
                    reason=reason[:_REASON_LENGTH] if reason else None,
                    attempts=Parcel.attempts + 1,
                )
                .returning(Parcel.message),
                execution_options=_ONLY_THERE,
            )
            if remote_id and len(remote_id) <= KEY_LENGTH:
                session.execute(
                    update(Message).where(Message.id == message).values(remote_id=remote_id),
                    execution_options=_ONLY_THERE,
                )
            if chat is not None and settled is not None:
                self._tell_desk(session, chat, [message], outcome, reason or "")

    def failed(
        self,
        message: int,
        reason: str,
        *,
        retry_after: float | None = None,
        uncertain: bool = False,
    ) -> tuple[int, str | None]:
        """Count a try that failed; how many there were, and the outcome if it was the last.

        That is given_up, or unknown when the answer to several tries was lost (``uncertain``).
        ``retry_after``: seconds the channel asked us to wait. Raises StoreUnavailable.
        """
        with self._database.write() as session:
            chat = _lock_chat_of(session, message)
            parcel = session.get(Parcel, message)
            if chat is None or parcel is None or parcel.settled_at is not None:
                return 0, None
            now = self._database.now()
            parcel.attempts += 1
            parcel.uncertain += uncertain
            parcel.reason = reason[:_REASON_LENGTH]
            patience = self._give_up_after
            if retry_after is not None and retry_after <= _LONG_WAIT.total_seconds():
                patience += _LONG_WAIT
            if parcel.uncertain >= UNCERTAIN_TRIES:
                parcel.outcome = "unknown"
            elif now - parcel.created_at > patience:
                parcel.outcome = "given_up"
            if parcel.outcome is not None:
                parcel.settled_at = now
                self._tell_desk(session, chat, [message], parcel.outcome, parcel.reason)
            return parcel.attempts, parcel.outcome

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

    def _mark_blocked(self, session: Session, taken: TakenParcels) -> None:
        """The person does not let us write; one who wrote since then has changed their mind."""
        session.execute(
            update(Chat)
            .where(
                Chat.send_holder == taken.token,
                Chat.blocked_at.is_(None),
                Chat.last_seen_at <= taken.at,
            )
            .values(blocked_at=self._database.now()),
            execution_options=_ONLY_THERE,
        )

    def _refuse_all(self, session: Session, chat: Chat, now: datetime) -> None:
        """Settle all that waits for a blocked chat whose row is locked, without trying it."""
        refused = session.scalars(
            update(Parcel)
            .where(Parcel.chat == chat.id, Parcel.settled_at.is_(None))
            .values(settled_at=now, outcome="refused", reason=BLOCKED)
            .returning(Parcel.message),
            execution_options=_ONLY_THERE,
        )
        self._tell_desk(session, chat.id, sorted(refused), "refused", BLOCKED)

    def _tell_desk(
        self, session: Session, chat: int, messages: list[int], outcome: str, reason: str
    ) -> None:
        """Note in the chat's case which of a counsellor's messages did not arrive, and why."""
        told = session.scalars(
            select(Message.id)
            .where(Message.id.in_(messages), Message.author == "counsellor")
            .order_by(Message.id)
        ).all()
        case = told and session.scalar(
            select(Case.id).where(Case.chat == chat, Case.state != CaseState.CLOSED)
        )
        if not case:
            return
        for message in told:
            session.add(
                CaseEvent(
                    case=case,
                    kind=Happened.REFUSED,
                    actor=Actor.BOT,
                    why=reason,
                    data={"message": message, "outcome": outcome},
                    at=self._database.now(),
                )
            )
        grown = update(Case).where(Case.id == case).values(number=Case.number + len(told))
        session.execute(grown, execution_options=_ONLY_THERE)


def _lock_chat_of(session: Session, message: int) -> int | None:
    """The chat of a message that is to be sent, its row locked until the transaction ends."""
    return session.scalar(
        select(Chat.id)
        .join(Parcel, Parcel.chat == Chat.id)
        .where(Parcel.message == message)
        .with_for_update(of=Chat)
    )


def as_outgoing(message: Message) -> Outgoing:
    """A stored message as channels take it."""
    return Outgoing(
        text=message.text,
        choices=tuple(Choice(**each) for each in message.choices),
        passages=tuple(Passage(**each) for each in message.passages),
    )

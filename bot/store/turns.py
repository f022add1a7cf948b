"""Turns to be done: taken by one worker at a time per chat, finished with all their effects."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bot.cases.steps import CaseNow, CaseStep
from bot.channels.port import Incoming, Outgoing, UpdateKind
from bot.consent import Consent
from bot.store.claiming import FreeChats, take_free
from bot.store.database import Database
from bot.store.desk_models import Case
from bot.store.errors import ClaimLost
from bot.store.files import as_incoming
from bot.store.forgetting import forget_chat
from bot.store.models import Chat, File, Message, Parcel, Update
from bot.store.outbox import Outbox, TakenParcels

_WAITING = select(Update).where(Update.finished_at.is_(None))
_FREE = FreeChats(
    Chat.turn_free_at, _WAITING.with_only_columns(Update.id).where(Update.chat == Chat.id)
)
_OLDEST = _WAITING.where(Update.chat == bindparam("chat")).order_by(Update.id).limit(1)
_ONLY_THERE = {"synchronize_session": False}
"""For updates of rows that the session has not read."""
_HAD_A_CASE = select(Case.id).where(Case.chat == Message.chat).exists().label("had_a_case")
_SAID = (
    select(Message.text, Message.remote_id, Message.album, _HAD_A_CASE, File)
    .outerjoin(File, File.message == Message.id)
    .where(Message.inbox == bindparam("update"), Message.author == "worker")
    .order_by(File.id)
)
"""What came with an update: a row per file, or one without."""


class CaseBook(Protocol):
    """Keeps the cases of chats, inside the transactions of turns."""

    def now(self, session: Session, chat: Chat) -> CaseNow | None:
        """The latest case of a chat whose row is locked; None when it never had one."""

    def settle(
        self, session: Session, chat: Chat, update: int, step: CaseStep | None, *, forget: bool
    ) -> bool:
        """What a turn means for the chat's case, before its messages are added; the chat's row
        is locked. ``forget``: its words are to go. Whether a counsellor holds the case now."""


@dataclass(frozen=True, slots=True)
class TakenTurn:
    """One update, and the chat it belongs to, held under ``token`` until finished or lapsed.

    ``length`` is the number of characters that arrived (``incoming.text`` may hold fewer);
    ``attempts`` counts this try too: above one, an earlier try ended without finishing.
    ``case`` is the chat's latest one.
    """

    token: str
    update: int
    chat: int
    incoming: Incoming
    length: int
    attempts: int
    consent: Consent
    context: dict[str, Any]
    case: CaseNow | None = None


@dataclass(frozen=True, slots=True)
class Effects:
    """All that a turn does, committed at once: what is said, and the chat's new state.

    ``forget`` deletes everything said in the chat up to this update, before ``messages`` are
    added. ``step`` is what is done with the chat's case. When a counsellor holds it the messages
    are dropped, unless they answer a command (``commanded``).
    """

    messages: Sequence[Outgoing]
    consent: Consent
    context: dict[str, Any]
    forget: bool = False
    step: CaseStep | None = None
    commanded: bool = False


class Turns:
    """The waiting updates as work. ``lease`` is how long a silent holder is waited for.

    Without a ``book`` there is no desk: no case is known and none is opened.
    """

    def __init__(
        self,
        database: Database,
        lease: timedelta = timedelta(seconds=20),
        book: CaseBook | None = None,
    ) -> None:
        self._database = database
        self.lease = lease
        self._book = book

    def take(self, channels: Collection[str]) -> TakenTurn | None:
        """The oldest waiting update of a chat nobody works on; None when there is none.

        Any number of processes may call this: a chat that another one just looks at is skipped.
        Raises StoreUnavailable.
        """
        return take_free(self._database, _FREE, channels, self._hold)

    def _hold(self, session: Session, chat: Chat) -> TakenTurn | None:
        """Take the first waiting update of a chat whose row is locked."""
        row = session.scalar(_OLDEST, {"chat": chat.id})
        if row is None:  # finished by another process between our look and our lock
            return None
        chat.turn_holder = token = uuid.uuid4().hex
        chat.turn_free_at = self._database.now() + self.lease
        row.attempts += 1
        said = session.execute(_SAID, {"update": row.id}).all()
        first = said[0] if said else None
        # Most chats never had a case: then the book is not asked.
        book = self._book if first is None or first.had_a_case else None
        return TakenTurn(
            token=token,
            update=row.id,
            chat=chat.id,
            incoming=Incoming(
                channel=chat.channel,
                chat_id=chat.chat_id,
                update_id=row.update_id,
                kind=UpdateKind(row.kind),
                text=first.text if first else "",
                choice=row.choice,
                files=tuple(as_incoming(each.File) for each in said if each.File is not None),
                remote_id=first.remote_id if first else None,
                album=first.album if first else None,
                sent_at=row.sent_at,
            ),
            length=row.length,
            attempts=row.attempts,
            consent=Consent(chat.consent),
            context=dict(chat.context),
            case=book.now(session, chat) if book else None,
        )

    def renew(self, tokens: Collection[str]) -> None:
        """Say that the holders of these turns are alive. Raises StoreUnavailable."""
        if not tokens:
            return
        with self._database.write() as session:
            session.execute(
                update(Chat)
                .where(Chat.turn_holder.in_(tokens))
                .values(turn_free_at=self._database.now() + self.lease)
            )

    def finish(self, taken: TakenTurn, effects: Effects) -> list[int]:
        """Commit a turn: messages, outbox, chat state, the update done, the chat free again.

        A turn that counted on a case which was closed meanwhile is put back instead: it would
        leave the person to a counsellor who is gone. Returns the ids of the messages. Raises
        ClaimLost when the chat was taken over meanwhile (nothing is written: the other holder
        does the turn), StoreUnavailable otherwise.
        """
        with self._finishing(taken, effects) as (_, _, ids):
            return ids

    def finish_and_take(
        self, taken: TakenTurn, effects: Effects, outbox: Outbox
    ) -> TakenParcels | None:
        """Like ``finish``, and take the chat's waiting messages to be sent in the same commit.

        None when someone else sends for the chat just now, or when nothing waits.
        """
        with self._finishing(taken, effects) as (session, chat, _):
            return outbox.take_of(session, chat)

    @contextmanager
    def _finishing(
        self, taken: TakenTurn, effects: Effects
    ) -> Iterator[tuple[Session, Chat, list[int]]]:
        with self._database.write() as session:
            chat = session.scalar(select(Chat).where(Chat.id == taken.chat).with_for_update())
            if chat is None or chat.turn_holder != taken.token:
                raise ClaimLost(f"turn {taken.update} was taken over by another process")
            if not effects.forget and self._case_closed_since(session, chat, taken):
                _put_back(session, chat, taken)
                yield session, chat, []
                return
            now = self._database.now()
            if effects.forget:
                forget_chat(session, chat, up_to=taken.update)
            held = self._book is not None and self._book.settle(
                session, chat, taken.update, effects.step, forget=effects.forget
            )
            messages = effects.messages if effects.commanded or not held else ()
            # What was not said is not remembered as said either.
            dropped = len(messages) < len(effects.messages)
            if chat.consent != effects.consent and not (
                dropped and effects.consent is Consent.ASKED
            ):
                chat.consent = effects.consent
                chat.consent_at = now
            if not dropped:
                chat.context = effects.context
            chat.turn_holder = chat.turn_free_at = None
            done = update(Update).where(Update.id == taken.update).values(finished_at=now)
            session.execute(done, execution_options=_ONLY_THERE)
            yield session, chat, _say(session, chat.id, taken.update, messages, now)
        if effects.forget:
            self._database.forget_traces()

    def release(self, taken: TakenTurn) -> None:
        """Put a turn back as if it had not been taken. Raises StoreUnavailable."""
        with self._database.write() as session:
            chat = session.scalar(select(Chat).where(Chat.id == taken.chat).with_for_update())
            if chat is not None and chat.turn_holder == taken.token:
                _put_back(session, chat, taken)

    def _case_closed_since(self, session: Session, chat: Chat, taken: TakenTurn) -> bool:
        if self._book is None or taken.case is None or not taken.case.active:
            return False
        case = self._book.now(session, chat)
        return case is None or not case.active


def _put_back(session: Session, chat: Chat, taken: TakenTurn) -> None:
    """Leave a turn as if it had not been taken; the chat's row is locked."""
    chat.turn_holder = chat.turn_free_at = None
    session.execute(
        update(Update).where(Update.id == taken.update).values(attempts=Update.attempts - 1),
        execution_options=_ONLY_THERE,
    )


def _say(
    session: Session, chat: int, inbox: int | None, outgoing: Sequence[Outgoing], now: datetime
) -> list[int]:
    """Add messages of the bot to the conversation and to the outbox; their ids, in order."""
    ids = []
    for each in outgoing:
        message = Message(
            chat=chat,
            inbox=inbox,
            author="bot",
            text=each.text,
            choices=[choice.model_dump() for choice in each.choices],
            passages=[passage.model_dump() for passage in each.passages],
            at=now,
        )
        session.add(message)
        session.flush()
        session.add(Parcel(message=message.id, chat=chat, created_at=now, attempts=0, uncertain=0))
        ids.append(message.id)
    return ids

"""Taking updates in: each one exactly once, committed before it is acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.channels.port import Incoming, IncomingFile, UpdateKind
from bot.consent import Consent
from bot.plain_text import clean, kept
from bot.store.database import Database
from bot.store.files import add_files, clean_media_type
from bot.store.models import CHOICE_LENGTH, KEY_LENGTH, Chat, File, Message, Update

_OFFERS_LOOKED_AT = 30
"""How many of the latest messages are searched for the words of a pressed choice."""
_WORDLESS = frozenset({UpdateKind.BLOCKED, UpdateKind.UNBLOCKED})


@dataclass(frozen=True, slots=True)
class _Held:
    """The wording of a message that an edit changes, with the files that came under its id."""

    message: int
    text: str
    files: frozenset[tuple[str, str, int | None]]

    def has(self, file: IncomingFile) -> bool:
        """Whether a file that came with the edit is known; sizes count where both are told."""
        return any(
            (kind, media_type) == (file.kind, clean_media_type(file.media_type))
            and (size is None or file.size is None or size == file.size)
            for kind, media_type, size in self.files
        )


class Inbox:
    """The entrance of the one-way route."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accept(self, incoming: Incoming) -> bool:
        """Commit one update; True when it is new, False when it was taken in before.

        Updates are recognised by a set of ids, not by the highest one: they may come in any
        order. What needs no turn (a block, an edit that changes nothing) is finished at once.
        Raises StoreUnavailable when nothing could be committed, ValueError when the ids
        are not usable (a fault of the channel).
        """
        _check_ids(incoming)
        with self._database.write() as session:
            chat = self._lock_chat(session, incoming)
            taken = select(Update.id).where(
                Update.chat == chat.id, Update.update_id == incoming.update_id
            )
            if session.scalar(taken) is not None:
                return False
            now = self._database.now()
            _mark_blocked(chat, incoming.kind, now)
            held = _held(session, chat.id, incoming)
            kind = incoming.kind
            if kind is UpdateKind.EDIT and held is None:
                kind = UpdateKind.MESSAGE  # of what it changes we know nothing
            files = _new_files(incoming, held)
            finished = kind in _WORDLESS or (
                held is not None and held.text == kept(incoming.text) and not files
            )
            update = Update(
                chat=chat.id,
                update_id=incoming.update_id,
                kind=kind,
                choice=clean(incoming.choice)[:CHOICE_LENGTH] if incoming.choice else None,
                length=len(incoming.text),
                sent_at=incoming.sent_at,
                received_at=now,
                attempts=0,
                finished_at=now if finished else None,
            )
            session.add(update)
            session.flush()
            if not finished:
                _add_message(session, update, incoming, held, files)
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


def _check_ids(incoming: Incoming) -> None:
    for name in ("channel", "chat_id", "update_id", "remote_id", "album"):
        value = getattr(incoming, name)
        if value is None:
            continue
        if not value or len(value) > KEY_LENGTH or clean(value) != value:
            raise ValueError(f"{name} must be 1 to {KEY_LENGTH} plain characters")


def _mark_blocked(chat: Chat, kind: UpdateKind, now: datetime) -> None:
    """Whether we may write: whoever writes to us, or says so, lets us write."""
    if kind is UpdateKind.BLOCKED:
        chat.blocked_at = chat.blocked_at or now
    elif chat.blocked_at is not None:
        chat.blocked_at = None


def _held(session: Session, chat: int, incoming: Incoming) -> _Held | None:
    """What an edit changes: the latest wording we hold under its id."""
    if incoming.kind is not UpdateKind.EDIT or incoming.remote_id is None:
        return None
    under_id = (
        Message.chat == chat,
        Message.remote_id == incoming.remote_id,
        Message.author == "worker",
    )
    wordings = select(Message.id, Message.text).where(*under_id).order_by(Message.id.desc())
    latest = session.execute(wordings.limit(1)).first()
    if latest is None:
        return None
    files = session.execute(
        select(File.kind, File.media_type, File.size)
        .join(Message, Message.id == File.message)
        .where(*under_id)
    )
    return _Held(latest.id, latest.text, frozenset((f.kind, f.media_type, f.size) for f in files))


def _new_files(incoming: Incoming, held: _Held | None) -> tuple[IncomingFile, ...]:
    """The files to be kept: an edit brings those of its message along once more."""
    if incoming.kind is UpdateKind.GROUP:
        return ()
    if held is None:
        return incoming.files
    return tuple(each for each in incoming.files if not held.has(each))


def _add_message(
    session: Session,
    update: Update,
    incoming: Incoming,
    held: _Held | None,
    files: tuple[IncomingFile, ...],
) -> None:
    """What the person said. Nothing is kept of what was said among others, in a group."""
    text = "" if incoming.kind is UpdateKind.GROUP else kept(incoming.text)
    message = Message(
        chat=update.chat,
        inbox=update.id,
        author="worker",
        text=text or _words_of(session, update.chat, update.choice),
        choices=[],
        passages=[],
        remote_id=incoming.remote_id,
        edits=held.message if held else None,
        album=incoming.album,
        at=update.received_at,
    )
    session.add(message)
    if files:
        session.flush()
        add_files(session, update.chat, message.id, files, update.received_at)


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

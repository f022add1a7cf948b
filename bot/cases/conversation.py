"""The messages of a case, with their files and what became of them on the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.shown import FileLine, Line
from bot.store.desk_models import Case, User
from bot.store.models import File, Message, Parcel


def lines(session: Session, case: Case, after: int, limit: int) -> list[Line]:
    """The case's messages after ``after``, oldest first; with 0 the latest ``limit``."""
    if case.since is None:  # its words were deleted
        return []
    said = (
        select(Message, User.shown, Parcel)
        .outerjoin(User, User.id == Message.user)
        .outerjoin(Parcel, Parcel.message == Message.id)
        .where(Message.chat == case.chat, Message.id >= case.since, Message.id > after)
        .order_by(Message.id if after else Message.id.desc())
        .limit(limit)
    )
    if case.closed_at is not None:
        said = said.where(Message.at <= case.closed_at)
    found = session.execute(said).all()
    files = _files(session, [message.id for message, _, _ in found])
    read = [
        Line(
            id=message.id,
            author=message.author,
            name=name,
            text=message.text,
            at=message.at,
            edits=message.edits,
            album=message.album,
            files=tuple(files[message.id]),
            citations=tuple(str(each["citation"]) for each in message.passages),
            choices=tuple(str(each["label"]) for each in message.choices),
            delivery=_delivery(message, parcel),
            delivery_reason=parcel.reason if parcel is not None else None,
        )
        for message, name, parcel in found
    ]
    return read if after else read[::-1]


def _delivery(message: Message, parcel: Parcel | None) -> str | None:
    if message.author == "worker" or parcel is None:
        return None
    return parcel.outcome if parcel.settled_at is not None else "waiting"


def _files(session: Session, messages: Collection[int]) -> defaultdict[int, list[FileLine]]:
    files: defaultdict[int, list[FileLine]] = defaultdict(list)
    for each in session.scalars(select(File).where(File.message.in_(messages)).order_by(File.id)):
        files[each.message].append(
            FileLine(
                id=each.id,
                kind=each.kind,
                name=each.name,
                media_type=each.media_type,
                size=each.size,
                status=each.status,
                reason=each.reason,
            )
        )
    return files

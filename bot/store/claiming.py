"""Taking one free chat among many, while other processes do the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot.store.database import Database
from bot.store.models import Chat

T = TypeVar("T")

_LOOKS = 5
_PAUSE = 0.02
"""Seconds until the next look, when the only free chats were locked for the moment."""


class FreeChats:
    """The chats with work that nobody holds, the longest waiting first, as statements made once.

    ``free_at`` is the moment from which a chat may be taken, ``waits`` selects the ids of its
    waiting rows. Making statements anew for every look costs more than the look itself.
    """

    def __init__(self, free_at: InstrumentedAttribute[datetime | None], waits: Select[int]) -> None:
        (row,) = waits.selected_columns
        first: ColumnElement[int] = waits.order_by(row).limit(1).scalar_subquery()
        free = (
            select(Chat)
            .where(
                Chat.channel.in_(bindparam("channels", expanding=True)),
                or_(free_at.is_(None), free_at <= bindparam("now")),
                waits.exists(),
            )
            .order_by(first)
            .limit(1)
        )
        self.look = free.with_only_columns(Chat.id)
        self.lock = free.with_for_update(skip_locked=True, of=Chat)


def take_free(
    database: Database,
    free: FreeChats,
    channels: Collection[str],
    hold: Callable[[Session, Chat], T | None],
) -> T | None:
    """Lock the first free chat of these channels and ``hold`` it; None when there is none.

    A chat whose row another transaction has locked is skipped. When that leaves none we look
    again: the lock is that of a commit under way, and nobody would wake us after it. None too
    right after the clock was set forward: whoever seems silent is only about to renew.
    """
    if not database.lapses():
        return None
    for _ in range(_LOOKS):
        given = {"channels": list(channels), "now": database.now()}
        with database.read() as session:
            # Without the write lock first: most looks find nothing to do.
            if session.scalar(free.look, given) is None:
                return None
        with database.write() as session:
            chat = session.scalar(free.lock, given)
            held = hold(session, chat) if chat is not None else None
            if held is not None:
                return held
        time.sleep(_PAUSE)
    return None

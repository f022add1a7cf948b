"""Taking one free chat among many, while other processes do the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session

from bot.store.database import Database
from bot.store.models import Chat

T = TypeVar("T")

_LOOKS = 5
_PAUSE = 0.02
"""Seconds until the next look, when the only free chats were locked for the moment."""


def take_free(
    database: Database,
    look: Callable[[], Select[Chat]],
    hold: Callable[[Session, Chat], T | None],
) -> T | None:
    """Lock the first chat that ``look`` finds and ``hold`` it; None when there is none.

    A chat whose row another transaction has locked is skipped. When that leaves none we look
    again: the lock is that of a commit under way, and nobody would wake us after it.
    """
    for _ in range(_LOOKS):
        with database.read() as session:
            # Without the write lock first: most looks find nothing to do.
            if session.scalar(look().limit(1).with_only_columns(Chat.id)) is None:
                return None
        with database.write() as session:
            locked = look().limit(1).with_for_update(skip_locked=True, of=Chat)
            chat = session.scalar(locked)
            held = hold(session, chat) if chat is not None else None
            if held is not None:
                return held
        time.sleep(_PAUSE)
    return None

"""Words counsellors use again and again, in the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.cases.staff import Staff
from bot.console.desk.audit import Action, entry
from bot.plain_text import clean, fold
from bot.store.database import Database
from bot.store.desk_models import SavedAnswer, User
from knowledge.cards import TOPICS

TITLE_LIMIT = 120
TEXT_LIMIT = 4_000
MOST = 500
"""Saved answers there may be: more is a library, not a list."""


class SavedRefused(Exception):
    """The saved answer was not changed. The message is Vietnamese and says why."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One of them. ``by`` is who changed it last, as people read the name."""

    id: int
    title: str
    text: str
    topic: str | None
    by: str | None
    changed_at: datetime


class SavedAnswers:
    """All calls go to the store; raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, words: str = "", topic: str | None = None) -> list[Saved]:
        """Those that have all the words (with or without marks); of ``topic`` first, by title."""
        wanted = fold(words).split()
        with self._database.read() as session:
            rows = session.execute(
                select(SavedAnswer, User.shown)
                .outerjoin(User, User.id == SavedAnswer.user)
                .order_by(SavedAnswer.id)
            ).all()
            found = [_saved(row, by) for row, by in rows]
        if wanted:
            found = [
                one
                for one in found
                if all(word in fold(f"{one.title} {one.text}") for word in wanted)
            ]
        return sorted(
            found, key=lambda one: (topic is None or one.topic != topic, fold(one.title), one.id)
        )

    def one(self, id: int) -> Saved:
        """Raises SavedRefused when it is gone."""
        with self._database.read() as session:
            row = session.execute(
                select(SavedAnswer, User.shown)
                .outerjoin(User, User.id == SavedAnswer.user)
                .where(SavedAnswer.id == id)
            ).one_or_none()
            if row is None:
                raise _gone()
            return _saved(row[0], row[1])

    def keep(self, by: Staff, title: str, text: str, topic: str, id: int | None = None) -> int:
        """Add one, or change the one with ``id``; its id. Raises SavedRefused."""
        title, text = " ".join(clean(title).split()), clean(text)
        if not title or len(title) > TITLE_LIMIT:
            raise SavedRefused(f"Tên câu mẫu cần từ 1 đến {TITLE_LIMIT} ký tự.")
        if not text or len(text) > TEXT_LIMIT:
            shown = f"{TEXT_LIMIT:,}".replace(",", ".")
            raise SavedRefused(f"Nội dung câu mẫu cần từ 1 đến {shown} ký tự.")
        if topic and topic not in TOPICS:
            raise SavedRefused("Chủ đề này không có trong danh sách. Bạn chọn lại nhé.")
        now = self._database.now()
        with self._database.write() as session:
            if id is None:
                if len(session.scalars(select(SavedAnswer.id).limit(MOST)).all()) >= MOST:
                    raise SavedRefused(f"Đã có {MOST} câu mẫu. Bạn xóa bớt câu không dùng trước.")
                row = SavedAnswer(title=title, text=text, changed_at=now)
                session.add(row)
            else:
                found = session.get(SavedAnswer, id)
                if found is None:
                    raise _gone()
                row = found
                row.title, row.text, row.changed_at = title, text, now
            row.topic, row.user = topic or None, by.id
            session.flush()
            done = "thêm" if id is None else "sửa"
            session.add(entry(now, by, Action.SAVED, f"câu mẫu {row.id}", f"{done}: {title}"))
            return row.id

    def drop(self, by: Staff, id: int) -> None:
        """Remove one; harmless when it is gone."""
        with self._database.write() as session:
            row = session.get(SavedAnswer, id)
            if row is None:
                return
            detail = f"xóa: {row.title}"
            session.delete(row)
            session.add(entry(self._database.now(), by, Action.SAVED, f"câu mẫu {id}", detail))


def _gone() -> SavedRefused:
    return SavedRefused("Câu mẫu này không còn nữa, có thể đồng nghiệp vừa xóa.")


def _saved(row: SavedAnswer, by: str | None) -> Saved:
    return Saved(row.id, row.title, row.text, row.topic, by, row.changed_at)

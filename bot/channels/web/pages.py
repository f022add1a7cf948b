"""The Vietnamese pages, rendered from templates; one template draws a message everywhere."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.channels.web.blocks import blocks
from bot.channels.web.sessions import Session
from bot.channels.web.shown import Shown
from bot.consent import Retention

STATIC = Path(__file__).parent / "static"

EXAMPLES = (
    "Công ty trả lương trễ thì tôi được gì?",
    "Xin nghỉ phải báo trước mấy ngày?",
    "Chủ nhật đi làm, lương tính ra sao?",
    "Đang mang bầu mà bị cho nghỉ việc, tôi làm gì được?",
)

# Vietnam keeps one zone and no summer time, so no zone database is needed.
_VIETNAM = timezone(timedelta(hours=7))
_PATIENCE = timedelta(minutes=2)
_ROUNDS = 20


class Pages:
    """Renders the pages. ``retention`` is how long a conversation is kept, as the page says."""

    def __init__(self, retention: Retention) -> None:
        self.version = _fingerprint(STATIC)
        self._templates = Environment(
            loader=PackageLoader("bot.channels.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["blocks"] = blocks
        self._templates.filters["clock"] = _clock
        self._templates.globals.update(
            static=f"/static/{self.version}",
            agreed_days=retention.agreed.days,
            undecided_hours=round(retention.undecided.total_seconds() / 3600),
        )
        self._message = self._templates.get_template("_message.html")

    def message(self, shown: Shown) -> str:
        """One message as a fragment, the same as it stands in the page."""
        return self._message.render(message=shown)

    def chat(
        self,
        session: Session,
        messages: Sequence[Shown],
        *,
        earlier: bool = False,
        past: bool = False,
        answering: bool = True,
        notice: str | None = None,
        draft: str = "",
        asked_after: int | None = None,
        round_: int = 0,
    ) -> str:
        """The conversation page.

        ``answering``: the machine is at work on what was said last.
        ``earlier`` offers the messages before the first one; ``past`` is a page of those, which
        is read and not written on. ``asked_after`` and ``round_`` serve a browser without
        script: the last id it had when it posted, and how often it has looked since.
        """
        waiting = not past and _waiting(messages, asked_after, answering)
        again = None
        if waiting and round_ < _ROUNDS:
            asked = messages[-1].id if asked_after is None and messages else asked_after or 0
            again = f"/?cho={asked}&lan={round_ + 1}#cuoi"
        return self._templates.get_template("chat.html").render(
            session=session,
            messages=messages,
            first_id=messages[0].id if messages else 0,
            last_id=messages[-1].id if messages else 0,
            earlier=earlier,
            past=past,
            notice=notice,
            draft=draft,
            waiting=waiting,
            again=again,
            nonce=secrets.token_hex(16),
            examples=EXAMPLES,
        )

    def about(self) -> str:
        """Who answers, what it rests on, what is kept."""
        return self._templates.get_template("about.html").render()

    def apology(self, message: str) -> str:
        """A page that only says what went wrong and offers the way back."""
        return self._templates.get_template("apology.html").render(message=message)


def _waiting(messages: Sequence[Shown], asked_after: int | None, answering: bool) -> bool:
    """Whether an answer is still on its way."""
    if not answering and messages and messages[-1].role == "worker":
        return False  # its turn is over: a counsellor will answer
    if asked_after is not None:
        return not any(m.role != "worker" and m.id > asked_after for m in messages)
    if not messages or messages[-1].role != "worker":
        return False
    return datetime.now(UTC) - messages[-1].at < _PATIENCE


def _clock(at: datetime) -> str:
    """The time of day in Vietnam, with the date unless it is today's."""
    here = at.astimezone(_VIETNAM)
    today = datetime.now(_VIETNAM).date()
    return f"{here:%H:%M}" if here.date() == today else f"{here:%H:%M, %d/%m/%Y}"


def _fingerprint(folder: Path) -> str:
    """A short name for what the static files are now, so that browsers may keep them for ever."""
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]

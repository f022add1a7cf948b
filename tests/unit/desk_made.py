"""A desk with people and chats, made for tests; the clock stands until it is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import select

from bot.cases.book import Book
from bot.cases.clock import Clock
from bot.cases.desk import Desk
from bot.cases.hours import ZONE, parse
from bot.cases.outlook import StoredOutlook
from bot.cases.promises import Promises
from bot.cases.reading import Reading
from bot.cases.staff import Staff
from bot.cases.states import Reason, Role, Urgency
from bot.cases.steps import CaseStep, OpenCase
from bot.channels.port import Incoming, Outgoing, UpdateKind
from bot.consent import Consent
from bot.store.database import Database
from bot.store.desk_models import Case, CaseEvent, User
from bot.store.inbox import Inbox
from bot.store.models import Chat, Message, Parcel
from bot.store.outbox import Outbox
from bot.store.turns import Effects, Turns

HOURS = parse("1-5 08:00-11:30,13:30-17:00")
MONDAY = datetime(2026, 10, 5, 9, tzinfo=ZONE).astimezone(UTC)
"""An ordinary working day, an hour after opening."""

MACHINE = "(máy trả lời)"
"""What the bot says to everything."""


def local(*parts: int) -> datetime:
    """A moment by the clock on the wall in Vietnam."""
    return datetime(*parts, tzinfo=ZONE).astimezone(UTC)  # type: ignore[arg-type, misc]


class MadeDesk:
    """Everything at once, over one store."""

    def __init__(self, database: Database, promises: Promises | None = None) -> None:
        self.database = database
        self.at = MONDAY
        database.now = lambda: self.at
        promises = promises or Promises()
        self.woken = 0
        self.desk = Desk(database, HOURS, promises, self._wake, {"zalo": 100})
        self.book = Book(HOURS, promises, database.now)
        self.clock = Clock(database, HOURS, promises, self._wake)
        self.reading = Reading(database)
        self.outlook = StoredOutlook(database, HOURS, promises)
        self.outbox = Outbox(database)
        self.turns = Turns(database, book=self.book)
        self._updates = count(1)
        self._names = count(1)

    def _wake(self) -> None:
        self.woken += 1

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.at += timedelta(**by)

    def staff(
        self, shown: str = "Lan", role: Role = Role.COUNSELLOR, *, signed_in: bool = True
    ) -> Staff:
        """Someone new at the desk."""
        user = User(
            name=f"user{next(self._names)}",
            shown=shown,
            role=role,
            password="-",
            must_change=False,
            active=True,
            failures=0,
            created_at=self.at,
            seen_at=self.at if signed_in else None,
        )
        with self.database.write() as session:
            session.add(user)
            session.flush()
            return Staff(id=user.id, name=user.name, shown=shown, role=role)

    def dismiss(self, staff: Staff) -> None:
        """Take someone off the desk."""
        with self.database.write() as session:
            session.get_one(User, staff.id).active = False

    def says(
        self,
        text: str = "em bị quỵt lương",
        step: CaseStep | None = None,
        *,
        chat: str = "an",
        channel: str = "web",
        kind: UpdateKind = UpdateKind.MESSAGE,
        forget: bool = False,
    ) -> bool:
        """A worker writes, and the turn comes to ``step``; whether the bot is silent then."""
        incoming = Incoming(
            channel=channel,
            chat_id=chat,
            update_id=f"u{next(self._updates)}",
            kind=kind,
            text=text,
            sent_at=self.at,
        )
        assert Inbox(self.database).accept(incoming)
        turn = self.turns.take([channel])
        if turn is None:  # it needs none
            return True
        effects = Effects(
            messages=[Outgoing(text=MACHINE)],
            consent=Consent.ASKED,
            context={},
            forget=forget,
            step=step,
        )
        return not self.turns.finish(turn, effects)

    def opened(
        self,
        urgency: Urgency = Urgency.NORMAL,
        chat: str = "an",
        channel: str = "web",
        question: str = "em bị quỵt lương",
    ) -> int:
        """A new case's id."""
        self.says(question, OpenCase(Reason.ASKED, urgency, question), chat=chat, channel=channel)
        with self.database.read() as session:
            newest = select(Case.id).order_by(Case.id.desc()).limit(1)
            return session.scalars(newest).one()

    def case(self, id: int) -> Case:
        """A case as it is stored."""
        with self.database.read() as session:
            found = session.get_one(Case, id)
            session.expunge(found)
            return found

    def events(self, id: int) -> list[str]:
        """What happened to a case, in order."""
        with self.database.read() as session:
            return list(
                session.scalars(
                    select(CaseEvent.kind).where(CaseEvent.case == id).order_by(CaseEvent.id)
                )
            )

    def heard(self, chat: str = "an") -> list[str]:
        """What the desk had the worker sent, in order; everything said has its parcel."""
        with self.database.read() as session:
            said = (
                select(Message.text)
                .join(Parcel, Parcel.message == Message.id)
                .join(Chat, Chat.id == Message.chat)
                .where(Chat.chat_id == chat, Message.author != "worker", Message.text != MACHINE)
                .order_by(Message.id)
            )
            return list(session.scalars(said))

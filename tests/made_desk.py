"""The counsellors' desk over a store made for tests: real routes, real cases, made workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace

import uvicorn
from sqlalchemy import select
from starlette.applications import Starlette

from bot.cases.staff import Staff
from bot.cases.states import Reason, Urgency
from bot.cases.steps import OpenCase
from bot.channels.port import FileKind, Incoming, IncomingFile, UpdateKind
from bot.console.desk.accounts import Accounts
from bot.console.desk.audit import Audit
from bot.console.desk.context import DeskContext
from bot.console.desk.logins import Logins
from bot.console.desk.routes import routes
from bot.store.database import Database
from bot.store.desk_models import Case
from bot.store.files import Files
from bot.store.inbox import Inbox
from bot.store.models import Message, Parcel
from knowledge.asking import Asking
from knowledge.clause import Ref
from tests.unit.desk_made import MadeDesk
from tests.unit.made_library import searcher

KEY = bytes(range(32))
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360f8cfc000000301010018dd8db00000000049454e44ae426082"
)


class DeskHouse(MadeDesk):
    """A desk with its pages. ``law`` False: no library is served."""

    def __init__(self, database: Database, *, law: bool = True) -> None:
        super().__init__(database)
        self.logins = Logins(database, KEY)
        self.audit = Audit(database)
        library = Asking(SimpleNamespace(searcher=searcher())) if law else None  # type: ignore[arg-type]
        self.context = DeskContext(
            database=database,
            accounts=Accounts(database),
            logins=self.logins,
            audit=self.audit,
            desk=self.desk,
            reading=self.reading,
            files=Files(database),
            library=library,
            address=None,
        )
        self.app = Starlette(routes=routes(self.context))

    def signed(self, staff: Staff) -> str:
        """The cookie of a browser at which someone has signed in."""
        return self.logins.open(staff)

    def asks(
        self,
        question: str,
        *,
        chat: str = "an",
        channel: str = "telegram",
        urgency: Urgency = Urgency.NORMAL,
        topic: str | None = "tien-luong",
        proposed: str = "Bạn được trả lương đúng hạn.",
        refs: Sequence[Ref] = (),
    ) -> int:
        """A worker asks for a person; the case's id."""
        step = OpenCase(
            Reason.ASKED,
            urgency,
            question,
            topic=topic,
            proposed=proposed,
            refs=tuple(refs),
            facts={"Tính đến ngày": "05/10/2026"},
        )
        self.says(question, step, chat=chat, channel=channel)
        with self.database.read() as session:
            return session.scalars(select(Case.id).order_by(Case.id.desc()).limit(1)).one()

    def sends(
        self,
        text: str = "",
        *files: IncomingFile,
        chat: str = "an",
        channel: str = "telegram",
        kind: UpdateKind = UpdateKind.MESSAGE,
        remote: str | None = None,
        album: str | None = None,
    ) -> None:
        """A worker writes with files, an album, or a changed wording; the turn says nothing."""
        incoming = Incoming(
            channel=channel,
            chat_id=chat,
            update_id=f"s{next(self._updates)}",
            kind=kind,
            text=text,
            files=files,
            remote_id=remote,
            album=album,
            sent_at=self.at,
        )
        assert Inbox(self.database).accept(incoming)
        self.hears(channel)

    def hears(self, channel: str = "telegram") -> None:
        """Have what came in taken into the case."""
        from bot.consent import Consent
        from bot.store.turns import Effects

        while (turn := self.turns.take([channel])) is not None:
            quiet = Effects(messages=[], consent=Consent.ASKED, context={})
            self.turns.finish(turn, quiet)

    def delivered(self, outcome: str = "sent", reason: str | None = None) -> None:
        """Settle all that waits to be sent."""
        with self.database.write() as session:
            for parcel in session.scalars(select(Parcel).where(Parcel.settled_at.is_(None))):
                parcel.settled_at, parcel.outcome, parcel.reason = self.at, outcome, reason

    def answers(self) -> list[str]:
        """What counsellors said, in order."""
        with self.database.read() as session:
            said = select(Message.text).where(Message.author == "counsellor")
            return list(session.scalars(said.order_by(Message.id)))


def picture(name: str = "anh.png", content: bytes = PNG, media: str = "image/png") -> IncomingFile:
    """A picture that came along with its message."""
    return IncomingFile(
        kind=FileKind.PHOTO, name=name, media_type=media, size=len(content), content=content
    )


@contextmanager
def serving(app: Starlette, port: int = 0) -> Iterator[str]:
    """Serve on localhost in a thread: the address."""
    config = uvicorn.Config(app, port=port, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the test server did not start")
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)

"""A group in memory that a board writes to, with the troubles groups have."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.cases.board import Board
from bot.channels.telegram.group import GroupError, Link, MessageGone, ThreadClosed, ThreadGone
from bot.store.leases import Leases
from tests.unit.desk_made import MadeDesk

GROUP = -100_77


@dataclass
class Said:
    """A message of the group, as it stands."""

    group: int
    text: str
    link: Link | None
    thread: int | None
    edits: int = 0


@dataclass
class MadeGroup:
    """Groups, told apart by nothing but their ids. ``fail`` raises in the next calls of a name."""

    forum: bool = False
    messages: dict[int, Said] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    faults: dict[str, deque[Exception]] = field(default_factory=dict)
    before_post: Callable[[str], None] = lambda text: None
    _grown: asyncio.Event = field(default_factory=asyncio.Event)

    def fail(self, name: str, *errors: Exception) -> None:
        self.faults.setdefault(name, deque()).extend(errors)

    def delete_topic(self, thread: int) -> None:
        self.topics[thread] = "gone"
        for id in [id for id, said in self.messages.items() if said.thread == thread]:
            del self.messages[id]

    @property
    def texts(self) -> list[str]:
        return [said.text for said in self.messages.values()]

    def count(self, name: str) -> int:
        return self.calls.count(name)

    async def until(self, count: int) -> None:
        """Wait for so many messages."""
        async with asyncio.timeout(20):
            while len(self.messages) < count:
                self._grown.clear()
                await self._grown.wait()

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.faults.get(name):
            raise self.faults[name].popleft()

    def _write_to(self, thread: int | None) -> None:
        if thread is None:
            return
        if self.topics.get(thread, "gone") == "gone":
            raise ThreadGone("Chủ đề đã bị xóa.")
        if self.topics[thread] == "closed":
            raise ThreadClosed("Chủ đề đã đóng.")

    async def post(
        self, group: int, text: str, link: Link | None = None, thread: int | None = None
    ) -> int:
        self.before_post(text)
        self._called("post")
        self._write_to(thread)
        id = len(self.calls)
        self.messages[id] = Said(group, text, link, thread)
        self._grown.set()
        return id

    async def edit(self, group: int, message: int, text: str, link: Link | None = None) -> None:
        self._called("edit")
        said = self.messages.get(message)
        if said is None:
            raise MessageGone("Tin đã bị xóa.")
        self._write_to(said.thread)
        assert (said.text, said.link) != (text, link), "an edit that changes nothing"
        said.text, said.link, said.edits = text, link, said.edits + 1

    async def is_forum(self, group: int) -> bool:
        self._called("is_forum")
        return self.forum

    async def create_topic(self, group: int, name: str) -> int:
        self._called("create_topic")
        thread = 1000 + len(self.topics)
        self.topics[thread] = "open"
        return thread

    async def reopen_topic(self, group: int, thread: int) -> None:
        self._called("reopen_topic")
        if self.topics[thread] == "gone":
            raise GroupError("TOPIC_ID_INVALID")
        self.topics[thread] = "open"


class MadeBoard:
    """A board of a made group over a made desk. ``time`` is the board's own clock, in seconds."""

    def __init__(self, made: MadeDesk, address: str = "https://tuvan.example.vn") -> None:
        self.made = made
        self.group = MadeGroup()
        self.address = address
        self.time = 0.0
        self.restart()
        assert Leases(made.database).hold(self.board.lease, "test", 1e6)

    def restart(self) -> None:
        """Let a new process take over."""
        self.board = Board(
            self.made.database, GROUP, self.group, self.address, clock=lambda: self.time
        )

    async def sync(self) -> float:
        return await self.board.sync()

    async def told_only(self) -> Said:
        """Sync, and the one message there is."""
        assert await self.sync() == 0.0
        (said,) = self.group.messages.values()
        return said

"""Tells a Telegram group of counsellors about cases: one message a case, kept true by edits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import structlog

from bot.cases.board_memory import Behind, BoardMemory, Place, Post
from bot.cases.board_words import Notice, notice
from bot.cases.reading import Reading
from bot.cases.states import CaseState
from bot.channels.telegram.group import (
    GroupError,
    GroupGone,
    GroupMoved,
    Link,
    MessageGone,
    NotAllowed,
    ThreadClosed,
    ThreadGone,
    TryLater,
)
from bot.store.database import Database

TOPIC = "Hồ sơ cần tư vấn"
_FIRST_WAIT = 5.0
_LONGEST_WAIT = 300.0
_SHUT_OUT_WAIT = 30.0
"""Seconds until the next look at a group that does not let us in."""
_IN_GENERAL = 600.0
"""Seconds for which General has to do before a topic is tried again."""

_log = structlog.get_logger(__name__)


class GroupPort(Protocol):
    """Writing to groups, no faster than may be; raises GroupError.

    Implemented by ``bot.channels.telegram.group.DeskGroup``.
    """

    async def post(
        self, group: int, text: str, link: Link | None = None, thread: int | None = None
    ) -> int:
        """Post a message; its id."""

    async def edit(self, group: int, message: int, text: str, link: Link | None = None) -> None:
        """Change a post."""

    async def is_forum(self, group: int) -> bool:
        """Whether the group has topics."""

    async def create_topic(self, group: int, name: str) -> int:
        """A new topic; its thread id."""

    async def reopen_topic(self, group: int, thread: int) -> None:
        """Open a closed topic again."""


class Board:
    """The notices of one group. Only who holds ``lease`` may work on it.

    ``home`` is the path of the case pages, ``address`` the public address before it. A kill between
    a post and its commit shows that one notice twice; none is ever lost. ``clock`` in seconds.
    """

    def __init__(
        self,
        database: Database,
        group: int,
        port: GroupPort,
        address: str,
        home: str = "/tu-van/ho-so",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._memory = BoardMemory(database, group)
        self._reading = Reading(database)
        self._port = port
        self._address = address
        self._home = home
        self._clock = clock
        self._in_general_until = 0.0
        self._refused: set[int] = set()
        self._told: dict[str, str] = {}
        self.lease = self._memory.lease

    async def sync(self) -> float:
        """Tell what the group does not know; seconds before which looking again is of no use.

        Raises StoreUnavailable; what the group does not take is tried again later.
        """
        # One at a time: what is urgent and comes in meanwhile goes before the rest.
        while (each := await asyncio.to_thread(self._memory.next)) is not None:
            try:
                await self._show(each)
            except TryLater as error:
                if error.retry_after is not None:
                    return error.retry_after
                await self._failed(each, error)
                return _FIRST_WAIT
            except GroupMoved as error:
                _log.warning("desk.group_moved", advice=f"{error} Hãy ghi số mới vào cài đặt.")
                self._in_general_until = 0.0
                await asyncio.to_thread(self._memory.moved, error.to)
                return 0.0
            except (GroupGone, NotAllowed, ThreadClosed, ThreadGone) as error:
                self._tell("desk.group_not_told", error)
                return _SHUT_OUT_WAIT
            except GroupError as error:
                self._tell("desk.case_not_told", error)
                self._refused.add(each.case)
                await self._failed(each, error)
            else:
                self._refused.discard(each.case)
                self._told.pop("desk.group_not_told", None)
        return 0.0

    async def _show(self, each: Behind) -> None:
        view = await asyncio.to_thread(self._reading.case, each.case)
        if view is None:
            return
        row, post = view.row, each.post
        # The likeliest reason for not taking a message is its button: once more without it.
        address = "" if each.case in self._refused else self._address
        wanted = notice(row, address, f"{self._home}/{row.id}")
        place = await asyncio.to_thread(self._memory.place)
        if post.message is not None and post.print != wanted.print:
            there = await self._edit(place, post.message, post.thread, wanted)
            post = Post(post.message, post.thread, wanted.print) if there else Post()
        if post.message is None and row.state is not CaseState.CLOSED:
            post = await self._post(place, wanted)
        await asyncio.to_thread(self._memory.shown, row.id, row.number, post)

    async def _edit(self, place: Place, message: int, thread: int | None, wanted: Notice) -> bool:
        """Change a post; False when it is gone or out of reach."""
        try:
            await self._port.edit(place.group, message, wanted.text, wanted.link)
        except (MessageGone, ThreadGone):
            return False
        except ThreadClosed:
            if thread is None:
                raise
            try:
                await self._port.reopen_topic(place.group, thread)
                await self._port.edit(place.group, message, wanted.text, wanted.link)
            except (NotAllowed, MessageGone, ThreadGone, ThreadClosed):
                return False
        return True

    async def _post(self, place: Place, wanted: Notice) -> Post:
        """Post, into the topic where there is one, whatever became of it."""
        thread = await self._topic(place)
        try:
            return await self._post_to(place, thread, wanted)
        except ThreadGone:
            if thread is None:
                raise
            await asyncio.to_thread(self._memory.lost_topic, Place(place.group, thread))
            return await self._post_to(place, await self._topic(Place(place.group)), wanted)
        except ThreadClosed:
            if thread is None:
                raise
        try:
            await self._port.reopen_topic(place.group, thread)
            return await self._post_to(place, thread, wanted)
        except (NotAllowed, ThreadClosed) as error:
            self._make_do_with_general(error)
            return await self._post_to(place, None, wanted)

    async def _post_to(self, place: Place, thread: int | None, wanted: Notice) -> Post:
        message = await self._port.post(place.group, wanted.text, wanted.link, thread)
        if thread is not None:
            self._told.pop("desk.group_without_topic", None)
        return Post(message, thread, wanted.print)

    async def _topic(self, place: Place) -> int | None:
        """The topic to post to, made if need be; None where General has to do."""
        if self._clock() < self._in_general_until:
            return None
        if place.thread is not None:
            return place.thread
        if not await self._port.is_forum(place.group):
            self._make_do_with_general(None)
            return None
        try:
            thread = await self._port.create_topic(place.group, TOPIC)
        except NotAllowed as error:
            self._make_do_with_general(error)
            return None
        await asyncio.to_thread(self._memory.settle, Place(place.group, thread))
        return thread

    def _make_do_with_general(self, error: GroupError | None) -> None:
        self._in_general_until = self._clock() + _IN_GENERAL
        if error is not None:
            self._tell("desk.group_without_topic", error)

    async def _failed(self, each: Behind, error: GroupError) -> None:
        wait = min(_FIRST_WAIT * 2 ** min(each.failures, 8), _LONGEST_WAIT)
        await asyncio.to_thread(self._memory.failed, each, str(error), timedelta(seconds=wait))

    def _tell(self, event: str, error: GroupError) -> None:
        """Say it once, until something else is the matter or it works again."""
        if self._told.get(event) != str(error):
            self._told[event] = str(error)
            _log.error(event, advice=str(error))

"""The one-way route: channel, inbox (committed), turn, outbox (committed), channel."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta

import structlog

from bot.channels.port import Channel, Incoming
from bot.consent import Retention
from bot.conversation.turn import Turn
from bot.fetching import FetchWorker
from bot.pump import Pump
from bot.sending import SendWorker
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.files import Files
from bot.store.forgetting import Keeper
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox
from bot.store.turns import CaseBook, Turns
from bot.turning import TurnWorker

_log = structlog.get_logger(__name__)

_SWEEP_EVERY = timedelta(minutes=5)
_RESTART_CHANNEL_AFTER = 5.0
_FILES_AT_ONCE = 4
"""Files held in memory at the same time while they are fetched."""


class Route:
    """Everything between the channels and the turn. Any number of processes may run one each.

    ``lease`` is how long a process that fell silent is waited for before another one takes its
    chats over; ``poll`` (seconds) how often work of other processes is looked for; ``threads``
    how many turns run at the same time. ``book`` keeps the cases; without one there is no desk.
    """

    def __init__(
        self,
        database: Database,
        channels: Sequence[Channel],
        turn: Turn,
        retention: Retention,
        *,
        book: CaseBook | None = None,
        threads: int = 2,
        lease: timedelta = timedelta(seconds=20),
        poll: float = 1.0,
    ) -> None:
        self._channels = {channel.name: channel for channel in channels}
        names = tuple(self._channels)
        self._inbox = Inbox(database)
        self._keeper = Keeper(database, retention)
        turns = Turns(database, lease, book)
        outbox = Outbox(database, lease)
        self._sender = SendWorker(outbox, self._channels)
        self._sending = Pump(
            "sending", lambda: outbox.take(names), self._sender.work, at_once=16, poll=poll
        )
        self._turner = TurnWorker(turn, turns, self._channels, threads, outbox, self._sending)
        # A few more than can run, so that a free thread finds its next turn already taken.
        self._turning = Pump(
            "turning", lambda: turns.take(names), self._turner.work, at_once=threads + 2, poll=poll
        )
        files = Files(database, lease)
        self._fetcher = FetchWorker(files, self._channels)
        self._fetching = Pump(
            "fetching",
            lambda: files.take(names),
            self._fetcher.work,
            at_once=_FILES_AT_ONCE,
            poll=poll,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._background: list[asyncio.Task[None]] = []

    async def accept(self, incoming: Incoming) -> bool:
        """Commit one update to the inbox; True when it is new.

        Raises StoreUnavailable: then the update is not taken and must not be acknowledged.
        """
        new = await asyncio.to_thread(self._inbox.accept, incoming)
        if new:
            self._turning.wake()
            if incoming.files:
                self._fetching.wake()
        return new

    def wake_sending(self) -> None:
        """Something was put into the outbox. To be called from any thread, at any time."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # closed: it is sent after the next start
                self._loop.call_soon_threadsafe(self._sending.wake)

    async def start(self) -> None:
        """Begin to take updates, do turns and send, inside the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._turner.start()
        self._sender.start()
        self._fetcher.start()
        self._turning.start()
        self._sending.start()
        self._fetching.start()
        self._background = [
            asyncio.create_task(self._listen(channel), name=f"channel-{name}")
            for name, channel in self._channels.items()
        ]
        self._background.append(asyncio.create_task(self._sweep(), name="sweep"))

    async def stop(self, grace: float = 10.0) -> None:
        """Take nothing more in, finish the turns begun, send what they said; then stop.

        What is not done within ``grace`` seconds stays in the store for the next start.
        """
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await asyncio.gather(self._turning.stop(grace), self._fetching.stop(grace))
        await self._sending.stop(grace, drain=True)
        self._turner.stop()
        self._sender.stop()
        self._fetcher.stop()

    async def _listen(self, channel: Channel) -> None:
        """Run one channel; one that breaks down is started again, and the others go on."""
        while True:
            try:
                await channel.run(self.accept)
                return
            except Exception:
                _log.exception("channel.broke_down", channel=channel.name)
            await asyncio.sleep(_RESTART_CHANNEL_AFTER)

    async def _sweep(self) -> None:
        while True:
            try:
                gone = await asyncio.to_thread(self._keeper.sweep)
                if gone:
                    _log.info("store.swept", messages=gone)
            except StoreUnavailable as error:
                _log.warning("store.not_swept", reason=str(error))
            except Exception:
                _log.exception("store.not_swept")
            await asyncio.sleep(_SWEEP_EVERY.total_seconds())

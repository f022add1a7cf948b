"""A Telegram channel with an inbox in memory, pointed at the stand-in."""

from __future__ import annotations

import asyncio
import contextlib

from bot.channels.port import Delivery, Incoming, Outgoing
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.config import TelegramConfig
from bot.channels.telegram.pacing import Pace
from bot.store.errors import StoreUnavailable
from bot.store.leases import Leases
from tests.contract.telegram_stand_in import TelegramStandIn

AN, BINH = 5_400_000_001, 5_400_000_002


class Unhurried(Pace):
    """Lets every message go at once: what a test counts is not time."""

    def take(self, chat: int) -> float:
        return 0.0


class Worker:
    """A channel with an inbox in memory that knows what it has seen."""

    def __init__(self, telegram: TelegramStandIn, leases: Leases, **config: str) -> None:
        self.config = TelegramConfig(
            config.pop("token", telegram.token),
            base_url=telegram.address,
            base_file_url=telegram.file_address,
            **config,  # type: ignore[arg-type]
        )
        self.channel = TelegramChannel(
            self.config, leases, pace=Unhurried(), timeout=2.0, poll_wait=5, pause=0.01
        )
        self.taken: list[Incoming] = []
        self.seen: set[str] = set()
        self.away = False
        self._task: asyncio.Task[None] | None = None

    async def accept(self, incoming: Incoming) -> bool:
        if self.away:
            raise StoreUnavailable("đĩa đầy")
        new = incoming.update_id not in self.seen
        if new:
            self.seen.add(incoming.update_id)
            self.taken.append(incoming)
        return new

    def start(self) -> asyncio.Task[None]:
        self._task = asyncio.create_task(self.channel.run(self.accept))
        return self._task

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self.channel.close()

    async def send(self, text: str, to: object = AN, id: int = 1, **more: object) -> str:
        message = Outgoing(text=text, **more)  # type: ignore[arg-type]
        return await self.channel.send(Delivery(id=id, chat_id=str(to), message=message))

"""A Zalo channel for tests: pointed at the stand-in, with an inbox in memory."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

from bot.channels.port import Accept, Delivery, Incoming, Outgoing
from bot.channels.zalo_bot.channel import ZaloBotChannel, ZaloBotSettings
from bot.channels.zalo_bot.polling import Pace
from bot.store.errors import StoreUnavailable
from tests.contract.zalo_stand_in import ZaloStandIn

SECRET = "mot-bi-mat-du-dai"
QUICK = Pace(poll=5, again=0.02, first=0.02, longest=0.05, quota=0.05, settled=0.05, parting=1)
T = TypeVar("T")


@asynccontextmanager
async def alone(_name: str) -> AsyncIterator[None]:
    yield


class Taken:
    """An inbox in memory: each (chat, update) once."""

    def __init__(self) -> None:
        self.all: list[Incoming] = []
        self.seen: set[tuple[str, str]] = set()
        self.away = 0

    async def __call__(self, incoming: Incoming) -> bool:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("đầy")
        key = (incoming.chat_id, incoming.update_id)
        if key in self.seen:
            return False
        self.seen.add(key)
        self.all.append(incoming)
        return True

    def texts(self) -> list[str]:
        return [incoming.text for incoming in self.all]


async def until(condition: Callable[[], T], seconds: float = 8.0) -> T:
    async with asyncio.timeout(seconds):
        while not (value := condition()):  # noqa: ASYNC110 - nothing tells when it is so
            await asyncio.sleep(0.005)
    return value


def channel(
    zalo: ZaloStandIn,
    *,
    token: str | None = None,
    secret: str = "",
    lead: Callable[[str], AbstractAsyncContextManager[None]] = alone,
    pace: Pace = QUICK,
) -> ZaloBotChannel:
    settings = ZaloBotSettings(
        token=token or zalo.token, base_url=zalo.address, webhook_secret=secret
    )
    return ZaloBotChannel(settings, lead, pace=pace)


@asynccontextmanager
async def running(made: ZaloBotChannel, accept: Accept) -> AsyncIterator[ZaloBotChannel]:
    task = asyncio.create_task(made.run(accept))
    try:
        yield made
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await made.close()


def delivery(chat: str, text: str, number: int = 1) -> Delivery:
    return Delivery(id=number, chat_id=chat, message=Outgoing(text=text))

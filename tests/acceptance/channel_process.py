"""A serving process behind one real channel, to be killed at any moment.

The channel, the inbox, the turn, the outbox and the sender are the house's own; made are only the
knowledge, which answers with the question, and the settings of a bench: short leases, so that what
a dead process held is soon taken over, and no pace, for a stand-in takes any number of messages a
second. With a secret updates come to a webhook, on a port that several processes may share.
The gauge tells whoever kills it what is under way.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot import leading as leading_module
from bot import logs
from bot.cases.book import Book
from bot.cases.hours import USUAL, parse
from bot.cases.promises import Promises
from bot.channels.port import Accept, Delivery, Incoming
from bot.channels.telegram import channel as telegram_module
from bot.channels.telegram import webhook
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.config import TelegramConfig
from bot.channels.telegram.pacing import Pace as TelegramPace
from bot.channels.zalo_bot.channel import ZaloBotChannel, ZaloBotSettings
from bot.channels.zalo_bot.polling import Pace as ZaloPace
from bot.consent import Retention
from bot.conversation.state import Remembered
from bot.conversation.turn import Turn
from bot.store.database import Database
from bot.store.leases import Leases
from bot.worker import Route
from knowledge.answer import Act, Answer, Citation
from knowledge.clause import Ref
from tests.bench.gauge import READY, RECEIVE, SEND, TURN, TURNS, Gauge

RealChannel = TelegramChannel | ZaloBotChannel


@dataclass(frozen=True, slots=True)
class Serving:
    """What a process is told. With a ``secret`` updates are posted to ``port``; ``lease`` in
    seconds, of chats and of the one who polls."""

    channel: str
    api: str
    token: str
    store: str
    gauge: Path
    log: Path
    secret: str = ""
    port: int = 0
    lease: float = 1.5


class MadeKnowledge:
    """Answers with the question, after a moment."""

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge

    def answer(
        self, question: str, as_of: date | None = None, previous: Remembered | None = None
    ) -> Answer:
        self._gauge.move(TURNS)
        with self._gauge.under_way(TURN):
            time.sleep(random.random() * 0.006)
            return Answer(act=Act.ANSWER, text=f"đáp {question}", as_of=date(2026, 10, 5))

    def leans(self, question: str, previous: object) -> bool:
        return False

    def questions(self, text: str) -> tuple[str, ...]:
        return (text,)

    def clause(self, ref: Ref, as_of: date) -> Citation | None:
        return None

    def sources(self) -> Sequence[str]:
        return ()


class Watched:
    """A channel that tells the gauge when it takes something in and when it sends."""

    def __init__(self, channel: RealChannel, gauge: Gauge) -> None:
        self.name = channel.name
        self.capabilities = channel.capabilities
        self._channel = channel
        self._gauge = gauge

    async def run(self, accept: Accept) -> None:
        async def watched(incoming: Incoming) -> bool:
            with self._gauge.under_way(RECEIVE):
                return await accept(incoming)

        await self._channel.run(watched)

    async def send(self, delivery: Delivery) -> str | None:
        with self._gauge.under_way(SEND):
            return await self._channel.send(delivery)

    async def fetch(self, remote: str, limit: int) -> bytes:
        return await self._channel.fetch(remote, limit)


def joined(given: Serving, leases: Leases) -> tuple[RealChannel, list[BaseRoute]]:
    """The channel, and what it serves."""
    lead = partial(leading_module.leading, seconds=given.lease, look_every=0.2)
    if given.channel == "zalo_bot":
        settings = ZaloBotSettings(given.token, given.api, given.secret)
        # Replayed events are many: they are asked for without a pause.
        zalo = ZaloBotChannel(settings, partial(lead, leases), pace=ZaloPace(again=0.002))
        return zalo, zalo.routes()
    telegram_module.leading = lead  # type: ignore[assignment]
    config = TelegramConfig(
        given.token,
        base_url=f"{given.api}/bot",
        base_file_url=f"{given.api}/file/bot",
        mode="webhook" if given.secret else "polling",
        webhook_address=f"http://127.0.0.1:{given.port}",
        webhook_secret=given.secret,
    )
    telegram = TelegramChannel(config, leases, pace=TelegramPace(in_all=100_000, gap=0.0))
    return telegram, webhook.routes(telegram) if given.secret else []


def application(given: Serving) -> Starlette:
    """The route behind the channel, and the channel's webhook if it has one."""
    gauge = Gauge(given.gauge)
    database = Database(given.store)
    channel, routes = joined(given, Leases(database))
    route = Route(
        database,
        [Watched(channel, gauge)],
        Turn(MadeKnowledge(gauge), days_kept=30, flood_messages=1_000_000),
        Retention(),
        book=Book(parse(USUAL), Promises(), database.now),
        lease=timedelta(seconds=given.lease),
        poll=0.2,
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await route.start()
        gauge.move(READY)
        try:
            yield
        finally:
            await route.stop()
            await channel.close()
            await asyncio.to_thread(database.close)

    return Starlette(routes=routes, lifespan=lifespan)


def shared_socket(port: int) -> socket.socket:
    """A port that other processes may listen on as well: the kernel shares posts out."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind(("127.0.0.1", port))
    return listening


def serve(given: Serving) -> None:
    """Serve until SIGTERM, with standard error at the end of the log."""
    log = os.open(given.log, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    os.dup2(log, 1)
    os.dup2(log, 2)
    logs.configure("WARNING", readable=False)
    config = uvicorn.Config(application(given), log_config=None, access_log=False, ws="none")
    uvicorn.Server(config).run(sockets=[shared_socket(given.port)])

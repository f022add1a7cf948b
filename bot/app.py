"""The composition root: settings to a running house."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from bot.asking import LibraryKnowledge
from bot.channels.web.channel import WebChannel
from bot.channels.web.routes import routes
from bot.channels.web.sessions import keep_key
from bot.channels.web.stored import StoredConversations
from bot.conversation.turn import Turn
from bot.settings import Settings
from bot.store import migrate
from bot.store.database import Database
from bot.worker import Route
from knowledge.asking import Asking
from knowledge.current import CurrentIndex


def asking(settings: Settings) -> Asking:
    """The door to the serving library."""
    index = CurrentIndex(settings.index, settings.models, threads=1)
    return Asking(index)


def application(settings: Settings, knowledge: Asking | None = None) -> Starlette:
    """The web application with everything behind it; the store is migrated on the way.

    Raises StoreUnavailable, NoIndex or IndexDamaged before anything is served.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    knowledge = knowledge or asking(settings)
    knowledge.sources()  # opens the index: what is wrong with it is said now, not to a worker
    migrate.upgrade(settings.database_url)
    database = Database(settings.database_url)
    retention = settings.retention
    turn = Turn(LibraryKnowledge(knowledge), days_kept=settings.keep_days)

    async def not_started(_incoming: object) -> bool:
        raise RuntimeError("the route has not been started")

    web = WebChannel(
        not_started,
        StoredConversations(database),
        key=keep_key(settings.data / "web.key"),
        retention=retention,
        address=settings.public_address or None,
    )
    route = Route(database, [web], turn, retention, threads=settings.turn_threads)
    web.accept = route.accept

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await route.start()
        try:
            yield
        finally:
            await route.stop()
            await asyncio.to_thread(database.close)

    return Starlette(routes=routes(web), lifespan=lifespan)

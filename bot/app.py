"""The composition root: settings to a running house."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette

from bot.asking import LibraryKnowledge
from bot.cases.board import Board
from bot.cases.board_watching import watch as watch_board
from bot.cases.book import Book
from bot.cases.clock import Clock
from bot.cases.desk import Desk
from bot.cases.outlook import StoredOutlook
from bot.cases.reading import Reading
from bot.cases.watching import watch as watch_clock
from bot.channels.web.channel import WebChannel
from bot.channels.web.routes import routes
from bot.channels.web.sessions import keep_key
from bot.channels.web.stored import StoredConversations
from bot.console.desk.accounts import Accounts
from bot.console.desk.audit import Audit
from bot.console.desk.context import DeskContext
from bot.console.desk.logins import Logins
from bot.console.desk.routes import routes as desk_routes
from bot.conversation.turn import Turn
from bot.joining import Joined, join
from bot.settings import Settings
from bot.store import migrate
from bot.store.database import Database
from bot.store.files import Files
from bot.store.leases import Leases
from bot.worker import Route
from knowledge.asking import Asking
from knowledge.current import CurrentIndex


def asking(settings: Settings) -> Asking:
    """The door to the serving library."""
    index = CurrentIndex(settings.index, settings.models, threads=settings.encoder_threads)
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
    leases = Leases(database)
    hours, promises = settings.opening_hours, settings.promises
    turn = Turn(
        LibraryKnowledge(knowledge),
        days_kept=settings.keep_days,
        desk=StoredOutlook(database, hours, promises),
    )
    key = keep_key(settings.data / "web.key")
    web = _web(settings, database, key)
    joined = join(settings, leases)
    channels = [web, *joined.channels]
    route = Route(
        database,
        channels,
        turn,
        settings.retention,
        book=Book(hours, promises, database.now),
        threads=settings.turn_threads,
    )
    web.accept = route.accept
    limits = {channel.name: channel.capabilities.max_text for channel in channels}
    desk = Desk(database, hours, promises, route.wake_sending, limits, settings.retention)
    context = _desk(settings, database, desk, knowledge, key)
    watches = [
        watch_clock(Clock(database, hours, promises, route.wake_sending), leases),
        *_group(settings, database, joined, leases),
    ]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await route.start()
        tasks = [asyncio.create_task(each) for each in watches]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await route.stop()
            await joined.close()
            await asyncio.to_thread(database.close)

    served = [*desk_routes(context), *joined.routes, *routes(web)]
    return Starlette(routes=served, lifespan=lifespan)


def _web(settings: Settings, database: Database, key: bytes) -> WebChannel:
    async def not_started(_incoming: object) -> bool:
        raise RuntimeError("the route has not been started")

    return WebChannel(
        not_started,
        StoredConversations(database),
        key=key,
        retention=settings.retention,
        address=settings.public_address or None,
    )


def _desk(
    settings: Settings, database: Database, desk: Desk, knowledge: Asking, key: bytes
) -> DeskContext:
    address = settings.public_address or None
    return DeskContext(
        database=database,
        accounts=Accounts(database),
        logins=Logins(database, key, address=address),
        audit=Audit(database),
        desk=desk,
        reading=Reading(database),
        files=Files(database),
        library=knowledge,
        address=address,
    )


def _group(
    settings: Settings, database: Database, joined: Joined, leases: Leases
) -> list[Coroutine[Any, Any, None]]:
    """What tells the counsellors' group, where there is one."""
    if settings.desk_telegram_group is None or joined.telegram is None:
        return []
    board = Board(
        database,
        settings.desk_telegram_group,
        joined.telegram.desk_group,
        settings.public_address,
    )
    return [watch_board(board, leases)]

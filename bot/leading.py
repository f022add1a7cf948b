"""Doing what only one process may do at a time, for as long as this one leads."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator

import structlog

from bot.pump import persist
from bot.store.errors import StoreUnavailable
from bot.store.leases import Leases

_log = structlog.get_logger(__name__)


class LeadershipLost(Exception):
    """The lease lapsed while the work went on; another process may have it now."""


@contextlib.asynccontextmanager
async def leading(
    leases: Leases, name: str, *, seconds: float = 15.0, look_every: float = 2.0
) -> AsyncIterator[None]:
    """Wait until this process has the lease ``name``, keep it during the block, then let it go.

    ``seconds`` is how long a silent holder is waited for; others look every ``look_every``.
    When the lease cannot be kept (taken over, or the store away for that long) the block is
    cancelled and LeadershipLost raised in its place: go round and lead again.
    """
    holder = uuid.uuid4().hex
    sure_until = await _wait(leases, name, holder, seconds, look_every)
    body = asyncio.current_task()
    assert body is not None  # noqa: S101 - narrows the type: we are inside a coroutine
    cancels = body.cancelling()
    lost = False

    async def keep() -> None:
        nonlocal lost
        await _keep(leases, name, holder, seconds, sure_until)
        lost = True
        body.cancel()

    keeper = asyncio.create_task(keep(), name=f"lead-{name}")
    try:
        yield
    except asyncio.CancelledError:
        # Ours, unless someone else wants the task to end as well.
        if lost and body.uncancel() <= cancels:
            raise LeadershipLost(name) from None
        raise
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        with contextlib.suppress(StoreUnavailable):  # then it lapses by itself
            await asyncio.to_thread(leases.release, name, holder)


async def _wait(leases: Leases, name: str, holder: str, seconds: float, look_every: float) -> float:
    """Return when the lease is held: until when (monotonic, seconds) it is surely ours."""
    told = False
    while True:
        asked = time.monotonic()
        if await persist(lambda: leases.hold(name, holder, seconds)):
            _log.info("lease.held", lease=name)
            return asked + seconds
        if not told:
            _log.info("lease.waited_for", lease=name)
            told = True
        await asyncio.sleep(look_every)


async def _keep(leases: Leases, name: str, holder: str, seconds: float, sure_until: float) -> None:
    """Renew the lease four times per term; return when it is no longer surely ours."""
    while True:
        await asyncio.sleep(min(seconds / 4, max(sure_until - time.monotonic(), 0.0)))
        asked = time.monotonic()
        try:
            # Bounded: a store that hangs must not let us believe that we still lead.
            async with asyncio.timeout(max(sure_until - asked, 0.0)):
                kept = await asyncio.to_thread(leases.renew, name, holder, seconds)
        except (StoreUnavailable, TimeoutError) as error:
            if time.monotonic() < sure_until:
                _log.warning("lease.not_renewed", lease=name, reason=str(error))
                continue
            kept = False
        if not kept:
            _log.warning("lease.lost", lease=name)
            return
        sure_until = asked + seconds

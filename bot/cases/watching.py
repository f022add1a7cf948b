"""Keeps the desk's clock going, in one of however many processes there are."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from bot.cases.clock import Clock
from bot.leading import LeadershipLost, leading
from bot.store.errors import StoreUnavailable
from bot.store.leases import Leases

LEASE = "desk-clock"

_log = structlog.get_logger(__name__)


async def watch(clock: Clock, leases: Leases, every: float = 10.0) -> None:
    """Tick every ``every`` seconds while this process leads; until cancelled."""
    while True:
        with contextlib.suppress(LeadershipLost):
            async with leading(leases, LEASE):
                while True:
                    await _tick(clock)
                    await asyncio.sleep(every)


async def _tick(clock: Clock) -> None:
    try:
        done = await asyncio.to_thread(clock.tick)
    except StoreUnavailable as error:
        _log.warning("desk.clock_waits", reason=str(error))
    except Exception as error:
        # Not the message: it may quote what a person wrote.
        _log.error("desk.clock_fault", kind=type(error).__name__)
    else:
        for each in done:
            _log.info("desk.clock", case=each.case, did=each.kind.value)

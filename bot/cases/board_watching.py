"""Keeps the counsellors' group told, in one of however many processes there are."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from bot.cases.board import Board
from bot.leading import LeadershipLost, leading
from bot.store.errors import StoreUnavailable
from bot.store.leases import Leases

_AFTER_FAULT = 5.0

_log = structlog.get_logger(__name__)


async def watch(board: Board, leases: Leases, every: float = 1.0) -> None:
    """Look every ``every`` seconds for what the group should know; until cancelled.

    Looking is cheap and needs nobody to call: a case may change in any process.
    """
    while True:
        with contextlib.suppress(LeadershipLost):
            async with leading(leases, board.lease):
                while True:
                    pause = await _sync(board)
                    await asyncio.sleep(max(every, pause))


async def _sync(board: Board) -> float:
    try:
        return await board.sync()
    except StoreUnavailable as error:
        _log.warning("desk.group_waits", reason=str(error))
    except Exception as error:
        # Not the message: it may carry an address with a secret in it.
        _log.error("desk.group_fault", kind=type(error).__name__)
    return _AFTER_FAULT

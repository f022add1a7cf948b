"""Asking the platform for news, one poll after another."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import structlog

from bot.channels.zalo_bot.client import ZaloBotClient
from bot.channels.zalo_bot.errors import (
    QuotaSpent,
    Rejected,
    TooOften,
    ZaloError,
)
from bot.channels.zalo_bot.intake import Intake
from bot.pump import patiently

_log = structlog.get_logger(__name__)

_TRIES = 3
"""How often an event that breaks something is tried before it is passed over."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: how long the platform is asked to wait for news, and our pauses.

    ``again``: least time from one poll without news to the next; the platform may hand the same
    events out at every poll, and then answers at once. ``first`` to ``longest``: after failures,
    doubling. ``quota``: after the first 429. ``settled``: after what only a person can mend.
    ``parting``: how long an event that was handed out is still worked on when we must stop.
    """

    poll: float = 30.0
    again: float = 1.0
    first: float = 1.0
    longest: float = 60.0
    quota: float = 30.0
    settled: float = 60.0
    parting: float = 5.0


class Poller:
    """Polls one bot's events into the inbox. There may be one per token, in the whole world."""

    def __init__(self, client: ZaloBotClient, intake: Intake, pace: Pace) -> None:
        self._client = client
        self._intake = intake
        self._pace = pace
        self._failures = 0
        self._told: type[ZaloError] | None = None

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            began = time.monotonic()
            try:
                await self.learn_account()
                events = await self._client.get_updates(self._pace.poll)
            except ZaloError as error:
                await asyncio.sleep(self._pause_after(error))
                continue
            self._went_well()
            news = False
            for event in events:
                news = await self._take(event) or news
            if not news:
                await asyncio.sleep(max(0.0, began + self._pace.again - time.monotonic()))

    async def learn_account(self) -> None:
        """Ask for the bot's id, once: it tells our own words from those of people."""
        if self._intake.bot_id is None:
            account = await self._client.get_me()
            self._intake.bot_id = account.id
            _log.info("zalo.joined", bot=account.name or account.id)

    async def learn_account_patiently(self) -> None:
        """The same, until the platform tells it."""
        while self._intake.bot_id is None:
            try:
                await self.learn_account()
            except ZaloError as error:
                await asyncio.sleep(self._pause_after(error))
        self._went_well()

    async def _take(self, event: dict[str, Any]) -> bool:
        """Commit an event, however long the store is away: nobody hands it out again."""
        commit = asyncio.create_task(self._commit(event))
        try:
            return await asyncio.shield(commit)
        except asyncio.CancelledError:
            await asyncio.wait([commit], timeout=self._pace.parting)
            if not commit.done():
                commit.cancel()
                _log.error("zalo.event_lost", reason="the store was away until we had to stop")
            raise

    async def _commit(self, event: dict[str, Any]) -> bool:
        for left in reversed(range(_TRIES)):
            try:
                async for attempt in patiently():
                    with attempt:
                        return await self._intake.take(event)
            except Exception as error:
                # Its words may quote a person. The stream must go on whatever one event holds.
                kind = type(error).__name__
                _log.error("zalo.event_not_taken", kind=kind, tries_left=left)
                await asyncio.sleep(self._pace.first if left else 0.0)
        return False

    def _pause_after(self, error: ZaloError) -> float:
        """Seconds to wait; says what is wrong, once until it changes."""
        pace = self._pace
        self._failures += 1
        doubled = 2.0 ** min(self._failures - 1, 16)
        if type(error) is not self._told:
            _log.warning("zalo.not_polled", reason=str(error))
        if error.uncertain:
            # The platform may have handed an event out with the answer that we never read.
            _log.warning("zalo.event_perhaps_lost", reason=str(error))
        self._told = type(error)
        if isinstance(error, QuotaSpent | TooOften):
            return min(pace.quota * doubled, max(pace.quota, 10 * pace.longest))
        if isinstance(error, Rejected):
            return pace.settled
        return min(pace.first * doubled, pace.longest)

    def _went_well(self) -> None:
        if self._failures:
            _log.info("zalo.polled_again", failures=self._failures)
        self._failures, self._told = 0, None

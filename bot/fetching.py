"""Fetches the files people sent, while the platform still hands them out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

import structlog

from bot.channels.port import Channel, FetchFailed, FetchRefused
from bot.pump import persist
from bot.store.files import FILE_LIMIT, Files, TakenFile
from bot.store.heartbeat import Heartbeat

_log = structlog.get_logger(__name__)

_TIMEOUT = 120.0
"""Seconds one file may take."""


class FetchWorker:
    """Brings files from their channels into the store."""

    def __init__(self, files: Files, channels: Mapping[str, Channel]) -> None:
        self._files = files
        self._channels = channels
        self._heartbeat = Heartbeat(files.renew, files.lease)

    def start(self) -> None:
        """Begin to keep leases alive."""
        self._heartbeat.start()

    def stop(self) -> None:
        """Stop keeping leases alive."""
        self._heartbeat.stop()

    async def work(self, taken: TakenFile) -> None:
        """Fetch one file and settle it; retries the storing as long as the store is away."""
        self._heartbeat.add(str(taken.id))
        try:
            settle = await self._fetch(taken)
        finally:
            # Before it is settled: a beat would move the moment of the next try.
            self._heartbeat.drop(str(taken.id))
        if await persist(settle):
            _log.warning("fetch.given_up", file=taken.id, channel=taken.channel)

    async def _fetch(self, taken: TakenFile) -> partial[bool] | partial[None]:
        """Fetch; what is to be done with the outcome."""
        try:
            async with asyncio.timeout(_TIMEOUT):
                content = await self._channels[taken.channel].fetch(taken.remote, FILE_LIMIT)
        except FetchRefused as error:
            _log.warning("fetch.refused", file=taken.id, channel=taken.channel, reason=str(error))
            return partial(self._files.refuse, taken.id, str(error))
        except (FetchFailed, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            _log.warning("fetch.failed", file=taken.id, channel=taken.channel, reason=reason)
            return partial(self._files.failed, taken.id, reason)
        except Exception as error:
            # A fault of the channel; its words may hold the file's address.
            kind = type(error).__name__
            _log.error("fetch.fault", file=taken.id, channel=taken.channel, kind=kind)
            return partial(self._files.failed, taken.id, kind)
        return partial(self._files.keep, taken.id, content)

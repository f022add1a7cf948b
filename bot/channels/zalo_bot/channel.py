"""The Zalo Bot Platform as a channel of the house."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import httpx
from starlette.routing import BaseRoute

from bot.channels.port import Accept, Capabilities, Delivery
from bot.channels.zalo_bot.client import BASE_URL, ZaloBotClient
from bot.channels.zalo_bot.intake import Intake
from bot.channels.zalo_bot.media import Media
from bot.channels.zalo_bot.polling import Pace, Poller
from bot.channels.zalo_bot.reading import CHANNEL
from bot.channels.zalo_bot.sending import MAX_TEXT, Sender
from bot.channels.zalo_bot.setup import SECRET_LENGTH
from bot.channels.zalo_bot.webhook import Webhook
from bot.leading import LeadershipLost

Lead = Callable[[str], AbstractAsyncContextManager[None]]
"""Waits until this process leads under a name; ``functools.partial(leading, leases)``."""


@dataclass(frozen=True, slots=True)
class ZaloBotSettings:
    """``webhook_secret`` set: events come by webhook; empty: they are polled."""

    token: str = field(repr=False)
    base_url: str = BASE_URL
    webhook_secret: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Raise ValueError (Vietnamese, for the admin) for what cannot work."""
        if not self.token.strip():
            raise ValueError("Mã của bot Zalo để trống. Hãy đặt ZALO_BOT_TOKEN.")
        least, most = SECRET_LENGTH
        if self.webhook_secret and not least <= len(self.webhook_secret) <= most:
            raise ValueError(f"Mã bí mật của webhook Zalo phải dài {least} đến {most} ký tự.")


class ZaloBotChannel:
    """Events in by polls or webhook, plain text out.

    ``lead`` makes sure that only one process polls a token: two would share its events out
    between them. Any number may take posts of the webhook. ``close`` after the last send.
    """

    name = CHANNEL
    capabilities = Capabilities(files=True, max_text=MAX_TEXT)

    def __init__(
        self,
        settings: ZaloBotSettings,
        lead: Lead,
        *,
        http: httpx.AsyncClient | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.client = ZaloBotClient(settings.token, settings.base_url, http)
        self._lead = lead
        self._lease = poller_name(settings.token)
        self._intake = Intake()
        self._poller = Poller(self.client, self._intake, pace or Pace())
        self._sender = Sender(self.client)
        self._media = Media(settings.base_url)
        secret = settings.webhook_secret
        self._webhook = Webhook(self._intake, secret) if secret else None

    def routes(self) -> list[BaseRoute]:
        """Where the platform posts events; nothing when they are polled."""
        return self._webhook.routes() if self._webhook else []

    async def run(self, accept: Accept) -> None:
        """Take updates in until cancelled."""
        self._intake.accept = accept
        if self._webhook is not None:
            await self._poller.learn_account_patiently()
            await asyncio.Event().wait()
        while True:
            with contextlib.suppress(LeadershipLost):
                async with self._lead(self._lease):
                    await self._poller.run()

    async def send(self, delivery: Delivery) -> str | None:
        """Put one message on the wire, in parts where it is long: the id of the first part.

        Choices are not shown: on a channel without buttons they stand in the text. Raises
        SendRefused or SendFailed.
        """
        return await self._sender.send(delivery)

    async def fetch(self, remote: str, limit: int) -> bytes:
        """A picture or recording; its address does not last. Raises FetchRefused, FetchFailed."""
        return await self._media.fetch(remote, limit)

    async def close(self) -> None:
        """Close all connections."""
        await self.client.close()
        await self._media.close()


def poller_name(token: str) -> str:
    """The lease under which a token is polled; tells nothing of the token."""
    return f"{CHANNEL}-poll-{hashlib.sha256(token.strip().encode()).hexdigest()[:20]}"

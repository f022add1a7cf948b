"""The web chat as a channel: requests bring updates in, open streams take messages out."""

from __future__ import annotations

import asyncio

from bot.channels.port import Accept, Capabilities, Delivery, FetchRefused
from bot.channels.web.allowance import Allowance
from bot.channels.web.listeners import Listeners
from bot.channels.web.pages import Pages
from bot.channels.web.sessions import Sessions
from bot.channels.web.shown import Conversations
from bot.consent import Retention


class WebChannel:
    """What the routes of the web chat work with.

    ``accept`` commits an update to the inbox, ``conversations`` reads what was said, ``key``
    makes chat ids from cookies (``keep_key``), ``retention`` is what the page
    promises and how long it remembers a browser. ``poll`` is how often, in seconds, an open stream
    looks by itself: a message sent by another process on the same store wakes nobody here.
    """

    name = "web"
    capabilities = Capabilities(buttons=True, folding=True, files=True, max_text=4000)

    def __init__(
        self,
        accept: Accept,
        conversations: Conversations,
        *,
        key: bytes,
        retention: Retention,
        address: str | None = None,
        allowance: Allowance | None = None,
        streams_per_chat: int = 8,
        poll: float = 5.0,
    ) -> None:
        self.accept = accept
        self.conversations = conversations
        self.sessions = Sessions(key, address=address, keep_days=retention.agreed.days)
        self.pages = Pages(retention)
        self.allowance = allowance or Allowance()
        self.listeners = Listeners(streams_per_chat)
        self.poll = poll

    async def run(self, accept: Accept) -> None:
        """Wait until cancelled: updates come in by the routes, there is nothing to fetch."""
        self.accept = accept
        await asyncio.Event().wait()

    async def send(self, delivery: Delivery) -> None:
        """Wake the open pages of the chat.

        The message is in the conversation already, committed with the turn, and every page reads
        from there: what a page misses now it gets when it comes back. So a delivery is done when
        the conversation has it, and this neither fails nor needs anyone to be listening.
        """
        self.listeners.wake(delivery.chat_id)

    async def fetch(self, remote: str, limit: int) -> bytes:
        """Files come along with their message: there is none to fetch."""
        raise FetchRefused("Trang web không nhận tệp.")

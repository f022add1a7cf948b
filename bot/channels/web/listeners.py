"""Who is listening to which chat in this process, and how they are woken."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class TooManyListeners(Exception):
    """The chat has as many open streams as one person can reasonably need."""


class Listeners:
    """The open event streams, by chat. Lives on one event loop."""

    def __init__(self, per_chat: int) -> None:
        self._per_chat = per_chat
        self._events: dict[str, set[asyncio.Event]] = {}

    @contextmanager
    def listen(self, chat_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the chat has something new. Raises TooManyListeners."""
        events = self._events.setdefault(chat_id, set())
        if len(events) >= self._per_chat:
            raise TooManyListeners(chat_id)
        event = asyncio.Event()
        events.add(event)
        try:
            yield event
        finally:
            events.discard(event)
            if not events:
                self._events.pop(chat_id, None)

    def full(self, chat_id: str) -> bool:
        """Whether one more stream of this chat would be refused."""
        return len(self._events.get(chat_id, ())) >= self._per_chat

    def wake(self, chat_id: str) -> None:
        """Have every open stream of the chat read the conversation now."""
        for event in self._events.get(chat_id, ()):
            event.set()

    def __len__(self) -> int:
        return sum(len(events) for events in self._events.values())

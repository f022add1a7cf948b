"""The event stream of one open page: everything after the last message it has, as it comes."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator

import anyio
import structlog
from sse_starlette import ServerSentEvent

from bot.channels.faults import describe
from bot.channels.web.channel import WebChannel
from bot.channels.web.shown import Shown

_BATCH = 100
_REOPEN_MS = 2000

# At DEBUG that library logs every chunk, that is what people wrote.
logging.getLogger("sse_starlette").setLevel(logging.INFO)
log = structlog.get_logger(__name__)


async def stream(
    channel: WebChannel, chat_id: str, after: int, closing: anyio.Event
) -> AsyncGenerator[ServerSentEvent, None]:
    """Events of one chat from the message after id ``after`` on, until ``closing`` is set.

    ``message`` carries one message, its id as the event id, so that the browser says on
    reconnecting where it was. ``kept`` comes before messages and says which id the conversation
    now begins with (null when nothing is left): what the page shows from before that was erased.
    ``answering`` says whether the machine is at work on what was said last: while a counsellor
    answers it is not. When the store cannot be read the stream ends, and the browser comes back
    by itself.
    """
    try:
        with channel.listeners.listen(chat_id) as news:
            yield await _kept(channel, chat_id)
            told: bool | None = None
            while not closing.is_set():
                news.clear()
                batch = await channel.conversations.history(chat_id, after, _BATCH)
                if batch:
                    yield await _kept(channel, chat_id)
                for shown in batch:
                    yield _message(channel, shown)
                    after = shown.id
                    told = None  # the page guesses anew after each message
                if len(batch) < _BATCH:
                    answering = await channel.conversations.answering(chat_id)
                    if answering is not told:
                        told = answering
                        yield ServerSentEvent(json.dumps(answering), event="answering")
                    await _pause(news, closing, channel.poll)
    except Exception as error:
        # The response has begun, no status can tell the page any more.
        log.error("web.stream_ended", fault=describe(error))


async def _kept(channel: WebChannel, chat_id: str) -> ServerSentEvent:
    first = await channel.conversations.history(chat_id, 0, 1)
    data = json.dumps({"from": first[0].id if first else None})
    return ServerSentEvent(data, event="kept", retry=_REOPEN_MS)


def _message(channel: WebChannel, shown: Shown) -> ServerSentEvent:
    data = json.dumps(
        {
            "id": shown.id,
            "role": shown.role,
            "update_id": shown.update_id,
            "html": channel.pages.message(shown),
        },
        ensure_ascii=False,
    )
    return ServerSentEvent(data, event="message", id=str(shown.id))


async def _pause(news: asyncio.Event, closing: anyio.Event, seconds: float) -> None:
    """Wait until either is set, at most so long."""
    with anyio.move_on_after(seconds):
        async with anyio.create_task_group() as group:

            async def either(event: asyncio.Event | anyio.Event) -> None:
                await event.wait()
                group.cancel_scope.cancel()

            group.start_soon(either, news)
            group.start_soon(either, closing)

"""The event stream of the web chat: what was missed, what comes, each in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator

import anyio
import httpx
import pytest
from sse_starlette import ServerSentEvent

from bot.channels.port import Choice, Outgoing
from bot.channels.web.channel import WebChannel
from bot.channels.web.listeners import TooManyListeners
from bot.channels.web.stream import stream as stream_until
from tests.web_stand_in import StandIn

CHAT = "w1"


def stream(channel: WebChannel, chat_id: str, after: int) -> AsyncGenerator[ServerSentEvent, None]:
    return stream_until(channel, chat_id, after, anyio.Event())


def fields(event: ServerSentEvent) -> tuple[str, dict[str, object], str | None]:
    lines = dict(
        line.split(": ", 1) for line in event.encode().decode().split("\r\n") if ": " in line
    )
    return lines["event"], json.loads(lines["data"]), lines.get("id")


async def some(events: AsyncIterator[ServerSentEvent], count: int) -> list[int | None]:
    """The ids of the next ``count`` messages; what else comes is passed over."""
    found: list[int | None] = []
    async with asyncio.timeout(5):
        while len(found) < count:
            kind, data, id_ = fields(await anext(events))
            if kind == "message":
                assert id_ == str(data["id"])
                found.append(int(id_))
    return found


async def test_a_page_gets_what_it_missed_and_then_what_comes() -> None:
    house = StandIn(poll=60)
    for number in range(5):
        house.conversations.add(CHAT, "bot", Outgoing(text=str(number)))
    events = stream(house.channel, CHAT, after=2)
    assert await some(events, 3) == [3, 4, 5]
    waiting = asyncio.create_task(some(events, 1))
    await asyncio.sleep(0)
    await house.say("somebody else", Outgoing(text="not for this page"))
    await house.say(CHAT, Outgoing(text="new"))
    assert await waiting == [7]
    await events.aclose()
    assert len(house.channel.listeners) == 0


async def test_more_than_one_batch_is_given_whole_and_in_order() -> None:
    house = StandIn(poll=60)
    for number in range(250):
        house.conversations.add(CHAT, "bot", Outgoing(text=str(number)))
    events = stream(house.channel, CHAT, after=0)
    assert await some(events, 250) == list(range(1, 251))
    await events.aclose()


async def test_a_message_sent_by_another_process_is_found_by_looking() -> None:
    house = StandIn(poll=0.01)
    events = stream(house.channel, CHAT, after=0)
    waiting = asyncio.create_task(some(events, 1))
    await asyncio.sleep(0.02)
    house.conversations.add(CHAT, "bot", Outgoing(text="nobody woke us"))
    assert await waiting == [1]
    await events.aclose()


async def test_a_message_carries_the_escaped_fragment_of_the_page() -> None:
    house = StandIn()
    said = Outgoing(text="<b>1</b>\n- một", choices=(Choice(id="c1", label="<i>Có</i>"),))
    house.conversations.add(CHAT, "worker", Outgoing(text="hỏi"), update_id="u-1")
    house.conversations.add(CHAT, "bot", said)
    events = stream(house.channel, CHAT, after=0)
    await anext(events)
    await anext(events)
    _, own, _ = fields(await anext(events))
    _, answer, _ = fields(await anext(events))
    await events.aclose()
    assert (own["role"], own["update_id"]) == ("worker", "u-1")
    assert (answer["role"], answer["update_id"]) == ("bot", None)
    html = str(answer["html"])
    assert "&lt;b&gt;1&lt;/b&gt;" in html
    assert "<li>một</li>" in html
    assert 'name="choice" value="c1">&lt;i&gt;Có&lt;/i&gt;</button>' in html


async def test_the_page_hears_that_a_conversation_was_erased() -> None:
    house = StandIn(poll=60)
    house.conversations.add(CHAT, "bot", Outgoing(text="old"))
    events = stream(house.channel, CHAT, after=1)
    assert fields(await anext(events))[:2] == ("kept", {"from": 1})
    assert fields(await anext(events))[:2] == ("answering", False)
    house.conversations.forget(CHAT)
    waiting = asyncio.create_task(anext(events))
    await asyncio.sleep(0)
    await house.say(CHAT, Outgoing(text="Đã xoá."))
    assert fields(await waiting)[:2] == ("kept", {"from": 2})
    assert await some(events, 1) == [2]
    await events.aclose()
    house.conversations.forget(CHAT)
    late = stream(house.channel, CHAT, after=2)
    assert fields(await anext(late))[:2] == ("kept", {"from": None})
    await late.aclose()


async def test_the_page_hears_whether_the_machine_is_at_work() -> None:
    house = StandIn(poll=0.01)
    house.conversations.add(CHAT, "worker", Outgoing(text="hỏi"), update_id="u-1")
    events = stream(house.channel, CHAT, after=0)
    said = [fields(await anext(events))[:2] for _ in range(4)][-1]
    assert said == ("answering", True)
    house.conversations.busy = False  # a counsellor has the case: the turn ended without a word
    assert fields(await anext(events))[:2] == ("answering", False)
    house.conversations.add(CHAT, "worker", Outgoing(text="thêm"), update_id="u-2")
    kinds = [fields(await anext(events))[0] for _ in range(3)]
    assert kinds == ["kept", "message", "answering"], "told again after each message"
    await events.aclose()


async def test_a_store_that_breaks_ends_the_stream_so_that_the_page_comes_back() -> None:
    house = StandIn(poll=0.01)
    events = stream(house.channel, CHAT, after=0)
    await anext(events)
    house.conversations.broken = True
    async with asyncio.timeout(5):
        assert [event async for event in events] == []
    assert len(house.channel.listeners) == 0


async def test_a_server_that_stops_ends_its_streams_at_once() -> None:
    house = StandIn(poll=60)
    closing = anyio.Event()
    events = stream_until(house.channel, CHAT, 0, closing)
    await anext(events)
    await anext(events)
    waiting = asyncio.create_task(anext(events, None))
    await asyncio.sleep(0.01)
    closing.set()
    async with asyncio.timeout(5):
        assert await waiting is None
    assert len(house.channel.listeners) == 0


async def test_a_chat_has_a_bounded_number_of_streams() -> None:
    listeners = StandIn().channel.listeners
    opened = [listeners.listen(CHAT) for _ in range(8)]
    for one in opened:
        one.__enter__()
    assert listeners.full(CHAT)
    assert not listeners.full("other")
    with pytest.raises(TooManyListeners), listeners.listen(CHAT):
        pass
    opened[0].__exit__(None, None, None)
    assert not listeners.full(CHAT)


async def test_a_browser_without_a_session_gets_no_stream() -> None:
    transport = httpx.ASGITransport(app=StandIn().app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hoi.test") as browser:
        assert (await browser.get("/chat/events")).status_code == 403


async def test_too_many_streams_are_told_to_wait() -> None:
    house = StandIn()
    transport = httpx.ASGITransport(app=house.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hoi.test") as browser:
        await browser.get("/")
        cookie = browser.cookies["caunoi"]
        chat = house.channel.sessions._session(cookie).chat_id
        opened = [house.channel.listeners.listen(chat) for _ in range(8)]
        for one in opened:
            one.__enter__()
        answer = await browser.get("/chat/events")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "15")

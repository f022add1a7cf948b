"""What open pages are told: changes, calls worth a sound, the end of the login."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import anyio
import pytest
from sse_starlette import ServerSentEvent

from bot.cases.staff import Staff
from bot.cases.states import Role, Urgency
from bot.console.desk import stream as streaming
from bot.console.desk.logins import SignedIn
from bot.console.desk.stream import STREAMS_PER_USER, Pulse, stream
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from tests.made_desk import DeskHouse

PATIENCE = 10


@pytest.fixture
def house(database: Database) -> DeskHouse:
    return DeskHouse(database, law=False)


class Listener:
    """One open page."""

    def __init__(self, house: DeskHouse, pulse: Pulse, staff: Staff) -> None:
        self.closing = anyio.Event()
        self.stands = True
        signed = SignedIn(staff, "key", "token", False)
        self.events: AsyncGenerator[ServerSentEvent, None] = stream(
            pulse, signed, self._lasts, house.database.now, self.closing
        )

    def _lasts(self) -> bool:
        return self.stands

    async def next(self) -> tuple[str, dict[str, Any]]:
        """The next event's name and what it carries."""
        event = await asyncio.wait_for(anext(self.events), PATIENCE)
        return str(event.event), json.loads(event.data)

    async def close(self) -> None:
        await self.events.aclose()


async def test_a_page_is_told_at_once_and_again_with_every_change(house: DeskHouse) -> None:
    lan = house.staff("Lan")
    page = Listener(house, Pulse(house.reading, every=0.02), lan)
    name, first = await page.next()
    assert (name, first["queued"], first["calls"]) == ("desk", 0, [])
    case = house.asks("em cần người", urgency=Urgency.URGENT)
    _, told = await page.next()
    assert (told["queued"], told["urgent"]) == (1, 1)
    assert [call["urgent"] for call in told["calls"]] == [True]
    assert told["mark"] != first["mark"]
    house.desk.take(case, lan)
    told = (await page.next())[1]
    while told["queued"]:
        told = (await page.next())[1]
    await page.close()


async def test_calls_keep_their_names_and_are_for_whom_they_concern(house: DeskHouse) -> None:
    lan, minh = house.staff("Lan"), house.staff("Minh")
    waiting = house.asks("chờ", chat="a")
    held = house.asks("của Lan", chat="b")
    house.desk.take(held, lan)
    house.desk.reply(held, lan, "Chào bạn", None)

    async def calls(staff: Staff) -> list[str]:
        page = Listener(house, Pulse(house.reading, every=0.02), staff)
        told = (await page.next())[1]
        await page.close()
        return [call["name"] for call in told["calls"]]

    first = await calls(lan)
    assert first == await calls(minh)
    assert len(first) == 1, "an answered case calls nobody"
    house.move(minutes=1)
    house.sends("alo", chat="b")
    house.sends("thêm", chat="a")
    assert (await calls(minh)) == first, "more words of one who waits are no second call"
    again = await calls(lan)
    assert len(again) == 2, "my worker wrote"
    house.desk.set_urgency(waiting, lan, Urgency.URGENT, "", None)
    assert (await calls(minh)) != first, "a case that became urgent calls again"


async def test_an_act_in_this_process_is_told_without_waiting_for_the_next_look(
    house: DeskHouse,
) -> None:
    pulse = Pulse(house.reading, every=60)
    page = Listener(house, pulse, house.staff("Lan"))
    await page.next()
    house.asks("em cần người")
    pulse.look()
    assert (await page.next())[1]["queued"] == 1
    await page.close()


async def test_a_login_that_ends_ends_the_stream(
    house: DeskHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "LOGIN_EVERY", 0.02)
    page = Listener(house, Pulse(house.reading, every=0.02), house.staff("Lan"))
    await page.next()
    page.stands = False
    assert (await page.next())[0] == "ended"
    with pytest.raises(StopAsyncIteration):
        await page.next()


async def test_a_role_taken_away_ends_the_stream(house: DeskHouse) -> None:
    from starlette.requests import Request

    lan = house.staff("Lan", Role.LEAD)
    cookie = house.signed(lan)
    headers = [(b"cookie", f"caunoi_tuvan={cookie}".encode())]
    signed = house.logins.recall(Request({"type": "http", "headers": headers}))
    assert signed is not None
    assert house.logins.lasts(signed)
    house.dismiss(lan)
    assert not house.logins.lasts(signed)


async def test_a_store_away_for_a_while_costs_a_page_nothing(
    house: DeskHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Listener(house, Pulse(house.reading, every=0.02), house.staff("Lan"))
    await page.next()
    away = True
    mark = house.reading.mark

    def unsure() -> str:
        if away:
            raise StoreUnavailable("away")
        return mark()

    monkeypatch.setattr(house.reading, "mark", unsure)
    house.asks("em cần người")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(task := asyncio.create_task(page.next())), 0.2)
    away = False
    assert (await asyncio.wait_for(task, PATIENCE))[1]["queued"] == 1
    await page.close()


async def test_many_pages_cost_one_look_each_time(
    house: DeskHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    mark = house.reading.mark

    def counted() -> str:
        nonlocal looks
        looks += 1
        return mark()

    monkeypatch.setattr(house.reading, "mark", counted)
    pulse = Pulse(house.reading, every=60)
    lan = house.staff("Lan")
    pages = [Listener(house, pulse, lan) for _ in range(STREAMS_PER_USER)]
    for page in pages:
        assert not pulse.full(lan.id)
        await page.next()
    assert looks == 1
    assert pulse.full(lan.id)
    for page in pages:
        await page.close()
    assert not pulse.full(lan.id)


async def test_closing_ends_a_stream_that_has_nothing_to_say(house: DeskHouse) -> None:
    page = Listener(house, Pulse(house.reading, every=0.02), house.staff("Lan"))
    await page.next()
    page.closing.set()
    with pytest.raises(StopAsyncIteration):
        await page.next()

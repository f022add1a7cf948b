"""Leading: one at a time, handed on at once, and ended when the lease cannot be kept."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator

import pytest

from bot.leading import LeadershipLost, leading
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.leases import Leases

QUICK = {"seconds": 0.6, "look_every": 0.02}


@pytest.fixture
def leases(database: Database) -> Iterator[Leases]:
    return Leases(database)


async def until(event: asyncio.Event) -> None:
    async with asyncio.timeout(20):
        await event.wait()


async def sleep_leading(leases: Leases) -> None:
    async with leading(leases, "poll", **QUICK):
        await asyncio.sleep(20)


async def test_the_next_one_leads_as_soon_as_the_first_lets_go(leases: Leases) -> None:
    order: list[str] = []
    first, done = asyncio.Event(), asyncio.Event()

    async def lead(who: str, wait: asyncio.Event) -> None:
        # A term far longer than the test: it is handed on, not waited out.
        async with leading(leases, "poll", seconds=60.0, look_every=0.02):
            order.append(f"{who} begins")
            first.set()
            await until(wait)
            order.append(f"{who} ends")

    one = asyncio.create_task(lead("một", done))
    await until(first)
    two = asyncio.create_task(lead("hai", done))
    await asyncio.sleep(0.1)
    assert order == ["một begins"]
    done.set()
    await asyncio.gather(one, two)
    assert order == ["một begins", "một ends", "hai begins", "hai ends"]


async def test_it_is_kept_for_longer_than_a_term(leases: Leases) -> None:
    async with leading(leases, "poll", seconds=1.5, look_every=0.02):
        for _ in range(20):
            await asyncio.sleep(0.1)
            assert not await asyncio.to_thread(leases.hold, "poll", "rival", 60)


async def test_the_work_ends_when_another_took_over(
    leases: Leases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "renew", lambda *_: False)
    ended = False

    async def lead() -> None:
        nonlocal ended
        async with leading(leases, "poll", **QUICK):
            try:
                await asyncio.sleep(20)
            finally:
                ended = True

    with pytest.raises(LeadershipLost):
        await lead()
    assert ended
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0, "the task itself goes on"
    await asyncio.sleep(0)


async def test_the_work_ends_when_the_store_stays_away_for_a_term(
    leases: Leases, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    def away(*_: object) -> bool:
        nonlocal tries
        tries += 1
        raise StoreUnavailable("đi vắng")

    monkeypatch.setattr(leases, "renew", away)
    with pytest.raises(LeadershipLost):
        await sleep_leading(leases)
    assert tries > 1, "one miss is not the end"


async def test_a_store_that_is_away_for_a_moment_ends_nothing(
    leases: Leases, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew = leases.renew
    answers: list[str] = []

    def shaky(name: str, holder: str, seconds: float) -> bool:
        answers.append("no" if not answers else "yes")
        if len(answers) == 1:
            raise StoreUnavailable("đi vắng")
        return renew(name, holder, seconds)

    monkeypatch.setattr(leases, "renew", shaky)
    async with leading(leases, "poll", seconds=2.0, look_every=0.02):
        async with asyncio.timeout(20):
            while len(answers) < 3:  # noqa: ASYNC110 - watches a plain list
                await asyncio.sleep(0.02)


async def test_a_store_that_hangs_does_not_let_us_believe_that_we_lead(
    leases: Leases, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang(*_: object) -> bool:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(20)
        return True

    monkeypatch.setattr(leases, "renew", hang)
    with pytest.raises(LeadershipLost):
        await sleep_leading(leases)
    release.set()


async def test_a_stop_from_outside_stays_a_stop_and_lets_go(leases: Leases) -> None:
    began = asyncio.Event()

    async def lead() -> None:
        async with leading(leases, "poll", seconds=60.0, look_every=0.02):
            began.set()
            await asyncio.sleep(20)

    task = asyncio.create_task(lead())
    await until(began)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(leases.hold, "poll", "next", 60)


async def test_faults_of_the_work_pass_through_and_let_go(leases: Leases) -> None:
    with pytest.raises(ZeroDivisionError):
        async with leading(leases, "poll", seconds=60.0):
            raise ZeroDivisionError
    assert await asyncio.to_thread(leases.hold, "poll", "next", 60)


async def test_it_waits_for_a_store_that_is_away(
    leases: Leases, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = leases.hold
    asked: list[Collection[object]] = []

    def away_once(name: str, holder: str, seconds: float) -> bool:
        asked.append((name, holder))
        if len(asked) == 1:
            raise StoreUnavailable("đi vắng")
        return hold(name, holder, seconds)

    monkeypatch.setattr(leases, "hold", away_once)
    async with leading(leases, "poll", **QUICK):
        assert len(asked) == 2

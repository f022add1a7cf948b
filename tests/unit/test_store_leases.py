"""Named leases: one holder at a time, lost by silence, never by another's late word."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.store.database import Database
from bot.store.desk_models import Lease
from bot.store.leases import Leases

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(database: Database) -> Clock:
    clock = Clock()
    database.now = clock
    return clock


def test_one_holds_until_it_lets_go(database: Database, clock: Clock) -> None:
    leases = Leases(database)
    assert leases.hold("poll", "a", 10)
    assert not leases.hold("poll", "b", 10)
    assert leases.hold("poll", "a", 10), "its own"
    assert leases.hold("clock", "b", 10), "another lease"
    leases.release("poll", "b")
    assert not leases.hold("poll", "b", 10), "nobody lets go for another"
    leases.release("poll", "a")
    assert leases.hold("poll", "b", 10)
    assert not leases.renew("poll", "a", 10)


def test_silence_loses_it_and_renewing_keeps_it(database: Database, clock: Clock) -> None:
    leases = Leases(database)
    leases.hold("poll", "a", 10)
    clock.move(9)
    assert leases.renew("poll", "a", 10)
    clock.move(9)
    assert not leases.hold("poll", "b", 10)
    clock.move(2)
    assert leases.hold("poll", "b", 10)
    assert not leases.renew("poll", "a", 10)
    leases.release("poll", "a")
    assert not leases.hold("poll", "c", 10)


def test_a_late_renewal_is_good_as_long_as_nobody_took_over(
    database: Database, clock: Clock
) -> None:
    leases = Leases(database)
    leases.hold("poll", "a", 10)
    clock.move(60)
    assert leases.renew("poll", "a", 10)
    assert not leases.hold("poll", "b", 10)
    assert not leases.renew("never held", "a", 10)


def test_what_the_next_holder_should_know_stays(database: Database, clock: Clock) -> None:
    leases = Leases(database)
    leases.hold("poll", "a", 10)
    with database.write() as session:
        row = session.get(Lease, "poll")
        assert row is not None
        row.data = {"offset": 7}
    leases.release("poll", "a")
    leases.hold("poll", "b", 10)
    with database.read() as session:
        assert session.scalar(select(Lease.data)) == {"offset": 7}


def test_of_many_at_once_one_gets_it(database: Database) -> None:
    leases = Leases(database)
    together = threading.Barrier(6)

    def grasp(who: int) -> bool:
        together.wait()
        return leases.hold("poll", str(who), 10)

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(grasp, range(6))) == [False] * 5 + [True]

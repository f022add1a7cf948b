"""No faster than Telegram allows, by a clock of our own."""

from __future__ import annotations

import pytest

from bot.channels.telegram.pacing import Pace, TooFast


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def sent_in(pace: Pace, clock: Clock, chats: list[int], seconds: float) -> int:
    """How many messages get through when every chat always has one to send."""
    count, end = 0, clock.now + seconds
    while clock.now < end:
        count += sum(1 for chat in chats if pace.take(chat) == 0.0)
        clock.now += 0.01
    return count


def test_one_a_second_to_a_chat(clock: Clock) -> None:
    pace = Pace(clock=clock)
    assert pace.take(1) == 0.0
    assert pace.take(1) == pytest.approx(1.0)
    assert pace.take(2) == 0.0
    clock.now += 0.4
    assert pace.take(1) == pytest.approx(0.6)
    clock.now += 0.6
    assert pace.take(1) == 0.0


def test_thirty_a_second_in_all(clock: Clock) -> None:
    assert 290 <= sent_in(Pace(clock=clock), clock, list(range(1, 101)), 9.99) <= 300


def test_twenty_a_minute_to_a_group(clock: Clock) -> None:
    pace = Pace(clock=clock)
    assert sent_in(pace, clock, [-100], 59.9) == 20
    assert sent_in(pace, clock, [-100], 60.0) == 20
    # A person is not held to it.
    assert sent_in(Pace(clock=clock), clock, [100], 59.9) > 50


def test_refused_tries_are_not_counted(clock: Clock) -> None:
    pace = Pace(clock=clock)
    pace.take(1)
    for _ in range(50):
        assert pace.take(1) > 0
    clock.now += 1.0
    assert pace.take(1) == 0.0


def test_the_second_begins_when_telegram_has_the_message(clock: Clock) -> None:
    pace = Pace(clock=clock)
    pace.take(1)
    clock.now += 0.7
    pace.answered(1)
    assert pace.take(1) == pytest.approx(1.0)
    pace.answered(2)  # never written to: nothing happens


async def test_nobody_waits_long(clock: Clock) -> None:
    pace = Pace(patience=5.0, clock=clock)
    for _ in range(20):
        await pace.turn(-100)
        clock.now += 1.0
    with pytest.raises(TooFast) as told:
        await pace.turn(-100)
    assert told.value.wait == pytest.approx(40.0)


def test_it_forgets_quiet_chats(clock: Clock) -> None:
    pace = Pace(clock=clock)
    for chat in range(1, 2_001):
        pace.take(chat)
        clock.now += 0.05
    pace.take(5_000)
    assert len(pace._chats) < 100

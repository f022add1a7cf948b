"""How many messages one session may post."""

from __future__ import annotations

from bot.channels.web.allowance import Allowance


class Clock:
    """A clock that stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_then_waits_then_passes_again() -> None:
    clock = Clock()
    allowance = Allowance(burst=3, per_second=0.5, clock=clock)
    assert [allowance.take("a") for _ in range(4)] == [0, 0, 0, 2]
    clock.now += 2
    assert [allowance.take("a") for _ in range(2)] == [0, 2]


def test_waiting_is_not_made_longer_by_trying() -> None:
    clock = Clock()
    allowance = Allowance(burst=1, per_second=1, clock=clock)
    allowance.take("a")
    for _ in range(10):
        clock.now += 0.09
        assert allowance.take("a") == 1
    clock.now += 0.11
    assert allowance.take("a") == 0


def test_sessions_do_not_share() -> None:
    allowance = Allowance(burst=1, clock=Clock())
    assert [allowance.take(name) for name in "aabb"] == [0, 1, 0, 1]


def test_memory_is_bounded_and_keeps_the_busy_ones() -> None:
    allowance = Allowance(burst=1, sessions=2, clock=Clock())
    for name in ("busy", "b", "busy", "c", "busy"):
        allowance.take(name)
    assert allowance.take("busy") == 1
    assert allowance.take("b") == 0

"""What time does: reminders, quiet holders, reserved cases, replies that failed, jumps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from desk_made import MadeDesk, local

from bot.cases.clock import Done
from bot.cases.states import CaseState, Happened, Result, Urgency
from bot.cases.steps import ReopenCase
from bot.cases.watching import watch
from bot.channels.port import UpdateKind
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.leases import Leases


@pytest.fixture
def made(database: Database) -> MadeDesk:
    return MadeDesk(database)


async def until(happened: Callable[[], bool]) -> None:
    """Wait for what other tasks do."""
    async with asyncio.timeout(20):
        while not happened():  # noqa: ASYNC110 - it happens in the store, without an event
            await asyncio.sleep(0.02)


def test_a_quiet_holder_is_reminded_then_loses_the_case(made: MadeDesk) -> None:
    lan, minh, case = made.staff("Lan"), made.staff("Minh"), made.opened(Urgency.SOON)
    made.desk.take(case, lan)
    told = len(made.heard())
    made.at = local(2026, 10, 5, 14, 59)
    assert made.clock.tick() == []
    made.at = local(2026, 10, 5, 15)
    assert made.clock.tick() == [Done(case, Happened.REMINDED)]
    assert made.clock.tick() == []
    assert made.case(case).state == CaseState.HELD
    made.at = local(2026, 10, 5, 16, 59)
    assert made.clock.tick() == []
    woken = made.woken
    made.at = local(2026, 10, 6, 8)  # two working hours later, with a night between
    assert made.clock.tick() == [Done(case, Happened.REQUEUED)]
    stored = made.case(case)
    assert (stored.state, stored.holder) == (CaseState.WAITING, None)
    assert len(made.heard()) == told + 1
    assert made.woken == woken + 1
    assert not made.says("còn ai không")
    made.desk.take(case, minh)
    # Who takes it over has a term of their own.
    assert made.case(case).due_at == local(2026, 10, 6, 13, 30) + timedelta(minutes=30)
    assert made.events(case) == ["opened", "taken", "reminded", "requeued", "added", "taken"]


def test_whoever_is_switched_off_leaves_no_case_behind(made: MadeDesk) -> None:
    lan, minh = made.staff("Lan"), made.staff("Minh")
    held, kept, other = made.opened(), made.opened(chat="b"), made.opened(chat="c")
    made.desk.take(held, lan)
    made.desk.take(kept, lan)
    made.desk.close(kept, lan, Result.ANSWERED, None, None)
    made.desk.reopen(kept, lan, "còn việc")
    made.desk.take(other, minh)
    assert made.case(kept).preferred == lan.id
    told = len(made.heard())
    made.dismiss(lan)
    assert made.clock.tick() == [Done(held, Happened.REQUEUED), Done(kept, Happened.REQUEUED)]
    assert made.clock.tick() == []
    assert made.case(held).state == CaseState.WAITING
    assert made.case(kept).preferred is None
    assert made.case(other).holder == minh.id
    assert len(made.heard()) == told + 1, "only who was being talked with hears of it"
    made.desk.take(held, minh)
    made.desk.take(kept, minh)


def test_an_answer_in_time_stops_the_clock(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened(Urgency.SOON)
    made.desk.take(case, lan)
    made.at = local(2026, 10, 5, 15)
    made.clock.tick()
    made.desk.reply(case, lan, "chào em", None)
    made.move(days=30)
    assert made.clock.tick() == []
    assert made.case(case).holder == lan.id


def test_the_next_answer_has_its_own_term(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened(Urgency.URGENT)
    made.desk.reply(case, lan, "chào em", 1)
    made.says("rồi sao ạ")
    made.move(minutes=20)
    assert made.clock.tick() == []
    made.at = local(2026, 10, 5, 15)
    assert made.clock.tick() == [Done(case, Happened.REMINDED)]
    made.at = local(2026, 10, 5, 16, 59)
    assert made.clock.tick() == []
    made.at = local(2026, 10, 6, 8)
    assert made.clock.tick() == [Done(case, Happened.REQUEUED)]


def test_the_queue_is_reminded_of_once_a_term_in_opening_hours(made: MadeDesk) -> None:
    case = made.opened(Urgency.SOON)
    made.at = local(2026, 10, 5, 15)
    assert made.clock.tick() == [Done(case, Happened.REMINDED)]
    assert made.clock.tick() == []
    made.at = local(2026, 10, 6, 9, 59)
    assert made.clock.tick() == []
    made.at = local(2026, 10, 6, 10)
    assert made.clock.tick() == [Done(case, Happened.REMINDED)]
    made.at = local(2026, 10, 6, 20)
    assert made.clock.tick() == []
    # However long nobody looked, it is one reminder.
    made.at = local(2026, 10, 20, 10)
    assert made.clock.tick() == [Done(case, Happened.REMINDED)]
    assert made.clock.tick() == []
    assert made.case(case).state == CaseState.OPEN


def test_urgent_is_reminded_of_even_after_closing_time_but_nobody_loses_it(
    made: MadeDesk,
) -> None:
    made.at = local(2026, 10, 5, 16, 55)
    lan, case = made.staff("Lan"), made.opened(Urgency.URGENT)
    made.desk.take(case, lan)
    made.at = local(2026, 10, 5, 17, 10)
    assert made.clock.tick() == [Done(case, Happened.REMINDED)]
    made.at = local(2026, 10, 5, 23)
    assert made.clock.tick() == []
    made.at = local(2026, 10, 6, 8, 8)
    assert made.clock.tick() == [Done(case, Happened.REQUEUED)]


def test_a_clock_that_jumps_takes_nothing_unwarned(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.desk.take(case, lan)
    made.move(days=365)
    made.at = local(2027, 10, 5, 9)
    assert made.clock.tick() == [Done(case, Happened.REMINDED)]
    assert made.clock.tick() == []
    made.at = local(2026, 10, 5, 10)  # and back again
    assert made.clock.tick() == []
    assert made.case(case).holder == lan.id
    made.desk.reply(case, lan, "chào em", None)
    assert made.case(case).due_at is None


def test_what_was_kept_for_one_is_offered_to_all(made: MadeDesk) -> None:
    lan, minh, case = made.staff("Lan"), made.staff("Minh"), made.opened()
    made.desk.take(case, lan)
    made.desk.close(case, lan, Result.ANSWERED, None, None)
    made.says("em hỏi tiếp", ReopenCase())
    told = made.heard()
    made.at = local(2026, 10, 5, 14, 59)
    assert made.clock.tick() == []
    assert made.reading.queue()[0].kept_for_name == "Lan"
    made.at = local(2026, 10, 5, 15)
    assert made.clock.tick() == [Done(case, Happened.REQUEUED)]
    assert made.clock.tick() == []
    assert made.reading.queue()[0].kept_for is None
    assert made.heard() == told
    made.desk.take(case, minh)


@pytest.mark.parametrize("outcome", ["refused", "given_up"])
def test_a_reply_that_failed_is_owed_again(made: MadeDesk, outcome: str) -> None:
    lan, case = made.staff("Lan"), made.opened()
    message = made.desk.reply(case, lan, "chào em", 1)
    before = made.reading.mark()
    made.outbox.settle(message, outcome, "kênh từ chối")
    assert made.reading.mark() != before
    assert made.clock.tick() == [Done(case, Happened.REMINDED)]
    assert made.clock.tick() == []
    assert made.case(case).due_at == local(2026, 10, 5, 15)
    line = made.reading.conversation(case)[-1]
    assert (line.delivery, line.delivery_reason) == (outcome, "kênh từ chối")
    made.move(seconds=1)
    made.desk.resend(case, lan, message)
    assert made.clock.tick() == []


def test_a_reply_that_may_have_arrived_is_for_the_counsellor_to_judge(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.outbox.settle(made.desk.reply(case, lan, "chào em", 1), "unknown", "mất kết nối")
    assert made.clock.tick() == []


def test_who_lets_nobody_write_is_owed_nothing(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    message = made.desk.reply(case, lan, "chào em", 1)
    before = made.reading.mark()
    made.says("", kind=UpdateKind.BLOCKED)
    assert made.reading.mark() != before
    assert made.reading.held()[0].blocked
    made.outbox.settle(message, "refused", "đã chặn")
    assert made.clock.tick() == []
    assert made.says("em đây")
    assert made.case(case).due_at is not None


def test_replies_that_arrived_are_no_news(made: MadeDesk) -> None:
    lan, case = made.staff("Lan"), made.opened()
    made.outbox.settle(made.desk.reply(case, lan, "chào em", 1))
    assert made.clock.tick() == []


class Counting:
    """A clock that counts its ticks and fails on those it is told to."""

    def __init__(self, **fails: Exception) -> None:
        self.ticks = 0
        self.fails = fails

    def tick(self) -> list[Done]:
        self.ticks += 1
        if error := self.fails.get(f"on_{self.ticks}"):
            raise error
        return []


def watching(made: MadeDesk, clock: Counting) -> asyncio.Task[None]:
    return asyncio.create_task(watch(clock, Leases(made.database), every=0.01))  # type: ignore[arg-type]


async def test_one_process_at_a_time_keeps_the_clock_going(made: MadeDesk) -> None:
    clocks = [Counting(), Counting()]
    watchers = [watching(made, clock) for clock in clocks]
    await until(lambda: max(clock.ticks for clock in clocks) >= 5)
    assert min(clock.ticks for clock in clocks) == 0
    for each in watchers:
        each.cancel()
    await asyncio.gather(*watchers, return_exceptions=True)
    assert all(each.cancelled() for each in watchers)


async def test_the_clock_goes_on_when_the_store_was_away(made: MadeDesk) -> None:
    clock = Counting(on_1=StoreUnavailable("đĩa đầy"), on_2=ValueError("lỗi lạ"))
    task = watching(made, clock)
    await until(lambda: clock.ticks >= 3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_two_clocks_at_once_remind_once(made: MadeDesk) -> None:
    case = made.opened(Urgency.SOON)
    made.at = local(2026, 10, 5, 15)
    # Both have seen that something is due before either has the case's row.
    assert made.clock._hurry(case) is Happened.REMINDED
    assert made.clock._hurry(case) is None
    assert made.events(case) == ["opened", "reminded"]

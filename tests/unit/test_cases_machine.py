"""Whatever workers, counsellors and time do in whatever order, a case stays in order."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from desk_made import MadeDesk
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import event, func, select

from bot.cases.errors import DeskRefused
from bot.cases.states import FOLLOWS, CaseState, Happened, Reason, Result, Role, Urgency
from bot.cases.steps import CancelCase, CaseStep, OpenCase, RaiseCase, ReopenCase
from bot.store.database import Database
from bot.store.desk_models import Case, CaseEvent
from bot.store.models import Message, Parcel

URGENCIES = st.sampled_from(list(Urgency))
STEPS: st.SearchStrategy[CaseStep | None] = st.one_of(
    st.none(),
    st.builds(OpenCase, st.just(Reason.ASKED), URGENCIES, st.sampled_from(["", "lương", "phạt"])),
    st.builds(RaiseCase, URGENCIES, st.just("gấp")),
    st.just(CancelCase()),
    st.just(ReopenCase()),
)
CHATS = st.sampled_from(["an", "bình"])
WHO = st.integers(0, 2)
WHICH = st.sampled_from([0, 0, 0, 1, 2])
# Sometimes the number that is stored, sometimes one seen earlier, sometimes none.
SEEN = st.sampled_from([None, 0, 1])
LEADS_TO = {
    Happened.OPENED: {CaseState.OPEN},
    Happened.TAKEN: {CaseState.HELD},
    Happened.HANDED: {CaseState.HELD},
    Happened.ANSWERED: {CaseState.HELD},
    Happened.RELEASED: {CaseState.WAITING},
    Happened.CANCELLED: {CaseState.CLOSED},
    Happened.CLOSED: {CaseState.CLOSED},
    Happened.FORGOTTEN: {CaseState.CLOSED},
    Happened.REOPENED: {CaseState.REOPENED},
    # A holder lost it, or what was kept for one is now for all.
    Happened.REQUEUED: {CaseState.WAITING, CaseState.REOPENED},
}


class Desks(RuleBasedStateMachine):
    """One desk with two workers and three at the desk, over a copy of ``template``."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "store.db"
        shutil.copy(self.template, path)
        self.database = Database(f"sqlite:///{path}")
        # Nothing here outlives the test: no need to wait for the disk.
        event.listen(
            self.database.engine,
            "connect",
            lambda connection, _: connection.execute("PRAGMA synchronous = OFF").close(),
        )
        self.made = MadeDesk(self.database)
        self.staff = [
            self.made.staff("Lan"),
            self.made.staff("Minh"),
            self.made.staff("Hà", Role.LEAD),
        ]
        self.states: dict[int, list[CaseState]] = {}
        self.numbers: dict[int, int] = {}
        self.events: dict[int, int] = {}
        self.made.opened()
        self.in_order()

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    def _acting(self, which: int, act: Callable[..., Any], seen: int | None, *given: Any) -> None:
        case = sorted(self.numbers)[-1 - which % len(self.numbers)]
        before = self.numbers[case]
        number = {} if seen is None else {"number": before - seen}
        try:
            act(case, *given, **number)
        except DeskRefused:
            assert self.made.case(case).number == before

    @rule(text=st.sampled_from(["lương", "ảnh"]), step=STEPS, chat=CHATS)
    def says(self, text: str, step: CaseStep | None, chat: str) -> None:
        silent = self.made.says(text, step, chat=chat)
        with self.database.read() as session:
            held = session.scalar(
                select(func.count()).select_from(Case).where(Case.state == CaseState.HELD)
            )
        assert held or not silent

    @rule(chat=CHATS)
    def forgets(self, chat: str) -> None:
        assert not self.made.says("/xoa", chat=chat, forget=True)

    @rule(which=WHICH, who=WHO, seen=SEEN)
    def takes(self, which: int, who: int, seen: int | None) -> None:
        self._acting(which, self.made.desk.take, seen, self.staff[who])

    @rule(which=WHICH, who=WHO)
    def replies(self, which: int, who: int) -> None:
        self._acting(which, self.made.desk.reply, None, self.staff[who], "chào em", None)

    @rule(which=WHICH, who=WHO)
    def notes(self, which: int, who: int) -> None:
        self._acting(which, self.made.desk.note, None, self.staff[who], "nhớ")

    @rule(which=WHICH, who=WHO)
    def releases(self, which: int, who: int) -> None:
        self._acting(which, self.made.desk.release, None, self.staff[who], "bận", None)

    @rule(which=WHICH, who=WHO, to=WHO)
    def hands(self, which: int, who: int, to: int) -> None:
        given = (self.staff[who], self.staff[to].id, "", None)
        self._acting(which, self.made.desk.hand_to, None, *given)

    @rule(which=WHICH, who=WHO, urgency=URGENCIES)
    def judges(self, which: int, who: int, urgency: Urgency) -> None:
        self._acting(which, self.made.desk.set_urgency, None, self.staff[who], urgency, "", None)

    @rule(which=WHICH, who=WHO, result=st.sampled_from(list(Result)))
    def closes(self, which: int, who: int, result: Result) -> None:
        self._acting(which, self.made.desk.close, None, self.staff[who], result, None, None)

    @rule(which=WHICH, who=WHO)
    def hands_back(self, which: int, who: int) -> None:
        self._acting(which, self.made.desk.hand_back, None, self.staff[who], None)

    @rule(which=WHICH, who=WHO)
    def reopens(self, which: int, who: int) -> None:
        self._acting(which, self.made.desk.reopen, None, self.staff[who], "quên")

    @rule(message=st.integers(1, 40), outcome=st.sampled_from(["sent", "refused", "unknown"]))
    def arrives(self, message: int, outcome: str) -> None:
        with self.database.write() as session:
            parcel = session.get(Parcel, message)
            if parcel is not None and parcel.settled_at is None:
                parcel.settled_at, parcel.outcome = self.made.at, outcome

    @rule(minutes=st.sampled_from([-600, 1, 20, 240, 600, 15_000]))
    def time_passes(self, minutes: int) -> None:
        self.made.move(minutes=minutes)

    @rule()
    def clock_ticks(self) -> None:
        self.made.clock.tick()
        assert self.made.clock.tick() == []

    @invariant()
    def in_order(self) -> None:
        with self.database.read() as session:
            cases = session.scalars(select(Case)).all()
            events: dict[int, list[str]] = {case.id: [] for case in cases}
            for case, kind in session.execute(
                select(CaseEvent.case, CaseEvent.kind).order_by(CaseEvent.id)
            ):
                events[case].append(kind)
            unsent = session.scalar(
                select(func.count())
                .select_from(Message)
                .where(
                    Message.author != "worker",
                    ~select(Parcel).where(Parcel.message == Message.id).exists(),
                )
            )
            session.expunge_all()
        assert unsent == 0
        active = [case.chat for case in cases if case.state != CaseState.CLOSED]
        assert len(active) == len(set(active))
        for case in cases:
            self._is_sound(case)
            assert case.number == len(events[case.id])
            self._moved_rightly(case, [Happened(kind) for kind in events[case.id]])

    def _is_sound(self, case: Case) -> None:
        state = CaseState(case.state)
        assert (case.holder is not None) or state is not CaseState.HELD
        assert (case.held_at is not None) is (state is CaseState.HELD)
        assert (case.closed_at is not None) is (state is CaseState.CLOSED)
        assert (case.result is not None) is (state is CaseState.CLOSED)
        if state.queued:
            assert case.holder is None
            assert case.due_at is not None
        else:
            assert case.preferred is None
        if state is CaseState.CLOSED:
            assert case.due_at is None
        assert (case.preferred is None) is (case.preferred_until is None)
        assert case.since is not None or state is CaseState.CLOSED

    def _moved_rightly(self, case: Case, events: list[Happened]) -> None:
        new = events[self.events.get(case.id, 0) :]
        before = self.states.setdefault(case.id, [])
        state = CaseState(case.state)
        assert self.numbers.get(case.id, 0) <= case.number
        moves = [LEADS_TO[kind] for kind in new if kind in LEADS_TO]
        path = [*before[-1:], *(next(iter(each)) for each in moves if len(each) == 1)]
        for earlier, later in pairwise(path):
            assert later in FOLLOWS[earlier] or later is earlier
        if before and state is not before[-1]:
            assert moves, "a state changed without an event"
        if moves:
            assert state in moves[-1]
        before.append(state)
        self.numbers[case.id], self.events[case.id] = case.number, len(events)


def test_no_order_of_doings_breaks_a_case(sqlite_template: Path) -> None:
    Desks.template = sqlite_template
    run_state_machine_as_test(
        Desks,
        settings=settings(
            max_examples=40,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_states_that_may_not_follow_are_a_fault(database: Database) -> None:
    made = MadeDesk(database)
    lan, case = made.staff(), made.opened()
    made.desk.take(case, lan)
    with (
        pytest.raises(ValueError, match="cannot follow"),
        made.desk._acting(case, lan) as (change, _),
    ):
        change.reopen(None)
    assert made.case(case).state == CaseState.HELD

"""What workers who wait are promised, and what that comes to on the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.cases.hours import OpeningHours
from bot.cases.states import Urgency
from bot.store.desk_models import Case


def _first() -> Mapping[Urgency, timedelta]:
    return {
        Urgency.URGENT: timedelta(minutes=15),
        Urgency.SOON: timedelta(hours=4),
        Urgency.NORMAL: timedelta(hours=8),
    }


@dataclass(frozen=True, slots=True)
class Promises:
    """Terms of the desk, in opening hours except for what is urgent.

    ``first``: until a case has its first answer; ``next``: until a held one has the next.
    ``quiet``: the share of a term after which a reminded holder loses the case.
    ``preferred_for``: how long a reopened case waits for who had it before.
    ``reopen_within``: days on the calendar in which a worker comes back to the same case.
    """

    first: Mapping[Urgency, timedelta] = field(default_factory=_first)
    next: timedelta = timedelta(hours=4)
    quiet: float = 0.5
    preferred_for: timedelta = timedelta(hours=4)
    reopen_within: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Promises counted in opening hours.

    An urgent case counts by the clock: from now while the desk is open (even past its closing
    time), from the next opening while it is closed.
    """

    hours: OpeningHours
    promises: Promises

    def first(self, urgency: Urgency, at: datetime, share: float = 1.0) -> datetime:
        """When ``share`` of the term of a first answer has passed since ``at``."""
        term = self.promises.first[urgency] * share
        if urgency is Urgency.URGENT:
            return self.hours.opens_at(at) + term
        return self.hours.after(at, term)

    def next(self, at: datetime, share: float = 1.0) -> datetime:
        """When ``share`` of the term of a next answer has passed since ``at``."""
        return self.hours.after(at, self.promises.next * share)

    def owed(self, case: Case, at: datetime, share: float = 1.0) -> datetime:
        """When ``share`` of the term for which its worker waits now has passed since ``at``."""
        if _first_owed(case):
            return self.first(Urgency(case.urgency), at, share)
        return self.next(at, share)

    def terms_since(self, case: Case, due: datetime, now: datetime) -> int:
        """How many whole terms of the case have passed since its deadline ``due``."""
        urgency = Urgency(case.urgency)
        if not _first_owed(case):
            return self.hours.between(due, now) // self.promises.next
        term = self.promises.first[urgency]
        if urgency is Urgency.URGENT:
            return max(now - self.hours.opens_at(due), timedelta()) // term
        return self.hours.between(due, now) // term

    def preferred_until(self, at: datetime) -> datetime:
        """How long a case that came back at ``at`` is kept for who had it before."""
        return self.hours.after(at, self.promises.preferred_for)


def _first_owed(case: Case) -> bool:
    """Whether nobody has answered since the case last began to wait."""
    return case.counsellor_at is None or case.counsellor_at < case.queued_at

"""The states of a case, what may follow what, and what can happen to one."""

from __future__ import annotations

from enum import StrEnum


class CaseState(StrEnum):
    """Where a case stands.

    OPEN, WAITING and REOPENED are in the queue: nobody has had it yet; someone had it and put it
    back; it was closed and the worker came back. HELD: a counsellor answers and the bot is silent.
    """

    OPEN = "open"
    WAITING = "waiting"
    HELD = "held"
    CLOSED = "closed"
    REOPENED = "reopened"

    @property
    def queued(self) -> bool:
        """Whether it waits for a counsellor."""
        return self in QUEUED


QUEUED = frozenset({CaseState.OPEN, CaseState.WAITING, CaseState.REOPENED})

FOLLOWS: dict[CaseState, frozenset[CaseState]] = {
    CaseState.OPEN: frozenset({CaseState.HELD, CaseState.CLOSED}),
    CaseState.WAITING: frozenset({CaseState.HELD, CaseState.CLOSED}),
    CaseState.REOPENED: frozenset({CaseState.HELD, CaseState.CLOSED}),
    CaseState.HELD: frozenset({CaseState.HELD, CaseState.WAITING, CaseState.CLOSED}),
    CaseState.CLOSED: frozenset({CaseState.REOPENED}),
}
"""Which state may follow which; HELD after HELD is a hand-over to a colleague."""


class Urgency(StrEnum):
    """How long a case may wait, the most dangerous first."""

    URGENT = "urgent"
    SOON = "soon"
    NORMAL = "normal"

    @property
    def rank(self) -> int:
        """0 is the most dangerous."""
        return list(Urgency).index(self)


class Reason(StrEnum):
    """Why a case was opened."""

    ASKED = "asked"
    URGENT = "urgent"
    WEAK = "weak"


class Happened(StrEnum):
    """What can happen to a case."""

    OPENED = "opened"
    ADDED = "added"
    TAKEN = "taken"
    ANSWERED = "answered"
    REFUSED = "refused"
    NOTED = "noted"
    HANDED = "handed"
    RELEASED = "released"
    REMINDED = "reminded"
    REQUEUED = "requeued"
    RAISED = "raised"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    REOPENED = "reopened"
    FORGOTTEN = "forgotten"


class Actor(StrEnum):
    """Who made it happen."""

    WORKER = "worker"
    BOT = "bot"
    CLOCK = "clock"
    USER = "user"


class Result(StrEnum):
    """With what a case was closed."""

    ANSWERED = "answered"
    REFERRED = "referred"
    HANDED_BACK = "handed_back"
    CANCELLED = "cancelled"
    UNREACHABLE = "unreachable"
    OUT_OF_SCOPE = "out_of_scope"


class Role(StrEnum):
    """What someone at the desk may do; each includes the ones before it."""

    COUNSELLOR = "counsellor"
    LEAD = "lead"
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        """Whether this role may do what ``other`` may."""
        return list(Role).index(self) >= list(Role).index(other)

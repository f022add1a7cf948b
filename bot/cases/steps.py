"""What a turn knows of its chat's case, and what it may ask to be done with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from bot.cases.states import CaseState, Reason, Result, Urgency
from knowledge.clause import Ref


@dataclass(frozen=True, slots=True)
class CaseNow:
    """The latest case of a chat: the one that is not closed, else the last that was.

    ``reopens``: it is closed, and a worker who comes back now gets this one again.
    """

    id: int
    state: CaseState
    urgency: Urgency
    due_at: datetime | None
    closed_at: datetime | None
    result: Result | None
    reopens: bool = False

    @property
    def active(self) -> bool:
        """Whether it is not closed."""
        return self.state is not CaseState.CLOSED

    @property
    def held(self) -> bool:
        """Whether a counsellor answers; then the bot is silent."""
        return self.state is CaseState.HELD


@dataclass(frozen=True, slots=True)
class Outlook:
    """What can be promised to a worker who waits, or would.

    ``staffed``: there is anyone at this desk at all. ``position`` counts from 1. ``opens_at`` is
    None while the desk is open. Times are aware, UTC.
    """

    staffed: bool
    position: int
    answer_by: datetime
    opens_at: datetime | None


class Waiting(Protocol):
    """Where a turn asks what it may promise. Reading only; raises StoreUnavailable."""

    def outlook(self, urgency: Urgency, case: int | None = None) -> Outlook:
        """For a case that waits already (``case``), or for one opened now."""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Put the chat before a counsellor. ``proposed`` is what the bot would answer."""

    reason: Reason
    urgency: Urgency
    question: str
    topic: str | None = None
    proposed: str = ""
    refs: tuple[Ref, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RaiseCase:
    """The waiting case turned out to be more urgent."""

    urgency: Urgency
    question: str


@dataclass(frozen=True, slots=True)
class CancelCase:
    """The worker no longer wants a counsellor."""


@dataclass(frozen=True, slots=True)
class ReopenCase:
    """The worker comes back to the case that was closed last."""


CaseStep: TypeAlias = OpenCase | RaiseCase | CancelCase | ReopenCase

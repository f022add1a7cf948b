"""What the desk's pages are given to show. No name, number or address of a worker is in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.cases.states import Actor, CaseState, Happened, Reason, Result, Urgency
from knowledge.clause import Ref


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case in a list. Times are aware, UTC; names are what people read of counsellors.

    ``question`` is the beginning of what was asked. ``overdue``: more was promised than was
    kept. ``waiting``: the worker wrote after the last word of a counsellor. ``kept_for`` names
    who may take it first, until ``kept_until``. ``blocked``: the worker lets nobody write.
    """

    id: int
    number: int
    channel: str
    state: CaseState
    urgency: Urgency
    reason: Reason
    topic: str | None
    question: str
    holder: int | None
    holder_name: str | None
    kept_for: int | None
    kept_for_name: str | None
    kept_until: datetime | None
    opened_at: datetime
    queued_at: datetime
    held_at: datetime | None
    due_at: datetime | None
    overdue: bool
    reminded: int
    worker_at: datetime | None
    counsellor_at: datetime | None
    waiting: bool
    closed_at: datetime | None
    result: Result | None
    blocked: bool


@dataclass(frozen=True, slots=True)
class EventLine:
    """One thing that happened to a case. ``name``: who of the desk did it; ``why`` in words.

    ``data`` by kind: TAKEN and HANDED ``to``; RAISED ``before`` and ``after``; ANSWERED
    ``messages`` (ids) and ``resent``; CLOSED ``result``; RELEASED and REQUEUED ``holder``;
    REMINDED ``times``; REFUSED ``message`` and ``outcome``. After a deletion it is empty.
    ``names`` has the names of the users in ``data``.
    """

    id: int
    kind: Happened
    actor: Actor
    name: str | None
    why: str
    data: dict[str, Any]
    at: datetime
    names: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case in full. ``question`` is all of it; ``forgotten``: its words were deleted."""

    row: CaseRow
    question: str
    proposed: str
    refs: tuple[Ref, ...]
    facts: dict[str, str]
    events: tuple[EventLine, ...]
    forgotten: bool


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file of a message; ``status`` is waiting, kept, refused (``reason`` says why) or bare."""

    id: int
    kind: str
    name: str
    media_type: str
    size: int | None
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the conversation. ``author`` is worker, bot or counsellor (then ``name``).

    ``edits`` is the id of the message whose wording it changes. ``citations`` are the clauses
    shown under it. ``delivery`` of what we said: waiting, sent, refused, unknown (it may have
    arrived) or given_up, with the channel's reason; None for what the worker said.
    """

    id: int
    author: str
    name: str | None
    text: str
    at: datetime
    edits: int | None
    album: str | None
    files: tuple[FileLine, ...]
    citations: tuple[str, ...]
    choices: tuple[str, ...]
    delivery: str | None
    delivery_reason: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """Part of what a search found, the newest first. ``page`` counts from 1."""

    rows: tuple[CaseRow, ...]
    page: int
    more: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases wait, how many of these are late, how many urgent."""

    queued: int
    overdue: int
    urgent: int

"""What must hold before the desk does something; else a DeskRefused says why not."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from bot.cases.changes import Change
from bot.cases.errors import (
    CaseClosed,
    ChangedMeanwhile,
    ChatBlocked,
    EmptyReply,
    HeldByAnother,
    KeptForAnother,
    NotYours,
    ReplyTooLong,
)
from bot.cases.hours import ZONE
from bot.cases.staff import Staff
from bot.cases.states import CaseState, Happened, Role
from bot.plain_text import clean
from bot.store.desk_models import CaseEvent, User

NOTE_LIMIT = 4_000
"""Characters of a note or a reason."""

ASIDE = frozenset({Happened.NOTED, Happened.REMINDED})
"""What a decision may have missed without being wrong."""
ADDED = ASIDE | {Happened.ADDED}
"""The same, where more words of the worker change nothing either."""


def not_kept(change: Change, user: User) -> None:
    """Refuse while a queued case is kept for another; a lead decides otherwise."""
    case = change.case
    kept = case.preferred not in {None, user.id} and not Role(user.role).includes(Role.LEAD)
    if kept and case.preferred_until is not None and change.now < case.preferred_until:
        raise KeptForAnother(
            _name(change, case.preferred), f"{case.preferred_until.astimezone(ZONE):%H:%M %d/%m}"
        )


def active(change: Change) -> None:
    """Refuse when the case is closed."""
    if change.state is CaseState.CLOSED:
        raise CaseClosed()


def not_of_another(change: Change, by: Staff) -> None:
    """Refuse while a colleague holds the case."""
    if change.state is CaseState.HELD and change.case.holder != by.id:
        raise HeldByAnother(_name(change, change.case.holder))


def held_by(change: Change, by: Staff, *, lead: bool = False) -> None:
    """Refuse unless the actor holds the case (with ``lead``: or may stand in for the holder)."""
    if change.state is not CaseState.HELD:
        raise NotYours()
    if not (lead and by.role.includes(Role.LEAD)):
        not_of_another(change, by)


def reachable(change: Change) -> None:
    """Refuse when the worker lets nobody write."""
    if change.chat.blocked_at is not None:
        raise ChatBlocked()


def unchanged(change: Change, number: int | None, aside: Collection[Happened]) -> None:
    """Refuse when more happened since ``number`` than what is beside the point."""
    if number is None or number == change.case.number:
        return
    missed = change.session.scalars(
        select(CaseEvent.kind)
        .where(CaseEvent.case == change.case.id)
        .order_by(CaseEvent.id.desc())
        .limit(max(change.case.number - number, 0))
    )
    if number > change.case.number or not all(Happened(kind) in aside for kind in missed):
        raise ChangedMeanwhile()


def _name(change: Change, user: int | None) -> str:
    found = change.session.get(User, user) if user is not None else None
    return found.shown if found is not None else "Đồng nghiệp"


def worded(text: str, limit: int) -> str:
    """The text, cleaned; refused when there is none, or more than ``limit`` characters."""
    words = clean(text)
    if not words:
        raise EmptyReply()
    if len(words) > limit:
        raise ReplyTooLong(limit)
    return words


def reason(why: str) -> str:
    """A reason, cleaned; it may be empty."""
    words = clean(why)
    if len(words) > NOTE_LIMIT:
        raise ReplyTooLong(NOTE_LIMIT)
    return words

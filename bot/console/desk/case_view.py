"""A case's messages as its page draws them: albums together, both wordings of an edit, ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cases.shown import CaseView, FileLine, Line
from bot.cases.states import CaseState, Happened, Role
from bot.console.desk.logins import SignedIn

FAILED = frozenset({"refused", "unknown", "given_up"})


@dataclass(frozen=True, slots=True)
class Bubble:
    """One or more messages drawn as one. ``id`` is that of the first.

    ``before`` is the wording that ``texts`` took the place of (``edit``), None when it is not
    among the messages shown. ``changed``: a later message changes this one. ``resend``: it did
    not arrive, and may be sent once more.
    """

    id: int
    author: str
    name: str | None
    at: datetime
    texts: tuple[str, ...]
    files: tuple[FileLine, ...]
    citations: tuple[str, ...]
    choices: tuple[str, ...]
    edit: bool
    before: str | None
    changed: bool
    delivery: str | None
    delivery_reason: str | None
    resend: bool


@dataclass(frozen=True, slots=True)
class May:
    """What the person who looks may do with a case as it is; the desk decides in the end."""

    take: bool
    reply: bool
    release: bool
    hand: bool
    weigh: bool
    close: bool
    hand_back: bool
    reopen: bool
    mine: bool


def may(view: CaseView, signed: SignedIn) -> May:
    """Of the actions, those that make sense for this person now."""
    row, staff = view.row, signed.staff
    lead = staff.role.includes(Role.LEAD)
    held = row.state is CaseState.HELD
    mine = held and row.holder == staff.id
    kept = row.state.queued and row.kept_for not in {None, staff.id} and not lead
    open_to = row.state.queued and not kept
    return May(
        take=open_to,
        reply=mine or open_to,
        release=mine or (held and lead),
        hand=mine or (lead and row.state is not CaseState.CLOSED),
        weigh=mine or row.state.queued or (held and lead),
        close=mine or open_to,
        hand_back=mine,
        reopen=row.state is CaseState.CLOSED and not view.forgotten,
        mine=mine,
    )


def bubbles(lines: Sequence[Line], view: CaseView, *, mine: bool) -> list[Bubble]:
    """The messages in order, those of one album joined."""
    said = {line.id: line.text for line in lines}
    latest = dict(said)
    changed = {line.edits for line in lines if line.edits is not None}
    again = {event.data.get("resent") for event in view.events if event.kind is Happened.ANSWERED}
    drawn: list[Bubble] = []
    groups: list[list[Line]] = []
    for line in lines:
        last = groups[-1][-1] if groups else None
        if last is not None and _together(last, line):
            groups[-1].append(line)
        else:
            groups.append([line])
    for group in groups:
        first = group[0]
        before = latest.get(first.edits) if first.edits is not None else None
        if first.edits is not None:
            # A message changed twice: each time against what stood there last.
            latest[first.edits] = first.text
        drawn.append(
            Bubble(
                id=first.id,
                author=first.author,
                name=first.name,
                at=first.at,
                texts=tuple(line.text for line in group if line.text),
                files=tuple(file for line in group for file in line.files),
                citations=first.citations,
                choices=first.choices,
                edit=first.edits is not None,
                before=before,
                changed=any(line.id in changed for line in group),
                delivery=first.delivery,
                delivery_reason=first.delivery_reason,
                resend=mine
                and first.author == "counsellor"
                and first.delivery in FAILED
                and first.id not in again,
            )
        )
    return drawn


def said_already(view: CaseView, lines: Sequence[Line], name: str, text: str, number: int) -> bool:
    """Whether the last answer since ``number`` is this very text, by the same person.

    Then a second press, or a page that never heard that the first one got through, asks for
    nothing new. A long answer became several messages: their words are compared.
    """
    missed = view.events[number:]
    answers = [event for event in missed if event.kind is Happened.ANSWERED]
    if not answers or answers[-1].name != name or "resent" in answers[-1].data:
        return False
    sent = answers[-1].data.get("messages") or []
    words = " ".join(line.text for line in lines if line.id in sent)
    return words.split() == text.split()


def _together(one: Line, other: Line) -> bool:
    return (
        one.album is not None
        and one.album == other.album
        and one.author == other.author
        and one.edits is None
        and other.edits is None
    )

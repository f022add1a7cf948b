"""The one way a case changes: a state that may follow, one event, a number one higher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import wording
from bot.cases.promises import Deadlines
from bot.cases.states import FOLLOWS, Actor, CaseState, Happened, Result, Urgency
from bot.channels.port import Choice
from bot.conversation.split import split
from bot.store.desk_models import Case, CaseEvent, User
from bot.store.models import Chat, Message, Parcel


@dataclass(slots=True)
class Change:
    """A case whose chat's row, and then whose own row, are locked in ``session``.

    ``number`` of a case always equals the number of its events. ``said`` are the messages that
    were put into the outbox. ``max_text``: characters a message of this chat may hold.
    """

    session: Session
    chat: Chat
    case: Case
    now: datetime
    deadlines: Deadlines
    actor: Actor
    user: int | None = None
    max_text: int = 2000
    said: list[int] = field(default_factory=list)

    @property
    def state(self) -> CaseState:
        """Where the case stands."""
        return CaseState(self.case.state)

    @property
    def urgency(self) -> Urgency:
        """How long it may wait."""
        return Urgency(self.case.urgency)

    def record(self, kind: Happened, why: str = "", data: Mapping[str, Any] | None = None) -> None:
        """Write down what happened, as the case's next number."""
        self.case.number += 1
        self.session.add(
            CaseEvent(
                case=self.case.id,
                kind=kind,
                actor=self.actor,
                user=self.user,
                why=why,
                data=dict(data or {}),
                at=self.now,
            )
        )
        self.session.flush()

    def give(self, user: User, kind: Happened, why: str = "") -> None:
        """Let someone hold the case; the worker hears of the first who does.

        A first answer that is late already is owed within a new term: who takes a case over is
        not late for what others left lying.
        """
        self._move(CaseState.HELD)
        case = self.case
        announced = self._announced()
        case.holder, case.held_at = user.id, self.now
        case.preferred = case.preferred_until = None
        if case.due_at is not None and case.due_at <= self.now:
            case.due_at, case.reminded = self.owed(self.now), 0
        self.record(kind, why, {"to": user.id})
        if not announced:
            self.say(wording.taken(user.shown))

    def queue(self, kind: Happened, words: str, why: str = "") -> None:
        """Put a held case back into the queue; what is owed stays owed."""
        self._move(CaseState.WAITING)
        case, before = self.case, self.case.holder
        case.holder = case.held_at = None
        case.queued_at = self.now
        if case.due_at is None:
            case.due_at, case.reminded = self.owed(self.now), 0
        self.record(kind, why, {"holder": before})
        self.say(words)

    def close(self, kind: Happened, result: Result, holder: int | None, why: str = "") -> None:
        """End the case. ``holder`` is who has it back when the worker returns."""
        self._move(CaseState.CLOSED)
        case = self.case
        case.holder, case.held_at = holder, None
        case.preferred = case.preferred_until = case.due_at = None
        case.reminded = 0
        case.closed_at, case.result = self.now, result
        self.record(kind, why, {"result": result})

    def reopen(self, preferred: int | None, why: str = "") -> None:
        """Put a closed case into the queue again, for a while kept for one counsellor.

        An urgent one is kept for nobody, nor for someone who is no longer at the desk.
        """
        self._move(CaseState.REOPENED)
        case = self.case
        user = self.session.get(User, preferred) if preferred is not None else None
        kept = user is not None and user.active and self.urgency is not Urgency.URGENT
        case.preferred = preferred if kept else None
        case.preferred_until = self.deadlines.preferred_until(self.now) if kept else None
        case.holder = case.closed_at = case.result = None
        case.queued_at = self.now
        case.due_at, case.reminded = self.owed(self.now), 0
        self.record(Happened.REOPENED, why)

    def set_urgency(self, urgency: Urgency, why: str = "") -> None:
        """Change how long the case may wait. A promise given is moved forward, never back."""
        before, self.case.urgency = self.urgency, urgency
        if urgency is Urgency.URGENT:
            self.case.preferred = self.case.preferred_until = None
        if self.case.due_at is not None:
            sooner = self.owed(self.now)
            if sooner < self.case.due_at:
                self.case.due_at, self.case.reminded = sooner, 0
        self.record(Happened.RAISED, why, {"before": before, "after": urgency})

    def owed(self, at: datetime, share: float = 1.0) -> datetime:
        """When ``share`` of the term that the worker waits now has passed since ``at``."""
        return self.deadlines.owed(self.case, at, share)

    def say(
        self,
        text: str,
        choices: Sequence[Choice] = (),
        author: str = "bot",
    ) -> None:
        """Put words into the conversation and the outbox, in as many messages as they need."""
        parts = split(text, self.max_text)
        for part in parts:
            message = Message(
                chat=self.chat.id,
                inbox=None,
                author=author,
                user=self.user if author == "counsellor" else None,
                text=part,
                choices=[each.model_dump() for each in choices] if part is parts[-1] else [],
                passages=[],
                at=self.now,
            )
            self.session.add(message)
            self.session.flush()
            self.session.add(
                Parcel(
                    message=message.id,
                    chat=self.chat.id,
                    created_at=self.now,
                    attempts=0,
                    uncertain=0,
                )
            )
            self.said.append(message.id)

    def _announced(self) -> bool:
        """Whether the worker knows that a counsellor is there, since the case last waited."""
        latest = self.session.scalar(
            select(CaseEvent.kind)
            .where(
                CaseEvent.case == self.case.id,
                CaseEvent.kind.in_(
                    (
                        Happened.TAKEN,
                        Happened.HANDED,
                        Happened.OPENED,
                        Happened.REOPENED,
                        Happened.RELEASED,
                        Happened.REQUEUED,
                    )
                ),
            )
            .order_by(CaseEvent.id.desc())
            .limit(1)
        )
        return latest in {Happened.TAKEN, Happened.HANDED}

    def _move(self, to: CaseState) -> None:
        if to not in FOLLOWS[self.state]:
            raise ValueError(f"case {self.case.id}: {to} cannot follow {self.state}")
        self.case.state = to


def lock_chat(session: Session, chat: int) -> Chat | None:
    """A chat's row, locked; always before the rows of its cases."""
    return session.scalar(
        select(Chat)
        .where(Chat.id == chat)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def lock_case(session: Session, case: int) -> Case | None:
    """A case's row as it is now, locked. Its chat's row must be locked already."""
    return session.scalar(
        select(Case)
        .where(Case.id == case)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def lock_both(session: Session, case: int) -> tuple[Chat, Case] | None:
    """The rows of a case's chat and of the case, locked in that order; None when it is gone."""
    chat_id = session.scalar(select(Case.chat).where(Case.id == case))
    chat = lock_chat(session, chat_id) if chat_id is not None else None
    found = lock_case(session, case) if chat is not None else None
    return (chat, found) if chat is not None and found is not None else None

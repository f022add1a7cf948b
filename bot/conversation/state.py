"""What a chat remembers between two turns: enough to follow on, no more."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.channels.port import Choice
from bot.consent import Consent
from knowledge.clause import Ref

ANSWERS_KEPT = 5
"""Answers whose quick replies still work."""


class Remembered(BaseModel):
    """One answer, as far as following on needs it; ``turn`` is the number its quick
    replies name.

    ``follows`` is what was asked before, where the question makes sense only with it. ``text`` and
    ``doubt`` are kept of the latest answer only, for a counsellor. ``weak``: it may well not help;
    ``urgent``: it was about a danger.
    """

    model_config = ConfigDict(frozen=True)

    turn: int
    question: str
    refs: tuple[Ref, ...] = ()
    topic: str | None = None
    card: str | None = None
    as_of: date
    asked_back: bool = False
    options: tuple[str, ...] = ()
    follows: str = ""
    text: str = ""
    doubt: str | None = None
    weak: bool = False
    urgent: bool = False

    @property
    def asked(self) -> str:
        """The question with what it follows, each on a line."""
        return f"{self.follows}\n{self.question}" if self.follows else self.question


class ChatState(BaseModel):
    """The state of one chat. ``offered`` are the choices last put before the person.

    ``recent`` are the arrival times of the last minute's messages, ``flood_told`` whether they
    were already told that these are many; ``confirming`` that a deletion waits for a yes.
    ``album`` is the last album whose coming was told, ``received_at`` when a file last came.
    """

    model_config = ConfigDict(frozen=True)

    consent: Consent = Consent.UNASKED
    answers: tuple[Remembered, ...] = ()
    offered: tuple[Choice, ...] = ()
    confirming: bool = False
    recent: tuple[datetime, ...] = ()
    flood_told: bool = False
    album: str | None = None
    received_at: datetime | None = None

    @property
    def last(self) -> Remembered | None:
        """The latest answer."""
        return self.answers[-1] if self.answers else None

    def remember(self, answer: Remembered) -> ChatState:
        """The state with one more answer, the oldest let go."""
        older = (each.model_copy(update={"text": "", "doubt": None}) for each in self.answers)
        return self.model_copy(update={"answers": (*older, answer)[-ANSWERS_KEPT:]})

    def to_context(self) -> dict[str, Any]:
        """The form that is stored; consent has a place of its own there."""
        return self.model_dump(mode="json", exclude={"consent"}, exclude_defaults=True)

    @classmethod
    def from_context(cls, context: dict[str, Any], consent: Consent) -> ChatState:
        """Read the stored form. One that another version wrote and we cannot read is begun anew:
        the chat loses its thread, not its messages."""
        try:
            return cls(**{**context, "consent": consent})
        except (ValidationError, TypeError):
            return cls(consent=consent)

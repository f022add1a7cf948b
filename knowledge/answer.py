"""Ranked clauses to an Answer: act, text, next steps and the clauses it rests on."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from knowledge.clause import Ref


class Act(StrEnum):
    """What the answer does."""

    ANSWER = "answer"
    ASK_BACK = "ask_back"
    LOOKUP = "lookup"
    CALCULATE = "calculate"
    URGENT = "urgent"
    OUT_OF_SCOPE = "out_of_scope"
    ESCALATE = "escalate"


class Citation(BaseModel):
    """A clause an answer rests on.

    ``label`` is what people read ("khoản 1 Điều 98 Bộ luật Lao động 45/2019/QH14, áp dụng từ
    01/01/2021"); ``text`` is the official wording, empty when no official copy is held.
    """

    model_config = ConfigDict(frozen=True)

    ref: Ref
    label: str
    text: str = ""
    note: str | None = None


class Answer(BaseModel):
    """What the library has to say to one question, as of one day.

    ``text`` is the plain answer in one to three sentences; ``steps`` what to do next;
    ``options`` are concrete choices when the act is ask_back (a question to be put again).
    ``doubt`` is set when a point is uncertain and a counsellor should confirm it.
    """

    model_config = ConfigDict(frozen=True)

    act: Act
    text: str
    steps: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    options: tuple[str, ...] = ()
    changes: str | None = None
    doubt: str | None = None
    card: str | None = None
    topic: str | None = None
    as_of: date
    confidence: float = 0.0

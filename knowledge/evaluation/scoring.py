"""Scores of a set: is a right article first, among three; is what is not ours refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.answer import Act
from knowledge.asking import Asking
from knowledge.deciding import act_of
from knowledge.evaluation.sets import Place, Question

REFUSALS = {Act.OUT_OF_SCOPE, Act.ESCALATE}


@dataclass(frozen=True)
class Outcome:
    """What came of one question. ``rank`` counts distinct articles from 0; None: not found."""

    question: Question
    places: tuple[Place, ...]
    act: Act
    milliseconds: float

    @property
    def rank(self) -> int | None:
        """Where the first right article stands."""
        return next((r for r, place in enumerate(self.places) if place in self.question.gold), None)


@dataclass(frozen=True)
class Score:
    """The figures of a set; shares of questions, times in milliseconds, None: nothing to count."""

    name: str
    answerable: int
    first: float | None
    among_three: float | None
    reciprocal: float | None
    false_refusal: float | None
    elsewhere: int
    refused: float | None
    p50: float
    p95: float


def ask(
    questions: Iterable[Question], asking: Asking, step: Callable[[], None] = lambda: None
) -> list[Outcome]:
    """Put questions one by one. ``step`` is called after each."""
    outcomes = []
    for question in questions:
        began = time.perf_counter()
        found = asking.find(question.text, question.as_of)
        act = act_of(found)
        spent = (time.perf_counter() - began) * 1000
        places = dict.fromkeys((hit.ref.law, hit.ref.article or "") for hit in found.hits)
        outcomes.append(Outcome(question, tuple(places), act, spent))
        step()
    return outcomes


def score(name: str, outcomes: Sequence[Outcome]) -> Score:
    """The figures of one set."""
    scored = [outcome for outcome in outcomes if outcome.question.gold]
    ranks = [outcome.rank for outcome in scored]
    elsewhere = [outcome for outcome in outcomes if outcome.question.elsewhere]
    spent = [outcome.milliseconds for outcome in outcomes] or [0.0]
    return Score(
        name=name,
        answerable=len(scored),
        first=_share([rank == 0 for rank in ranks]),
        among_three=_share([rank is not None and rank < 3 for rank in ranks]),
        reciprocal=_share([0.0 if rank is None else 1 / (rank + 1) for rank in ranks]),
        false_refusal=_share([outcome.act in REFUSALS for outcome in scored]),
        elsewhere=len(elsewhere),
        refused=_share([outcome.act in REFUSALS for outcome in elsewhere]),
        p50=round(float(np.percentile(spent, 50)), 1),
        p95=round(float(np.percentile(spent, 95)), 1),
    )


def _share(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None

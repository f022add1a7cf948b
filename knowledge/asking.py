"""Asking the serving library: the one door by which questions come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from knowledge import labels
from knowledge.answer import Answer, Citation
from knowledge.clause import Ref
from knowledge.compose import cite, compose
from knowledge.current import CurrentIndex
from knowledge.dates import day_spoken_of
from knowledge.leaning import leans
from knowledge.library import Library
from knowledge.parting import part
from knowledge.search import Found, Searcher

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_LONGEST_QUESTION = 2000
_BEFORE = 20
"""Words of the question before that a follow-up is read with."""


@dataclass(frozen=True)
class Previous:
    """The answer a short question may lean on."""

    question: str
    as_of: date | None = None


def today() -> date:
    """The day it is in Vietnam."""
    return datetime.now(VIETNAM).date()


class Asking:
    """Questions to answers over whichever index version serves at that moment."""

    def __init__(self, index: CurrentIndex) -> None:
        self._index = index

    def open(self) -> None:
        """Open the index and wake the encoder, so that the first question is as quick as others.

        Raises NoIndex, IndexDamaged or EncoderMissing.
        """
        self._index.searcher.search("mấy ngày", today())

    def find(self, question: str, as_of: date | None = None) -> Found:
        """What search has on a question. ``as_of`` None: the day it speaks of, else today."""
        return _find(self._index.searcher, question, as_of)

    def find_together(self, question: str, previous: Previous) -> Found:
        """What search has on a question read with the one before."""
        return together(self._index.searcher, question, previous)

    def questions(self, text: str) -> tuple[str, ...]:
        """The questions of a message that are to be answered each on its own; mostly one."""
        searcher = self._index.searcher
        return part(_readable(text), lambda question: _find(searcher, question))

    def leans(self, question: str, previous: Previous) -> bool:
        """Whether a question makes sense only with the one before, rather than by itself."""
        searcher = self._index.searcher
        return leans(_find(searcher, question), together(searcher, question, previous))

    def answer(
        self, question: str, as_of: date | None = None, previous: Previous | None = None
    ) -> Answer:
        """The answer to a question; one that leans on ``previous`` is read together with it."""
        searcher = self._index.searcher
        if previous is None:
            found = _find(searcher, question, as_of)
        else:
            found = together(searcher, question, previous, as_of)
        return compose(found, searcher.library)

    @property
    def library(self) -> Library:
        """The version that serves now. Raises NoIndex, IndexDamaged or EncoderMissing."""
        return self._index.searcher.library

    def clause(self, ref: Ref, as_of: date) -> Citation | None:
        """One clause with its wording on a day; None when it is not held."""
        citation = cite(ref, as_of, self._index.searcher.library)
        return citation if citation.text else None

    def sources(self) -> list[str]:
        """The documents in force today that answers rest on, each with its dates."""
        library = self._index.searcher.library
        now = today()
        laws = dict.fromkeys(text.law for text in library.manifest.texts)
        documents = [library.register.get(law) for law in laws]
        return [
            f"{labels.name(d)}, hiệu lực từ {labels.day(d.effective)}"
            for d in documents
            if d.in_force(now)
        ]


def _find(searcher: Searcher, question: str, as_of: date | None = None) -> Found:
    question = _readable(question)
    now = today()
    return searcher.search(question, as_of or day_spoken_of(question, now) or now)


def together(
    searcher: Searcher, question: str, previous: Previous, as_of: date | None = None
) -> Found:
    """What search has on a question read with the one before."""
    question, before = _readable(question), _readable(previous.question)
    now = today()
    day = as_of or day_spoken_of(question, now) or previous.as_of or day_spoken_of(before, now)
    # The new words count twice: else a long story before drowns them.
    both = f"{' '.join(before.split()[:_BEFORE])} {question} {question}"
    return searcher.search(both, day or now)


def _readable(question: str) -> str:
    """As much of a question as is read, without the halves of characters no encoder takes."""
    return question[:_LONGEST_QUESTION].encode("utf-8", "replace").decode("utf-8")

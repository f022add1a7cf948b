"""The knowledge port of a turn, answered by the library."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.conversation.state import Remembered
from knowledge.answer import Answer, Citation
from knowledge.asking import Asking, Previous
from knowledge.clause import Ref


class LibraryKnowledge:
    """Fits ``Asking`` to what a turn asks for."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def answer(
        self, question: str, as_of: date | None = None, previous: Remembered | None = None
    ) -> Answer:
        """The answer to a question, read together with the one before where it leans on it."""
        leans_on = Previous(previous.question) if previous else None
        return self._asking.answer(question, as_of, leans_on)

    def leans(self, question: str, previous: Remembered) -> bool:
        """Whether a question is to be read together with the one before."""
        return self._asking.leans(question, Previous(previous.question))

    def questions(self, text: str) -> Sequence[str]:
        """The questions of a message that are to be answered each on its own."""
        return self._asking.questions(text)

    def clause(self, ref: Ref, as_of: date) -> Citation | None:
        """One clause with its wording on a day."""
        return self._asking.clause(ref, as_of)

    def sources(self) -> Sequence[str]:
        """The documents answers rest on."""
        return self._asking.sources()

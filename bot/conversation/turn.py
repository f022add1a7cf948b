"""One turn: what a person wrote and what the chat remembers, to what is said and remembered.

Deterministic, and without any input or output but the ports it is given: whoever runs it commits
the result together with the update's completion.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from bot.cases.steps import CaseNow, CaseStep, Waiting
from bot.channels.port import Capabilities, Incoming, Outgoing, UpdateKind
from bot.conversation import attachments, first_contact, held, wording
from bot.conversation.answering import Answering, Knowledge
from bot.conversation.choices import AGREE, DECLINE
from bot.conversation.draft import Draft, Failure
from bot.conversation.hearing import Hearing
from bot.conversation.person import Person
from bot.conversation.state import ChatState
from bot.plain_text import REFUSE_LIMIT

__all__ = ["AGREE", "DECLINE", "Failure", "Knowledge", "Turn", "TurnResult"]


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What is said and what is remembered. ``forget``: delete the conversation so far.

    ``step``: what becomes of the chat's case. ``commanded``: the messages answer a command, and
    are said even when a counsellor holds the case.
    """

    messages: tuple[Outgoing, ...]
    state: ChatState
    forget: bool = False
    failure: Failure | None = None
    step: CaseStep | None = None
    commanded: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """How turns are done. ``days_kept`` is told to people: the term they agree to.

    ``desk``: where it is asked what can be promised of counsellors; None: there are none. More
    than ``flood_messages`` of one chat in ``flood_window`` are answered all the same, in order,
    after one notice.
    """

    knowledge: Knowledge
    days_kept: int
    desk: Waiting | None = None
    flood_messages: int = 12
    flood_window: timedelta = field(default=timedelta(minutes=1))

    def run(
        self,
        incoming: Incoming,
        state: ChatState,
        can: Capabilities,
        number: int,
        length: int | None = None,
        case: CaseNow | None = None,
    ) -> TurnResult:
        """Do one turn. ``number`` is the turn's own, never used again: quick replies name it.

        ``length``: characters that were sent, when ``incoming`` holds fewer. ``case``: the chat's
        latest. Raises StoreUnavailable when the desk cannot be asked.
        """
        if incoming.kind is UpdateKind.GROUP:  # others read along: no word about anyone's matter
            return TurnResult((Outgoing(text=wording.GROUP),), state)
        length = length or len(incoming.text)
        draft = Draft(incoming, state, can, case, number=number, length=length)
        self._attend(draft)
        if draft.receipt:  # nothing else said that the files came
            draft.say(draft.receipt)
        return TurnResult(
            tuple(draft.said),
            draft.state,
            draft.forget,
            draft.failure,
            draft.step,
            draft.commanded,
        )

    def _attend(self, draft: Draft) -> None:
        person = Person(self.desk)
        if draft.case is not None and draft.case.held:
            held.attend(draft, person, self.days_kept)
            return
        if attachments.again(draft) or _edited_nothing(draft):
            draft.state = draft.before.model_copy(update={"received_at": draft.state.received_at})
            return
        if draft.first:
            first_contact.welcome(draft, self.days_kept, person=person.possible)
        first_contact.count(draft, self.flood_messages, self.flood_window)
        if draft.length > REFUSE_LIMIT:
            draft.say(wording.TOO_LONG)
            return
        if not attachments.acknowledge(draft, person):
            Hearing(draft, person, Answering(self.knowledge, person), self.days_kept).hear()


def _edited_nothing(draft: Draft) -> bool:
    """Whether a message was changed in something else than its words."""
    last = draft.before.last
    same = last is not None and last.question == draft.text
    return draft.edited and (same or not draft.text)

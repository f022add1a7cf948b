"""The way to a person: asked for, offered, waited for, no longer wanted."""

from __future__ import annotations

from bot.cases.states import Reason, Urgency
from bot.cases.steps import CancelCase, OpenCase, Outlook, RaiseCase, ReopenCase, Waiting
from bot.channels.port import Choice
from bot.consent import Consent
from bot.conversation import person_wording
from bot.conversation.choices import AGAIN, CANCEL, PERSON
from bot.conversation.draft import Draft
from bot.conversation.state import Remembered


class Person:
    """What a turn does about counsellors. ``desk`` None: there are none in this house.

    All methods may raise StoreUnavailable.
    """

    def __init__(self, desk: Waiting | None) -> None:
        self._desk = desk

    @property
    def possible(self) -> bool:
        """Whether people may be told that a person can be asked for."""
        return self._desk is not None

    def standing(self, draft: Draft) -> tuple[Choice, ...]:
        """The choices whose words count at any time, offered or not."""
        choices = [PERSON]
        if draft.waits:
            choices.append(CANCEL)
        if draft.case is not None and draft.case.reopens:
            choices.append(AGAIN)
        return tuple(choices)

    def offers(self, draft: Draft) -> tuple[Choice, ...]:
        """What to put under words that may not have helped; nothing to who waits already."""
        if self._desk is None or draft.waits or draft.step is not None:
            return ()
        if not self._desk.outlook(Urgency.NORMAL).staffed:
            return ()
        return (AGAIN,) if draft.case is not None and draft.case.reopens else (PERSON,)

    def ask(self, draft: Draft, about: Remembered | None = None, *, offered: bool = False) -> None:
        """Put the chat before a counsellor and say what happens next; who waits hears it anew.

        ``about``: what it is about, where the request says so; else it is the last question.
        ``offered``: they took what we offered.
        """
        if draft.waits:
            self.tell_turn(draft)
            return
        about = about or draft.before.last
        closed = draft.case if draft.case is not None and draft.case.reopens else None
        urgency = Urgency.URGENT if about is not None and about.urgent else Urgency.NORMAL
        if closed:
            urgency = closed.urgency
        outlook = self._desk.outlook(urgency) if self._desk else None
        if outlook is None or not outlook.staffed:
            draft.say(person_wording.NOBODY_HERE)
            return
        if closed:
            draft.step = ReopenCase()
            self._tell(draft, person_wording.REOPENED, outlook)
            return
        weak = offered and about is not None and about.weak
        draft.step = _opening(Reason.WEAK if weak else Reason.ASKED, urgency, about)
        self._tell(draft, person_wording.OPENED, outlook, tell=about is None)

    def tell_turn(self, draft: Draft) -> None:
        """Position and time, to someone who waits."""
        if self._desk is None or draft.case is None:
            draft.say(person_wording.NOBODY_HERE)
            return
        outlook = self._desk.outlook(draft.case.urgency, draft.case.id)
        if outlook.staffed:
            due = draft.case.due_at
            late = due is not None and due <= draft.at
            draft.say(person_wording.still_waiting(outlook, late=late), (CANCEL,))
        else:
            draft.say(person_wording.NOBODY_WAITING, (CANCEL,))

    def call(self, draft: Draft, about: Remembered) -> None:
        """Put a danger before a counsellor without being asked, and say how to withdraw it."""
        case = draft.case if draft.waits else None
        if self._desk is None or (case is not None and case.urgency is Urgency.URGENT):
            return
        outlook = self._desk.outlook(Urgency.URGENT)
        if not outlook.staffed:
            return
        if case is None:
            draft.step = _opening(Reason.URGENT, Urgency.URGENT, about)
            self._tell(draft, person_wording.OPENED_URGENT, outlook)
        else:
            draft.step = RaiseCase(Urgency.URGENT, about.asked)
            self._tell(draft, person_wording.RAISED, outlook)

    def cancel(self, draft: Draft) -> None:
        """The worker no longer wants a counsellor."""
        draft.commanded = True
        if draft.case is None or not draft.case.active:
            draft.say(person_wording.NOTHING_TO_CANCEL)
            return
        draft.step = CancelCase()
        draft.say(person_wording.CANCELLED)

    def regret(self, draft: Draft) -> None:
        """An answer did not help: say so, and offer a person."""
        if last := draft.before.last:
            weak = last.model_copy(update={"weak": True})
            draft.change(answers=(*draft.before.answers[:-1], weak))
        if draft.waits:
            draft.say(person_wording.UNHAPPY_WAITING)
            return
        offers = self.offers(draft)
        text = person_wording.UNHAPPY_PERSON if offers else person_wording.UNHAPPY
        draft.offer([text], offers)

    def _tell(self, draft: Draft, head: str, outlook: Outlook, *, tell: bool = False) -> None:
        text = person_wording.handed_over(
            head,
            outlook,
            files=draft.can.files,
            declined=draft.state.consent is Consent.REFUSED,
            tell=tell,
        )
        draft.say(text, (CANCEL,))


def _opening(reason: Reason, urgency: Urgency, about: Remembered | None) -> OpenCase:
    if about is None:
        return OpenCase(reason=reason, urgency=urgency, question="")
    facts = {}
    if about.refs:
        facts["Tính đến ngày"] = f"{about.as_of:%d/%m/%Y}"
    if about.doubt:
        facts["Điều máy chưa chắc"] = about.doubt
    return OpenCase(
        reason=reason,
        urgency=urgency,
        question=about.asked,
        topic=about.topic,
        proposed=about.text,
        refs=about.refs,
        facts=facts,
    )

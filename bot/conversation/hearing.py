"""What words are taken for, in this order: a choice, a command, a wish, a courtesy, a question."""

from __future__ import annotations

from bot.channels.port import Choice
from bot.consent import Consent
from bot.conversation import (
    choosing,
    deleting,
    first_contact,
    person_wording,
    recognise,
    wishes,
    wording,
)
from bot.conversation.answering import Answering
from bot.conversation.choices import AGAIN, AGREE, CANCEL, DECLINE, FORGET_NO, FORGET_YES, PERSON
from bot.conversation.draft import Draft
from bot.conversation.person import Person
from bot.conversation.recognise import Command, Courtesy


class Hearing:
    """Takes the words of one message for what they are, and has it seen to.

    ``days``: how long a conversation is kept when that is agreed to.
    """

    def __init__(self, draft: Draft, person: Person, answering: Answering, days: int) -> None:
        self.draft = draft
        self.person = person
        self.answering = answering
        self.days = days

    def hear(self) -> None:
        """Do what the words ask for."""
        if not (self._chosen() or self._commanded() or self._wished() or self._courteous()):
            self.answering.free_text(self.draft)

    # -- choices

    def _chosen(self) -> bool:
        draft = self.draft
        if deleting.confirmed_in_words(draft):
            return True
        listed = not draft.can.buttons
        choice = choosing.chosen(draft.text, draft.picked, draft.before.offered, numbered=listed)
        if choice is None:
            standing = self.person.standing(draft)
            choice = choosing.chosen(draft.text, None, standing, numbered=False)
        if choice is None:
            return self._stray_number()
        self._follow(choice)
        return True

    def _follow(self, choice: Choice) -> None:
        match choice.id:
            case AGREE.id:
                self._consent(Consent.AGREED)
            case DECLINE.id:
                self._consent(Consent.REFUSED)
            case FORGET_YES.id:
                deleting.forget(self.draft)
            case FORGET_NO.id:
                deleting.keep(self.draft)
            case PERSON.id | AGAIN.id:
                self.person.ask(self.draft, offered=True)
            case CANCEL.id:
                self.person.cancel(self.draft)
            case _:
                self.answering.follow(self.draft, choice)

    def _stray_number(self) -> bool:
        draft = self.draft
        if choosing.number_in(draft.text) is None:
            return False
        count = len(draft.before.offered)
        if count and not draft.can.buttons:
            draft.say(wording.NO_SUCH_NUMBER.format(count=count))
            draft.keep_choices()
            return True
        if draft.before.last is not None and draft.before.last.asked_back:
            return False  # the figure we asked for
        draft.say(person_wording.ADDED if draft.waits else wording.LONE_NUMBER)
        return True

    # -- commands, wishes and courtesies

    def _commanded(self) -> bool:
        draft = self.draft
        command = recognise.command_of(draft.text)
        if (
            command in {Command.AGREE, Command.DECLINE}
            and draft.before.consent is not Consent.ASKED
            and not recognise.names_keeping(draft.text)
        ):
            return False  # a yes to something else than keeping
        match command:
            case Command.START:
                draft.say(wording.INVITE if draft.first else wording.HELLO)
            case Command.HELP:
                more = f"\n{person_wording.IN_HELP}" if self.person.possible else ""
                draft.say(wording.HELP + more)
            case Command.FORGET:
                deleting.ask(draft)
            case Command.SOURCES:
                self.answering.sources(draft)
            case Command.AGREE:
                self._consent(Consent.AGREED)
            case Command.DECLINE:
                self._consent(Consent.REFUSED)
            case Command.FULL_TEXT:
                self.answering.full_text(draft, draft.before.last)
            case Command.PERSON:
                self._ask(draft.text.partition(" ")[2])
            case Command.CANCEL if draft.waits or recognise.names_request(draft.text):
                self.person.cancel(draft)
            case Command.AGAIN if draft.case is not None:
                self.person.ask(draft)
            case _:
                return False
        return True

    def _consent(self, consent: Consent) -> None:
        first_contact.decide(self.draft, consent, self.days)

    def _wished(self) -> bool:
        draft = self.draft
        last = draft.before.last
        if draft.waits and wishes.withdraws(draft.text):
            self.person.cancel(draft)
        elif draft.waits and wishes.asks_for_turn(draft.text):
            self.person.tell_turn(draft)
        elif request := wishes.asks_for_person(draft.text):
            self._ask(request.about)
        elif wishes.dissatisfied(draft.text, last is not None and last.asked_back):
            self.person.regret(draft)
        else:
            return False
        return True

    def _ask(self, about: str) -> None:
        """Ask for a person; what else the message says is what it is about."""
        draft = self.draft
        if not about or draft.waits or not self.person.possible:
            self.person.ask(draft)
            return
        thought = self.answering.think(draft, about)
        if thought.urgent:  # what to do at once must be said at once; a person is called with it
            self.answering.free_text(draft, about)
        if draft.step is None:
            self.person.ask(draft, thought)

    def _courteous(self) -> bool:
        draft = self.draft
        if recognise.says_nothing(draft.text):
            draft.say(wording.INVITE if draft.first else wording.NOTHING_SAID)
            return True
        courtesy = recognise.courtesy_of(draft.text)
        if courtesy is Courtesy.OK and draft.before.last and draft.before.last.asked_back:
            return False  # a yes to what we asked
        match courtesy:
            case Courtesy.HELLO:
                draft.say(wording.INVITE if draft.first else wording.HELLO)
            case Courtesy.THANKS:
                draft.say(wording.THANKS)
            case Courtesy.OK:
                draft.say(wording.OK)
            case _:
                return False
        # A kind word in between does not take the choices away.
        draft.keep_choices()
        return True

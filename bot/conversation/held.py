"""A chat whose case a counsellor holds: the machine is silent, but for commands about the chat.

What a person writes now is for the counsellor. A word that could be a reply to them ("có", "1",
"đồng ý") never counts as a command.
"""

from __future__ import annotations

from bot.consent import Consent
from bot.conversation import choosing, deleting, first_contact, recognise
from bot.conversation.choices import AGREE, CANCEL, DECLINE, FORGET_NO, FORGET_YES
from bot.conversation.draft import Draft
from bot.conversation.person import Person
from bot.conversation.recognise import Command
from bot.plain_text import fold


def attend(draft: Draft, person: Person, days: int) -> None:
    """Follow a command, else leave the message to the counsellor. ``days`` are kept if agreed."""
    if draft.edited:
        return
    confirming = draft.before.confirming
    offered = (FORGET_YES, FORGET_NO) if confirming else ()
    choice = choosing.chosen(draft.text, draft.picked, offered, numbered=False)
    command = recognise.command_of(draft.text) if draft.picked is None else None
    if choice is not None:
        _pressed(draft, choice.id, person, days)
    elif confirming and recognise.says_yes(draft.text):
        if "xoa" in fold(draft.text).split():
            deleting.forget(draft)
        else:  # to us, or to the counsellor?
            deleting.ask(draft, listed=False)
    elif command is Command.FORGET or (confirming and choosing.number_in(draft.text) == 1):
        deleting.ask(draft, listed=False)
    elif command is Command.CANCEL and recognise.names_request(draft.text):
        person.cancel(draft)
    elif command in {Command.AGREE, Command.DECLINE} and recognise.names_keeping(draft.text):
        agreed = command is Command.AGREE
        first_contact.decide(draft, Consent.AGREED if agreed else Consent.REFUSED, days)


def _pressed(draft: Draft, choice: str, person: Person, days: int) -> None:
    match choice:
        case FORGET_YES.id:
            deleting.forget(draft)
        case FORGET_NO.id:
            deleting.keep(draft)
        case CANCEL.id:
            person.cancel(draft)
        case AGREE.id:
            first_contact.decide(draft, Consent.AGREED, days)
        case DECLINE.id:
            first_contact.decide(draft, Consent.REFUSED, days)

"""Deleting a conversation: asked for, confirmed, done."""

from __future__ import annotations

from bot.conversation import person_wording, recognise, wording
from bot.conversation.choices import FORGET_NO, FORGET_YES
from bot.conversation.draft import Draft
from bot.conversation.state import ChatState


def ask(draft: Draft, *, listed: bool = True) -> None:
    """Ask for a yes. ``listed``: where there are no buttons, a number may say it.

    Not so while a counsellor is in the chat: a "1" may then be the reply to them.
    """
    text = wording.FORGET_ASK
    if draft.waits:
        text = f"{text} {person_wording.FORGET_CASE}"
    draft.commanded = True
    draft.change(confirming=True)
    if listed or draft.can.buttons:
        draft.offer([text], (FORGET_YES, FORGET_NO))
    else:
        draft.say(f"{text} {person_wording.FORGET_IN_WORDS}")


def confirmed_in_words(draft: Draft) -> bool:
    """Whether a plain yes or no answered the question, and has been followed."""
    if not draft.before.confirming or draft.picked is not None or draft.edited:
        return False
    if recognise.says_yes(draft.text):
        forget(draft)
    elif recognise.says_no(draft.text):
        keep(draft)
    else:
        return False
    return True


def forget(draft: Draft) -> None:
    """Let go of everything, and say so."""
    text = wording.FORGOTTEN
    if draft.waits:
        text = f"{text} {person_wording.FORGOTTEN_CASE}"
    draft.state = ChatState()
    draft.said.clear()
    draft.receipt = None
    draft.forget = draft.commanded = True
    draft.say(text)


def keep(draft: Draft) -> None:
    """Nothing is deleted after all."""
    draft.commanded = True
    draft.say(wording.FORGET_CANCELLED)

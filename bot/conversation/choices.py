"""The quick replies that are always the same. Old ones stand in chats: never reuse an id."""

from __future__ import annotations

from bot.cases.wording import AGAIN
from bot.channels.port import Choice
from bot.conversation import person_wording, wording

AGREE = Choice(id="consent.yes", label=wording.AGREE)
DECLINE = Choice(id="consent.no", label=wording.DECLINE)
FORGET_YES = Choice(id="forget.yes", label=wording.FORGET_YES)
FORGET_NO = Choice(id="forget.no", label=wording.FORGET_NO)
PERSON = Choice(id="person.ask", label=person_wording.PERSON)
CANCEL = Choice(id="case.cancel", label=person_wording.CANCEL)

__all__ = ["AGAIN", "AGREE", "CANCEL", "DECLINE", "FORGET_NO", "FORGET_YES", "PERSON"]

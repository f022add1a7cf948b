"""Before any answer: the welcome, what may be kept, and floods of messages."""

from __future__ import annotations

from datetime import timedelta

from bot.channels.port import Outgoing
from bot.consent import Consent
from bot.conversation import person_wording, wording
from bot.conversation.choices import AGREE, DECLINE
from bot.conversation.draft import Draft
from bot.conversation.split import pack


def welcome(draft: Draft, days: int, *, person: bool) -> None:
    """First words to someone new, and the question whether we may keep the conversation.

    ``days``: how long. ``person``: there is a desk where people can be asked for.
    """
    text = wording.welcome(
        days,
        in_words=not draft.can.buttons,
        person=person_wording.IN_WELCOME if person else "",
    )
    draft.said += [Outgoing(text=part) for part in pack([text], draft.can.max_text)]
    buttons = (AGREE, DECLINE) if draft.can.buttons else ()
    draft.said[-1] = draft.said[-1].model_copy(update={"choices": buttons})
    draft.change(consent=Consent.ASKED)


def decide(draft: Draft, consent: Consent, days: int) -> None:
    """Note whether the conversation may be kept, and say what that means."""
    draft.change(consent=consent, offered=draft.before.offered)
    draft.commanded = True
    if consent is Consent.AGREED:
        draft.say(wording.agreed(days))
    else:
        draft.say(person_wording.DECLINED_CASE if draft.waits else wording.DECLINED)


def count(draft: Draft, most: int, window: timedelta) -> None:
    """Count a message, and say once of a flood that all of it is read, only later.

    More than ``most`` messages in ``window`` are a flood.
    """
    # Of those that seem to come from later on, the clock was set back since.
    recent = tuple(at for at in draft.before.recent if abs(draft.at - at) < window)
    recent = (*recent, draft.at)[-most - 1 :]
    flooding = len(recent) > most
    draft.change(recent=recent, flood_told=flooding)
    if flooding and not draft.before.flood_told:
        draft.say(wording.FLOOD)

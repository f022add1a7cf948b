"""Files people send: no machine reads them here, so it is said that they came, once per album."""

from __future__ import annotations

from datetime import timedelta

from bot.channels.port import FileKind
from bot.conversation import person_wording
from bot.conversation.draft import Draft
from bot.conversation.person import Person

_AT_ONCE = timedelta(seconds=15)


def again(draft: Draft) -> bool:
    """Whether a message is one more picture, without words, of those whose coming was just told.

    Where a platform names no albums, pictures that follow at once are taken for one.
    """
    if not _kinds(draft) - {FileKind.WITHHELD} or draft.edited:
        return False
    before = draft.before.received_at
    draft.change(received_at=draft.at)
    at_once = before is not None and timedelta(0) <= draft.at - before <= _AT_ONCE
    return not draft.text and (_told(draft) or (draft.album is None and at_once))


def acknowledge(draft: Draft, person: Person) -> bool:
    """Say what is to be said about the files; True when the message is settled by that.

    Files that came with words leave a receipt, said together with the answer to the words.
    """
    if not draft.files or draft.edited or _told(draft):
        return False
    kinds = _kinds(draft)
    if not kinds:
        return not draft.text and _sticker(draft)
    if kinds == {FileKind.WITHHELD}:
        if draft.text:
            return False
        draft.say(person_wording.WITHHELD)
        draft.keep_choices()
        return True
    draft.change(album=draft.album)
    offers = () if draft.text else person.offers(draft)
    words = person_wording.received(
        kinds - {FileKind.WITHHELD},
        case=draft.waits,
        captioned=bool(draft.text),
        person=bool(offers),
    )
    if draft.text:
        draft.receipt = words
        return False
    if offers:
        draft.offer([words], offers)
    else:
        draft.say(words)
    return True


def _kinds(draft: Draft) -> set[FileKind]:
    return {file.kind for file in draft.files} - {FileKind.STICKER}


def _told(draft: Draft) -> bool:
    return draft.album is not None and draft.album == draft.before.album


def _sticker(draft: Draft) -> bool:
    """A light word, unless a counsellor is waited for: then a sticker wants nothing of us."""
    draft.keep_choices()
    if not draft.waits and not draft.first:
        draft.say(person_wording.STICKER)
    return not draft.first

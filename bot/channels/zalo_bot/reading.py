"""Events of the platform as updates of ours. Pure; nothing in an event can make it fail."""

from __future__ import annotations

import hashlib
import json
import math
import mimetypes
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from bot.channels.port import FileKind, Incoming, IncomingFile, UpdateKind
from bot.plain_text import clean
from bot.store.models import KEY_LENGTH

CHANNEL = "zalo_bot"

_DEPTH = 32
"""Levels of nesting of what the platform says."""
_NESTED = 3
"""Envelopes inside one another that are opened."""
_AT_ONCE = 100
"""Events that are read of one list."""
_ADDRESS = 4_000
"""Characters of a media address."""
_MILLISECONDS_FROM = 1e11
"""As seconds this is far in the future, as milliseconds far in the past."""
_AHEAD = timedelta(days=1)
_PICTURES = {"image/jpeg", "image/png", "image/gif", "image/webp"}


def parsed(body: bytes) -> object:
    """The JSON of a body. Raises ValueError, also for what is nested absurdly deep."""
    try:
        said = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    level = _holders([said])
    for _ in range(_DEPTH):
        if not level:
            return said
        inner = [one.values() if isinstance(one, dict) else one for one in level]
        level = _holders(chain.from_iterable(inner))
    raise ValueError("nested too deeply")


def _holders(values: Iterable[object]) -> list[dict[str, Any] | list[Any]]:
    return [value for value in values if isinstance(value, dict | list)]


def events_in(body: object, nested: int = _NESTED) -> list[dict[str, Any]]:
    """The events of a webhook's body or a poll's result: bare, enveloped, or a list of such."""
    if isinstance(body, list):
        found = [event for one in body[:_AT_ONCE] for event in events_in(one, nested - 1)]
        return found if nested else []
    if not isinstance(body, dict) or not nested:
        return []
    if "event_name" in body or "message" in body:
        return [body]
    return events_in(body.get("result"), nested - 1)


def is_echo(event: dict[str, Any], bot_id: str | None) -> bool:
    """Whether the event is what we said ourselves (or another bot did)."""
    sender = _part(_message(event), "from")
    is_bot = sender.get("is_bot")
    own = _id(sender.get("id"))
    return is_bot in (True, 1, "true") or (own is not None and own == bot_id)


def event_name(event: dict[str, Any]) -> str:
    """The event's name, fit for a log line."""
    name = event.get("event_name")
    return clean(_whole(name))[:60] if isinstance(name, str) else "?"


def read(event: dict[str, Any], bot_id: str | None, now: datetime) -> Incoming | None:
    """The update an event stands for; None for our own words and for what nobody said to us.

    Names of people are not read. ``now`` stands in for a missing or impossible date.
    """
    message = _message(event)
    chat_id = _chat_id(message)
    if chat_id is None or is_echo(event, bot_id):
        return None
    remote_id = _id(message.get("message_id"))
    incoming = Incoming(
        channel=CHANNEL,
        chat_id=chat_id,
        update_id=remote_id or _digest(event),
        remote_id=remote_id,
        sent_at=_moment(message.get("date"), now),
    )
    content = _content(event, message)
    if content is None:
        return None
    if _is_group(message):
        # Others read along there: neither words nor pictures are taken.
        return incoming.model_copy(update={"kind": UpdateKind.GROUP})
    text, files = content
    return incoming.model_copy(update={"text": text, "files": files})


def _content(
    event: dict[str, Any], message: dict[str, Any]
) -> tuple[str, tuple[IncomingFile, ...]] | None:
    """Words and files of a message; None when it is nothing a person said."""
    name = event.get("event_name")
    kind = name if isinstance(name, str) else ""
    text = _text(message.get("text"))
    if kind == "message.unsupported.received":
        return text, (IncomingFile(kind=FileKind.WITHHELD),)
    if _has(message, "photo_url", "photo") or kind == "message.image.received":
        file = _file(FileKind.PHOTO, message.get("photo_url"), message.get("photo"))
        return _text(message.get("caption")) or text, (file,)
    if _has(message, "voice_url") or kind == "message.voice.received":
        return text, (_file(FileKind.VOICE, message.get("voice_url"), message.get("voice")),)
    if _has(message, "sticker") or kind == "message.sticker.received":
        return text, (IncomingFile(kind=FileKind.STICKER),)
    if kind == "message.link.received":
        links = (_text(message.get(key)) for key in ("link", "url", "href"))
        text = text or next((link for link in links if link), "")
    if text:
        return text, ()
    if kind == "message.reaction.received" or (kind and not _is_message(kind)):
        return None
    # A person sent something of a kind we do not know.
    return "", (IncomingFile(kind=FileKind.WITHHELD),)


def _is_message(kind: str) -> bool:
    return kind.startswith("message.") and kind.endswith(".received")


def _has(message: dict[str, Any], *keys: str) -> bool:
    return any(message.get(key) for key in keys)


def _file(kind: FileKind, *addresses: object) -> IncomingFile:
    """A file at the first usable address; withheld when there is none."""
    for address in addresses:
        if not isinstance(address, str) or not 0 < len(address) <= _ADDRESS:
            continue
        if clean(_whole(address)) != address or " " in address:
            continue
        return IncomingFile(kind=kind, media_type=_media_type(kind, address), remote=address)
    return IncomingFile(kind=FileKind.WITHHELD)


def _media_type(kind: FileKind, address: str) -> str:
    """The type the address's ending speaks of; empty where it does not."""
    try:
        ending = mimetypes.guess_type(urlsplit(address).path)[0] or ""
    except ValueError:
        return ""
    if kind is FileKind.VOICE:
        return "audio/aac" if not ending or "aac" in ending else ending
    return ending if ending in _PICTURES else ""


def _message(event: dict[str, Any]) -> dict[str, Any]:
    """The message; where there is none, the event itself, which may still say whose it is."""
    message = event.get("message")
    return message if isinstance(message, dict) else event


def _part(message: dict[str, Any], key: str) -> dict[str, Any]:
    part = message.get(key)
    return part if isinstance(part, dict) else {}


def _chat_id(message: dict[str, Any]) -> str | None:
    return _id(_part(message, "chat").get("id")) or _id(_part(message, "from").get("id"))


def _is_group(message: dict[str, Any]) -> bool:
    """Whether others read along. In doubt: a private chat has the id of its person."""
    chat = _part(message, "chat")
    kind = chat.get("chat_type")
    if isinstance(kind, str) and kind.upper() in {"PRIVATE", "GROUP"}:
        return kind.upper() == "GROUP"
    own, sender = _id(chat.get("id")), _id(_part(message, "from").get("id"))
    return own is not None and sender is not None and own != sender


def _id(value: object) -> str | None:
    """An id the inbox takes; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 128:
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= KEY_LENGTH:
        return None
    return value if clean(_whole(value)) == value else None


def _digest(event: dict[str, Any]) -> str:
    """The same for the same event, for those that come without an id."""
    written = json.dumps(event, sort_keys=True, ensure_ascii=False)
    return "e-" + hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _text(value: object) -> str:
    return clean(_whole(value)) if isinstance(value, str) else ""


def _whole(text: str) -> str:
    """The text with halves of characters put together or replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _moment(date: object, now: datetime) -> datetime:
    """Epoch milliseconds (or seconds), as a number or in digits, as a point in time."""
    try:
        count = float(date) if isinstance(date, int | float | str) else math.nan
        if isinstance(date, bool) or not count > 0:
            return now
        at = datetime.fromtimestamp(count / 1000 if count >= _MILLISECONDS_FROM else count, UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return at if at <= now + _AHEAD else now

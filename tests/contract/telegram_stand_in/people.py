"""What people do: write, press, send files, edit, block, and act in groups."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from zlib import crc32

from tests.contract.telegram_stand_in.chats import bot_member
from tests.contract.telegram_stand_in.errors import Json
from tests.contract.telegram_stand_in.markup import clean, utf16_length
from tests.contract.telegram_stand_in.posting import found_entities, open_topic, post
from tests.contract.telegram_stand_in.telegram import CallbackQuery, Telegram
from tests.contract.telegram_stand_in.world import (
    GENERAL_TOPIC,
    ICON_COLOR,
    Chat,
    Message,
    Topic,
    User,
    now,
)

MAX_TEXT = 4096


class People:
    """Every method may raise ValueError: what was asked for could not happen at Telegram."""

    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram
        self.world = telegram.world

    def user(self, user: int | None = None, **details: str | bool) -> int:
        """Make or change a person (first_name, last_name, username, hidden…): the id."""
        person = self.world.user(user)
        for name, value in details.items():
            if name not in vars(person):
                raise ValueError(f"a person has no {name}")
            setattr(person, name, value)
        return person.id

    def say(
        self,
        user: int,
        text: str,
        *,
        chat: int | None = None,
        thread: int | None = None,
        reply_to: int | None = None,
    ) -> int:
        """Write to the bot, or into a group: the message's id."""
        text = clean(text).strip()
        if not 1 <= utf16_length(text) <= MAX_TEXT:
            raise ValueError("a person's message holds 1 to 4096 UTF-16 units")
        entities = found_entities(text)
        content: Json = {"text": text, **({"entities": entities} if entities else {})}
        return self._write(user, content, "text", chat, thread, reply_to)

    def say_many(self, said: Sequence[tuple[int, str]]) -> list[int]:
        """Many messages at once, (user, text) each: their ids."""
        return [self.say(user, text) for user, text in said]

    def photo(self, user: int, content: str, caption: str = "", **where: str | int | None) -> int:
        """Send a picture (base64). ``album``: the name of the album it belongs to."""
        stored = self.telegram.files.add("photo", b64decode(content))
        sizes = self.telegram.files.sizes(stored)
        return self._file(user, "photo", {"photo": sizes}, caption, where)

    def document(
        self,
        user: int,
        content: str,
        name: str = "giay-to.pdf",
        mime_type: str = "application/pdf",
        caption: str = "",
        size: int | None = None,
        **where: str | int | None,
    ) -> int:
        """Send a file (base64). ``size`` declares it larger than what we hold, in bytes."""
        stored = self.telegram.files.add("document", b64decode(content), name, size)
        field = {**stored.api(), "file_name": name, "mime_type": mime_type}
        return self._file(user, "document", {"document": field}, caption, where)

    def voice(self, user: int, content: str, seconds: int = 3, **where: str | int | None) -> int:
        """Send a voice message (base64)."""
        stored = self.telegram.files.add("voice", b64decode(content))
        field = {**stored.api(), "duration": seconds, "mime_type": "audio/ogg"}
        return self._file(user, "voice", {"voice": field}, "", where)

    def send(self, user: int, content: Json, **where: int | None) -> int:
        """Send anything else, given as Bot API fields: a location, a contact, a sticker…"""
        return self._write(user, content, "other", where.get("chat"), where.get("thread"), None)

    def edit(self, user: int, message_id: int, text: str, chat: int | None = None) -> None:
        """Change the text (or the caption) of one's own message."""
        message = self.world.message(chat or user, message_id)
        if message.api["from"]["id"] != user:
            raise ValueError("people edit only their own messages")
        text = clean(text).strip()
        field = "text" if message.kind == "text" else "caption"
        gone = {field, "entities", "caption_entities"}
        message.edits.append(message.text)
        entities = found_entities(text)
        name = "entities" if field == "text" else "caption_entities"
        message.api = {k: v for k, v in message.api.items() if k not in gone}
        message.api |= {field: text, "edit_date": now(), **({name: entities} if entities else {})}
        self._tell(self.world.chat(chat or user), message, "edited_message")

    def press(
        self,
        user: int,
        message_id: int,
        data: str,
        *,
        chat: int | None = None,
        forged: bool = False,
    ) -> str:
        """Press a button of the bot's message: the query's id.

        ``forged``: a changed client that sends data no button has, or presses a deleted message.
        """
        place = self.world.chat(chat or user)
        message = self.world.message(place.id, message_id)
        rows = (message.api.get("reply_markup") or {}).get("inline_keyboard", [])
        offered = {button.get("callback_data") for row in rows for button in row}
        if not forged and (message.deleted or data not in offered):
            raise ValueError(f"message {message_id} shows no button with {data!r}")
        query_id = str(4_000_000_000_000_000_000 + len(self.telegram.queries))
        self.telegram.queries[query_id] = CallbackQuery(place.id, message_id)
        shown = message.api
        if message.deleted:
            shown = {"chat": place.api(), "message_id": message_id, "date": 0}
        payload = {
            "id": query_id,
            "from": self.world.user(user).api(),
            "message": shown,
            "chat_instance": str(abs(place.id) * 7919),
            "data": data,
        }
        self.telegram.updates.add("callback_query", payload, f"query {user}")
        return query_id

    def block(self, user: int) -> None:
        """Block the bot."""
        self._set_blocked(user, True)

    def unblock(self, user: int) -> None:
        """Let the bot in again."""
        self._set_blocked(user, False)

    def _set_blocked(self, user: int, blocked: bool) -> None:
        person = self.world.user(user)
        if person.blocked is blocked:
            return
        chat = self.world.private_chat(person)
        before = bot_member(self.world, chat)
        person.blocked, chat.status = blocked, "kicked" if blocked else "member"
        person.started = True
        self._tell_membership(chat, person, before)

    def set_bot(self, chat: int, status: str, user: int, rights: Sequence[str] = ()) -> None:
        """Add, promote, restrict or remove the bot in a group, as the admin ``user`` would."""
        group = self.world.chat(chat)
        if group.user is not None or status not in {
            "administrator", "member", "restricted", "left", "kicked",
        }:  # fmt: skip
            raise ValueError(f"the bot can't become {status} in {chat}")
        before = bot_member(self.world, group)
        group.status = status  # type: ignore[assignment]
        group.rights = frozenset(rights)
        self._tell_membership(group, self.world.user(user), before)

    def open_topic(self, chat: int, user: int, name: str) -> int:
        """Open a topic in a forum: its thread id."""
        group, person = self._in_group(chat, user)
        if not group.forum:
            raise ValueError(f"{chat} is no forum")
        topic = open_topic(group, person.api(), name, ICON_COLOR)
        self._tell(group, group.messages[topic.thread_id], "message")
        return topic.thread_id

    def _file(
        self, user: int, kind: str, content: Json, caption: str, where: dict[str, str | int | None]
    ) -> int:
        caption = clean(caption).strip()
        if caption:
            content["caption"] = caption
            if entities := found_entities(caption):
                content["caption_entities"] = entities
        if album := where.get("album"):
            content["media_group_id"] = f"13{crc32(f'{user} {album}'.encode()):010d}"
        chat, thread, reply_to = (where.get(name) for name in ("chat", "thread", "reply_to"))
        assert not isinstance(chat, str)
        assert not isinstance(thread, str)
        assert not isinstance(reply_to, str)
        return self._write(user, content, kind, chat, thread, reply_to)

    def _write(
        self,
        user: int,
        content: Json,
        kind: str,
        chat: int | None,
        thread: int | None,
        reply_to: int | None,
    ) -> int:
        if chat is None:
            person = self.world.user(user)
            if person.blocked or person.deactivated:
                raise ValueError(f"{user} has blocked the bot or is gone, so can't write to it")
            place, topic = self.world.private_chat(person), None
            person.started = True
        else:
            place, person = self._in_group(chat, user)
            topic = self._topic(place, thread)
        reply = None if reply_to is None else self.world.message(place.id, reply_to)
        message = post(place, person.api(), content, kind=kind, topic=topic, reply=reply)
        self._tell(place, message, "message")
        return message.id

    def _in_group(self, chat: int, user: int) -> tuple[Chat, User]:
        group = self.world.chat(chat)
        if group.user is not None or group.migrated_to is not None:
            raise ValueError(f"{chat} is no group that people write in")
        group.members.setdefault(user, "member")
        return group, self.world.user(user)

    def _topic(self, group: Chat, thread: int | None) -> Topic | None:
        if thread is None or thread == GENERAL_TOPIC:
            return None
        topic = group.topics.get(thread)
        if topic is None or topic.gone:
            raise ValueError(f"there is no topic {thread} in {group.id}")
        return topic

    def _tell(self, chat: Chat, message: Message, kind: str) -> None:
        if chat.user is not None or self._hears(chat, message):
            self.telegram.updates.add(kind, message.api, f"chat {chat.id}")

    def _hears(self, group: Chat, message: Message) -> bool:
        """Whether the bot is there and, with privacy on and no admin, is spoken to."""
        if group.status in {"left", "kicked"}:
            return False
        if group.status == "administrator" or self.world.reads_all_groups:
            return True
        if message.kind == "service":
            return True
        if (message.api.get("reply_to_message") or {}).get("from", {}).get("id") == (
            self.world.bot_id
        ):
            return True
        name = f"@{self.world.username}".lower()
        words = message.text.lower().split()
        command = words[0] if words and words[0].startswith("/") else ""
        return name in message.text.lower() or (bool(command) and "@" not in command)

    def _tell_membership(self, chat: Chat, by: User, before: Json) -> None:
        payload = {
            "chat": chat.api(),
            "from": by.api(),
            "date": now(),
            "old_chat_member": before,
            "new_chat_member": bot_member(self.world, chat),
        }
        self.telegram.updates.add("my_chat_member", payload, f"chat {chat.id}")

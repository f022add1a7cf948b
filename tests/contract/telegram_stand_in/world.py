"""People, chats, topics, messages and files, as Telegram's servers would hold them.

All of it lives on the server's event loop; nothing here is called from another thread.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Literal

from tests.contract.telegram_stand_in.errors import Json

ChatType = Literal["private", "group", "supergroup"]
BotStatus = Literal["administrator", "member", "restricted", "left", "kicked"]
GENERAL_TOPIC = 1
ICON_COLOR = 7322096

RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
)
DEFAULT_RIGHTS = frozenset(
    {"can_manage_chat", "can_delete_messages", "can_pin_messages", "can_manage_topics"}
)


@dataclass
class User:
    """A person. ``hidden``: forwarded messages do not show the account."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = "vi"
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    hidden: bool = False

    def api(self) -> Json:
        """The User object of the Bot API."""
        told: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            if value := getattr(self, name):
                told[name] = value
        return told

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass
class Topic:
    """A forum topic. ``gone`` is the error that writing to it gives once it is deleted."""

    thread_id: int
    name: str
    icon_color: int = ICON_COLOR
    closed: bool = False
    gone: str = ""


@dataclass
class Message:
    """A message with its Bot API form. ``edits`` holds the earlier texts, the oldest first."""

    api: Json
    by_bot: bool
    kind: str = "text"
    edits: list[str] = field(default_factory=list)
    deleted: bool = False

    @property
    def id(self) -> int:
        """Its number within the chat."""
        return int(self.api["message_id"])

    @property
    def text(self) -> str:
        """Its text or caption, plain."""
        return str(self.api.get("text", self.api.get("caption", "")))


@dataclass
class Chat:
    """A private chat or a group, as the bot sees it."""

    id: int
    type: ChatType
    title: str = ""
    user: User | None = None
    forum: bool = False
    status: BotStatus = "administrator"
    rights: frozenset[str] = DEFAULT_RIGHTS
    migrated_to: int | None = None
    members: dict[int, str] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    sent: list[Message] = field(default_factory=list)
    last_id: int = 0

    def api(self) -> Json:
        """The Chat object of the Bot API."""
        told: Json = {"id": self.id, "type": self.type}
        if self.user is not None:
            told["first_name"] = self.user.first_name
            if self.user.last_name:
                told["last_name"] = self.user.last_name
            if self.user.username:
                told["username"] = self.user.username
        else:
            told["title"] = self.title
            if self.forum:
                told["is_forum"] = True
        return told

    def bot_can(self, right: str) -> bool:
        """Whether the bot is an admin here with that right."""
        return self.status == "administrator" and right in self.rights

    def add(self, message: Message) -> Message:
        """Keep a message."""
        self.messages[message.id] = message
        if message.by_bot:
            self.sent.append(message)
        return message

    def next_id(self) -> int:
        """The number of the next message."""
        self.last_id += 1
        return self.last_id


class World:
    """Everybody and everything that the bot may meet."""

    def __init__(self, token: str, username: str) -> None:
        self.token = token
        self.bot_id = int(token.partition(":")[0])
        self.username = username
        self.reads_all_groups = False
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self._user_ids = itertools.count(5_400_000_001)
        self._group_ids = itertools.count(1_900_000_001)

    def bot(self) -> Json:
        """The bot's own User object."""
        return {
            "id": self.bot_id,
            "is_bot": True,
            "first_name": "Cầu Nối thử",
            "username": self.username,
        }

    def user(self, user_id: int | None = None) -> User:
        """The person with that id, made on first use. Ids do not fit into 32 bits."""
        if user_id is None:
            user_id = next(one for one in self._user_ids if one not in self.users)
        if user_id <= 0:
            raise ValueError(f"a user id is positive, not {user_id}")
        if user_id not in self.users:
            self.users[user_id] = User(user_id, f"Người {user_id % 100_000}")
        return self.users[user_id]

    def private_chat(self, user: User) -> Chat:
        """The private chat with a person, made on first use."""
        if user.id not in self.chats:
            self.chats[user.id] = Chat(user.id, "private", user=user, status="member")
        return self.chats[user.id]

    def group(self, chat_id: int | None, kind: ChatType) -> Chat:
        """A new group; supergroup ids begin with -100, those of basic groups do not."""
        if chat_id is None:
            number = next(self._group_ids)
            chat_id = -1_000_000_000_000 - number if kind == "supergroup" else -number
        if chat_id >= 0 or chat_id in self.chats:
            raise ValueError(f"{chat_id} is no id for a new group")
        # Message 1 tells of the making of the group; General has its number as thread id.
        self.chats[chat_id] = Chat(chat_id, kind, last_id=GENERAL_TOPIC)
        return self.chats[chat_id]

    def chat(self, chat_id: int) -> Chat:
        """A chat that exists. Raises ValueError."""
        try:
            return self.chats[chat_id]
        except KeyError:
            raise ValueError(f"there is no chat {chat_id}") from None

    def message(self, chat_id: int, message_id: int) -> Message:
        """A message that exists. Raises ValueError."""
        message = self.chat(chat_id).messages.get(message_id)
        if message is None:
            raise ValueError(f"there is no message {message_id} in chat {chat_id}")
        return message


def now() -> int:
    """The date of what happens now: whole seconds since 1970."""
    return int(time.time())

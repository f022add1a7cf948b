"""The controls of a stand-in, the same whether it runs here or in another process."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tests.contract.telegram_stand_in.errors import Json
from tests.contract.telegram_stand_in.faults import FaultKind
from tests.contract.telegram_stand_in.records import CallSeen, Sent
from tests.contract.telegram_stand_in.world import BotStatus, ChatType

T = TypeVar("T")


class Controls(ABC):
    """What a test does with Telegram. Raises ValueError for what can't happen there."""

    host: str
    token: str

    @abstractmethod
    def _ask(self, operation: str, *arguments: Any, **named: Any) -> Any:
        """Do one operation of ``Steering``."""

    @abstractmethod
    def until(self, predicate: Callable[[], T], seconds: float = 5.0) -> T:
        """Wait until ``predicate()`` is true and return it."""

    async def eventually(self, predicate: Callable[[], T], seconds: float = 5.0) -> T:
        """``until`` for tests whose bot runs in the test's own event loop."""
        deadline = time.monotonic() + seconds
        while not (value := predicate()):
            if time.monotonic() > deadline:
                raise AssertionError(self.too_late(seconds))
            await asyncio.sleep(0.005)
        return value

    def too_late(self, seconds: float) -> str:
        """What to say when something did not happen in time."""
        last = [f"{call.method} {call.status}" for call in self.calls()[-8:]]
        return f"not within {seconds} s; the bot's last calls: {', '.join(last) or 'none'}"

    @property
    def address(self) -> str:
        """What a bot takes for ``base_url``; the token is appended to it."""
        return f"{self.host}/bot"

    @property
    def file_address(self) -> str:
        """What a bot takes for ``base_file_url``."""
        return f"{self.host}/file/bot"

    # People

    def user(self, user: int | None = None, **details: str | bool) -> int:
        """Make or change a person (first_name, last_name, username, hidden, deactivated): the id.

        ``hidden`` people do not show their account in forwarded messages. Nobody has to be made:
        an unknown id is somebody new.
        """
        return int(self._ask("user", user=user, **details))

    def say(self, user: int, text: str, *, reply_to: int | None = None) -> int:
        """Write to the bot: the message's id."""
        return int(self._ask("say", user=user, text=text, reply_to=reply_to))

    def say_in_group(
        self,
        chat: int,
        user: int,
        text: str,
        *,
        thread: int | None = None,
        reply_to: int | None = None,
    ) -> int:
        """Write into a group: the message's id. The bot hears of it if it may."""
        where = {"chat": chat, "thread": thread, "reply_to": reply_to}
        return int(self._ask("say", user=user, text=text, **where))

    def say_many(self, said: Sequence[tuple[int, str]]) -> list[int]:
        """Write many messages at once, (user, text) each: their ids."""
        return list(self._ask("say_many", said=said))

    def photo(
        self,
        user: int,
        content: bytes,
        caption: str = "",
        *,
        album: str | None = None,
        chat: int | None = None,
        thread: int | None = None,
    ) -> int:
        """Send a picture; those of one ``album`` name belong together."""
        more = {"caption": caption, "album": album, "chat": chat, "thread": thread}
        return int(self._ask("photo", user=user, content=_packed(content), **more))

    def document(
        self,
        user: int,
        content: bytes,
        name: str = "giay-to.pdf",
        *,
        mime_type: str = "application/pdf",
        caption: str = "",
        album: str | None = None,
        size: int | None = None,
        chat: int | None = None,
        thread: int | None = None,
    ) -> int:
        """Send a file; ``size`` declares it larger than it is, in bytes."""
        more = {"name": name, "mime_type": mime_type, "caption": caption, "album": album}
        where = {"size": size, "chat": chat, "thread": thread}
        return int(self._ask("document", user=user, content=_packed(content), **more, **where))

    def voice(self, user: int, content: bytes, seconds: int = 3, *, chat: int | None = None) -> int:
        """Send a voice message."""
        more = {"seconds": seconds, "chat": chat}
        return int(self._ask("voice", user=user, content=_packed(content), **more))

    def send(self, user: int, content: Json, *, chat: int | None = None) -> int:
        """Send anything else, given as Bot API fields: ``{"location": {…}}``."""
        return int(self._ask("send", user=user, content=content, chat=chat))

    def edit(self, user: int, message_id: int, text: str, *, chat: int | None = None) -> None:
        """Change the text or caption of one's own message."""
        self._ask("edit", user=user, message_id=message_id, text=text, chat=chat)

    def press(
        self,
        user: int,
        message_id: int,
        data: str,
        *,
        chat: int | None = None,
        forged: bool = False,
    ) -> str:
        """Press a button of the bot: the query's id. ``forged`` sends what no button offers."""
        more = {"data": data, "chat": chat, "forged": forged}
        return str(self._ask("press", user=user, message_id=message_id, **more))

    def block(self, user: int) -> None:
        """Block the bot; it is told by a my_chat_member update."""
        self._ask("block", user=user)

    def unblock(self, user: int) -> None:
        """Let the bot in again; it is told by a my_chat_member update."""
        self._ask("unblock", user=user)

    # Groups and topics

    def group(
        self,
        chat: int | None = None,
        *,
        forum: bool = False,
        title: str = "Tổ tư vấn",
        kind: ChatType = "supergroup",
        status: BotStatus = "administrator",
        rights: Sequence[str] | None = None,
        owner: int | None = None,
    ) -> int:
        """A group with the bot in it, of which the bot is not told: its id.

        ``rights`` are the bot's as an admin; None: to manage topics, to delete and pin messages.
        """
        details = {"title": title, "kind": kind, "status": status, "owner": owner}
        given = None if rights is None else list(rights)
        return int(self._ask("group", chat=chat, forum=forum, rights=given, **details))

    def set_bot(self, chat: int, status: BotStatus, *, by: int, rights: Sequence[str] = ()) -> None:
        """Add, promote, restrict or remove the bot; it is told by a my_chat_member update."""
        self._ask("set_bot", chat=chat, status=status, user=by, rights=list(rights))

    def set_privacy(self, on: bool) -> None:
        """Whether the bot hears only what is meant for it where it is no admin (at first: yes)."""
        self._ask("set_privacy", on=on)

    def migrate(self, chat: int) -> int:
        """Turn a basic group into a supergroup: the new id."""
        return int(self._ask("migrate", chat=chat))

    def open_topic(self, chat: int, user: int, name: str) -> int:
        """Let a person open a topic: its thread id."""
        return int(self._ask("open_topic", chat=chat, user=user, name=name))

    def topics(self, chat: int) -> list[Json]:
        """All topics: thread_id, name, icon_color, closed, gone (the error, if deleted)."""
        return list(self._ask("topics", chat=chat))

    def close_topic(self, chat: int, thread: int) -> None:
        """Let a person close a topic."""
        self._ask("close_topic", chat=chat, thread=thread)

    def reopen_topic(self, chat: int, thread: int) -> None:
        """Let a person reopen a topic."""
        self._ask("reopen_topic", chat=chat, thread=thread)

    def delete_topic(self, chat: int, thread: int, error: str = "message thread not found") -> None:
        """Let a person delete a topic; ``error`` (or TOPIC_DELETED) is what writing there gives."""
        self._ask("delete_topic", chat=chat, thread=thread, error=error)

    def delete_message(self, chat: int, message_id: int) -> None:
        """Let a message disappear."""
        self._ask("delete_message", chat=chat, message_id=message_id)

    # Trouble

    def fail_next(
        self,
        method: str,
        kind: FaultKind,
        times: int | None = 1,
        *,
        retry_after: int = 1,
        description: str = "",
        taken: bool = False,
        chat: int | None = None,
    ) -> None:
        """Let the next ``times`` calls of a method (``*``: of any) fail; None: until ``heal``.

        ``taken``: the call takes effect and only its answer is lost or wrong. ``chat`` limits it
        to calls for one chat.
        """
        details = {"times": times, "retry_after": retry_after, "description": description}
        where = {"taken": taken, "chat_id": chat}
        self._ask("fail_next", method=method, kind=kind, **details, **where)

    def heal(self) -> None:
        """From now on no call fails."""
        self._ask("heal")

    def flood(self, on: bool = True, **rates: tuple[int, float]) -> None:
        """Telegram's flood limits: ``private``, ``group``, ``total`` as (messages, seconds).

        At first off; 1 a second for each person, 20 a minute for each group, 30 a second in all.
        """
        self._ask("flood", on=on, **rates)

    def webhook(self, **options: float) -> None:
        """``allow_http``: plain HTTP and any port; ``backoff``, ``timeout``: seconds (1, 60)."""
        self._ask("webhook", **options)

    def send_twice(self, times: int = 1, *, at_once: bool = False) -> None:
        """Post the next updates to the webhook twice: one after the other, or both at once."""
        self._ask("send_twice", times=times, at_once=at_once)

    def redeliver(self, update: int | None = None) -> int:
        """Hand an update (the newest) out again, acknowledged or not: its id."""
        return int(self._ask("redeliver", update=update))

    def reorder(self, count: int = 2) -> None:
        """Post the next ``count`` updates to the webhook in the opposite order."""
        self._ask("reorder", count=count)

    def release(self) -> None:
        """Post what ``reorder`` still holds."""
        self._ask("release")

    def expire_files(self) -> None:
        """Let the file paths given so far expire."""
        self._ask("expire_files")

    def expire_queries(self) -> None:
        """Let the buttons pressed so far be too old to answer."""
        self._ask("expire_queries")

    # What happened

    def sent(self, chat: int | None = None) -> list[Sent]:
        """The bot's messages in a chat (None: in all, by chat), the oldest first."""
        return [Sent(**one) for one in self._ask("sent", chat=chat)]

    def sent_count(self) -> int:
        """How many messages the bot has sent; quick."""
        return int(self._ask("sent_count"))

    def calls(self, method: str | None = None) -> list[CallSeen]:
        """The bot's calls of a method (None: of all), the oldest first."""
        return [CallSeen(**one) for one in self._ask("calls", method=method)]

    def call_count(self, method: str | None = None) -> int:
        """How many calls of a method (None: of all); quick."""
        return int(self._ask("call_count", method=method))

    def updates(self) -> list[Json]:
        """Every update so far, as the bot gets it."""
        return list(self._ask("updates"))

    def pending(self) -> int:
        """How many updates the bot has not acknowledged; quick."""
        return int(self._ask("pending"))

    def handed_out(self) -> list[int]:
        """How often each update went to the bot, in the order of their ids."""
        return list(self._ask("handed_out"))

    def answer(self, query: str) -> Json | None:
        """What the bot answered to a pressed button (text, show_alert); None: not yet."""
        answer: Json | None = self._ask("answer", query=query)
        return answer

    def file(self, file_id: str) -> bytes:
        """The content of a file."""
        return b64decode(self._ask("file", file_id=file_id))


def _packed(content: bytes) -> str:
    return b64encode(content).decode()

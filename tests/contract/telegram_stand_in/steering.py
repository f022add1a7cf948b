"""What a test orders and asks: groups, topics, faults, redelivery, and what the bot did."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from tests.contract.telegram_stand_in.errors import Json
from tests.contract.telegram_stand_in.faults import Fault
from tests.contract.telegram_stand_in.people import People
from tests.contract.telegram_stand_in.posting import post
from tests.contract.telegram_stand_in.telegram import CallRecord
from tests.contract.telegram_stand_in.topics import remove_topic
from tests.contract.telegram_stand_in.world import (
    DEFAULT_RIGHTS,
    BotStatus,
    Chat,
    ChatType,
    Message,
    Topic,
)


class Steering(People):
    """Everything that can be asked from outside; arguments and results are JSON.

    Runs on the server's event loop. Raises ValueError for what can't be.
    """

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
        """Make a group with the bot in it, without telling the bot: its id."""
        group = self.world.group(chat, kind)
        group.title, group.forum, group.status = title, forum, status
        group.rights = DEFAULT_RIGHTS if rights is None else frozenset(rights)
        if owner is not None:
            group.members[self.world.user(owner).id] = "creator"
        return group.id

    def migrate(self, chat: int) -> int:
        """Turn a basic group into a supergroup, as switching topics on does: the new id."""
        old = self.world.chat(chat)
        new = self.world.group(None, "supergroup")
        new.title, new.status, new.rights = old.title, old.status, old.rights
        new.members = dict(old.members)
        admin = self.world.user(next(iter(old.members), None)).api()
        told = post(old, admin, {"migrate_to_chat_id": new.id}, kind="service")
        self._tell(old, told, "message")
        old.migrated_to = new.id
        told = post(new, admin, {"migrate_from_chat_id": old.id}, kind="service")
        self._tell(new, told, "message")
        return new.id

    def topics(self, chat: int) -> list[Json]:
        """All topics of a forum, the deleted ones too."""
        return [dict(vars(topic)) for topic in self.world.chat(chat).topics.values()]

    def close_topic(self, chat: int, thread: int) -> None:
        """Close a topic by hand."""
        self._any_topic(chat, thread).closed = True

    def reopen_topic(self, chat: int, thread: int) -> None:
        """Reopen a topic by hand."""
        self._any_topic(chat, thread).closed = False

    def delete_topic(self, chat: int, thread: int, error: str = "message thread not found") -> None:
        """Delete a topic by hand; ``error`` (or TOPIC_DELETED) is what writing to it gives."""
        remove_topic(self.world.chat(chat), self._any_topic(chat, thread), error)

    def delete_message(self, chat: int, message_id: int) -> None:
        """Take a message away by hand."""
        self.world.message(chat, message_id).deleted = True

    def fail_next(self, method: str, kind: str, **details: Any) -> None:
        """Let the next calls of a method fail; see ``Fault``."""
        self.telegram.faults.add(method, Fault(kind, **details))  # type: ignore[arg-type]

    def heal(self) -> None:
        """From now on nothing fails."""
        self.telegram.faults.heal()

    def flood(self, on: bool = True, **rates: Sequence[float]) -> None:
        """Turn flood limits on or off; rates (private, group, total) as (messages, seconds)."""
        limits = self.telegram.flood
        for name, rate in rates.items():
            if name not in {"private", "group", "total"}:
                raise ValueError(f"there is no limit for {name}")
            setattr(limits, name, tuple(rate))
        limits.on = on

    def webhook(self, **options: float) -> None:
        """Set ``allow_http``, ``backoff`` (s) or ``timeout`` (s) of the webhook."""
        for name, value in options.items():
            if name not in {"allow_http", "backoff", "timeout"}:
                raise ValueError(f"the webhook has no {name}")
            setattr(self.telegram.webhook, name, value)

    def send_twice(self, times: int = 1, at_once: bool = False) -> None:
        """Post the next updates twice: after they were taken, or both ``at_once``."""
        self.telegram.webhook.twice += [at_once] * times

    def reorder(self, count: int = 2) -> None:
        """Post the next ``count`` updates in the opposite order."""
        self.telegram.webhook.reorder(count)

    def release(self) -> None:
        """Post what ``reorder`` still holds."""
        self.telegram.webhook.release()

    def redeliver(self, update: int | None = None) -> int:
        """Hand an update (the newest) out again though it was acknowledged: its id."""
        updates = self.telegram.updates
        if not updates.all:
            raise ValueError("there is no update yet")
        chosen = updates.all[-1] if update is None else updates.get(update)
        if self.telegram.webhook.url:
            self.telegram.webhook.push_again(chosen)
        else:
            updates.again(chosen)
        return chosen.id

    def expire_files(self) -> None:
        """Let every file path issued so far expire."""
        self.telegram.files.expire()

    def expire_queries(self) -> None:
        """Let every pressed button be too old to answer."""
        for query in self.telegram.queries.values():
            query.expired = True

    def set_privacy(self, on: bool) -> None:
        """Whether the bot hears only what is meant for it in groups where it is no admin."""
        self.world.reads_all_groups = not on

    def sent(self, chat: int | None = None) -> list[Json]:
        """The bot's messages in a chat (in all chats: by chat), the oldest first."""
        chats = self.world.chats.values() if chat is None else [self.world.chats.get(chat)]
        return [
            _sent(place, message)
            for place in chats
            if place is not None
            for message in place.sent
            if message.kind != "service"
        ]

    def sent_count(self) -> int:
        """How many messages the bot has sent."""
        return sum(len(chat.sent) for chat in self.world.chats.values())

    def calls(self, method: str | None = None) -> list[Json]:
        """The bot's calls of a method (of all), the oldest first."""
        return [call.api() for call in self._calls(method)]

    def call_count(self, method: str | None = None) -> int:
        """How many calls of a method (of all) have come in."""
        return len(self._calls(method))

    def _calls(self, method: str | None) -> list[CallRecord]:
        if method is None:
            return self.telegram.all_calls
        return self.telegram.calls.get(method.lower(), [])

    def updates(self) -> list[Json]:
        """Every update so far, as the bot gets it."""
        return [update.body for update in self.telegram.updates.all]

    def pending(self) -> int:
        """How many updates the bot has not acknowledged."""
        return len(self.telegram.updates.pending)

    def handed_out(self) -> list[int]:
        """How often each update went to the bot, in the order of their ids."""
        return [update.handed_out for update in self.telegram.updates.all]

    def answer(self, query: str) -> Json | None:
        """What the bot answered to a pressed button; None when it has not."""
        return self.telegram.queries[query].answer

    def file(self, file_id: str) -> str:
        """The content of a file (base64)."""
        stored = self.telegram.files.get(file_id)
        if stored is None:
            raise ValueError(f"there is no file {file_id}")
        return b64encode(stored.content).decode()

    def _any_topic(self, chat: int, thread: int) -> Topic:
        topic = self.world.chat(chat).topics.get(thread)
        if topic is None:
            raise ValueError(f"there is no topic {thread} in {chat}")
        return topic


def _sent(chat: Chat, message: Message) -> Json:
    return {
        "chat_id": chat.id,
        "message_id": message.id,
        "kind": message.kind,
        "text": message.text,
        "thread_id": message.api.get("message_thread_id"),
        "edits": list(message.edits),
        "deleted": message.deleted,
        "api": message.api,
    }


OPERATIONS = frozenset(name for name in dir(Steering) if not name.startswith("_"))

"""Where a message may go, and how it comes to stand in a chat."""

from __future__ import annotations

import re
from typing import NoReturn

from tests.contract.telegram_stand_in.errors import Json, bad_request, forbidden
from tests.contract.telegram_stand_in.parameters import Parameters
from tests.contract.telegram_stand_in.world import Chat, Message, Topic, World, now

_COMMAND = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?")
_MENTION = re.compile(r"(?<!\w)@\w{4,32}")
_LINK = re.compile(r"https?://\S+")


def find_chat(world: World, chat_id: str) -> Chat:
    """The chat that a call names. Raises ApiError."""
    name = chat_id.strip()
    if not name:
        raise bad_request("chat_id is empty")
    try:
        chat = world.chats.get(int(name))
    except ValueError:
        raise bad_request("chat not found") from None
    if chat is None:
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        words = "group chat was upgraded to a supergroup chat"
        raise bad_request(words, {"migrate_to_chat_id": chat.migrated_to})
    return chat


def may_be_in(chat: Chat) -> None:
    """Refuse a call for a chat that keeps the bot out. Raises ApiError."""
    if chat.user is not None:
        if chat.user.deactivated:
            raise forbidden("user is deactivated")
        if chat.user.blocked:
            raise forbidden("bot was blocked by the user")
        if not chat.user.started:
            raise forbidden("bot can't initiate conversation with a user")
    elif chat.status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.type} chat")
    elif chat.status == "left":
        raise forbidden(f"bot is not a member of the {chat.type} chat")


def destination(world: World, parameters: Parameters) -> tuple[Chat, Topic | None]:
    """The chat and topic that a message is meant for, if it may go there. Raises ApiError."""
    chat = find_chat(world, parameters.text("chat_id"))
    may_be_in(chat)
    if chat.status == "restricted":
        raise bad_request("not enough rights to send text messages to the chat")
    return chat, _topic(chat, parameters.integer("message_thread_id"))


def _topic(chat: Chat, thread_id: int) -> Topic | None:
    if not thread_id or chat.user is not None:
        return None
    topic = chat.topics.get(thread_id) if chat.forum else None
    if topic is None:  # the General topic too: it takes messages without a thread id only
        raise bad_request("message thread not found")
    if topic.gone:
        raise bad_request(topic.gone)
    if topic.closed:
        raise bad_request("TOPIC_CLOSED")
    return topic


def replied_to(chat: Chat, parameters: Parameters) -> Message | None:
    """The message that a call answers, None without one. Raises ApiError."""
    asked = parameters.json("reply_parameters", "reply parameters")
    if isinstance(asked, dict):
        number, lenient = asked.get("message_id"), bool(asked.get("allow_sending_without_reply"))
    else:
        number = parameters.integer("reply_to_message_id")
        lenient = parameters.boolean("allow_sending_without_reply")
    if not number:
        return None
    message = chat.messages.get(number) if isinstance(number, int) else None
    if message is not None and not message.deleted:
        return message
    if lenient:
        return None
    raise bad_request("message to be replied not found")


def post(
    chat: Chat,
    sender: Json,
    content: Json,
    *,
    kind: str = "text",
    topic: Topic | None = None,
    reply: Message | None = None,
    markup: Json | None = None,
) -> Message:
    """Put a message into a chat."""
    api: Json = {
        "message_id": chat.next_id(),
        "from": sender,
        "chat": chat.api(),
        "date": now(),
        **content,
    }
    if topic is not None:
        api |= {"message_thread_id": topic.thread_id, "is_topic_message": True}
    if reply is not None:
        nested = {name: value for name, value in reply.api.items() if name != "reply_to_message"}
        api["reply_to_message"] = nested
    if markup is not None:
        api["reply_markup"] = markup
    return chat.add(Message(api, by_bot=bool(sender["is_bot"]), kind=kind))


def open_topic(chat: Chat, sender: Json, name: str, icon_color: int) -> Topic:
    """Open a topic: its id is that of the service message that announces it."""
    service = {"forum_topic_created": {"name": name, "icon_color": icon_color}}
    message = post(chat, sender, service, kind="service")
    topic = Topic(message.id, name, icon_color)
    message.api |= {"message_thread_id": topic.thread_id, "is_topic_message": True}
    chat.topics[topic.thread_id] = topic
    return topic


def found_entities(text: str) -> list[Json]:
    """The entities that Telegram finds in what a person types: commands, mentions, links."""
    found = []
    for kind, pattern in (("bot_command", _COMMAND), ("mention", _MENTION), ("url", _LINK)):
        for match in pattern.finditer(text):
            begin = len(text[: match.start()].encode("utf-16-le")) // 2
            length = len(match[0].encode("utf-16-le")) // 2
            found.append({"type": kind, "offset": begin, "length": length})
    return sorted(found, key=lambda entity: entity["offset"])


def refuse_rights(words: str) -> NoReturn:
    """400: the bot is not allowed to do this in the group."""
    raise bad_request(f"not enough rights to {words}")

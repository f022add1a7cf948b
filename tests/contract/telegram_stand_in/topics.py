"""The methods for forum topics."""

from __future__ import annotations

from tests.contract.telegram_stand_in.errors import Json, bad_request
from tests.contract.telegram_stand_in.markup import clean
from tests.contract.telegram_stand_in.posting import (
    find_chat,
    may_be_in,
    open_topic,
    post,
    refuse_rights,
)
from tests.contract.telegram_stand_in.telegram import Call, Handler
from tests.contract.telegram_stand_in.world import ICON_COLOR, Chat, Topic

MAX_NAME = 128
ICON_COLORS = frozenset({7322096, 16766590, 13338331, 9367192, 16749490, 16478047})
_NOT_FOUND = "message thread not found"


def create_forum_topic(call: Call) -> Json:
    """createForumTopic."""
    chat = _forum(call, "create a topic")
    color = call.parameters.integer("icon_color", ICON_COLOR)
    if color not in ICON_COLORS:
        raise bad_request("TOPIC_ICON_COLOR_INVALID")
    topic = open_topic(chat, call.world.bot(), _name(call), color)
    return {
        "message_thread_id": topic.thread_id,
        "name": topic.name,
        "icon_color": topic.icon_color,
    }


def edit_forum_topic(call: Call) -> bool:
    """editForumTopic: only the name counts here."""
    chat, topic = _topic(call, "edit the topic")
    if "name" in call.parameters.values:
        name = _name(call)
        if name == topic.name:
            raise bad_request("TOPIC_NOT_MODIFIED")
        topic.name = name
        _announce(call, chat, topic, {"forum_topic_edited": {"name": name}})
    return True


def close_forum_topic(call: Call) -> bool:
    """closeForumTopic."""
    return _set_closed(call, True)


def reopen_forum_topic(call: Call) -> bool:
    """reopenForumTopic."""
    return _set_closed(call, False)


def delete_forum_topic(call: Call) -> bool:
    """deleteForumTopic: its messages go with it."""
    if not _forum(call, "delete the topic").bot_can("can_delete_messages"):
        refuse_rights("delete the topic")
    chat, topic = _topic(call, "delete the topic")
    remove_topic(chat, topic, _NOT_FOUND)
    return True


def remove_topic(chat: Chat, topic: Topic, error: str) -> None:
    """Take a topic away with its messages; writing to it then gives ``error``."""
    topic.gone = error
    for message in chat.messages.values():
        if message.api.get("message_thread_id") == topic.thread_id:
            message.deleted = True


def _set_closed(call: Call, closed: bool) -> bool:
    chat, topic = _topic(call, "edit the topic")
    if topic.closed is closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    _announce(call, chat, topic, {"forum_topic_closed" if closed else "forum_topic_reopened": {}})
    return True


def _announce(call: Call, chat: Chat, topic: Topic, service: Json) -> None:
    post(chat, call.world.bot(), service, kind="service", topic=topic)


def _forum(call: Call, what: str) -> Chat:
    chat = find_chat(call.world, call.parameters.text("chat_id"))
    may_be_in(chat)
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    if not chat.bot_can("can_manage_topics"):
        refuse_rights(what)
    return chat


def _topic(call: Call, what: str) -> tuple[Chat, Topic]:
    chat = _forum(call, what)
    topic = chat.topics.get(call.parameters.integer("message_thread_id"))
    if topic is None:
        raise bad_request(_NOT_FOUND)
    if topic.gone:
        raise bad_request("TOPIC_ID_INVALID")
    return chat, topic


def _name(call: Call) -> str:
    """The name asked for. Longer than documented is refused, so that no test relies on a cut."""
    name = clean(call.parameters.text("name")).strip()
    if not name:
        raise bad_request("title must be non-empty")
    if len(name) > MAX_NAME:
        raise bad_request("TOPIC_TITLE_TOO_LONG")
    return name


METHODS: dict[str, Handler] = {
    "createforumtopic": create_forum_topic,
    "editforumtopic": edit_forum_topic,
    "closeforumtopic": close_forum_topic,
    "reopenforumtopic": reopen_forum_topic,
    "deleteforumtopic": delete_forum_topic,
}

"""The methods that change what stands in a chat, and the one that answers a pressed button."""

from __future__ import annotations

from tests.contract.telegram_stand_in.errors import Json, bad_request
from tests.contract.telegram_stand_in.keyboard import read_markup
from tests.contract.telegram_stand_in.posting import find_chat, may_be_in
from tests.contract.telegram_stand_in.sending import caption, message_text
from tests.contract.telegram_stand_in.telegram import Call, Handler
from tests.contract.telegram_stand_in.world import Chat, Message, now

MAX_CALLBACK_ANSWER = 200
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def edit_message_text(call: Call) -> Json:
    """editMessageText. Without ``reply_markup`` the keyboard goes, as it does at Telegram."""
    message = _own(call)
    content = message_text(call.parameters)
    if message.kind != "text":
        raise bad_request("there is no text in the message to edit")
    return _edit(call, message, content)


def edit_message_caption(call: Call) -> Json:
    """editMessageCaption."""
    message = _own(call)
    content = caption(call.parameters)
    if message.kind == "text":
        raise bad_request("there is no caption in the message to edit")
    return _edit(call, message, content)


def edit_message_reply_markup(call: Call) -> Json:
    """editMessageReplyMarkup."""
    message = _own(call)
    fields = ("text", "entities", "caption", "caption_entities")
    return _edit(call, message, {name: message.api[name] for name in fields if name in message.api})


def _own(call: Call) -> Message:
    """The bot's own message that a call wants to change. Raises ApiError."""
    if call.parameters.text("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = find_chat(call.world, call.parameters.text("chat_id"))
    may_be_in(chat)
    number = call.parameters.integer("message_id")
    if not number:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(number)
    if message is None or message.deleted:
        raise bad_request("message to edit not found")
    if not message.by_bot or message.kind == "service":
        raise bad_request("message can't be edited")
    return message


def _edit(call: Call, message: Message, content: Json) -> Json:
    markup = read_markup(call.parameters)
    changing = ("text", "entities", "caption", "caption_entities", "reply_markup")
    before = {name: message.api[name] for name in changing if name in message.api}
    after = content | ({"reply_markup": markup} if markup else {})
    if before == after:
        raise bad_request(_NOT_MODIFIED)
    if any(before.get(name) != after.get(name) for name in ("text", "caption")):
        message.edits.append(message.text)
    kept = {name: value for name, value in message.api.items() if name not in changing}
    message.api = kept | after | {"edit_date": now()}
    return message.api


def delete_message(call: Call) -> bool:
    """deleteMessage."""
    chat = find_chat(call.world, call.parameters.text("chat_id"))
    may_be_in(chat)
    message = chat.messages.get(call.parameters.integer("message_id"))
    if message is None or message.deleted:
        raise bad_request("message to delete not found")
    if not _deletable(chat, message):
        raise bad_request("message can't be deleted")
    message.deleted = True
    return True


def _deletable(chat: Chat, message: Message) -> bool:
    if message.kind == "service" and "forum_topic_created" in message.api:
        return False
    return message.by_bot or chat.user is not None or chat.bot_can("can_delete_messages")


def answer_callback_query(call: Call) -> bool:
    """answerCallbackQuery."""
    query = call.telegram.queries.get(call.parameters.text("callback_query_id"))
    if query is None or query.expired:
        words = "query is too old and response timeout expired or query ID is invalid"
        raise bad_request(words)
    text = call.parameters.text("text")
    if len(text) > MAX_CALLBACK_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answer = {"text": text, "show_alert": call.parameters.boolean("show_alert")}
    return True


METHODS: dict[str, Handler] = {
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback_query,
}

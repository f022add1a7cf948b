"""The methods that put a message into a chat."""

from __future__ import annotations

from tests.contract.telegram_stand_in.errors import (
    Json,
    bad_request,
    too_many_requests,
)
from tests.contract.telegram_stand_in.files import StoredFile
from tests.contract.telegram_stand_in.keyboard import read_markup
from tests.contract.telegram_stand_in.markup import parse, utf16_length
from tests.contract.telegram_stand_in.parameters import Parameters
from tests.contract.telegram_stand_in.posting import destination, find_chat, post, replied_to
from tests.contract.telegram_stand_in.telegram import Call, Handler
from tests.contract.telegram_stand_in.world import Message

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_PHOTO = 10 * 1024 * 1024
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")
ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


def styled(parameters: Parameters, name: str, entities: str) -> tuple[str, list[Json]]:
    """The text of an argument without its markup, and its entities. Raises ApiError."""
    given = parameters.json(entities, "message entities")
    if given and not parameters.text("parse_mode"):
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise bad_request("can't parse MessageEntity: Object expected")
        return parameters.text(name).strip(), given
    return parse(parameters.text(name), parameters.text("parse_mode"))


def message_text(parameters: Parameters) -> Json:
    """The text of a message as its fields. Raises ApiError."""
    if not parameters.text("text"):
        raise bad_request("message text is empty")
    text, entities = styled(parameters, "text", "entities")
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return {"text": text, **({"entities": entities} if entities else {})}


def caption(parameters: Parameters) -> Json:
    """The caption of a file as its fields. Raises ApiError."""
    text, entities = styled(parameters, "caption", "caption_entities")
    if utf16_length(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    told: Json = {"caption": text} if text else {}
    return told | ({"caption_entities": entities} if entities else {})


def put(call: Call, content: Json, kind: str) -> Message:
    """Send ``content`` where the call says, if flood limits let it. Raises ApiError."""
    markup = read_markup(call.parameters)
    chat, topic = destination(call.world, call.parameters)
    reply = replied_to(chat, call.parameters)
    if wait := call.telegram.flood.admit(chat.id):
        raise too_many_requests(wait)
    return post(chat, call.world.bot(), content, kind=kind, topic=topic, reply=reply, markup=markup)


def send_message(call: Call) -> Json:
    """sendMessage."""
    return put(call, message_text(call.parameters), "text").api


def send_photo(call: Call) -> Json:
    """sendPhoto."""
    return put(call, _file_content(call, "photo"), "photo").api


def send_document(call: Call) -> Json:
    """sendDocument."""
    return put(call, _file_content(call, "document"), "document").api


def send_voice(call: Call) -> Json:
    """sendVoice."""
    return put(call, _file_content(call, "voice"), "voice").api


def _file_content(call: Call, kind: str) -> Json:
    stored = _file(call, kind)
    told = caption(call.parameters)
    duration = call.parameters.integer("duration")
    return {**file_fields(call, stored, kind, duration=duration), **told}


def _file(call: Call, kind: str) -> StoredFile:
    """The file of a call: sent up, or one that the bot has seen. Nothing is fetched by URL."""
    value = call.parameters.text(kind)
    upload = call.parameters.uploads.get(value.removeprefix("attach://") or kind)
    if upload is None and value:
        if value.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        stored = call.telegram.files.get(value)
        if stored is None:
            raise bad_request("wrong remote file identifier specified: Wrong string length")
        return stored
    if upload is None:
        raise bad_request(f"there is no {kind} in the request")
    if not upload.content:
        raise bad_request("file must be non-empty")
    if kind == "photo":
        if len(upload.content) > MAX_PHOTO:
            size = len(upload.content)
            raise bad_request(
                f"file of size {size} bytes is too big for a photo; "
                f"the maximum size is {MAX_PHOTO} bytes"
            )
        if not upload.content.startswith(_IMAGES):
            raise bad_request("IMAGE_PROCESS_FAILED")
    return call.telegram.files.add(kind, upload.content, upload.name)


def file_fields(call: Call, stored: StoredFile, kind: str, duration: int = 0) -> Json:
    """A file as the field of a message."""
    if kind == "photo":
        return {"photo": call.telegram.files.sizes(stored)}
    if kind == "voice":
        return {"voice": {**stored.api(), "duration": duration, "mime_type": "audio/ogg"}}
    return {"document": {**stored.api(), "file_name": stored.name}}


def copy_message(call: Call) -> Json:
    """copyMessage: without a word of who wrote it."""
    source = _source(call, "copy")
    if source.kind == "service":
        raise bad_request("message can't be copied")
    content = _content(source)
    if "caption" in call.parameters.values and source.kind != "text":
        content = {name: value for name, value in content.items() if "caption" not in name}
        content |= caption(call.parameters)
    return {"message_id": put(call, content, source.kind).id}


def forward_message(call: Call) -> Json:
    """forwardMessage: shows who wrote it, unless that person hides it."""
    source = _source(call, "forward")
    if source.kind == "service":
        raise bad_request("message can't be forwarded")
    origin = source.api.get("forward_origin")
    if origin is None:
        origin = {"date": source.api["date"]}
        user = call.world.users.get(source.api["from"]["id"])
        if user is not None and user.hidden:
            origin |= {"type": "hidden_user", "sender_user_name": user.full_name}
        else:
            origin |= {"type": "user", "sender_user": source.api["from"]}
    return put(call, {**_content(source), "forward_origin": origin}, source.kind).api


def _source(call: Call, verb: str) -> Message:
    chat = find_chat(call.world, call.parameters.text("from_chat_id"))
    message = chat.messages.get(call.parameters.integer("message_id"))
    if message is None or message.deleted:
        raise bad_request(f"message to {verb} not found")
    return message


_OF_THE_PLACE = frozenset(
    {
        "message_id",
        "from",
        "chat",
        "date",
        "edit_date",
        "message_thread_id",
        "is_topic_message",
        "reply_to_message",
        "reply_markup",
        "media_group_id",
        "forward_origin",
    }
)


def _content(message: Message) -> Json:
    return {name: value for name, value in message.api.items() if name not in _OF_THE_PLACE}


def send_chat_action(call: Call) -> bool:
    """sendChatAction."""
    destination(call.world, call.parameters)
    if call.parameters.text("action").lower() not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


METHODS: dict[str, Handler] = {
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "senddocument": send_document,
    "sendvoice": send_voice,
    "copymessage": copy_message,
    "forwardmessage": forward_message,
    "sendchataction": send_chat_action,
}

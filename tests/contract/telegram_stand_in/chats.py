"""The methods about the bot itself, its commands, chats, members and files."""

from __future__ import annotations

import re

from tests.contract.telegram_stand_in.errors import Json, bad_request
from tests.contract.telegram_stand_in.posting import find_chat, may_be_in
from tests.contract.telegram_stand_in.telegram import Call, Handler
from tests.contract.telegram_stand_in.world import RIGHTS, Chat, World

MAX_COMMANDS = 100
MAX_DESCRIPTION = 256
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")


def get_me(call: Call) -> Json:
    """getMe."""
    return {
        **call.world.bot(),
        "can_join_groups": True,
        "can_read_all_group_messages": call.world.reads_all_groups,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(call: Call) -> Json:
    """getChat: the full information."""
    chat = find_chat(call.world, call.parameters.text("chat_id"))
    if chat.user is None:
        may_be_in(chat)
    return {
        **chat.api(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
        **({"permissions": _permissions()} if chat.user is None else {}),
    }


def _permissions() -> Json:
    names = ("messages", "audios", "documents", "photos", "videos", "video_notes", "voice_notes")
    other = ("send_polls", "send_other_messages", "add_web_page_previews", "invite_users")
    return {f"can_{name}": True for name in (*(f"send_{one}" for one in names), *other)}


def get_chat_member(call: Call) -> Json:
    """getChatMember."""
    chat = find_chat(call.world, call.parameters.text("chat_id"))
    may_be_in(chat)
    return member(call.world, chat, call.parameters.integer("user_id"))


def member(world: World, chat: Chat, user_id: int) -> Json:
    """The ChatMember object of somebody. Raises ApiError."""
    if user_id == world.bot_id:
        return bot_member(world, chat)
    user = world.users.get(user_id)
    if user is None:
        raise bad_request("invalid user_id specified")
    status = "member" if chat.user is user else chat.members.get(user_id, "left")
    if status == "creator":
        return {"status": status, "user": user.api(), "is_anonymous": False}
    if status == "administrator":
        rights = {right: right == "can_manage_chat" for right in RIGHTS}
        more = {"user": user.api(), "can_be_edited": False, "is_anonymous": False}
        return {"status": status, **more, **rights}
    told = {"status": status, "user": user.api()}
    return told | ({"until_date": 0} if status == "kicked" else {})


def bot_member(world: World, chat: Chat) -> Json:
    """The ChatMember object of the bot in a chat."""
    told: Json = {"status": chat.status, "user": world.bot()}
    if chat.status == "administrator":
        told |= {"can_be_edited": False, "is_anonymous": False}
        return told | {right: right in chat.rights for right in RIGHTS}
    if chat.status == "kicked":
        return told | {"until_date": 0}
    if chat.status == "restricted":
        told |= {"is_member": True, "until_date": 0, "can_manage_topics": False}
        told |= dict.fromkeys(_permissions(), False)
        more = ("change_info", "pin_messages", "edit_tag", "react_to_messages")
        return told | {f"can_{name}": False for name in more}
    return told


def get_chat_administrators(call: Call) -> list[Json]:
    """getChatAdministrators."""
    chat = _group(call)
    admins = [
        member(call.world, chat, user_id)
        for user_id, status in chat.members.items()
        if status in {"creator", "administrator"}
    ]
    return admins + ([bot_member(call.world, chat)] if chat.status == "administrator" else [])


def get_chat_member_count(call: Call) -> int:
    """getChatMemberCount."""
    chat = find_chat(call.world, call.parameters.text("chat_id"))
    may_be_in(chat)
    there = {"creator", "administrator", "member", "restricted"}
    return 2 if chat.user else 1 + sum(status in there for status in chat.members.values())


def leave_chat(call: Call) -> bool:
    """leaveChat."""
    _group(call).status = "left"
    return True


def _group(call: Call) -> Chat:
    chat = find_chat(call.world, call.parameters.text("chat_id"))
    may_be_in(chat)
    if chat.user is not None:
        raise bad_request("chat member status can't be changed in private chats")
    return chat


def set_my_commands(call: Call) -> bool:
    """setMyCommands."""
    asked = call.parameters.json("commands", "commands")
    if not isinstance(asked, list):
        raise bad_request("can't parse commands: Array expected")
    if len(asked) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    commands = []
    for one in asked:
        if not isinstance(one, dict):
            raise bad_request("can't parse BotCommand: Object expected")
        name, words = one.get("command"), one.get("description")
        if not isinstance(name, str) or not _COMMAND.fullmatch(name.removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not isinstance(words, str) or not 1 <= len(words.strip()) <= MAX_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        commands.append({"command": name.removeprefix("/"), "description": words.strip()})
    call.telegram.commands[_scope(call)] = commands
    return True


def get_my_commands(call: Call) -> list[Json]:
    """getMyCommands."""
    return call.telegram.commands.get(_scope(call), [])


def delete_my_commands(call: Call) -> bool:
    """deleteMyCommands."""
    call.telegram.commands.pop(_scope(call), None)
    return True


def _scope(call: Call) -> tuple[str, str]:
    scope = call.parameters.json("scope", "BotCommandScope") or {}
    if not isinstance(scope, dict):
        raise bad_request("can't parse BotCommandScope: Object expected")
    kind = scope.pop("type", "default")
    place = ":".join(str(scope[name]) for name in sorted(scope))
    return f"{kind} {place}".strip(), call.parameters.text("language_code")


def get_file(call: Call) -> Json:
    """getFile."""
    return call.telegram.files.issue(call.parameters.text("file_id"))


METHODS: dict[str, Handler] = {
    "getme": get_me,
    "getchat": get_chat,
    "getchatmember": get_chat_member,
    "getchatadministrators": get_chat_administrators,
    "getchatmembercount": get_chat_member_count,
    "leavechat": leave_chat,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "getfile": get_file,
}

"""The markup under a message: checked as strictly as the server checks it."""

from __future__ import annotations

from typing import Any

from tests.contract.telegram_stand_in.errors import Json, bad_request
from tests.contract.telegram_stand_in.parameters import Parameters

MAX_BUTTONS = 100
MAX_ROW = 8
MAX_CALLBACK_BYTES = 64
_ACTIONS = (
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def read_markup(parameters: Parameters) -> Json | None:
    """The inline keyboard of a call, None without one. Raises ApiError for a wrong one.

    Reply keyboards are checked and then left out: messages that come back do not show them.
    """
    markup = parameters.json("reply_markup", "reply keyboard markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = _rows(markup["inline_keyboard"], "inline keyboard")
        read = [[_inline_button(button) for button in row] for row in rows]
        _check_size(read)
        return {"inline_keyboard": read} if any(read) else None
    if "keyboard" in markup:
        for row in _rows(markup["keyboard"], "keyboard"):
            for button in row:
                if not isinstance(button, str) and not isinstance(button.get("text"), str):
                    raise _wrong("keyboard button", 'Can\'t find field "text"')
    return None


def _rows(value: Any, what: str) -> list[list[Any]]:
    if not isinstance(value, list):
        raise bad_request(f'field "{what.replace(" ", "_")}" must be of type Array')
    for row in value:
        if not isinstance(row, list):
            raise bad_request(f"can't parse {what}: Row must be an Array")
        for button in row:
            if not isinstance(button, dict) and not (
                what == "keyboard" and isinstance(button, str)
            ):
                raise bad_request(f"can't parse {what} button: Object expected")
    return value


def _check_size(rows: list[list[Json]]) -> None:
    if sum(map(len, rows)) > MAX_BUTTONS or any(len(row) > MAX_ROW for row in rows):
        raise bad_request("reply markup is too long")


def _inline_button(button: Json) -> Json:
    text = button.get("text")
    if not isinstance(text, str):
        raise _wrong("inline keyboard button", 'Can\'t find field "text"')
    if not text.strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    actions = [name for name in _ACTIONS if name in button]
    if not actions:
        words = "Text buttons are unallowed in the inline keyboard"
        raise _wrong("inline keyboard button", words)
    data = button.get("callback_data")
    if "callback_data" in button and (
        not isinstance(data, str) or not 1 <= len(data.encode()) <= MAX_CALLBACK_BYTES
    ):
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if "url" in button and not (
        isinstance(url, str) and url.startswith(("http://", "https://", "tg://"))
    ):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return {"text": text, **{name: button[name] for name in actions}}


def _wrong(what: str, words: str) -> Exception:
    return bad_request(f"can't parse {what}: {words}")

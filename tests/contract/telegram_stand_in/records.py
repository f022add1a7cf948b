"""What tests look at: messages that the bot sent, and its calls."""

from __future__ import annotations

from dataclasses import dataclass

from tests.contract.telegram_stand_in.errors import Json


@dataclass(frozen=True)
class Sent:
    """A message of the bot. ``text`` is its text or caption without markup.

    ``kind`` is text, photo, document or voice; ``edits`` the earlier texts, the oldest first;
    ``api`` the Message object of the Bot API.
    """

    chat_id: int
    message_id: int
    kind: str
    text: str
    thread_id: int | None
    edits: list[str]
    deleted: bool
    api: Json

    @property
    def entities(self) -> list[Json]:
        """The entities of its text or caption."""
        found: list[Json] = self.api.get("entities") or self.api.get("caption_entities") or []
        return found

    @property
    def reply_markup(self) -> Json | None:
        """Its inline keyboard."""
        return self.api.get("reply_markup")

    @property
    def buttons(self) -> list[tuple[str, str]]:
        """The words and the data (or the URL) of its buttons, row by row."""
        rows = (self.reply_markup or {}).get("inline_keyboard", [])
        return [
            (button["text"], button.get("callback_data") or button.get("url", ""))
            for row in rows
            for button in row
        ]

    def data_of(self, words: str) -> str:
        """The data of the button with these words. Raises KeyError."""
        return dict(self.buttons)[words]

    @property
    def reply_to(self) -> int | None:
        """The id of the message it answers."""
        number: int | None = (self.api.get("reply_to_message") or {}).get("message_id")
        return number

    @property
    def file_id(self) -> str | None:
        """Its file, of a photo the largest."""
        media = self.api.get(self.kind)
        if isinstance(media, list):
            media = media[-1]
        return str(media["file_id"]) if isinstance(media, dict) else None


@dataclass(frozen=True)
class CallSeen:
    """A call of the bot, its arguments as text. ``status`` 0: not answered (yet).

    ``files``: the sizes in bytes of what was sent up; ``at``: seconds since 1970.
    """

    method: str
    parameters: dict[str, str]
    files: dict[str, int]
    at: float
    status: int

"""What the Telegram channel is told from outside."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

API = "https://api.telegram.org/bot"
FILES = "https://api.telegram.org/file/bot"
WEBHOOK_PATH = "/telegram/webhook"
"""Where updates are posted, when the webhook's address names no path of its own."""

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class TelegramWrong(Exception):
    """The configuration cannot be used; the message is Vietnamese and says what to mend."""


@dataclass(frozen=True, slots=True)
class TelegramConfig:
    """Token and ways of one bot.

    ``base_url`` and ``base_file_url`` are followed by the token. ``webhook_address`` is the public
    address Telegram posts to, ``desk_groups`` the ids of groups of counsellors, where the bot only
    writes. Raises TelegramWrong when a webhook lacks its address or secret.
    """

    token: str = field(repr=False)
    base_url: str = API
    base_file_url: str = FILES
    mode: Literal["polling", "webhook"] = "polling"
    webhook_address: str = ""
    webhook_secret: str = field(default="", repr=False)
    desk_groups: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self.mode == "webhook":
            self.check_webhook()

    def check_webhook(self) -> None:
        """Whether a webhook can be served with this. Raises TelegramWrong."""
        if urlsplit(self.webhook_address).scheme not in ("http", "https"):
            raise TelegramWrong(
                "Webhook Telegram cần một địa chỉ công khai bắt đầu bằng https://. Hãy điền địa "
                "chỉ đó, hoặc chuyển sang chế độ polling."
            )
        if not _SECRET.fullmatch(self.webhook_secret):
            raise TelegramWrong(
                "Webhook Telegram cần một mật khẩu (secret) dài 1 đến 256 ký tự, chỉ gồm chữ cái "
                "không dấu, chữ số, dấu _ và dấu -. Hãy tạo một chuỗi ngẫu nhiên dài."
            )

    @property
    def token_is_shaped(self) -> bool:
        """Whether the token looks like one of BotFather's; another is not worth a request."""
        return _TOKEN.fullmatch(self.token) is not None

    @property
    def lease(self) -> str:
        """The name under which one process at a time polls for this token."""
        return f"telegram-{hashlib.sha256(self.token.encode()).hexdigest()[:16]}"

    @property
    def webhook_path(self) -> str:
        """The path of the webhook on this server."""
        path = urlsplit(self.webhook_address).path.rstrip("/")
        return path or WEBHOOK_PATH

    @property
    def webhook_url(self) -> str:
        """The whole address Telegram is given."""
        parts = urlsplit(self.webhook_address)
        return f"{parts.scheme}://{parts.netloc}{self.webhook_path}"

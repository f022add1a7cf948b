"""All that the stand-in is made of, and how an event finds its way to the bot."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.contract.zalo_stand_in.faults import Faults
from tests.contract.zalo_stand_in.ledger import Ledger, Sent
from tests.contract.zalo_stand_in.media import Media
from tests.contract.zalo_stand_in.people import People
from tests.contract.zalo_stand_in.switches import Switches
from tests.contract.zalo_stand_in.updates import Update, Updates, new_id, now_ms
from tests.contract.zalo_stand_in.webhook import Webhook


class Platform:
    """One bot on the platform. Everything here belongs to the server's event loop."""

    bot_id = "1459232241454765289"
    bot_name = "Bot Cầu Nối"

    def __init__(self, token: str, switches: Switches) -> None:
        self.token = token
        self.switches = switches
        self.updates = Updates(switches)
        self.webhook = Webhook(switches, self.updates.put)
        self.ledger = Ledger()
        self.people = People(switches)
        self.media = Media(switches)
        self.faults = Faults(switches)
        self.issued: dict[str, Update] = {}
        self.held: list[Update] | None = None
        self.tested_at = float("-inf")

    def message(
        self,
        user: str,
        *,
        group: str | None = None,
        message_id: str | None = None,
        date: int | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """What a person writes, as the bot would get it."""
        person = self.people.meet(user)
        chat, kind = (person, "PRIVATE") if group is None else (group, "GROUP")
        if self.switches.quota_counts_inbound:
            self.ledger.month += 1
        return {
            "message_id": message_id or new_id(),
            "date": now_ms() if date is None else date,
            "from": {"id": person, "display_name": user, "is_bot": False},
            "chat": {"id": chat, "chat_type": kind},
            **fields,
        }

    def emit(self, update: Update, *, after: float = 0.0) -> str:
        """Send an event on its way, ``after`` seconds late: its message id, or empty."""
        if update.message_id is not None:
            self.issued[update.message_id] = update
        if after > 0:
            asyncio.get_running_loop().call_later(after, self.pass_on, update)
        elif self.held is not None:
            self.held.append(update)
        else:
            self.pass_on(update)
        return update.message_id or ""

    def pass_on(self, update: Update) -> None:
        """To the webhook where one is set, else into the line for polls."""
        if self.webhook.url:
            self.webhook.add(update)
        else:
            self.updates.put(update)

    def echo(self, sent: Sent) -> None:
        """The bot's own message comes back to it as an event."""
        kind = "GROUP" if self.people.is_group(sent.chat_id) else "PRIVATE"
        message: dict[str, Any] = {
            "message_id": sent.message_id,
            "date": sent.date,
            "from": {"id": self.bot_id, "display_name": self.bot_name, "is_bot": True},
            "chat": {"id": sent.chat_id, "chat_type": kind},
        }
        if sent.photo is not None:
            photo = {"photo_url": sent.photo, "message_type": "CHAT_PHOTO"}
            caption = {"caption": sent.text} if sent.text else {}
            self.emit(Update("message.image.received", {**message, **photo, **caption}))
        elif sent.text:
            self.emit(Update("message.text.received", {**message, "text": sent.text}))

    def hold(self) -> None:
        """Keep events back from now on."""
        self.held = [] if self.held is None else self.held

    def unhold(self) -> list[Update]:
        """Keep no more back: what was held, as it was written."""
        held, self.held = self.held or [], None
        return held

    def close(self) -> None:
        """Everybody who waits is let go."""
        self.faults.closing.set()
        self.updates.ring()

    def figures(self) -> dict[str, int]:
        """Counts for benches; ``unanswered`` were sent without the bot being told."""
        ledger = self.ledger
        return {
            "people": len(self.people),
            "events": len(self.issued),
            "waiting": len(self.updates.waiting),
            "handed": sum(update.handed for update in self.issued.values()),
            "lost": len(self.updates.lost),
            "posts": sum(len(posts) for posts in self.webhook.attempts.values()),
            "given_up": len(self.webhook.given_up),
            "sent": len(ledger.sent),
            "unanswered": sum(not sent.answered for sent in ledger.sent),
            "calls": sum(len(calls) for calls in ledger.calls.values()),
        }

"""The control object: what people do, what the bot did, and what is to go wrong."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, Self, TypeVar

from tests.contract.zalo_stand_in.app import application
from tests.contract.zalo_stand_in.control import control_routes
from tests.contract.zalo_stand_in.ledger import Call, Sent
from tests.contract.zalo_stand_in.people import id_of
from tests.contract.zalo_stand_in.platform import Platform
from tests.contract.zalo_stand_in.serving import Serving
from tests.contract.zalo_stand_in.switches import Switches
from tests.contract.zalo_stand_in.updates import Update
from tests.contract.zalo_stand_in.webhook import SECRET_HEADER

T = TypeVar("T")
TOKEN = "1459232241454765289:stand-in-secret"


class ZaloStandIn:
    """A Zalo Bot server on localhost, to be used as a context manager.

    Methods are synchronous and may be called from any thread, except that those which wait for
    an answer of the bot's webhook (``empty_probe``, ``post``) must not be called from the event
    loop that serves that webhook. A ``user`` is a name, or an id of 20 hexadecimal digits.
    """

    def __init__(
        self, *, port: int = 0, token: str = TOKEN, control: bool = False, **switches: Any
    ) -> None:
        """``control`` opens ``/control/`` to everybody who reaches the port."""
        self.token = token
        self.switches = Switches(**switches)
        self._platform = Platform(token, self.switches)
        more = control_routes(self) if control else ()
        self._serving = Serving(application(self._platform, more), "127.0.0.1", port)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Serve; after ``stop`` on the same port again, with everything that was known."""
        self._platform.faults.open()
        self._serving.start()

    def stop(self) -> None:
        """Refuse connections from now on; polls and hanging calls are cut."""
        self._serving.do(self._platform.close)
        self._serving.stop()

    @property
    def address(self) -> str:
        """Base of all calls: ``<address>/bot<TOKEN>/<method>``."""
        return self._serving.address

    @property
    def bot_id(self) -> str:
        """The bot's own id."""
        return self._platform.bot_id

    @property
    def bot_name(self) -> str:
        """What people write after @ to mention the bot."""
        return self._platform.bot_name

    # What people do. Each returns the id of the message.

    def say(
        self, user: str, text: str, message_id: str | None = None, date: int | None = None
    ) -> str:
        """A person writes to the bot; ``date`` in epoch ms."""
        return self._text(user, text, message_id=message_id, date=date)

    def say_all(self, words: Sequence[Sequence[str]]) -> list[str]:
        """Many messages at once, each a pair of user and text."""
        return self._serving.do(lambda: [self._text(user, text) for user, text in words])

    def say_in_group(self, group: str, user: str, text: str, mentioned: bool = True) -> str:
        """A person writes in a group; the bot hears of it only when it is mentioned."""
        words = f"@{self.bot_name} {text}" if mentioned else text

        def work() -> str:
            chat = self._platform.people.join(group)
            return self._text(user, words, group=chat) if mentioned and chat else ""

        return self._serving.do(work)

    def photo(
        self,
        user: str,
        content: bytes,
        caption: str = "",
        field: Literal["photo_url", "photo"] = "photo_url",
        group: str | None = None,
    ) -> str:
        """A person sends a picture; in a group its caption must mention the bot to be heard."""

        def work() -> str:
            chat = self._platform.people.join(group) if group else None
            if group and (chat is None or f"@{self.bot_name}" not in caption):
                return ""
            fields: dict[str, Any] = {
                field: self.address + self._platform.media.put(content, "jpg", "image/jpeg"),
                "message_type": "CHAT_PHOTO",
            }
            if caption:
                fields["caption"] = caption
            return self._emit("message.image.received", user, group=chat, **fields)

        return self._serving.do(work)

    def sticker(self, user: str, sticker: str = "0e078a2fb66a5f34067b") -> str:
        """A person sends a sticker."""
        url = f"{self.address}/media/{sticker}.png"
        return self._emit("message.sticker.received", user, sticker=sticker, url=url)

    def voice(self, user: str, content: bytes = b"\xff\xf1") -> str:
        """A person sends a recording (raw ADTS)."""

        def work() -> str:
            url = self.address + self._platform.media.put(content, "aac", "audio/aac")
            kind = "message.voice.received"
            return self._emit(kind, user, voice_url=url, message_type="CHAT_VOICE")

        return self._serving.do(work)

    def unsupported(self, user: str, with_message: bool = True) -> str:
        """Something whose content is withheld; the event may even tell nothing of the chat."""
        kind = "message.unsupported.received"
        return self._emit(kind, user) if with_message else self._bare(kind)

    def unknown_event(self, user: str, name: str = "message.reaction.received", **more: Any) -> str:
        """An event that no document names, with any further fields of its message."""
        return self._emit(name, user, **more)

    def link(self, user: str, url: str) -> str:
        """A link as the event that only third parties tell of."""
        return self._emit("message.link.received", user, text=url, url=url)

    # How events travel.

    def late(self, user: str, text: str, seconds: float) -> str:
        """A message that arrives ``seconds`` after it was written; others overtake it."""

        def work() -> str:
            message = self._platform.message(user, text=text)
            return self._platform.emit(Update("message.text.received", message), after=seconds)

        return self._serving.do(work)

    def redeliver(self, message_id: str) -> None:
        """The event of a message arrives once more. Raises KeyError for one never sent."""
        self._serving.do(lambda: self._platform.pass_on(self._platform.issued[message_id]))

    def hold(self) -> None:
        """Keep events back until ``release``."""
        self._serving.do(self._platform.hold)

    def release(self, order: Literal["written", "reversed", "shuffled"] = "written") -> None:
        """Let the events that were held go, in that order."""

        def work() -> None:
            events = self._platform.unhold()
            if order == "shuffled":
                random.shuffle(events)
            for event in reversed(events) if order == "reversed" else events:
                self._platform.pass_on(event)

        self._serving.do(work)

    @contextmanager
    def reorder(self, order: Literal["reversed", "shuffled"] = "reversed") -> Iterator[None]:
        """What people do within it arrives in another order at its end."""
        self.hold()
        try:
            yield
        finally:
            self.release(order)

    def empty_probe(self, with_secret: bool = True) -> int:
        """POST nothing to the webhook: the HTTP status, 0 for no answer."""
        return self.post(b"", self._platform.webhook.secret if with_secret else None, None)

    def post(
        self,
        content: bytes | str,
        secret: str | None,
        content_type: str | None = "application/json",
    ) -> int:
        """POST anything to the webhook, with any secret or none.

        Returns the HTTP status, 0 for no answer. Raises RuntimeError when no webhook is set.
        """
        if not self._platform.webhook.url:
            raise RuntimeError("no webhook is set")
        headers = {} if secret is None else {SECRET_HEADER: secret}
        if content_type is not None:
            headers["Content-Type"] = content_type
        body = content.encode() if isinstance(content, str) else content
        return self._serving.wait_for(self._platform.webhook.post(body, headers)).status or 0

    # What the bot did.

    def chat(self, user: str) -> str:
        """The chat id of a person or group."""
        return id_of(user)

    def sent(self, chat: str | None = None, after: int = 0) -> list[Sent]:
        """Messages that reached a chat (None: all chats), without the first ``after`` of them."""
        ledger = self._platform.ledger
        return self._serving.do(
            lambda: (ledger.sent if chat is None else ledger.by_chat.get(id_of(chat), []))[after:]
        )

    def calls(self, method: str) -> list[Call]:
        """Calls of a method, also those refused."""
        return self._serving.do(lambda: list(self._platform.ledger.calls.get(method, ())))

    def deliveries(self, message_id: str) -> list[int | None]:
        """HTTP status of each POST of a message's event to the webhook; None for no answer."""
        return self._serving.do(lambda: list(self._platform.webhook.attempts.get(message_id, ())))

    def handed(self, message_id: str) -> int:
        """How many polls took the event of a message."""
        return self._serving.do(lambda: self._platform.issued[message_id].handed)

    def figures(self) -> dict[str, int]:
        """Counts of everything, for benches."""
        return self._serving.do(self._platform.figures)

    def until(self, predicate: Callable[[], T], seconds: float = 5.0) -> T:
        """Wait for something to become true and return it. Raises AssertionError otherwise."""
        deadline = time.monotonic() + seconds
        while not (value := predicate()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not so within {seconds} s; {self.figures()}")
            time.sleep(0.005)
        return value

    # What goes wrong.

    def fail_next(self, method: str, kind: str | int, times: int = 1) -> None:
        """The next calls of a method (``*``: any; ``media``: downloads) meet a fault (``Kind``).

        Raises ValueError for a kind that does not exist.
        """
        self._serving.do(lambda: self._platform.faults.plan(method, str(kind), times))

    def heal(self, method: str = "*") -> None:
        """Forget the faults that are still to come."""
        self._serving.do(lambda: self._platform.faults.heal(method))

    def expire_media(self) -> None:
        """No address of a picture or recording works any more."""
        self._serving.do(self._platform.media.expire)

    def new_month(self) -> None:
        """The monthly quota starts again."""
        self._serving.do(self._platform.ledger.new_month)

    def _text(self, user: str, text: str, **more: Any) -> str:
        return self._emit("message.text.received", user, text=text, **more)

    def _bare(self, name: str) -> str:
        return self._serving.do(lambda: self._platform.emit(Update(name, None)))

    def _emit(self, name: str, user: str, **fields: Any) -> str:
        def work() -> str:
            return self._platform.emit(Update(name, self._platform.message(user, **fields)))

        return self._serving.do(work)

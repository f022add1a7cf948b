"""A small web chat in memory: the real channel and routes, an invented conversation behind them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import uvicorn
from starlette.applications import Starlette

from bot.channels.port import Choice, Delivery, Incoming, Outgoing, Passage
from bot.channels.web import Shown, WebChannel, routes
from bot.channels.web.allowance import Allowance
from bot.channels.web.shown import FileContent
from bot.consent import Retention

KEY = bytes(range(32))

ANSWER = Outgoing(
    text=(
        "Được. Công ty mẫu trả trễ hơn 15 ngày thì phải trả thêm tiền lãi cho bạn, tính trên số "
        "lương còn thiếu.\n\nBạn nên làm:\n- Giữ lại bảng lương và tin nhắn hẹn ngày trả.\n"
        "- Gửi yêu cầu bằng giấy cho phòng nhân sự, giữ một bản có chữ ký nhận.\n"
        "- Sau 7 ngày chưa xong thì nhờ công đoàn cơ sở lên tiếng.\n\n"
        "Căn cứ: khoản 2 Điều 11 Luật Mẫu 01/2020/QH00, áp dụng từ 01/01/2021\n"
        "Tính đến ngày 02/03/2026. Trả lời tự động, không thay luật sư."
    ),
    choices=(
        Choice(id="again:1", label="Tiền lãi tính thế nào?"),
        Choice(id="again:2", label="Nghỉ việc vì bị nợ lương"),
    ),
    passages=(
        Passage(
            citation="Khoản 2 Điều 11 Luật Mẫu 01/2020/QH00, áp dụng từ 01/01/2021",
            text="2. Đây là lời văn đặt ra để thử.\na) Điểm thứ nhất của lời văn thử;\n"
            "b) Điểm thứ hai của lời văn thử.",
            note="Bản dùng để thử, không phải văn bản luật.",
        ),
    ),
)


@dataclass
class MemoryConversations:
    """Keeps conversations as the store would; ``broken`` makes every call fail."""

    said: list[tuple[str, Shown]] = field(default_factory=list)
    contents: dict[int, FileContent] = field(default_factory=dict)
    broken: bool = False
    busy: bool = True
    _ids: int = 0

    def add(self, chat_id: str, role: str, message: Outgoing, **more: object) -> Shown:
        """One more message at the end of a chat."""
        self._ids += 1
        fields = {"at": datetime.now(UTC), **message.model_dump(), **more}
        shown = Shown.model_validate({"id": self._ids, "role": role, **fields})
        self.said.append((chat_id, shown))
        return shown

    def forget(self, chat_id: str) -> None:
        """Erase a chat; its ids are never used again."""
        self.said = [one for one in self.said if one[0] != chat_id]

    async def history(self, chat_id: str, after_id: int, limit: int) -> Sequence[Shown]:
        return [m for m in self._of(chat_id) if m.id > after_id][:limit]

    async def before(self, chat_id: str, before_id: int | None, limit: int) -> Sequence[Shown]:
        return [m for m in self._of(chat_id) if before_id is None or m.id < before_id][-limit:]

    async def answering(self, chat_id: str) -> bool:
        said = self._of(chat_id)
        return self.busy and bool(said) and said[-1].role == "worker"

    async def file(self, chat_id: str, file: int) -> FileContent | None:
        kept = any(each.id == file for m in self._of(chat_id) for each in m.files)
        return self.contents.get(file) if kept else None

    def _of(self, chat_id: str) -> list[Shown]:
        if self.broken:
            raise OSError("the disk is gone")
        return [shown for chat, shown in self.said if chat == chat_id]


class StandIn:
    """The web channel over a memory store; every new message is answered after ``delay`` s."""

    def __init__(self, *, delay: float = 0.3, poll: float = 5.0, burst: int = 120) -> None:
        self.conversations = MemoryConversations()
        self.taken: list[Incoming] = []
        self.posts = 0
        self.inbox_broken = False
        self.answers = True
        self.logs = True
        self.delay = delay
        self.channel = WebChannel(
            self.accept,
            self.conversations,
            key=KEY,
            retention=Retention(agreed=timedelta(days=30)),
            allowance=Allowance(burst=burst),
            poll=poll,
        )
        self.app = Starlette(routes=routes(self.channel))
        self._tasks: set[asyncio.Task[None]] = set()

    async def accept(self, incoming: Incoming) -> bool:
        """Commit to memory, once for each update id."""
        self.posts += 1
        if self.inbox_broken:
            raise OSError("the disk is full")
        if any(
            (t.chat_id, t.update_id) == (incoming.chat_id, incoming.update_id) for t in self.taken
        ):
            return False
        self.taken.append(incoming)
        if self.logs:
            words = Outgoing(text=incoming.text or self._label(incoming))
            more = {"update_id": incoming.update_id}
            self.conversations.add(incoming.chat_id, "worker", words, **more)
        if self.answers:
            task = asyncio.create_task(self._answer(incoming))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return True

    async def say(self, chat_id: str, message: Outgoing, role: str = "bot") -> None:
        """Say something in a chat and deliver it."""
        shown = self.conversations.add(chat_id, role, message)
        await self.channel.send(Delivery(id=shown.id, chat_id=chat_id, message=message))

    def _label(self, incoming: Incoming) -> str:
        offered = (c for _, shown in self.conversations.said for c in shown.choices)
        return next((c.label for c in offered if c.id == incoming.choice), "")

    async def _answer(self, incoming: Incoming) -> None:
        await asyncio.sleep(self.delay)
        if incoming.text == "/xoa":
            self.conversations.forget(incoming.chat_id)
            await self.say(incoming.chat_id, Outgoing(text="Đã xoá hết cuộc trò chuyện."))
        elif incoming.choice is not None:
            await self.say(incoming.chat_id, Outgoing(text=f"Bạn đã chọn {incoming.choice}."))
        else:
            await self.say(incoming.chat_id, ANSWER)


@contextmanager
def serving(stand_in: StandIn, port: int = 0) -> Iterator[tuple[str, Callable[[], None]]]:
    """Serve on localhost in a thread: the address, and a call that ends the server early."""
    config = uvicorn.Config(
        stand_in.app, port=port, log_level="warning", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the test server did not start")
        time.sleep(0.02)
    address = server.servers[0].sockets[0].getsockname()

    def stop() -> None:
        server.should_exit = True
        thread.join(10)

    try:
        yield f"http://127.0.0.1:{address[1]}", stop
    finally:
        stop()

"""caunoi: the one program."""

from __future__ import annotations

import io
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from bot import logs, machine
from bot.app import application, asking
from bot.backup_commands import backup_command, restore_command
from bot.channel_commands import MARKS, telegram_app, zalo_app
from bot.console.card_commands import app as cards_app
from bot.console.desk.accounts import first_account
from bot.console.desk.logins import HOME
from bot.console.eval_command import eval_command
from bot.console.index_commands import app as index_app
from bot.console.user_commands import app as user_app
from bot.first_start import FirstBuildFailed, make_ready
from bot.selftest import examine
from bot.settings import Settings, SettingsWrong
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.migrate import StoreTooNew
from knowledge import labels
from knowledge.encoder import EncoderMissing
from knowledge.index_format import IndexDamaged
from knowledge.versions import NoIndex

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="Cầu Nối: pháp luật lao động bằng lời dễ hiểu, có căn cứ.",
)
app.add_typer(index_app, name="index")
app.add_typer(cards_app, name="cards")
app.command("eval")(eval_command)
app.command("backup")(backup_command)
app.command("restore")(restore_command)
app.add_typer(user_app, name="user")
app.add_typer(telegram_app, name="telegram")
app.add_typer(zalo_app, name="zalo")
_out = Console()
_err = Console(stderr=True)

AsOf = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="Ngày áp dụng, YYYY-MM-DD.")
]


class LogLevel(StrEnum):
    """How much is said in the logs."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


@contextmanager
def _told() -> Iterator[None]:
    """Failures a person can mend are said in a line, not as a traceback."""
    known = (
        NoIndex,
        IndexDamaged,
        EncoderMissing,
        FirstBuildFailed,
        StoreUnavailable,
        StoreTooNew,
        SettingsWrong,
        machine.BadLine,
    )
    try:
        yield
    except known as error:
        raise _failed(str(error)) from None
    except BrokenPipeError:
        # Whoever read the output has gone; the interpreter must not try to flush it once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except OSError as error:
        raise _failed(f"{error.strerror or error} {error.filename or ''}".strip()) from None


def _failed(message: str, code: int = 1) -> typer.Exit:
    """Say what is wrong on standard error; gives the exit to raise."""
    _err.print(f"[bold red]Lỗi:[/] {escape(message)}", highlight=False, soft_wrap=True)
    return typer.Exit(code)


@app.callback()
def _start(
    log_level: Annotated[
        LogLevel, typer.Option(case_sensitive=False, help="Mức ghi nhật ký.")
    ] = LogLevel.WARNING,
) -> None:
    logs.configure(log_level.value)
    with _told():
        Settings()  # every command reads them: what is wrong with them is said before any work


@app.command()
def run(
    host: Annotated[str | None, typer.Option(help="Địa chỉ lắng nghe.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Cổng; 0 là cổng trống bất kỳ.")
    ] = None,
) -> None:
    """Chuẩn bị mọi thứ nếu cần rồi mở trang trò chuyện và bàn tư vấn."""
    import uvicorn

    logs.configure("INFO")
    settings = Settings()
    with _told():
        # First of all, so that nobody waits for an index only to hear that the port is taken.
        listening = _listening(host or settings.host, settings.port if port is None else port)
        make_ready(settings, _out)
        served = application(settings)  # the store is migrated by now
        first = _first_account(settings)
        config = uvicorn.Config(
            served, log_level="warning", proxy_headers=False, timeout_graceful_shutdown=5
        )

        class Announced(uvicorn.Server):
            """Says that it is ready once it answers, not before."""

            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                if self.started:
                    _say_ready(listening.getsockname(), first)

        Announced(config).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    """A socket bound to that address; says why and exits when it cannot be had."""
    # The protocol is named so that asyncio knows TCP when it sees it and sends small answers at
    # once; unnamed, every answer on a kept connection waits some 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise _failed(
            f"không mở được {host}:{port} ({error.strerror}). "
            "Hãy chọn cổng khác: CAUNOI_PORT=8081 hoặc --port 8081."
        ) from None
    return listening


def _first_account(settings: Settings) -> tuple[str, str] | None:
    """The name and one-time password of the first account, made when there is none yet."""
    database = Database(settings.database_url)
    try:
        return first_account(database)
    finally:
        database.close()


def _say_ready(where: tuple[str, int], first: tuple[str, str] | None) -> None:
    here = f"http://{where[0]}:{where[1]}"
    says = f"Trang trò chuyện: [bold]{here}[/]\nBàn tư vấn:       [bold]{here}{HOME}[/]\n"
    if first is not None:
        name, password = map(escape, first)
        says += (
            f"Đăng nhập lần đầu: [bold]{name}[/], mật khẩu dùng một lần [bold]{password}[/]\n"
            "(chỉ hiện lần này; đăng nhập rồi đặt mật khẩu của bạn)\n"
        )
    _out.print(
        Panel.fit(f"{says}Dừng lại: Ctrl+C", title="Cầu Nối đã sẵn sàng", border_style="green")
    )
    sys.stdout.flush()


@app.command()
def selftest() -> None:
    """Kiểm tra kho dữ liệu, chỉ mục, bàn tư vấn và các kênh; nói rõ cần sửa gì."""
    with _told():
        found = examine(Settings())
    for each in found:
        _out.print(MARKS[each.state], end=" ")
        _out.print(f"{each.about}: {each.says}", highlight=False, markup=False, soft_wrap=True)
    if any(each.state == "wrong" for each in found):
        raise typer.Exit(1)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="Câu hỏi.")] = None,
    as_of: AsOf = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Mỗi dòng một câu hỏi JSON.")] = False,
) -> None:
    """Trả lời một câu hỏi, hoặc từng dòng JSON từ đầu vào chuẩn."""
    with _told():
        door = asking(Settings())
        if jsonl:
            for line in machine.answered(door, _lines(), machine.ask_line, _day(as_of)):
                print(line, flush=True)
            return
        answer = door.answer(_asked(question), _day(as_of))
        _out.print(answer.text, highlight=False, markup=False)
        if answer.doubt:
            _out.print(f"Lưu ý: {answer.doubt}", style="yellow", highlight=False, markup=False)
        for step in answer.steps:
            _out.print(f"  - {step}", highlight=False, markup=False)
        for citation in answer.citations:
            _out.print(f"Căn cứ: {citation.label}", style="dim", highlight=False, markup=False)
        _out.print(
            f"Tính đến ngày {labels.day(answer.as_of)}.", style="dim", highlight=False, markup=False
        )


@app.command()
def search(
    question: Annotated[str | None, typer.Argument(help="Câu hỏi.")] = None,
    as_of: AsOf = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Mỗi dòng một câu hỏi JSON.")] = False,
) -> None:
    """Tìm điều khoản cho một câu hỏi, hoặc từng dòng JSON từ đầu vào chuẩn."""
    with _told():
        door = asking(Settings())
        if jsonl:
            for line in machine.answered(door, _lines(), machine.search_line, _day(as_of)):
                print(line, flush=True)
            return
        found = door.find(_asked(question), _day(as_of))
        for number, hit in enumerate(found.hits, start=1):
            gave = ", ".join(f"{leg} {value:.3f}" for leg, value in hit.evidence.items())
            _out.print(
                f"{number:2}. {hit.ref}  {hit.score:.3f}  ({gave})", highlight=False, markup=False
            )


def _asked(question: str | None) -> str:
    text = question if question is not None else "".join(_lines())
    if not text.strip():
        raise _failed("chưa có câu hỏi.", 2)
    return text


def _lines() -> Iterator[str]:
    """Standard input as UTF-8; bytes that are not come through as lone surrogates."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="surrogateescape")
    yield from sys.stdin


def _day(as_of: datetime | None) -> date | None:
    return as_of.date() if as_of else None

"""caunoi: the one program."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.panel import Panel

from bot import logs, machine
from bot.app import application, asking
from bot.console.card_commands import app as cards_app
from bot.console.index_commands import app as index_app
from bot.first_start import FirstBuildFailed, make_ready
from bot.settings import Settings
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
_out = Console()
_err = Console(stderr=True)

AsOf = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="Ngày áp dụng, YYYY-MM-DD.")
]


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
        machine.BadLine,
    )
    try:
        yield
    except known as error:
        _err.print(f"[bold red]Lỗi:[/] {error}", highlight=False)
        raise typer.Exit(1) from None
    except BrokenPipeError:
        raise typer.Exit(0) from None
    except OSError as error:
        _err.print(f"[bold red]Lỗi:[/] {error.strerror or error} {error.filename or ''}")
        raise typer.Exit(1) from None


@app.callback()
def _start(
    log_level: Annotated[str, typer.Option(help="DEBUG, INFO, WARNING hoặc ERROR.")] = "WARNING",
) -> None:
    logs.configure(log_level.upper())


@app.command()
def run(
    host: Annotated[str | None, typer.Option(help="Địa chỉ lắng nghe.")] = None,
    port: Annotated[int | None, typer.Option(help="Cổng; 0 là cổng trống bất kỳ.")] = None,
) -> None:
    """Chuẩn bị mọi thứ nếu cần rồi mở trang trò chuyện."""
    import socket

    import uvicorn

    logs.configure("INFO")
    settings = Settings()
    with _told():
        make_ready(settings, _out)
        served = application(settings)
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host or settings.host, settings.port if port is None else port))
        except OSError as error:
            _err.print(
                f"[bold red]Lỗi:[/] không mở được cổng {settings.port if port is None else port} "
                f"({error.strerror}). Hãy chọn cổng khác: CAUNOI_PORT=8081 hoặc --port 8081."
            )
            raise typer.Exit(1) from None
        config = uvicorn.Config(
            served, log_level="warning", proxy_headers=False, timeout_graceful_shutdown=5
        )

        class Announced(uvicorn.Server):
            """Says that it is ready once it answers, not before."""

            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                if self.started:
                    _say_ready(listening.getsockname())

        Announced(config).run(sockets=[listening])


def _say_ready(where: tuple[str, int]) -> None:
    _out.print(
        Panel.fit(
            f"Trang trò chuyện: [bold]http://{where[0]}:{where[1]}[/]\nDừng lại: Ctrl+C",
            title="Cầu Nối đã sẵn sàng",
            border_style="green",
        )
    )
    sys.stdout.flush()


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
            for line in machine.answered(door, sys.stdin, machine.ask_line):
                print(line, flush=True)
            return
        answer = door.answer(_asked(question), _day(as_of))
        _out.print(answer.text, highlight=False)
        if answer.doubt:
            _out.print(f"Lưu ý: {answer.doubt}", style="yellow", highlight=False)
        for step in answer.steps:
            _out.print(f"  - {step}", highlight=False)
        for citation in answer.citations:
            _out.print(f"Căn cứ: {citation.label}", style="dim", highlight=False)
        _out.print(f"Tính đến ngày {labels.day(answer.as_of)}.", style="dim", highlight=False)


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
            for line in machine.answered(door, sys.stdin, machine.search_line):
                print(line, flush=True)
            return
        found = door.find(_asked(question), _day(as_of))
        for number, hit in enumerate(found.hits, start=1):
            gave = ", ".join(f"{leg} {value:.3f}" for leg, value in hit.evidence.items())
            _out.print(f"{number:2}. {hit.ref}  {hit.score:.3f}  ({gave})", highlight=False)


def _asked(question: str | None) -> str:
    text = question if question is not None else sys.stdin.read()
    if not text.strip():
        _err.print("[bold red]Lỗi:[/] chưa có câu hỏi.")
        raise typer.Exit(2)
    return text


def _day(as_of: datetime | None) -> date | None:
    return as_of.date() if as_of else None

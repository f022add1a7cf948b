"""caunoi backup, caunoi restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import make_url

from bot.settings import Settings
from bot.store.backup import STORE, BackupRefused, Held, back_up, restore

_out = Console()


def backup_command(
    target: Annotated[
        Path | None, typer.Argument(help="Tệp .tar.gz sẽ ghi; mặc định trong data/backups.")
    ] = None,
) -> None:
    """Sao lưu kho dữ liệu và khóa phiên trong lúc hệ thống vẫn chạy."""
    settings = Settings()
    named = f"caunoi-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz"
    target = target or settings.data / "backups" / named
    with _told():
        held = back_up(settings.data, _is_here(settings), target)
    _say(f"Đã sao lưu {_counted(held)} vào {target}.")


def restore_command(
    source: Annotated[Path, typer.Argument(help="Tệp .tar.gz do 'caunoi backup' ghi.")],
) -> None:
    """Phục hồi từ bản sao lưu; dữ liệu đang có được dời sang một thư mục riêng, không bị xóa."""
    settings = Settings()
    with _told():
        held, aside = restore(settings.data, _is_here(settings), source)
    _say(f"Đã phục hồi {_counted(held)} từ {source}.")
    if aside is not None:
        _say(f"Dữ liệu trước đó nằm trong {aside}; xóa đi khi không cần nữa.")


def _is_here(settings: Settings) -> bool:
    """Whether the store is the SQLite file of the data folder."""
    url = make_url(settings.database_url)
    here = url.database is not None and Path(url.database) == settings.data / STORE
    return url.get_backend_name() == "sqlite" and here


def _counted(held: Held) -> str:
    return f"{held.chats} cuộc trò chuyện, {held.messages} tin nhắn, {held.cases} hồ sơ"


def _say(text: str) -> None:
    _out.print(text, highlight=False, markup=False, soft_wrap=True)


@contextmanager
def _told() -> Iterator[None]:
    """What a person can mend is said in a line."""
    try:
        yield
    except BackupRefused as error:
        message = str(error)
    except OSError as error:
        message = f"{error.strerror or error} {error.filename or ''}".strip()
    else:
        return
    Console(stderr=True).print(f"Lỗi: {message}", markup=False, soft_wrap=True)
    raise typer.Exit(1)

"""``caunoi user …``: accounts of the desk, for who has a shell on the machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.cases.states import Role
from bot.console.desk.accounts import AccountRefused, Accounts
from bot.console.desk.pages import moment
from bot.console.desk.passwords import WeakPassword
from bot.console.desk.role_names import ROLES
from bot.settings import Settings
from bot.store import migrate
from bot.store.database import Database
from bot.store.errors import StoreUnavailable
from bot.store.migrate import StoreTooNew

app = typer.Typer(no_args_is_help=True, help="Tài khoản của bàn tư vấn.")
_out = Console()
_err = Console(stderr=True)

Name = Annotated[str, typer.Argument(metavar="TÊN", help="Tên đăng nhập, ví dụ lan.nguyen.")]


@contextmanager
def _accounts() -> Iterator[Accounts]:
    """The accounts of the store that is set; what a person can mend is said in a line."""
    settings = Settings()
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        migrate.upgrade(settings.database_url)
        database = Database(settings.database_url)
        try:
            yield Accounts(database)
        finally:
            database.close()
    except (AccountRefused, WeakPassword, StoreUnavailable, StoreTooNew) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.strerror or error} {error.filename or ''}".strip())


def _fail(message: str) -> None:
    _err.print(Text.assemble(("Lỗi: ", "bold red"), message), soft_wrap=True)
    raise typer.Exit(1)


@app.command()
def add(
    name: Name,
    shown: Annotated[str, typer.Option("--shown", help="Tên hiển thị, ví dụ 'Nguyễn Thị Lan'.")],
    role: Annotated[
        Role, typer.Option("--role", help="counsellor: tư vấn viên; lead: trưởng nhóm; admin.")
    ] = Role.COUNSELLOR,
    stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin",
            help="Đọc mật khẩu đầu tiên từ đầu vào chuẩn; không có thì hệ thống tạo một mật khẩu.",
        ),
    ] = False,
) -> None:
    """Thêm người; in ra mật khẩu dùng một lần."""
    given = sys.stdin.readline().rstrip("\r\n") if stdin else None
    with _accounts() as accounts:
        first = accounts.add(name, shown, role, given)
        _say_password(name.strip().casefold(), None if stdin else first)


@app.command("list")
def list_command() -> None:
    """Mọi tài khoản: vai trò, trạng thái, lần dùng cuối."""
    with _accounts() as accounts:
        people = accounts.list()
    table = Table("Tên đăng nhập", "Tên hiển thị", "Vai trò", "Trạng thái", "Dùng lần cuối")
    for one in people:
        if not one.active:
            state = "đã khóa"
        elif one.locked_until:
            state = f"sai mật khẩu nhiều lần, chờ đến {moment(one.locked_until)}"
        else:
            state = "chưa đặt mật khẩu riêng" if one.must_change else "đang dùng"
        seen = moment(one.seen_at) or "chưa lần nào"
        staff = one.staff
        table.add_row(staff.name, Text(staff.shown), ROLES[staff.role], state, seen)
    _out.print(table)
    if not people:
        _out.print("Chưa có ai. Thêm bằng: caunoi user add TÊN --shown 'Tên hiển thị' --role admin")


@app.command()
def password(name: Name) -> None:
    """Cấp mật khẩu dùng một lần, mở cả tài khoản đang tạm khóa vì nhập sai."""
    with _accounts() as accounts:
        found = accounts.named(name)
        _say_password(found.staff.name, accounts.reset_password(found.staff.id))


@app.command()
def role(
    name: Name,
    new: Annotated[Role, typer.Argument(metavar="VAI_TRÒ", help="counsellor, lead hoặc admin.")],
) -> None:
    """Đổi vai trò; người đó phải đăng nhập lại."""
    with _accounts() as accounts:
        found = accounts.named(name)
        accounts.set_role(found.staff.id, new)
        _out.print(Text(f"{found.staff.name}: {ROLES[new]}."))


@app.command()
def off(name: Name) -> None:
    """Khóa tài khoản: bị đăng xuất ngay và không vào được nữa; việc đã làm vẫn còn."""
    with _accounts() as accounts:
        found = accounts.named(name)
        accounts.deactivate(found.staff.id)
        _out.print(Text(f"Đã khóa tài khoản {found.staff.name}."))


@app.command()
def on(name: Name) -> None:
    """Mở lại tài khoản đã khóa."""
    with _accounts() as accounts:
        found = accounts.named(name)
        accounts.activate(found.staff.id)
        _out.print(Text(f"Đã mở lại tài khoản {found.staff.name}."))


def _say_password(name: str, first: str | None) -> None:
    if first is None:
        _out.print(Text(f"Đã có tài khoản {name}. Lần đăng nhập đầu sẽ phải đổi mật khẩu."))
        return
    said = Text.assemble(
        ("Tên đăng nhập: ", "dim"),
        (name, "bold"),
        ("\nMật khẩu dùng một lần: ", "dim"),
        (first, "bold"),
        "\nChỉ hiện lần này. Lần đăng nhập đầu sẽ phải đổi mật khẩu.",
    )
    _out.print(Panel.fit(said, border_style="green"))

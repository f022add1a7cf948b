"""``caunoi user …`` as someone at the machine uses it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from console_made import PASSWORD, hash_quickly
from rich.console import Console
from typer.testing import CliRunner, Result

from bot.cases.states import Role
from bot.console.desk.accounts import COMMAND_LINE, Accounts
from bot.console.desk.audit import Audit
from bot.console.user_commands import app
from bot.settings import Settings
from bot.store.database import Database


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that know only an empty folder."""
    hash_quickly(monkeypatch)
    monkeypatch.setenv("CAUNOI_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("CAUNOI_DATABASE", raising=False)
    # The width is taken from the environment once, when the module is imported.
    monkeypatch.setattr("bot.console.user_commands._out", Console(width=160))


def run(*words: str, given: str | None = None, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(words), input=given)
    assert result.exit_code == code, result.output
    return result


def accounts() -> Accounts:
    return Accounts(Database(Settings().database_url))


def password_in(output: str) -> str:
    found = re.search(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", output)
    assert found, output
    return found[0]


def test_an_account_from_nothing_to_off_and_back() -> None:
    first = password_in(run("add", "Lan", "--shown", "Nguyễn Thị Lan").output)
    assert accounts().check("lan", first, "here").role is Role.COUNSELLOR
    run("role", "lan", "lead")
    assert accounts().named("lan").staff.role is Role.LEAD
    second = password_in(run("password", "lan").output)
    assert second != first
    assert accounts().check("lan", second, "here")
    run("off", "lan")
    assert "đã khóa" in run("list").output
    run("on", "lan")
    shown = run("list").output
    assert "Nguyễn Thị Lan" in shown
    assert "Trưởng nhóm" in shown
    trail = Audit(Database(Settings().database_url)).page().entries
    assert len(trail) == 5
    assert {one.who for one in trail} == {COMMAND_LINE}


def test_a_password_may_be_given_and_is_not_shown() -> None:
    out = run("add", "lan", "--shown", "Lan", "--password-stdin", given=PASSWORD + "\n").output
    assert PASSWORD not in out
    assert accounts().check("lan", PASSWORD, "here")
    assert accounts().named("lan").must_change


def test_an_empty_house_says_how_to_begin() -> None:
    assert "caunoi user add" in run("list").output


@pytest.mark.parametrize(
    ("words", "given", "says"),
    [
        (("add", "Đào", "--shown", "Đào"), None, "Tên đăng nhập gồm"),
        (("add", "lan", "--shown", "Lan", "--password-stdin"), "ngắn\n", "ít nhất 10"),
        (("add", "lan", "--shown", "Lan", "--password-stdin"), "", "ít nhất 10"),
        (("password", "nobody"), None, "Không có tài khoản tên nobody"),
        (("off", "admin"), None, "quản trị viên cuối cùng"),
        (("add", "admin", "--shown", "Ai đó"), None, "Đã có tài khoản"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    words: tuple[str, ...], given: str | None, says: str
) -> None:
    run("add", "admin", "--shown", "Quản trị", "--role", "admin")
    result = run(*words, given=given, code=1)
    assert says in result.stderr
    assert "Traceback" not in result.output
    assert len(accounts().list()) == 1


def test_a_store_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAUNOI_DATABASE", "postgresql+psycopg://nobody@127.0.0.1:1/x")
    result = run("list", code=1)
    assert "PostgreSQL" in result.stderr

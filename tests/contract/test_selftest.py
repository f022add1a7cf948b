"""caunoi selftest and the webhook commands, as an operator runs them, against the stand-ins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cases.states import Role
from bot.cli import app
from bot.console.desk.accounts import Accounts
from bot.store.database import Database
from bot.store.migrate import upgrade
from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.zalo_stand_in.stand_in import ZaloStandIn

GROUP = -1_001_234_567_890


@pytest.fixture
def zalo() -> Iterator[ZaloStandIn]:
    with ZaloStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder and no tokens from outside."""
    for name in ("TELEGRAM_BOT_TOKEN", "ZALO_BOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CAUNOI_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def join(
    monkeypatch: pytest.MonkeyPatch, telegram: TelegramStandIn, zalo: ZaloStandIn, **more: str
) -> None:
    settings = {
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "CAUNOI_TELEGRAM_API": telegram.address,
        "CAUNOI_TELEGRAM_FILES": telegram.file_address,
        "ZALO_BOT_TOKEN": zalo.token,
        "CAUNOI_ZALO_API": zalo.address,
        **more,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def caunoi(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def line(result: Result, about: str) -> str:
    """The lines on one subject, their marks included."""
    return "\n".join(each for each in result.output.splitlines() if f" {about}:" in each)


def test_an_empty_house_is_told_what_it_lacks(house: Path) -> None:
    result = caunoi("selftest")
    assert result.exit_code == 1
    assert "✗" in line(result, "Chỉ mục luật")
    assert "caunoi user add" in line(result, "Tư vấn viên")
    assert "TELEGRAM_BOT_TOKEN" in line(result, "Telegram")
    assert "ZALO_BOT_TOKEN" in line(result, "Zalo")


def test_tokens_that_work_are_told_so_and_never_shown(
    house: Path, monkeypatch: pytest.MonkeyPatch, telegram: TelegramStandIn, zalo: ZaloStandIn
) -> None:
    join(monkeypatch, telegram, zalo)
    upgrade(f"sqlite:///{house}/caunoi.sqlite3")
    database = Database(f"sqlite:///{house}/caunoi.sqlite3")
    password = Accounts(database).add("lan", "Chị Lan", Role.COUNSELLOR)
    assert "!" in line(caunoi("selftest"), "Tư vấn viên")
    Accounts(database).check("lan", password, "127.0.0.1")
    database.close()
    result = caunoi("selftest")
    assert "✓" in line(result, "Telegram")
    assert "✓" in line(result, "Zalo")
    assert "✓" in line(result, "Tư vấn viên")
    assert "✗" not in line(result, "Telegram") + line(result, "Zalo")
    assert telegram.token not in result.output
    assert zalo.token not in result.output


def test_a_wrong_token_is_named_and_the_rest_goes_on(
    house: Path, monkeypatch: pytest.MonkeyPatch, telegram: TelegramStandIn, zalo: ZaloStandIn
) -> None:
    join(monkeypatch, telegram, zalo, TELEGRAM_BOT_TOKEN="12345:wrong")
    result = caunoi("selftest")
    assert result.exit_code == 1
    assert "✗" in line(result, "Telegram")
    assert "✗" not in line(result, "Zalo")
    assert "wrong" not in result.output


def test_a_webhook_that_blocks_polling_is_found_and_taken_away(
    house: Path, monkeypatch: pytest.MonkeyPatch, telegram: TelegramStandIn, zalo: ZaloStandIn
) -> None:
    secret = "a-long-secret-of-the-webhook"
    public = {"CAUNOI_PUBLIC_ADDRESS": "https://hoi.example.vn"}
    hooks = {
        "CAUNOI_TELEGRAM_WEBHOOK_SECRET": secret,
        "CAUNOI_ZALO_WEBHOOK_SECRET": secret,
    }
    join(monkeypatch, telegram, zalo, **public, **hooks)
    for channel in ("telegram", "zalo"):
        done = caunoi(channel, "webhook", "set")
        assert done.exit_code == 0, done.output
    assert "✗" not in line(caunoi("selftest"), "Telegram")
    for name in hooks:
        monkeypatch.delenv(name)
    found = caunoi("selftest")
    assert "caunoi telegram webhook delete" in line(found, "Telegram")
    assert "caunoi zalo webhook delete" in line(found, "Zalo")
    for channel in ("telegram", "zalo"):
        assert caunoi(channel, "webhook", "delete").exit_code == 0
    found = caunoi("selftest")
    assert "✗" not in line(found, "Telegram") + line(found, "Zalo")
    assert secret not in found.output


def test_the_group_must_be_one_the_bot_may_write_to(
    house: Path, monkeypatch: pytest.MonkeyPatch, telegram: TelegramStandIn, zalo: ZaloStandIn
) -> None:
    join(monkeypatch, telegram, zalo, CAUNOI_DESK_TELEGRAM_GROUP=str(GROUP))
    assert "✗" in line(caunoi("selftest"), "Telegram")
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN")
    found = caunoi("selftest")
    assert "TELEGRAM_BOT_TOKEN" in line(found, "Nhóm Telegram của bàn tư vấn")


def test_a_command_without_its_token_says_which(house: Path) -> None:
    for channel, name in (("telegram", "TELEGRAM_BOT_TOKEN"), ("zalo", "ZALO_BOT_TOKEN")):
        result = caunoi(channel, "webhook", "set")
        assert result.exit_code != 0
        assert name in result.output


def test_a_webhook_needs_a_public_address(
    house: Path, monkeypatch: pytest.MonkeyPatch, telegram: TelegramStandIn, zalo: ZaloStandIn
) -> None:
    join(monkeypatch, telegram, zalo, CAUNOI_TELEGRAM_WEBHOOK_SECRET="a-long-secret")
    for words in (("selftest",), ("telegram", "webhook", "set")):
        result = caunoi(*words)
        assert result.exit_code == 1
        assert "https://" in result.output

"""caunoi telegram|zalo webhook: tell a platform where to post, or that we poll."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from bot.channels.finding import Finding
from bot.channels.telegram import setup as telegram
from bot.channels.telegram.config import TelegramConfig, TelegramWrong
from bot.channels.zalo_bot import setup as zalo
from bot.channels.zalo_bot.channel import ZaloBotSettings
from bot.channels.zalo_bot.client import ZaloBotClient
from bot.joining import telegram_config, zalo_settings
from bot.settings import Settings

telegram_app = typer.Typer(no_args_is_help=True, help="Telegram: đặt hoặc gỡ webhook.")
zalo_app = typer.Typer(no_args_is_help=True, help="Zalo: đặt hoặc gỡ webhook.")
_out = Console()

What = Annotated[str, typer.Argument(metavar="set|delete", help="Đặt hay gỡ webhook.")]


@telegram_app.command("webhook")
def telegram_webhook(what: What) -> None:
    """Đặt webhook theo cài đặt, hoặc gỡ nó đi để nhận tin bằng polling."""
    try:
        config = _telegram()
        if _sets(what):
            _said("ok", f"Telegram sẽ gửi tin tới {asyncio.run(telegram.set_webhook(config))}")
        else:
            asyncio.run(telegram.delete_webhook(config))
            _said("ok", "Đã gỡ webhook; tin được nhận bằng polling.")
    except (TelegramWrong, telegram.SetupFailed) as error:
        _said("wrong", str(error))
        raise typer.Exit(1) from None


@zalo_app.command("webhook")
def zalo_webhook(what: What) -> None:
    """Đặt webhook theo cài đặt, hoặc gỡ nó đi để nhận tin bằng polling."""
    settings = Settings()
    config = _zalo(settings)

    async def tell() -> list[Finding]:
        client = ZaloBotClient(config.token, config.base_url)
        try:
            if _sets(what):
                url = zalo.webhook_url(settings.public_address)
                return await zalo.set_webhook(client, url, config.webhook_secret)
            return await zalo.delete_webhook(client)
        finally:
            await client.close()

    found = asyncio.run(tell())
    for each in found:
        _said(each.state, each.says)
    if any(each.state == "wrong" for each in found):
        raise typer.Exit(1)


def _sets(what: str) -> bool:
    if what not in ("set", "delete"):
        raise typer.BadParameter("phải là set hoặc delete")
    return what == "set"


def _telegram() -> TelegramConfig:
    config = telegram_config(Settings())
    if config is None:
        raise TelegramWrong("Chưa có TELEGRAM_BOT_TOKEN trong môi trường.")
    return config


def _zalo(settings: Settings) -> ZaloBotSettings:
    try:
        config = zalo_settings(settings)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if config is None:
        raise typer.BadParameter("chưa có ZALO_BOT_TOKEN trong môi trường")
    return config


MARKS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "wrong": "[bold red]✗[/]"}


def _said(state: str, says: str) -> None:
    _out.print(MARKS[state], end=" ")
    _out.print(says, highlight=False, markup=False, soft_wrap=True)

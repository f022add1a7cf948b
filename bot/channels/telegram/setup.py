"""What an operator checks and sets: token, webhook, commands, rights in the desk's groups."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from telegram import Bot, ChatMemberAdministrator, ChatMemberOwner, WebhookInfo
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.channels.finding import Finding
from bot.channels.telegram.client import ALLOWED_UPDATES, TelegramClient
from bot.channels.telegram.config import TelegramConfig, TelegramWrong
from bot.channels.telegram.faults import MALFORMED_RESULTS, words
from bot.channels.telegram.reading import COMMANDS

_FAULTS = (TelegramError, *MALFORMED_RESULTS)
_MANY_PENDING = 50
_RECENT = timedelta(hours=24)
_HERE = ZoneInfo("Asia/Ho_Chi_Minh")
_TIMEOUT = 10.0


class SetupFailed(Exception):
    """Telegram did not do it; the message is Vietnamese and says why."""


async def describe(config: TelegramConfig) -> list[Finding]:
    """What stands and what to mend. Changes nothing and raises nothing of the network's."""
    async with _client(config) as client:
        try:
            me = await client.bot.get_me()
        except _FAULTS as error:
            return [Finding("wrong", words(error))]
        found = [Finding("ok", f"Mã bot Telegram dùng được: @{me.username}.")]
        try:
            found += _of_webhook(config, await client.bot.get_webhook_info())
            found.append(await _of_commands(client.bot))
        except _FAULTS as error:
            found.append(Finding("wrong", words(error)))
        for group in sorted(config.desk_groups):
            found += await _of_group(client.bot, me.id, group)
        return found


async def set_webhook(config: TelegramConfig) -> str:
    """Have Telegram post updates to us; the address. What waits is kept.

    Raises TelegramWrong or SetupFailed.
    """
    config.check_webhook()
    if urlsplit(config.webhook_url).scheme != "https":
        raise TelegramWrong("Telegram chỉ gửi tới địa chỉ https://. Hãy sửa địa chỉ webhook.")
    async with _client(config) as client:
        try:
            await client.bot.set_webhook(
                config.webhook_url,
                secret_token=config.webhook_secret,
                allowed_updates=ALLOWED_UPDATES,
                drop_pending_updates=False,
            )
        except _FAULTS as error:
            raise SetupFailed(words(error)) from None
    return config.webhook_url


async def delete_webhook(config: TelegramConfig) -> None:
    """Have Telegram hold updates for polling. What waits is kept. Raises SetupFailed."""
    async with _client(config) as client:
        try:
            await client.bot.delete_webhook(drop_pending_updates=False)
        except _FAULTS as error:
            raise SetupFailed(words(error)) from None


@asynccontextmanager
async def _client(config: TelegramConfig) -> AsyncIterator[TelegramClient]:
    client = TelegramClient(config, _TIMEOUT)
    try:
        yield client
    finally:
        await client.close()


def _of_webhook(config: TelegramConfig, info: WebhookInfo) -> Iterable[Finding]:
    if config.mode == "polling":
        if info.url:
            yield Finding(
                "wrong",
                "Bot đang đặt webhook nên không nhận tin bằng polling được. Hãy chạy "
                "`caunoi telegram webhook delete`, hoặc chuyển sang chế độ webhook.",
            )
        else:
            yield Finding("ok", "Nhận tin bằng polling, không có webhook nào chắn.")
    elif info.url != config.webhook_url:
        now = "chưa đặt webhook" if not info.url else "đang đặt một webhook khác"
        yield Finding(
            "wrong", f"Bot {now}. Hãy chạy `caunoi telegram webhook set` để nhận tin ở đây."
        )
    else:
        yield Finding("ok", f"Webhook đặt đúng: {config.webhook_url}")
    if info.pending_update_count > _MANY_PENDING:
        yield Finding(
            "warning",
            f"{info.pending_update_count} tin đang chờ ở Telegram. Hãy kiểm tra hệ thống có đang "
            "chạy không: Telegram chỉ giữ tin 24 giờ.",
        )
    if info.url and info.last_error_date is not None:
        recent = datetime.now(UTC) - info.last_error_date < _RECENT
        at = info.last_error_date.astimezone(_HERE)
        yield Finding(
            "warning" if recent else "ok",
            f"Lần gần nhất Telegram không gửi được tin tới webhook: {at:%H:%M ngày %d/%m/%Y} "
            f"({(info.last_error_message or 'không rõ lý do')[:200]}).",
        )


async def _of_commands(bot: Bot) -> Finding:
    offered = {each.command for each in await bot.get_my_commands()}
    missing = [f"/{name}" for name in COMMANDS if name not in offered]
    if missing:
        return Finding(
            "warning",
            f"Trình đơn của bot chưa có {', '.join(missing)}; lần khởi động tới sẽ tự đặt.",
        )
    return Finding("ok", "Trình đơn lệnh của bot đã đủ.")


async def _of_group(bot: Bot, me: int, group: int) -> list[Finding]:
    try:
        chat = await bot.get_chat(group)
        member = await bot.get_chat_member(group, me)
    except (BadRequest, Forbidden):
        return [
            Finding(
                "wrong",
                f"Bot không thấy nhóm {group}. Hãy thêm bot vào nhóm và kiểm tra số hiệu nhóm "
                "(nhóm lớn có số bắt đầu bằng -100).",
            )
        ]
    except _FAULTS as error:
        return [Finding("wrong", f"Nhóm {group}: {words(error)}")]
    if isinstance(member, ChatMemberOwner):
        return [Finding("ok", f"Bot có đủ quyền trong nhóm {group}.")]
    if not isinstance(member, ChatMemberAdministrator):
        return [
            Finding(
                "wrong", f"Bot chưa là quản trị viên của nhóm {group}. Hãy đặt bot làm quản trị."
            )
        ]
    if chat.is_forum and not member.can_manage_topics:
        return [
            Finding(
                "wrong",
                f"Nhóm {group} có chủ đề (Topics) nhưng bot chưa có quyền quản lý chủ đề. Hãy bật "
                "quyền đó cho bot.",
            )
        ]
    return [Finding("ok", f"Bot có đủ quyền trong nhóm {group}.")]

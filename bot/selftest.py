"""What ``caunoi selftest`` looks at: store, index, desk, and each channel that has a token."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from bot.cases.hours import ZONE
from bot.channels.finding import State
from bot.channels.telegram import setup as telegram
from bot.channels.telegram.config import TelegramWrong
from bot.channels.zalo_bot import setup as zalo
from bot.channels.zalo_bot.client import ZaloBotClient
from bot.joining import telegram_config, zalo_settings
from bot.settings import Settings
from bot.store import migrate
from bot.store.database import Database
from bot.store.desk_models import User
from bot.store.errors import StoreUnavailable
from knowledge.index_format import IndexDamaged, Manifest
from knowledge.versions import NoIndex, current, folder_of


@dataclass(frozen=True, slots=True)
class Found:
    """One thing looked at. ``says`` is Vietnamese and tells what to do when it is not ok."""

    about: str
    state: State
    says: str


def examine(settings: Settings) -> list[Found]:
    """Look at everything; changes nothing but a store that waits to be migrated."""
    found = [*_index(settings), *_store(settings), *_desk(settings)]
    return found + asyncio.run(_channels(settings))


def _index(settings: Settings) -> Iterator[Found]:
    try:
        manifest = Manifest.read(folder_of(settings.index, current(settings.index)))
    except (NoIndex, IndexDamaged) as error:
        yield Found("Chỉ mục luật", "wrong", str(error))
        return
    yield Found(
        "Chỉ mục luật",
        "ok",
        f"Bản {manifest.version}: {manifest.clauses} điều khoản, {manifest.cards} thẻ.",
    )


def _store(settings: Settings) -> Iterator[Found]:
    try:
        migrate.upgrade(settings.database_url)
        database = Database(settings.database_url)
        try:
            with database.read() as session:
                staff = session.scalar(select(func.count()).where(User.active)) or 0
                used = User.active & User.seen_at.is_not(None)
                signed_in = session.scalar(select(func.count()).where(used)) or 0
        finally:
            database.close()
    except (StoreUnavailable, migrate.StoreTooNew) as error:
        yield Found("Kho dữ liệu", "wrong", str(error))
        return
    yield Found("Kho dữ liệu", "ok", "SQLite" if database.sqlite else "PostgreSQL")
    if signed_in:
        yield Found("Tư vấn viên", "ok", f"{staff} tài khoản, {signed_in} người đã đăng nhập.")
    elif staff:
        yield Found(
            "Tư vấn viên",
            "warning",
            "Đã có tài khoản nhưng chưa ai đăng nhập bàn tư vấn, nên người lao động vẫn được báo "
            "là chưa có tư vấn viên.",
        )
    else:
        yield Found(
            "Tư vấn viên",
            "warning",
            "Chưa có tài khoản nào, nên người lao động chưa gặp được người thật. Hãy chạy "
            "'caunoi user add TÊN'.",
        )


def _desk(settings: Settings) -> Iterator[Found]:
    now = datetime.now(UTC)
    hours = settings.opening_hours
    opens = hours.opens_at(now).astimezone(ZONE)
    says = "Đang mở cửa." if hours.is_open(now) else f"Mở cửa lúc {opens:%H:%M ngày %d/%m/%Y}."
    yield Found("Giờ làm việc", "ok", says)
    if settings.desk_telegram_group is not None and not _told(settings):
        yield Found(
            "Nhóm Telegram của bàn tư vấn",
            "wrong",
            "Có CAUNOI_DESK_TELEGRAM_GROUP nhưng thiếu TELEGRAM_BOT_TOKEN nên nhóm không được báo.",
        )
    if not settings.public_address.startswith("https://"):
        yield Found(
            "Địa chỉ công khai",
            "warning",
            "Chưa đặt CAUNOI_PUBLIC_ADDRESS (https://…): không dùng được webhook, và tin trong "
            "nhóm không có đường dẫn tới hồ sơ.",
        )


def _told(settings: Settings) -> bool:
    return bool(settings.telegram_token.get_secret_value().strip())


async def _channels(settings: Settings) -> list[Found]:
    return [*await _telegram(settings), *await _zalo(settings)]


async def _telegram(settings: Settings) -> list[Found]:
    try:
        config = telegram_config(settings)
    except TelegramWrong as error:
        return [Found("Telegram", "wrong", str(error))]
    if config is None:
        return [Found("Telegram", "ok", "Không dùng (chưa có TELEGRAM_BOT_TOKEN).")]
    return [Found("Telegram", each.state, each.says) for each in await telegram.describe(config)]


async def _zalo(settings: Settings) -> list[Found]:
    try:
        config = zalo_settings(settings)
    except ValueError as error:
        return [Found("Zalo", "wrong", str(error))]
    if config is None:
        return [Found("Zalo", "ok", "Không dùng (chưa có ZALO_BOT_TOKEN).")]
    expected = zalo.webhook_url(settings.public_address) if config.webhook_secret else None
    client = ZaloBotClient(config.token, config.base_url)
    try:
        found = await zalo.describe(client, expected)
    finally:
        await client.close()
    return [Found("Zalo", each.state, each.says) for each in found]

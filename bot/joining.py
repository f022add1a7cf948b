"""The channels that join when their tokens are in the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import structlog
from starlette.routing import BaseRoute

from bot.channels.telegram import webhook
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.config import TelegramConfig, TelegramWrong
from bot.channels.zalo_bot.channel import ZaloBotChannel, ZaloBotSettings
from bot.leading import leading
from bot.settings import Settings
from bot.store.leases import Leases

_log = structlog.get_logger(__name__)


@dataclass
class Joined:
    """Who joined. ``wrong`` says, in Vietnamese, what keeps another from joining."""

    telegram: TelegramChannel | None = None
    zalo: ZaloBotChannel | None = None
    routes: list[BaseRoute] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def channels(self) -> list[TelegramChannel | ZaloBotChannel]:
        """Those that joined."""
        return [each for each in (self.telegram, self.zalo) if each is not None]

    async def close(self) -> None:
        """Give connections back, after the last send."""
        for channel in self.channels:
            await channel.close()


def telegram_config(settings: Settings) -> TelegramConfig | None:
    """What Telegram is told; None without a token. Raises TelegramWrong."""
    token = settings.telegram_token.get_secret_value().strip()
    if not token:
        return None
    secret = settings.telegram_webhook_secret.get_secret_value()
    group = settings.desk_telegram_group
    return TelegramConfig(
        token=token,
        base_url=settings.telegram_api,
        base_file_url=settings.telegram_files,
        mode="webhook" if secret else "polling",
        webhook_address=settings.public_address,
        webhook_secret=secret,
        desk_groups=frozenset() if group is None else frozenset({group}),
    )


def zalo_settings(settings: Settings) -> ZaloBotSettings | None:
    """What Zalo is told; None without a token. Raises ValueError."""
    token = settings.zalo_token.get_secret_value().strip()
    if not token:
        return None
    return ZaloBotSettings(
        token=token,
        base_url=settings.zalo_api,
        webhook_secret=settings.zalo_webhook_secret.get_secret_value(),
    )


def join(settings: Settings, leases: Leases) -> Joined:
    """The channels there are tokens for. One that is wrongly set up does not keep others out."""
    joined = Joined()
    try:
        config = telegram_config(settings)
        if config is not None:
            joined.telegram = TelegramChannel(config, leases)
            if config.mode == "webhook":
                joined.routes += webhook.routes(joined.telegram)
    except TelegramWrong as error:
        joined.wrong.append(str(error))
    try:
        zalo = zalo_settings(settings)
        if zalo is not None:
            joined.zalo = ZaloBotChannel(zalo, partial(leading, leases))
            joined.routes += joined.zalo.routes()
    except ValueError as error:
        joined.wrong.append(str(error))
    for each in joined.wrong:
        _log.error("channel.not_joined", advice=each)
    return joined

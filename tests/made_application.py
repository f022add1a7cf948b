"""The whole application in this process: a made index, and channels that speak to stand-ins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from bot.app import application, asking
from bot.settings import Settings
from indexer.build import build
from indexer.publish import publish
from knowledge.asking import Asking
from tests.contract.telegram_stand_in import TelegramStandIn
from tests.contract.zalo_stand_in import ZaloStandIn
from tests.made_index import house, serving
from tests.made_server import NearEncoder

ADDRESS = "http://hoi.test"
TELEGRAM_HOOK, ZALO_HOOK = "/telegram/webhook", "/zalo-bot/webhook"
TELEGRAM_HEADER, ZALO_HEADER = "X-Telegram-Bot-Api-Secret-Token", "X-Bot-Api-Secret-Token"


@contextmanager
def opened_index(folder: Path) -> Iterator[Asking]:
    """The laws of ``tests.made_index``, built, published and open."""
    made = house(folder)
    with serving(NearEncoder(), made.register):
        publish(made.root, build(made.source()).manifest.version)
        yield asking(Settings(_env_file=None, data=folder))


def settings(
    data: Path,
    database_url: str,
    *,
    telegram: TelegramStandIn | None = None,
    zalo: ZaloStandIn | None = None,
    **more: object,
) -> Settings:
    """Settings that join the channels there are stand-ins for."""
    chosen: dict[str, object] = {
        "data": data,
        "database": database_url,
        "public_address": ADDRESS,
        "LAW_SOURCES": "",
        "TELEGRAM_BOT_TOKEN": "",
        "ZALO_BOT_TOKEN": "",
    }
    if telegram is not None:
        chosen |= {
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "telegram_api": telegram.address,
            "telegram_files": telegram.file_address,
        }
    if zalo is not None:
        chosen |= {"ZALO_BOT_TOKEN": zalo.token, "zalo_api": zalo.address}
    return Settings(_env_file=None, **(chosen | more))


@contextmanager
def running(chosen: Settings, knowledge: Asking) -> Iterator[TestClient]:
    """The application, started; whoever asks comes from a page of its own."""
    app = application(chosen, knowledge)
    with TestClient(app, ADDRESS, raise_server_exceptions=False, follow_redirects=False) as client:
        client.headers["origin"] = ADDRESS
        yield client

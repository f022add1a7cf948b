"""Settings from the environment (prefix CAUNOI_) and .env; every one has a working default."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.cases.hours import USUAL, OpeningHours, parse
from bot.cases.promises import Promises
from bot.cases.states import Urgency
from bot.consent import Retention
from knowledge.encoder import DEFAULT_MODEL

TELEGRAM_API = "https://api.telegram.org/bot"
TELEGRAM_FILES = "https://api.telegram.org/file/bot"
ZALO_API = "https://bot-api.zaloplatforms.com"

_CHECKOUT = Path(__file__).resolve().parent.parent


def _data_folder() -> Path:
    """``data`` in a checkout, the user's data folder where the package is installed."""
    if (_CHECKOUT / "pyproject.toml").exists():
        return _CHECKOUT / "data"
    return Path(platformdirs.user_data_dir("cau-noi"))


class SettingsWrong(Exception):
    """A setting that cannot be used: which one, and why."""


class Settings(BaseSettings):
    """What can be set from outside. Documented in .env.example and docs/operations.md."""

    model_config = SettingsConfigDict(
        env_prefix="CAUNOI_", env_file=".env", env_file_encoding="utf-8", extra="ignore"
    )

    data: Path = Field(default_factory=_data_folder, description="where everything is kept")
    database: str = Field(default="", description="SQLAlchemy address; empty: SQLite under data")
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_address: str = Field(default="", description="https address people use, behind a proxy")
    encoder: str = Field(default=DEFAULT_MODEL, description="default, or any hub model's name")
    encoder_threads: int = Field(default=2, ge=1, le=64)
    turn_threads: int = Field(default=2, ge=1, le=64)
    keep_versions: int = Field(default=5, ge=2, description="index versions kept on disk")
    keep_days: int = Field(default=90, ge=1, description="days a conversation is kept")

    telegram_token: SecretStr = Field(
        default=SecretStr(""), validation_alias="TELEGRAM_BOT_TOKEN", description="joins Telegram"
    )
    telegram_webhook_secret: SecretStr = Field(
        default=SecretStr(""), description="set: Telegram posts to us; empty: we poll"
    )
    telegram_api: str = Field(default=TELEGRAM_API, description="of Telegram, or of a local server")
    telegram_files: str = TELEGRAM_FILES
    zalo_token: SecretStr = Field(
        default=SecretStr(""), validation_alias="ZALO_BOT_TOKEN", description="joins Zalo"
    )
    zalo_webhook_secret: SecretStr = Field(
        default=SecretStr(""), description="set: Zalo posts to us; empty: we poll"
    )
    zalo_api: str = Field(default=ZALO_API, description="of the Zalo Bot Platform")

    desk_telegram_group: int | None = Field(
        default=None, description="id of the Telegram group in which counsellors are told"
    )
    desk_hours: str = Field(default=USUAL, description="opening hours, Monday is 1")
    desk_closed: str = Field(default="", description="more days closed, YYYY-MM-DD, by commas")
    desk_open: str = Field(default="", description="days open although they would be closed")
    desk_urgent_minutes: int = Field(default=15, ge=1, description="first answer, urgent cases")
    desk_soon_hours: float = Field(default=4, gt=0, description="first answer, opening hours")
    desk_normal_hours: float = Field(default=8, gt=0, description="first answer, opening hours")
    desk_next_hours: float = Field(default=4, gt=0, description="each further answer")
    desk_reopen_days: int = Field(default=7, ge=0, description="days a closed case can come back")
    law_sources: str | None = Field(
        default=None,
        validation_alias="LAW_SOURCES",
        description="folders of official copies, separated by ':'",
    )

    question_sets: str | None = Field(
        default=None,
        validation_alias="QUESTION_SETS",
        description="folders of question sets for 'caunoi eval', separated by ':'",
    )

    def __init__(self, **values: Any) -> None:
        """Read them. Raises SettingsWrong that names the variables as they are written."""
        try:
            super().__init__(**values)
        except ValidationError as error:
            wrong = "; ".join(
                f"{_variable(str(one['loc'][0]) if one['loc'] else 'desk_hours')}: {one['msg']}"
                for one in error.errors()
            )
            raise SettingsWrong(
                f"Cài đặt không dùng được ({wrong}). Hãy sửa biến môi trường hoặc tệp .env "
                "theo mẫu trong .env.example."
            ) from None

    @field_validator("data")
    @classmethod
    def _from_home(cls, data: Path) -> Path:
        return data.expanduser()

    @model_validator(mode="after")
    def _desk_can_open(self) -> Settings:
        self.opening_hours.opens_at(datetime.now(UTC))  # raises HoursUnreadable, a ValueError
        return self

    @property
    def database_url(self) -> str:
        """The database's address, SQLite in the data folder unless set."""
        return self.database or f"sqlite:///{self.data / 'caunoi.sqlite3'}"

    @property
    def index(self) -> Path:
        """Root of the index versions."""
        return self.data / "index"

    @property
    def models(self) -> Path:
        """Where prepared encoders lie."""
        return self.data / "models"

    @property
    def cache(self) -> Path:
        """What can be made again: parsed files, vectors."""
        return self.data / "cache"

    @property
    def downloads(self) -> Path:
        """Official copies fetched from the web; read like any folder of LAW_SOURCES."""
        return self.data / "sources"

    @property
    def law_folders(self) -> list[Path]:
        """The folders official copies are read from, those that exist."""
        if self.law_sources is not None:
            named = _folders(self.law_sources)
        else:
            named = [_CHECKOUT.parent / "shared" / "laws"]
        return [folder for folder in (*named, self.downloads) if folder.is_dir()]

    @property
    def question_folders(self) -> list[Path]:
        """The folders question sets are read from, those that exist."""
        if self.question_sets is not None:
            named = _folders(self.question_sets)
        else:
            named = [_CHECKOUT.parent / "shared" / "eval"]
        return [folder for folder in named if folder.is_dir()]

    @property
    def missing_folders(self) -> list[Path]:
        """Folders named in LAW_SOURCES that are not there."""
        if self.law_sources is None:
            return []
        return [folder for folder in _folders(self.law_sources) if not folder.is_dir()]

    @property
    def retention(self) -> Retention:
        """How long texts are kept."""
        return Retention(agreed=timedelta(days=self.keep_days))

    @property
    def opening_hours(self) -> OpeningHours:
        """When counsellors are there. Raises HoursUnreadable."""
        return parse(self.desk_hours, _days(self.desk_closed), _days(self.desk_open))

    @property
    def promises(self) -> Promises:
        """What workers who wait for a counsellor are promised."""
        return Promises(
            first={
                Urgency.URGENT: timedelta(minutes=self.desk_urgent_minutes),
                Urgency.SOON: timedelta(hours=self.desk_soon_hours),
                Urgency.NORMAL: timedelta(hours=self.desk_normal_hours),
            },
            next=timedelta(hours=self.desk_next_hours),
            reopen_within=timedelta(days=self.desk_reopen_days),
        )


def _folders(written: str) -> list[Path]:
    return [Path(part).expanduser() for part in written.split(os.pathsep) if part]


def _days(written: str) -> frozenset[date]:
    try:
        return frozenset(
            date.fromisoformat(part.strip()) for part in written.split(",") if part.strip()
        )
    except ValueError:
        raise ValueError(
            f"“{written}” phải là các ngày dạng 2026-12-31, cách nhau bằng dấu phẩy"
        ) from None


def _variable(field: str) -> str:
    """The name under which a field is set from outside."""
    return field if field.isupper() else f"CAUNOI_{field.upper()}"

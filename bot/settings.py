"""Settings from the environment (prefix CAUNOI_) and .env; every one has a working default."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.consent import Retention
from knowledge.encoder import DEFAULT_MODEL

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
    law_sources: str | None = Field(
        default=None,
        validation_alias="LAW_SOURCES",
        description="folders of official copies, separated by ':'",
    )

    def __init__(self, **values: Any) -> None:
        """Read them. Raises SettingsWrong that names the variables as they are written."""
        try:
            super().__init__(**values)
        except ValidationError as error:
            wrong = "; ".join(
                f"{_variable(str(one['loc'][0]))}: {one['msg']}" for one in error.errors()
            )
            raise SettingsWrong(
                f"Cài đặt không dùng được ({wrong}). Hãy sửa biến môi trường hoặc tệp .env "
                "theo mẫu trong .env.example."
            ) from None

    @field_validator("data")
    @classmethod
    def _from_home(cls, data: Path) -> Path:
        return data.expanduser()

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
            named = [Path(part).expanduser() for part in self.law_sources.split(os.pathsep) if part]
        else:
            named = [_CHECKOUT.parent / "shared" / "laws"]
        return [folder for folder in (*named, self.downloads) if folder.is_dir()]

    @property
    def missing_folders(self) -> list[Path]:
        """Folders named in LAW_SOURCES that are not there."""
        if self.law_sources is None:
            return []
        named = [Path(part).expanduser() for part in self.law_sources.split(os.pathsep) if part]
        return [folder for folder in named if not folder.is_dir()]

    @property
    def retention(self) -> Retention:
        """How long texts are kept."""
        return Retention(agreed=timedelta(days=self.keep_days))


def _variable(field: str) -> str:
    """The name under which a field is set from outside."""
    return field if field.isupper() else f"CAUNOI_{field.upper()}"

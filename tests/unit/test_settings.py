"""Settings from the environment and .env, and their documentation."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.settings import Settings, SettingsWrong

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings from this machine."""
    for name in [n for n in os.environ if n.startswith("CAUNOI_") or n == "LAW_SOURCES"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def variables() -> dict[str, str]:
    """Field to the variable that sets it."""
    return {
        name: str(field.validation_alias or f"CAUNOI_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }


def test_everything_works_unset() -> None:
    settings = Settings()
    assert settings.data == CHECKOUT / "data"
    assert settings.database_url == f"sqlite:///{CHECKOUT / 'data' / 'caunoi.sqlite3'}"
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.retention.agreed == timedelta(days=settings.keep_days)
    assert settings.missing_folders == []


@pytest.mark.parametrize(
    ("variable", "value", "field", "read"),
    [
        ("CAUNOI_DATA", "/srv/caunoi", "data", Path("/srv/caunoi")),
        ("CAUNOI_DATA", "~/caunoi", "data", Path.home() / "caunoi"),
        ("CAUNOI_DATABASE", "postgresql://h/d", "database_url", "postgresql://h/d"),
        ("CAUNOI_HOST", "0.0.0.0", "host", "0.0.0.0"),
        ("CAUNOI_PORT", "0", "port", 0),
        ("CAUNOI_PUBLIC_ADDRESS", "https://a.vn", "public_address", "https://a.vn"),
        ("CAUNOI_ENCODER", "some/model", "encoder", "some/model"),
        ("CAUNOI_ENCODER_THREADS", "4", "encoder_threads", 4),
        ("CAUNOI_TURN_THREADS", "4", "turn_threads", 4),
        ("CAUNOI_KEEP_VERSIONS", "2", "keep_versions", 2),
        ("CAUNOI_KEEP_DAYS", "7", "keep_days", 7),
        ("LAW_SOURCES", "/a:/b", "law_sources", "/a:/b"),
    ],
)
def test_each_variable_sets_its_field(
    variable: str, value: str, field: str, read: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert getattr(Settings(), field) == read


def test_everything_lies_under_the_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CAUNOI_DATA", str(tmp_path))
    settings = Settings()
    for folder in (settings.index, settings.models, settings.cache, settings.downloads):
        assert folder.parent == tmp_path


def test_law_sources_are_split_and_what_is_missing_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("a", "b b", "data/sources"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setenv("CAUNOI_DATA", str(tmp_path / "data"))
    a, b, gone = tmp_path / "a", tmp_path / "b b", tmp_path / "gone"
    monkeypatch.setenv("LAW_SOURCES", f"{a}::{b}:{gone}:")
    settings = Settings()
    assert settings.law_folders == [a, b, settings.downloads]
    assert settings.missing_folders == [gone]
    monkeypatch.setenv("LAW_SOURCES", "")
    assert Settings().law_folders == [settings.downloads]


def test_the_environment_goes_before_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("CAUNOI_PORT=9001\nLAW_SOURCES=/x\nOTHER=1\n")
    assert (Settings().port, Settings().law_sources) == (9001, "/x")
    monkeypatch.setenv("CAUNOI_PORT", "9002")
    assert Settings().port == 9002


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CAUNOI_PORT", "tám nghìn"),
        ("CAUNOI_PORT", "70000"),
        ("CAUNOI_KEEP_VERSIONS", "1"),
        ("CAUNOI_KEEP_DAYS", "0"),
        ("CAUNOI_TURN_THREADS", "0"),
    ],
)
def test_a_wrong_setting_is_named(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsWrong, match=rf"{variable}: .*\.env\.example"):
        Settings()


def test_every_setting_stands_in_the_example_file() -> None:
    text = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    written = re.findall(r"^#?([A-Z][A-Z_]*)=", text, re.MULTILINE)
    assert sorted(written) == sorted(variables().values())


def test_the_example_file_can_be_used_as_it_is(tmp_path: Path) -> None:
    text = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    assert Settings() == Settings(_env_file=None)
    (tmp_path / ".env").write_text(re.sub(r"^#(?=[A-Z_]+=)", "", text, flags=re.MULTILINE))
    Settings()

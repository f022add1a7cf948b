"""The program's commands: what they say when something is missing, and what they print."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import structlog
from typer.testing import CliRunner

from bot import cli
from knowledge.asking import Asking
from tests.unit.made_library import searcher

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _house(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An empty data folder, and logging put back as it was."""
    for name in [n for n in os.environ if n.startswith("CAUNOI_") or n == "LAW_SOURCES"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAUNOI_DATA", str(tmp_path / "da[ta]"))
    monkeypatch.setenv("COLUMNS", "200")
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made library answers."""
    door = Asking(cast(Any, SimpleNamespace(searcher=searcher())))
    monkeypatch.setattr(cli, "asking", lambda _settings: door)


def test_help_lists_the_commands() -> None:
    told = RUNNER.invoke(cli.app, ["--help"])
    assert told.exit_code == 0
    for name in ("run", "ask", "search", "index", "cards"):
        assert f" {name} " in told.output


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize("how", [["hái mướp"], ["--jsonl"]])
def test_without_an_index_it_says_how_to_get_one(command: str, how: list[str]) -> None:
    told = RUNNER.invoke(cli.app, [command, *how], input='{"id": 1, "question": "a"}\n')
    assert told.exit_code == 1
    assert told.stdout == ""
    assert "Lỗi: Chưa có chỉ mục" in told.stderr
    assert "caunoi index build --publish" in told.stderr


@pytest.mark.usefixtures("serving")
def test_an_answer_for_eyes() -> None:
    told = RUNNER.invoke(cli.app, ["ask", "hái mướp tối được thêm gì", "--as-of", "2024-05-01"])
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines()[0].startswith("Hái mướp buổi tối")
    assert "  - Ghi số rổ vào sổ." in told.stdout
    assert "Lưu ý: Tối rằm có mưa thì chưa rõ." in told.stdout
    assert "Căn cứ: khoản 1 Điều 98 Bộ luật Lao động 45/2019/QH14" in told.stdout
    assert "Tính đến ngày 01/05/2024." in told.stdout


@pytest.mark.usefixtures("serving")
def test_hits_for_eyes() -> None:
    told = RUNNER.invoke(cli.app, ["search"], input="hái mướp buổi tối")
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith(" 1. 45/2019/QH14 điều 98 khoản 1")


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize("command", ["ask", "search"])
def test_lines_for_machines(command: str) -> None:
    asked = '\ufeff{"id": "x", "question": "hái mướp"}\n{"id": 2, "question": "ong đốt"}\n'
    told = RUNNER.invoke(cli.app, [command, "--jsonl"], input=asked)
    assert told.exit_code == 0, told.output
    assert [json.loads(line)["id"] for line in told.stdout.splitlines()] == ["x", 2]


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize("bad", [b'{"id": 2}', b'{"id": 2, "question": "m\xff\xfep"}'])
def test_a_bad_line_stops_it_by_name(bad: bytes) -> None:
    asked = b'{"id": 1, "question": "a"}\n' + bad + b"\n"
    told = RUNNER.invoke(cli.app, ["search", "--jsonl"], input=asked)
    assert told.exit_code == 1
    assert len(told.stdout.splitlines()) == 1
    assert "Lỗi: dòng 2: " in told.stderr


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize("question", ["", "  \n"])
def test_no_question(question: str) -> None:
    told = RUNNER.invoke(cli.app, ["ask"], input=question)
    assert told.exit_code == 2
    assert "chưa có câu hỏi" in told.stderr


def test_a_port_in_use_is_said_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "make_ready", lambda *_: pytest.fail("built an index first"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = RUNNER.invoke(cli.app, ["run", "--port", str(port)])
    assert told.exit_code == 1
    assert f"không mở được 127.0.0.1:{port}" in told.stderr
    assert "CAUNOI_PORT" in told.stderr


@pytest.mark.parametrize("command", [["ask", "a"], ["index", "versions"], ["run"]])
def test_a_wrong_setting_is_said_by_every_command(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAUNOI_PORT", "nhiều")
    told = RUNNER.invoke(cli.app, command)
    assert told.exit_code == 1
    assert "Lỗi: Cài đặt không dùng được (CAUNOI_PORT: " in told.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", "--port", "70000"], "--port"),
        (["--log-level", "LOUD", "ask", "a"], "--log-level"),
        (["ask", "a", "--as-of", "1/2/2024"], "--as-of"),
    ],
)
def test_a_wrong_option_is_refused(arguments: list[str], named: str) -> None:
    told = RUNNER.invoke(cli.app, arguments)
    assert told.exit_code == 2
    assert named in told.stderr


def test_a_path_with_brackets_is_shown_whole(tmp_path: Path) -> None:
    (tmp_path / "da[ta]" / "index").mkdir(parents=True)
    (tmp_path / "da[ta]" / "index" / "current.json").write_text("{")
    told = RUNNER.invoke(cli.app, ["ask", "a"])
    assert told.exit_code == 1
    assert "da[ta]/index/current.json" in told.stderr


def test_a_disk_that_fails_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_settings: object) -> Asking:
        raise OSError(28, "No space left on device", "/srv/data")

    monkeypatch.setattr(cli, "asking", fails)
    told = RUNNER.invoke(cli.app, ["ask", "a"])
    assert told.exit_code == 1
    assert told.stderr.strip() == "Lỗi: No space left on device /srv/data"


def test_a_reader_that_leaves_is_no_error() -> None:
    """``caunoi … --jsonl | head -1`` ends quietly."""
    import subprocess

    program = (
        "import bot.cli as cli\n"
        "def lines(*_args):\n"
        "    while True:\n"
        "        yield 'x' * 1000\n"
        "cli.machine.answered = lines\n"
        "cli.asking = lambda settings: None\n"
        "cli.app(['search', '--jsonl'])\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        said = running.stderr.read()
        assert running.wait() == 0
    assert said == b""

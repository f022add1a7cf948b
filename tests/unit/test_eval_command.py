"""caunoi eval: the table, what got worse, why a question came out so."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from typer.testing import CliRunner

from bot import cli
from knowledge.asking import Asking
from tests.unit.made_library import LABOUR, searcher

RUNNER = CliRunner()


@pytest.fixture
def sets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with one set over the made library, which answers."""
    for name in [n for n in os.environ if n.startswith("CAUNOI_") or n == "QUESTION_SETS"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CAUNOI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "250")
    door = Asking(cast(Any, SimpleNamespace(searcher=searcher())))
    monkeypatch.setattr("bot.console.eval_command.asking", lambda _settings: door)
    rows = [
        {"id": 1, "question": "hái mướp tối được thêm gì", "gold": [_gold(98)]},
        {"id": 2, "question": "hái mướp tối được thêm gì", "gold": [_gold(400)]},
    ]
    folder = tmp_path / "sets"
    folder.mkdir()
    (folder / "vuon.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return folder


def _gold(article: int) -> dict[str, object]:
    return {"law": LABOUR, "article": article}


def _eval(*arguments: str) -> Any:
    return RUNNER.invoke(cli.app, ["eval", *arguments])


def test_a_run_is_accepted_and_later_ones_are_compared(sets: Path, tmp_path: Path) -> None:
    accepted = tmp_path / "search.json"
    first = _eval(str(sets), "--accepted", str(accepted), "--accept")
    assert first.exit_code == 0, first.output
    assert "vuon" in first.stdout
    assert "0.500" in first.stdout
    figures = json.loads(accepted.read_text())["sets"]["vuon"]
    assert (figures["answerable"], figures["first"]) == (2, 0.5)
    assert _eval(str(sets), "--accepted", str(accepted)).exit_code == 0

    held = json.loads(accepted.read_text())
    held["sets"]["vuon"]["first"] = 1.0
    accepted.write_text(json.dumps(held))
    worse = _eval(str(sets), "--accepted", str(accepted))
    assert worse.exit_code == 1
    assert "(-0.500)" in worse.stdout
    assert "Kém hơn lần đã chấp nhận: vuon, đúng ngay -0.500" in worse.stderr


def test_questions_not_found_are_listed(sets: Path, tmp_path: Path) -> None:
    told = _eval(str(sets / "vuon.jsonl"), "--worst", "--accepted", str(tmp_path / "none.json"))
    assert told.exit_code == 0, told.output
    assert f"vuon 2: hái mướp tối được thêm gì\n  cần {LABOUR} điều 400; ra {LABOUR}" in told.stderr
    assert "vuon 1:" not in told.stderr


def test_without_marks_the_set_has_a_line_of_its_own(sets: Path, tmp_path: Path) -> None:
    told = _eval(str(sets), "--fold", "--markdown", "--accepted", str(tmp_path / "none.json"))
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines()[2].startswith("| vuon không dấu | 2 |")


def test_a_question_is_explained(sets: Path) -> None:
    told = _eval("--explain", "hái mướp tối đc thêm gì")
    assert told.exit_code == 0, told.output
    assert "Đọc là: hái mướp tối được thêm gì" in told.stdout
    assert f"{LABOUR} điều 98" in told.stdout
    assert "lexical_clause" in told.stdout


def test_what_is_wrong_is_said(sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n")
    told = _eval(str(bad))
    assert told.exit_code == 2
    assert "bad.jsonl, dòng 1" in told.stderr
    monkeypatch.setenv("QUESTION_SETS", str(tmp_path / "nowhere"))
    monkeypatch.setattr("bot.console.eval_command.OWN", tmp_path / "none.jsonl")
    told = _eval()
    assert told.exit_code == 2
    assert "Chưa có bộ câu hỏi nào" in told.stderr

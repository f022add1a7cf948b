"""``caunoi cards …`` as a legal officer uses it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import official_texts
import pytest
from typer.testing import CliRunner, Result

from bot.console.card_commands import app

CARD = """\
  - id: {id}
    topic: tien-luong
    title: "Lương thấp nhất ở {id}"
    wordings:
      - from: 2026-01-01
        says: "Ở vùng I, lương tháng thấp nhất là {figure} đồng."
        refs: ["293/2025/NĐ-CP điều 3 khoản 1"]
    asks: ["lương thấp nhất {id}", "luong toi thieu cua {id}", "mức sàn ở {id}"{more}]
    review: {{written: 2026-11-21}}
"""
DECREE = "293-2025-ND-CP.txt"


@pytest.fixture
def decree() -> Path:
    """The official copy of the decree the made card rests on."""
    found = [path for folder in official_texts.folders() for path in folder.rglob(DECREE)]
    if not found:
        pytest.skip(f"LAW_SOURCES has no {DECREE}")
    return found[0]


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of official copies, and settings that know only it."""
    folder = tmp_path / "sources"
    folder.mkdir()
    monkeypatch.setenv("LAW_SOURCES", str(folder))
    monkeypatch.setenv("CAUNOI_DATA", str(tmp_path / "data"))
    return folder


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def _folder(tmp_path: Path, figure: str = "5.310.000", more: str = "") -> Path:
    folder = tmp_path / "cards"
    folder.mkdir()
    cards = CARD.format(id="vung-mot", figure=figure, more="") + CARD.format(
        id="noi-khac", figure="5.310.000", more=more
    )
    cards += '    shares: {vung-mot: "hai thẻ làm ra cho phép thử"}\n'
    (folder / "luong.yaml").write_text(
        f'law: "293/2025/NĐ-CP"\nchapter: "Lương"\ncards:\n{cards}', encoding="utf-8"
    )
    return folder


def _run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_list_shows_the_cards_of_a_topic() -> None:
    result = _run("list", "--topic", "thu-viec")
    assert result.exit_code == 0
    assert "thu-viec-luong" in result.output
    assert "luong-tra-cham" not in result.output


def test_list_of_an_unknown_topic_says_which_there_are() -> None:
    result = _run("list", "--topic", "tien-cong")
    assert result.exit_code == 1
    assert "tien-luong" in result.output


def test_show_gives_all_of_a_card() -> None:
    result = _run("show", "bhxh-ty-le-dong")
    assert result.exit_code == 0
    for part in ("bao-hiem-xa-hoi.yaml:", "Luật Bảo hiểm xã hội 41/2024/QH15", "8 + 1 + 1.5",
                 "Chỗ chưa chắc", "Cách hỏi", "21/11/2026"):  # fmt: skip
        assert part in result.output


def test_show_of_no_card_says_how_to_find_one() -> None:
    result = _run("show", "the-ma")
    assert result.exit_code == 1
    assert "caunoi cards search" in result.output


def test_search_knows_no_marks(tmp_path: Path) -> None:
    folder = str(_folder(tmp_path))
    assert "vung-mot" in _run("search", "lương", "VUNG", "mot", "--folder", folder).output
    assert _run("search", "máy bay", "--folder", folder).exit_code == 1


def test_counts_add_up() -> None:
    rows = [line.split("|") for line in _run("counts", "--markdown").output.splitlines()[2:]]
    numbers = [[int(cell) for cell in row[2:-1]] for row in rows]
    *topics, whole = numbers
    assert whole == [sum(column) for column in zip(*topics, strict=True)]
    assert whole[0] == sum(whole[2:]) > 0


def test_without_official_texts_check_says_what_it_could_not_do(
    tmp_path: Path, sources: Path
) -> None:
    result = _run("check", "--folder", str(_folder(tmp_path, figure="1")))
    assert result.exit_code == 0
    assert "293/2025/NĐ-CP" in result.output
    assert "LAW_SOURCES" in result.output
    assert "2 thẻ chưa đối chiếu được" in result.output


def test_check_finds_what_needs_no_official_text(tmp_path: Path, sources: Path) -> None:
    twice = ', "Mức sàn ở vung-mot?"'
    result = _run("check", "--folder", str(_folder(tmp_path, more=twice)))
    assert result.exit_code == 1
    assert re.search(r"luong\.yaml:13: thẻ noi-khac: .*vung mot.*thẻ vung-mot", result.output)


def test_a_malformed_file_is_told_with_its_line(tmp_path: Path, sources: Path) -> None:
    folder = _folder(tmp_path)
    path = folder / "luong.yaml"
    path.write_text(path.read_text("utf-8").replace("topic:", "chu-de:"), encoding="utf-8")
    result = _run("check", "--folder", str(folder))
    assert result.exit_code == 1
    assert re.search(r"luong\.yaml, dòng \d+", result.output)
    assert "Traceback" not in result.output


@pytest.mark.laws
def test_check_against_an_official_text(tmp_path: Path, decree: Path, sources: Path) -> None:
    shutil.copy(decree, sources)
    folder = _folder(tmp_path)
    right = _run("check", "--folder", str(folder))
    assert right.exit_code == 0, right.output
    assert "0 thẻ có lỗi" in right.output
    assert "0 thẻ chưa đối chiếu được" in right.output

    path = folder / "luong.yaml"
    path.write_text(path.read_text("utf-8").replace("5.310.000", "5.130.000", 1), encoding="utf-8")
    wrong = _run("check", "--folder", str(folder))
    assert wrong.exit_code == 1
    assert re.search(r"luong\.yaml:4: thẻ vung-mot: .*'5\.130\.000 đồng'", wrong.output)
    assert "1 thẻ có lỗi" in wrong.output

"""``caunoi index …`` as an admin uses it."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from indexer.sources.web import Limits
from knowledge.index_format import CLAUSES
from knowledge.versions import POINTER, current, folder_of, listed
from tests import made_index
from tests.made_index import (
    CONSOLIDATED_FILE,
    GARDEN,
    GARDEN_FILE,
    ORCHARD_FILE,
    MadeHouse,
    WordHashEncoder,
)

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Said:
    """What the program printed; white space is folded because tables and lines are wrapped."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Admin:
    """Types commands over one made world."""

    house: MadeHouse

    def types(self, *words: str) -> Said:
        result = CliRunner().invoke(app, ["index", *words], catch_exceptions=False)
        return Said(result.exit_code, _folded(result.stdout), _folded(result.stderr))

    def refused(self, *words: str) -> str:
        """The message of a command that fails, which stands on standard error only."""
        said = self.types(*words)
        assert said.code == 1, said
        assert said.err.startswith("Lỗi:")
        assert "Traceback" not in said.err
        return said.err


def _folded(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def admin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Admin]:
    house = made_index.house(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAUNOI_DATA", str(tmp_path))
    monkeypatch.setenv("CAUNOI_KEEP_VERSIONS", "2")
    monkeypatch.setenv("LAW_SOURCES", str(house.laws))
    monkeypatch.setattr("indexer.build.card_store.load", lambda: house.cards)
    with made_index.serving(WordHashEncoder(), house.register):
        yield Admin(house)


def _other_cards(house: MadeHouse, count: int) -> None:
    house.cards = made_index.cards()[:count]


def test_from_build_to_rollback(admin: Admin) -> None:
    root = admin.house.root
    assert "caunoi index build" in admin.refused("publish")
    assert "caunoi index build" in admin.refused("compare")

    said = admin.types("build")
    assert said.code == 0, said
    (one,) = listed(root)
    assert f"caunoi index publish {one}" in said.out
    assert "3 văn bản" in said.out
    assert not (root / POINTER).exists()
    assert "Nội dung không đổi" in admin.types("build").out

    assert f"Đang phục vụ phiên bản {one}" in admin.types("publish").out
    (admin.house.laws / ORCHARD_FILE).unlink()
    said = admin.types("build")
    two = listed(root)[-1]
    assert current(root) == one
    said = admin.types("compare")
    assert f"Từ {one} sang {two}" in said.out
    assert "- Điều 2 5/2010/QH98" in said.out

    assert admin.types("publish", two).code == 0
    assert current(root) == two
    table = admin.types("versions").out
    assert re.search(rf"▶ │ {two}", table)
    assert not re.search(rf"▶ │ {one}", table)
    assert f"quay lại phiên bản {one}" in admin.types("rollback").out
    assert current(root) == one
    assert "Không có phiên bản nào trước đó" in admin.refused("rollback")
    assert current(root) == one


def test_build_and_publish_in_one_and_old_versions_go(admin: Admin) -> None:
    for count in (3, 2, 1):
        _other_cards(admin.house, count)
        said = admin.types("build", "--publish")
        assert said.code == 0
    assert "Đã xoá 1 phiên bản cũ" in said.out
    assert len(listed(admin.house.root)) == 2
    assert current(admin.house.root) == listed(admin.house.root)[-1]


def test_a_build_says_what_is_missing_and_what_was_not_used(admin: Admin) -> None:
    admin.house.put("thu.txt", "Chiều nay họp tổ làm vườn.")
    said = admin.types("build")
    assert "Chưa có bản chính thức của 2 văn bản" in said.out
    assert made_index.BIG in said.out
    assert "LAW_SOURCES" in said.out
    assert "1 tệp không dùng" in said.out
    assert "caunoi index check" in said.out
    assert "Không dùng thu.txt: Đây không phải văn bản luật" in admin.types("check").out


def test_a_faulty_copy_builds_nothing_until_told_to_go_without(admin: Admin) -> None:
    name = "1-2020-QH99 [ban cuoi].txt"
    (admin.house.laws / GARDEN_FILE).unlink()
    (admin.house.laws / CONSOLIDATED_FILE).unlink()
    admin.house.put(name, made_index.garden().replace("Điều 3.", "Điều 4."))
    said = admin.refused("build", "--publish")
    assert name in said
    assert listed(admin.house.root) == []
    assert name in admin.types("check").out
    assert admin.types("check").code == 1
    allowed = admin.types("build", "--publish", "--without-faulty")
    assert allowed.code == 0
    assert name in allowed.out


def test_check_shows_each_copy_and_builds_nothing(admin: Admin) -> None:
    said = admin.types("check")
    assert said.code == 0
    assert re.search(rf"{GARDEN} │ {GARDEN_FILE} │ A │ 4 │ 4", said.out)
    assert f"Chưa có {made_index.BIG}" in said.out
    assert not admin.house.root.exists()


def test_a_folder_that_is_not_there_is_named(
    admin: Admin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone = tmp_path / "khong-co"
    monkeypatch.setenv("LAW_SOURCES", f"{admin.house.laws}:{gone}")
    for command in ("check", "build"):
        said = admin.types(command)
        assert said.code == 0
        assert f"LAW_SOURCES nhắc tới {gone}" in said.out


def test_damaged_versions_are_shown_as_such_and_can_be_left(admin: Admin) -> None:
    root = admin.house.root
    admin.types("build", "--publish")
    one = current(root)
    _other_cards(admin.house, 2)
    admin.types("build", "--publish")
    two = current(root)
    (folder_of(root, two) / "manifest.json").write_text("{", encoding="utf-8")
    said = admin.types("versions")
    assert said.code == 0
    assert "hỏng" in said.out
    assert two in said.err
    assert two in admin.refused("compare", one, two)
    assert two in admin.refused("publish", two)
    assert admin.types("rollback").code == 0
    assert current(root) == one
    (root / POINTER).write_text("{", encoding="utf-8")
    assert "caunoi index publish" in admin.refused("rollback")
    assert one in admin.types("versions").out
    assert admin.types("publish", one).code == 0
    assert current(root) == one


def test_a_damaged_version_is_replaced_by_building_again(admin: Admin) -> None:
    root = admin.house.root
    admin.types("build", "--publish")
    one = current(root)
    (folder_of(root, one) / CLAUSES).write_text("", encoding="utf-8")
    assert one in admin.refused("publish", one)
    assert admin.types("build", "--publish").code == 0
    assert current(root) != one


@pytest.mark.parametrize("command", ["publish", "compare"])
def test_an_unknown_version_is_refused(admin: Admin, command: str) -> None:
    admin.types("build", "--publish")
    assert "20990101-000000-ffffffff" in admin.refused(command, "20990101-000000-ffffffff")


def test_reading_a_law_shows_its_structure_and_its_standing(admin: Admin) -> None:
    said = admin.types("read", str(admin.house.laws / GARDEN_FILE))
    assert said.code == 0
    assert "Nghỉ trưa" in said.out
    assert "trùng khớp" in said.out


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("khong-co.txt", None, "khong-co.txt"),
        ("thu [moi].txt", b"Chi la mot la thu.", "không phải văn bản luật"),
        ("rong.txt", b"", "rong.txt"),
        ("luat.docx", b"PK\x03\x04 bi cat", "luat.docx"),
        ("luat.pdf", b"%PDF-1.4", "luat.pdf"),
        ("anh.png", b"\x89PNG\r\n\x1a\n", "anh.png"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_line(
    admin: Admin, name: str, content: bytes | None, word: str
) -> None:
    path = admin.house.base / name
    if content is not None:
        path.write_bytes(content)
    for more in ((), ("--json",)):
        said = admin.refused("read", str(path), *more)
        assert name in said
        assert word in said


def test_a_gap_is_refused_or_told_when_reading_leniently(admin: Admin) -> None:
    path = admin.house.put("thieu.txt", made_index.garden().replace("Điều 3.", "Điều 5."))
    assert re.search(r"Điều 5.*thiếu Điều 3", admin.refused("read", str(path)))
    said = admin.types("read", str(path), "--lenient")
    assert said.code == 0
    assert re.search(r"thiếu Điều 3.*dòng \d+", said.out)


def test_the_json_of_a_law_has_the_agreed_shape_and_every_word_once(tmp_path: Path) -> None:
    """Through the real program, as a pipe sees it."""
    text = made_index.garden().replace(
        "2. Trả chậm quá năm ngày thì chủ vườn trả thêm một giỏ quả.",
        "2. Trả chậm quá năm ngày thì:\na) thêm một giỏ quả;\nđ) thêm hai bó rau.",
    )
    text = text.replace("đ) ", "b) ").replace(
        "Điều 4. Hiệu lực", "Điều 3a. Xen giữa\nLời xen.\nĐiều 4. Hiệu lực"
    )
    text += "PHỤ LỤC I\nBảng giống cây.\n"
    path = tmp_path / "luat.txt"
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from bot.cli import app; app()",
            "index",
            "read",
            str(path),
            "--json",
        ],
        cwd=_ROOT,
        env=os.environ | {"CAUNOI_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    read = json.loads(line)
    assert {"number", "title", "articles", "appendices", "notes"} <= set(read)
    assert read["number"] == GARDEN
    assert [article["number"] for article in read["articles"]] == ["1", "2", "3", "3a", "4"]
    for article in read["articles"]:
        assert {"number", "title", "text", "clauses"} <= set(article)
        for clause in article["clauses"]:
            assert set(clause) == {"number", "text", "points"}
            assert all(set(point) == {"number", "text"} for point in clause["points"])
    first, second, third, *_ = read["articles"]
    assert first["clauses"] == []
    assert [clause["number"] for clause in second["clauses"]] == ["1", "2"]
    assert third["clauses"][1] == {
        "number": "2",
        "text": "Trả chậm quá năm ngày thì:",
        "points": [
            {"number": "a", "text": "thêm một giỏ quả;"},
            {"number": "b", "text": "thêm hai bó rau."},
        ],
    }
    assert len(read["appendices"]) == 1
    for words in (
        "bên giàn mướp",
        "thêm một giỏ quả",
        "Lời xen",
        "mùa mưa",
        "Tiền công hái quả trả",
    ):
        assert done.stdout.count(words) == 1


PAGE = made_index.garden().encode()


class _Portal(BaseHTTPRequestHandler):
    """A portal with good and bad addresses."""

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = self.path
        if path == "/vong":
            self._answer(302, to="/vong")
        elif path == "/phim":
            self._answer(200, "video/mp4", b"0" * 100)
        elif path == "/lon.txt":
            self._answer(200, "text/plain; charset=utf-8", b"0" * 400_000)
        elif path == "/thu.txt":
            self._answer(200, "text/plain; charset=utf-8", "Một lá thư ngắn.".encode())
        elif path.startswith("/luat.txt"):
            self._answer(200, "text/plain; charset=utf-8", PAGE)
        elif path == "/khac/luat.txt":
            self._answer(200, "text/plain; charset=utf-8", made_index.orchard().encode())
        else:
            self._answer(404, "text/plain", b"")

    def _answer(self, status: int, kind: str = "", body: bytes = b"", to: str = "") -> None:
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        if to:
            self.send_header("Location", to)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the portal; downloads may reach this machine and are tried once."""
    allowed = functools.partial(Limits, private_hosts=True, size=200_000, attempts=1, connect=2.0)
    monkeypatch.setattr("bot.console.index_commands.Limits", allowed)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Portal)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_is_fetched_is_kept_and_goes_into_the_next_build(admin: Admin, portal: str) -> None:
    kept = admin.house.base / "sources"
    for path in admin.house.laws.iterdir():
        path.unlink()
    said = admin.types("fetch", f"{portal}/luat.txt")
    assert said.code == 0, said
    assert str(kept / "luat.txt") in said.out
    assert "trùng khớp" in said.out
    assert admin.types("fetch", f"{portal}/luat.txt?lan=2").code == 0
    assert [path.name for path in kept.iterdir()] == ["luat.txt"]

    assert admin.types("fetch", f"{portal}/khac/luat.txt").code == 0
    assert len(list(kept.iterdir())) == 2
    assert (kept / "luat.txt").read_bytes() == PAGE
    said = admin.types("build")
    assert "2 văn bản" in said.out


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/vong", "chuyển hướng quá 5 lần"),
        ("/phim", "video/mp4"),
        ("/lon.txt", "lớn hơn"),
        ("/khong-co", "404"),
        ("/thu.txt", "không phải văn bản luật"),
    ],
)
def test_what_cannot_be_fetched_is_told_and_nothing_is_kept(
    admin: Admin, portal: str, path: str, word: str
) -> None:
    assert word in admin.refused("fetch", f"{portal}{path}")
    assert list((admin.house.base / "sources").iterdir()) == []


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("http://127.0.0.1:9/luat.docx", "không kết nối được"),
        ("http://127.0.0.1:9/[/bold]luat.docx", "[/bold]luat.docx"),
        ("ftp://vi-du.vn/luat.docx", "http hoặc https"),
        ("khong phai dia chi", "http hoặc https"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(
    admin: Admin, portal: str, address: str, word: str
) -> None:
    assert word in admin.refused("fetch", address)


def test_the_network_of_the_machine_itself_is_not_read(admin: Admin) -> None:
    assert "mạng nội bộ" in admin.refused("fetch", "http://127.0.0.1:9/luat.docx")

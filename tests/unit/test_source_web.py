"""Downloads: against a server on this machine that behaves well and badly."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from indexer.lines import SourceError
from indexer.sources.web import Limits, fetch

PAGE = "<html><body><p>Điều 1. Đất vườn</p></body></html>".encode()
QUICK = Limits(
    size=200_000, connect=2, read=0.5, whole=20, attempts=3, wait=0.01, private_hosts=True
)


class Portal(BaseHTTPRequestHandler):
    """Answers by path; counts how often each path was asked."""

    asked: dict[str, int]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        self.asked[path] = self.asked.get(path, 0) + 1
        count = self.asked[path]
        if path == "/luat.html":
            self.answer(200, "text/html; charset=utf-8", PAGE)
        elif path.startswith("/nhay/"):
            left = int(path.rsplit("/", 1)[1])
            self.answer(302, to=f"/nhay/{left - 1}" if left > 1 else "/luat.html")
        elif path == "/ra-ngoai":
            self.answer(302, to="file:///etc/passwd")
        elif path == "/vao-trong":
            self.answer(302, to="http://10.0.0.7/luat.html")
        elif path == "/loi-roi-duoc":
            ok = count > 2
            self.answer(200 if ok else 503, "text/html", PAGE if ok else b"")
        elif path == "/loi-mai":
            self.answer(500, "text/html", b"")
        elif path == "/khong-co":
            self.answer(404, "text/html", b"")
        elif path == "/dang-nhap":
            self.answer(403, "text/html", b"")
        elif path == "/phim":
            self.answer(200, "video/mp4", b"0" * 100)
        elif path == "/tep":
            name = "..%2F..%2FLu%E1%BA%ADt%20v%C6%B0%E1%BB%9Dn.docx"
            headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
            self.answer(200, "application/octet-stream", b"PK\x03\x04", headers=headers)
        elif path == "/khong-ten":
            self.answer(200, "application/octet-stream", b"PK\x03\x04")
        elif path == "/lon":
            self.endless()
        elif path == "/lon-noi-truoc":
            self.answer(200, "text/html", b"", headers={"Content-Length": "999999999"})
        elif path == "/treo":
            threading.Event().wait(1.5)
        elif path == "/dut":
            self.answer(200, "text/html", PAGE[:20], headers={"Content-Length": "500"})
        elif path == "/rong":
            self.answer(200, "text/html", b"")

    def answer(
        self,
        status: int,
        kind: str = "text/html",
        body: bytes = b"",
        to: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        shown = {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}
        if to:
            shown["Location"] = to
        for name, value in shown.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        try:
            for _ in range(1000):
                self.wfile.write(b"x" * 50_000)
        except OSError:
            pass


@pytest.fixture
def portal() -> Iterator[str]:
    handler = type("Asked", (Portal,), {"asked": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def refused(url: str, into: Path, limits: Limits = QUICK) -> str:
    with pytest.raises(SourceError) as caught:
        fetch(url, into, limits=limits)
    assert caught.value.advice
    assert not list(into.glob("*")), "a refused download leaves nothing behind"
    return str(caught.value)


def test_saves_the_file(portal: str, tmp_path: Path) -> None:
    saved = fetch(f"{portal}/luat.html?ban=1", tmp_path / "moi", limits=QUICK)
    assert saved == tmp_path / "moi" / "luat.html"
    assert saved.read_bytes() == PAGE
    assert [path.name for path in saved.parent.iterdir()] == ["luat.html"]


def test_follows_five_redirects_and_no_more(portal: str, tmp_path: Path) -> None:
    assert fetch(f"{portal}/nhay/5", tmp_path / "a", limits=QUICK).read_bytes() == PAGE
    assert "chuyển hướng quá 5 lần" in refused(f"{portal}/nhay/6", tmp_path / "b")


def test_each_hop_is_checked(portal: str, tmp_path: Path) -> None:
    assert "http" in refused(f"{portal}/ra-ngoai", tmp_path)
    # Only the first host is let through: the portal stands on this machine for the test.
    names = {"127.0.0.1": ["93.184.216.34"], "10.0.0.7": ["10.0.0.7"]}
    strict = Limits(connect=2, read=0.5, attempts=1, wait=0.01)
    with pytest.raises(SourceError, match="nội bộ"):
        fetch(f"{portal}/vao-trong", tmp_path, limits=strict, resolve=names.__getitem__)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/a",
        "http://localhost/a",
        "http://[::1]/a",
        "http://192.168.1.5/a",
        "http://169.254.169.254/latest",
        "http://[::ffff:10.0.0.1]/a",
        "http://0.0.0.0/a",
    ],
)
def test_own_network_is_refused(url: str, tmp_path: Path) -> None:
    assert "nội bộ" in refused(url, tmp_path, Limits(attempts=1, wait=0.01))


def test_name_that_turns_to_the_own_network_is_refused(portal: str, tmp_path: Path) -> None:
    strict = Limits(connect=2, read=0.5, attempts=1, wait=0.01)
    with pytest.raises(SourceError, match="nội bộ"):
        fetch(f"{portal}/luat.html", tmp_path, limits=strict, resolve=lambda _: ["93.184.216.34"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("url", ["ftp://vuon.example/a", "file:///etc/passwd", "vuon", "http://"])
def test_other_addresses_are_refused(url: str, tmp_path: Path) -> None:
    refused(url, tmp_path)


def test_trouble_that_passes_is_tried_again(portal: str, tmp_path: Path) -> None:
    assert fetch(f"{portal}/loi-roi-duoc", tmp_path / "a", limits=QUICK).read_bytes() == PAGE
    assert "3 lần thử" in refused(f"{portal}/loi-mai", tmp_path / "b")
    assert "không trả lời" in refused(f"{portal}/treo", tmp_path / "c")
    assert "3 lần thử" in refused(f"{portal}/dut", tmp_path / "d")


def test_refusals_are_not_tried_again(portal: str, tmp_path: Path) -> None:
    assert "404" in refused(f"{portal}/khong-co", tmp_path)
    assert "đăng nhập" in refused(f"{portal}/dang-nhap", tmp_path)
    assert "video/mp4" in refused(f"{portal}/phim", tmp_path)
    assert "rỗng" in refused(f"{portal}/rong", tmp_path)


def test_nobody_there(tmp_path: Path) -> None:
    assert "không kết nối được" in refused("http://127.0.0.1:9/luat.html", tmp_path)


def test_too_large_stops_the_download(portal: str, tmp_path: Path) -> None:
    assert "đã dừng tải" in refused(f"{portal}/lon", tmp_path)
    assert "đã dừng tải" in refused(f"{portal}/lon-noi-truoc", tmp_path)


def test_names_cannot_leave_the_folder(portal: str, tmp_path: Path) -> None:
    saved = fetch(f"{portal}/tep", tmp_path, limits=QUICK)
    assert saved.parent == tmp_path
    assert saved.name == "Luật-vườn.docx"


def test_bytes_without_a_name_or_type_are_refused(portal: str, tmp_path: Path) -> None:
    assert "octet-stream" in refused(f"{portal}/khong-ten", tmp_path)

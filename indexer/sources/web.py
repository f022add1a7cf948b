"""Download one official file from a web address, with limits on where, how long and how much."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import tempfile
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies

import httpx
import stamina

from indexer.lines import SourceError

_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/json": ".json",
    "text/json": ".json",
    "application/pdf": ".pdf",
    "application/x-pdf": ".pdf",
    "application/msword": ".doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "multipart/related": ".mht",
    "message/rfc822": ".mht",
}
"""Content types that can be read, and the ending a file of that type gets."""

_UNTYPED = {"", "application/octet-stream", "binary/octet-stream", "application/download",
            "application/force-download", "application/x-download"}  # fmt: skip
"""Types that say nothing; the file's name must then have an ending that can be read."""

_ENDINGS = {".html", ".htm", ".mht", ".mhtml", ".txt", ".md", ".json", ".pdf", ".doc", ".docx"}
_REDIRECTS = {301, 302, 303, 307, 308}
_BY_HAND = "Hãy mở địa chỉ bằng trình duyệt, tự tải tệp về rồi nạp tệp đó"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a download may take: bytes, seconds, redirects, attempts."""

    size: int = 30 * 1024 * 1024
    connect: float = 10.0
    read: float = 30.0
    whole: float = 300.0
    redirects: int = 5
    attempts: int = 3
    wait: float = 0.5
    private_hosts: bool = False
    """Allow addresses of this machine and of the local network. For tests."""


class _Passing(Exception):
    """Trouble that may pass: no connection, an answer of 5xx."""


def fetch(
    url: str,
    into: Path,
    *,
    limits: Limits | None = None,
    resolve: Callable[[str], list[str]] | None = None,
) -> Path:
    """Download ``url`` into the folder ``into`` and return the file's path.

    The file appears under its name only when it is complete. Raises SourceError that says what
    happened and what to do. ``resolve`` gives the addresses of a host name.
    """
    limits = limits or Limits()
    into.mkdir(parents=True, exist_ok=True)
    attempt = stamina.retry_context(
        on=_Passing,
        attempts=limits.attempts,
        timeout=limits.whole,
        wait_initial=limits.wait,
        wait_max=10 * limits.wait,
    )
    try:
        for tried in attempt:
            with tried:
                return _Download(url, into, limits, resolve or _addresses).run()
    except _Passing as error:
        raise SourceError(
            url,
            f"Không tải được sau {limits.attempts} lần thử: {error}",
            "Hãy kiểm tra mạng và địa chỉ rồi thử lại sau, hoặc tải tệp bằng trình duyệt",
        ) from error
    raise AssertionError("stamina gives at least one attempt")


def _addresses(host: str) -> list[str]:
    return sorted({str(found[4][0]) for found in socket.getaddrinfo(host, None)})


@dataclass
class _Download:
    """One attempt at one address and its redirects."""

    url: str
    into: Path
    limits: Limits
    resolve: Callable[[str], list[str]]

    def run(self) -> Path:
        timeout = httpx.Timeout(self.limits.read, connect=self.limits.connect)
        headers = {"User-Agent": "cau-noi (doc van ban phap luat)", "Accept": "*/*"}
        try:
            with httpx.Client(timeout=timeout, headers=headers, follow_redirects=False) as client:
                return self._follow(client)
        except httpx.TimeoutException as error:
            raise _Passing(f"máy chủ không trả lời trong {timeout.read:g} giây") from error
        except httpx.TransportError as error:
            raise _Passing(f"không kết nối được ({error})") from error
        except httpx.InvalidURL as error:
            raise self._refusal(f"Địa chỉ không hợp lệ: {error}", "Hãy chép lại địa chỉ") from error

    def _follow(self, client: httpx.Client) -> Path:
        here = httpx.URL(self.url)
        for _ in range(self.limits.redirects + 1):
            self._check(here)
            with client.stream("GET", here) as response:
                self._check_peer(response)
                if response.status_code not in _REDIRECTS:
                    return self._save(response, str(here))
                to = response.headers.get("location", "")
                if not to:
                    raise self._refusal("Máy chủ chuyển hướng mà không nói đi đâu", _BY_HAND)
                here = here.join(to)
        problem = f"Địa chỉ chuyển hướng quá {self.limits.redirects} lần"
        raise self._refusal(problem, _BY_HAND)

    def _check(self, url: httpx.URL) -> None:
        """Only public web addresses: this program must not be led to read its own network."""
        if url.scheme not in {"http", "https"}:
            problem = f"Chỉ tải được địa chỉ http hoặc https, không phải “{url.scheme}”"
            raise self._refusal(problem, "Hãy chép lại địa chỉ từ trình duyệt")
        if not url.host:
            raise self._refusal("Địa chỉ thiếu tên máy chủ", "Hãy chép lại địa chỉ từ trình duyệt")
        if url.userinfo:
            raise self._refusal("Địa chỉ chứa tên và mật khẩu", "Hãy bỏ phần đó khỏi địa chỉ")
        if self.limits.private_hosts:
            return
        try:
            addresses = self.resolve(url.host)
        except OSError as error:
            raise _Passing(f"không tìm thấy máy chủ {url.host}") from error
        for address in addresses:
            self._public(address, url.host)

    def _check_peer(self, response: httpx.Response) -> None:
        """The machine really reached, in case the name meant another one a moment ago."""
        stream = response.extensions.get("network_stream")
        peer = stream.get_extra_info("server_addr") if stream is not None else None
        if peer and not self.limits.private_hosts and not getproxies():
            self._public(str(peer[0]), response.url.host)

    def _public(self, address: str, host: str) -> None:
        if not ipaddress.ip_address(address.split("%", maxsplit=1)[0]).is_global:
            problem = f"Địa chỉ dẫn tới mạng nội bộ ({host})"
            raise self._refusal(problem, "Chỉ tải từ các cổng công khai")

    def _save(self, response: httpx.Response, url: str) -> Path:
        status = response.status_code
        if status >= 500 or status == 429:
            raise _Passing(f"máy chủ báo lỗi {status}")
        if status in {401, 403}:
            problem = f"Máy chủ không cho tải (mã {status}), có thể phải đăng nhập"
            raise self._refusal(problem, _BY_HAND)
        if status != 200:
            problem = f"Máy chủ không có tệp này (mã {status})"
            raise self._refusal(problem, "Hãy kiểm tra lại địa chỉ")
        name = _name(response, url)
        ending = self._ending(response, name)
        stem = name[: -len(Path(name).suffix)] if Path(name).suffix.lower() in _ENDINGS else name
        declared = response.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self.limits.size:
            raise self._too_large()
        return self._write(response, f"{stem}{ending}")

    def _ending(self, response: httpx.Response, name: str) -> str:
        kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
        ending = Path(name).suffix.lower()
        if kind in _TYPES:
            # Portals send .doc and .docx under each other's type; the name is then the better.
            return ending if ending in _ENDINGS else _TYPES[kind]
        if kind in _UNTYPED and ending in _ENDINGS:
            return ending
        problem = f"Địa chỉ trả về loại “{kind or 'không rõ'}”, không phải văn bản đọc được"
        raise self._refusal(problem, "Hãy chọn đường dẫn tới bản .docx, .doc, .pdf hoặc trang html")

    def _write(self, response: httpx.Response, name: str) -> Path:
        size, until = 0, time.monotonic() + self.limits.whole
        part = tempfile.NamedTemporaryFile(  # noqa: SIM115 - closed below, then moved or removed
            dir=self.into, prefix=".tai-", suffix=".part", delete=False
        )
        temporary = Path(part.name)
        try:
            with part:
                for piece in response.iter_bytes(65536):
                    size += len(piece)
                    if size > self.limits.size:
                        raise self._too_large()
                    if time.monotonic() > until:
                        problem = f"Tải quá {self.limits.whole:g} giây chưa xong, đã dừng"
                        raise self._refusal(problem, _BY_HAND)
                    part.write(piece)
                part.flush()
                os.fsync(part.fileno())
            if size == 0:
                raise self._refusal("Máy chủ trả về tệp rỗng", "Hãy kiểm tra lại địa chỉ")
            target = self.into / name
            temporary.replace(target)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            problem = f"Không ghi được vào {self.into}: {error.strerror}"
            raise self._refusal(problem, "Hãy kiểm tra chỗ trống và quyền ghi") from error
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return target

    def _too_large(self) -> SourceError:
        limit = self.limits.size / 1024 / 1024
        return self._refusal(f"Tệp lớn hơn {limit:g} MB, đã dừng tải", _BY_HAND)

    def _refusal(self, problem: str, advice: str) -> SourceError:
        return SourceError(self.url, problem, advice)


def _name(response: httpx.Response, url: str) -> str:
    """A file name without a path, hidden start, control or odd characters, at most 120 long."""
    disposition = response.headers.get("content-disposition", "")
    encoded = re.search(r"filename\*\s*=\s*(?:UTF-8|utf-8)''([^;]+)", disposition)
    plain = re.search(r'filename\s*=\s*"?([^";]+)"?', disposition)
    if encoded:
        name = unquote(encoded[1])
    elif plain:
        name = unquote(plain[1])
    else:
        name = unquote(urlsplit(url).path)
    name = unicodedata.normalize("NFC", re.split(r"[\\/]", name.rstrip("/\\"))[-1])
    name = re.sub(r"[^\w.()+-]+", "-", name).strip(".-")
    stem, ending = os.path.splitext(name)
    return f"{stem[:110]}{ending[:10]}" or "van-ban"

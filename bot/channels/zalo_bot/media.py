"""Fetching what people sent, from addresses that came in with their messages."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from bot.channels.port import FetchFailed, FetchRefused
from bot.channels.zalo_bot.client import is_local
from bot.channels.zalo_bot.quiet import unlogged

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host. Raises OSError."""

_DEADLINE = 60.0
"""Seconds for one file."""
_HOPS = 4
"""Addresses asked for one file: it and its redirections."""
_LATER = {408, 425, 429}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class _Hop:
    """Where the file is said to lie instead."""

    address: str


class Media:
    """Downloads files over https from public hosts.

    An event can name any address, so none may lead into our own network: every host on the way
    is resolved here, and the connection goes to the very address that was looked at. A proxy of
    the environment is not used. Where the platform itself is a local stand-in, its host is
    allowed, without https.
    """

    def __init__(
        self,
        base_url: str,
        http: httpx.AsyncClient | None = None,
        resolve: Resolve | None = None,
        deadline: float = _DEADLINE,
    ) -> None:
        self._home = httpx.URL(base_url).host if is_local(base_url) else None
        self._own = http is None
        self._http = http or httpx.AsyncClient(
            timeout=httpx.Timeout(10.0, read=20.0), trust_env=False
        )
        self._resolve = resolve or _resolved
        self._deadline = deadline

    async def close(self) -> None:
        """Close the connections."""
        if self._own:
            await self._http.aclose()

    async def fetch(self, address: str, limit: int) -> bytes:
        """The file, at most ``limit`` bytes. Raises FetchRefused or FetchFailed."""
        try:
            async with asyncio.timeout(self._deadline):
                for _ in range(_HOPS):
                    found = await self._ask(address, limit)
                    if isinstance(found, bytes):
                        return found
                    address = found.address
        except TimeoutError:
            raise FetchFailed("tải tệp quá lâu") from None
        except httpx.InvalidURL:
            raise FetchRefused("địa chỉ của tệp không đúng dạng") from None
        except httpx.HTTPError as error:
            # Not its words: they may hold the address, which opens the file.
            raise FetchFailed(f"không tải được tệp ({type(error).__name__})") from None
        raise FetchRefused("địa chỉ của tệp chuyển hướng quá nhiều lần")

    async def _ask(self, address: str, limit: int) -> bytes | _Hop:
        url = httpx.URL(address)
        target, host = await self._target(url)
        request = self._http.build_request(
            "GET",
            target,
            # Packed contents could be far larger than they seem.
            # Closed after use: kept by its IP address, a connection would also serve other
            # hosts there, whose certificates were never looked at.
            headers={"host": host, "accept-encoding": "identity", "connection": "close"},
            extensions={"sni_hostname": url.host},
        )
        with unlogged():
            answer = await self._http.send(request, stream=True, follow_redirects=False)
            try:
                if answer.is_redirect and answer.headers.get("location"):
                    return _Hop(str(url.join(answer.headers["location"])))
                _check(answer, limit)
                return await _content(answer, limit)
            finally:
                await answer.aclose()

    async def _target(self, url: httpx.URL) -> tuple[httpx.URL, str]:
        """The address to connect to and the Host header. Raises FetchRefused or FetchFailed."""
        named = url.netloc.decode("ascii", "replace").rpartition("@")[2]
        if url.userinfo or not url.host:
            raise FetchRefused("địa chỉ của tệp không đúng dạng")
        if self._home is not None and url.host == self._home and url.scheme in {"http", "https"}:
            return url, named
        if url.scheme != "https":
            raise FetchRefused("địa chỉ của tệp không phải https")
        try:
            found = await self._resolve(url.host, url.port or 443)
        except (OSError, UnicodeError):
            raise FetchFailed("không tìm được máy chủ giữ tệp") from None
        if not found:
            raise FetchFailed("không tìm được máy chủ giữ tệp")
        if not all(_is_public(one) for one in found):
            raise FetchRefused("địa chỉ của tệp trỏ vào mạng nội bộ")
        return url.copy_with(host=found[0]), named


def _check(answer: httpx.Response, limit: int) -> None:
    """Raise unless the answer brings the file, within the limit."""
    code = answer.status_code
    if code in {403, 404, 410}:
        raise FetchRefused("Zalo không còn giữ tệp này (địa chỉ đã hết hạn)")
    if code >= 500 or code in _LATER:
        raise FetchFailed(f"máy chủ giữ tệp báo lỗi {code}")
    if code != 200:
        raise FetchRefused(f"máy chủ giữ tệp không cho tải (mã {code})")
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise FetchRefused("tệp được nén theo cách không nhận")
    length = answer.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:15]) > limit:
        raise _too_large(limit)


async def _content(answer: httpx.Response, limit: int) -> bytes:
    content = bytearray()
    async for chunk in answer.aiter_raw():
        content += chunk
        if len(content) > limit:
            raise _too_large(limit)
    if not content:
        raise FetchFailed("tệp tải về không có gì")
    return bytes(content)


def _too_large(limit: int) -> FetchRefused:
    return FetchRefused(f"tệp lớn hơn {limit / 1_000_000:g} MB")


async def _resolved(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def _is_public(address: str) -> bool:
    """Whether an IP address is of the open internet, in whatever wrapping it comes."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        elif ip.sixtofour is not None or ip.teredo is not None:
            return False
    return ip.is_global and not ip.is_multicast

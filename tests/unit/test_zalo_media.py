"""Fetching pictures: from the open internet alone, and never more than allowed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from bot.channels.port import FetchFailed, FetchRefused
from bot.channels.zalo_bot.media import Media

PUBLIC = "203.113.131.1"
ADDRESS = "https://f.zdn.vn/a.jpg?chu-ky=bi-mat"
Handler = Callable[[httpx.Request], httpx.Response]


def found(content: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(200, headers=headers, stream=httpx.ByteStream(content))


def media(
    handler: Handler | None = None,
    hosts: dict[str, list[str]] | None = None,
    base: str = "https://zalo.test",
    deadline: float = 5,
) -> Media:
    known = {"f.zdn.vn": [PUBLIC], **(hosts or {})}

    async def resolve(host: str, port: int) -> list[str]:
        if host not in known:
            raise OSError("no such host")
        return known[host]

    transport = httpx.MockTransport(handler or (lambda _: found(b"anh")))
    return Media(base, httpx.AsyncClient(transport=transport), resolve, deadline)


async def test_a_file_is_fetched_from_the_very_address_that_was_looked_at() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return found(b"anh")

    assert await media(handler).fetch(ADDRESS, 100) == b"anh"
    (request,) = seen
    assert (request.url.host, request.headers["host"]) == (PUBLIC, "f.zdn.vn")
    assert request.extensions["sni_hostname"] == "f.zdn.vn"
    assert request.headers["connection"] == "close"
    assert request.url.raw_path == b"/a.jpg?chu-ky=bi-mat"
    assert "authorization" not in request.headers


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "10.0.0.5",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "not an address",
    ],
)
async def test_nothing_leads_into_our_own_network(ip: str) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise AssertionError("asked")

    with pytest.raises(FetchRefused):
        await media(handler, {"f.zdn.vn": [PUBLIC, ip]}).fetch(ADDRESS, 100)


@pytest.mark.parametrize(
    "address",
    [
        "http://f.zdn.vn/a.jpg",
        "file:///etc/passwd",
        "ftp://f.zdn.vn/a",
        "https://user:pass@f.zdn.vn/a",
        "https:///a.jpg",
        "https://[::1",
        "f.zdn.vn/a.jpg",
        "",
        "https://127.0.0.1/a",
    ],
)
async def test_addresses_that_are_not_taken(address: str) -> None:
    hosts = {"127.0.0.1": ["127.0.0.1"]}
    with pytest.raises(FetchRefused):
        await media(hosts=hosts).fetch(address, 100)


async def test_an_unknown_host_may_be_known_later() -> None:
    with pytest.raises(FetchFailed):
        await media().fetch("https://la.test/a.jpg", 100)


@pytest.mark.parametrize(
    ("location", "refused"),
    [
        ("https://g.zdn.vn/b.jpg", False),
        ("/b.jpg", False),
        ("http://g.zdn.vn/b.jpg", True),
        ("https://trong.nha/b.jpg", True),
    ],
)
async def test_every_redirection_is_looked_at(location: str, refused: bool) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/a.jpg":
            return httpx.Response(302, headers={"location": location})
        assert request.headers["host"] in {"g.zdn.vn", "f.zdn.vn"}
        return found(b"anh")

    made = media(handler, {"g.zdn.vn": ["203.113.131.2"], "trong.nha": ["10.0.0.1"]})
    if refused:
        with pytest.raises(FetchRefused):
            await made.fetch(ADDRESS, 100)
    else:
        assert await made.fetch(ADDRESS, 100) == b"anh"


async def test_a_redirection_to_no_address_at_all() -> None:
    with pytest.raises((FetchRefused, FetchFailed)):
        await media(lambda _: httpx.Response(302, headers={"location": "https://["})).fetch(
            ADDRESS, 100
        )


async def test_a_ring_of_redirections_ends() -> None:
    made = media(lambda _: httpx.Response(302, headers={"location": ADDRESS}))
    with pytest.raises(FetchRefused):
        await made.fetch(ADDRESS, 100)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (403, "hết hạn"),
        (404, "hết hạn"),
        (410, "hết hạn"),
        (401, "401"),
        (400, "400"),
        (204, "204"),
    ],
)
async def test_gone_for_good(status: int, says: str) -> None:
    with pytest.raises(FetchRefused, match=says):
        await media(lambda _: httpx.Response(status)).fetch(ADDRESS, 100)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_not_this_time(status: int) -> None:
    with pytest.raises(FetchFailed):
        await media(lambda _: httpx.Response(status)).fetch(ADDRESS, 100)


@pytest.mark.parametrize("told", [True, False])
async def test_no_more_than_the_limit_is_read(told: bool) -> None:
    read = 0

    async def stream() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 100
            yield b"x" * 100

    def handler(_: httpx.Request) -> httpx.Response:
        headers = {"content-length": "100000"} if told else {}
        return httpx.Response(200, content=stream(), headers=headers)

    with pytest.raises(FetchRefused, match="lớn"):
        await media(handler).fetch(ADDRESS, 1000)
    assert read <= (0 if told else 1200)


async def test_exactly_the_limit_is_taken() -> None:
    made = media(lambda _: found(b"x" * 1000))
    assert len(await made.fetch(ADDRESS, 1000)) == 1000


async def test_packed_contents_are_not_taken() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept-encoding"] == "identity"
        return httpx.Response(
            200, headers={"content-encoding": "br"}, stream=httpx.ByteStream(b"x")
        )

    with pytest.raises(FetchRefused):
        await media(handler).fetch(ADDRESS, 1000)


async def test_an_empty_file_is_tried_again() -> None:
    with pytest.raises(FetchFailed):
        await media(lambda _: found(b"")).fetch(ADDRESS, 100)


async def test_a_broken_line_does_not_tell_the_address() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError(f"at {request.url}", request=request)

    with pytest.raises(FetchFailed) as caught:
        await media(handler).fetch(ADDRESS, 100)
    assert "bi-mat" not in str(caught.value)


async def test_a_server_that_drips_is_left() -> None:
    async def stream() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    made = media(lambda _: httpx.Response(200, content=stream()), deadline=0.05)
    with pytest.raises(FetchFailed):
        await made.fetch(ADDRESS, 10**9)


@pytest.mark.parametrize(
    ("base", "allowed"),
    [("http://127.0.0.1:9000", True), ("https://zalo.test", False), ("http://localhost:1", False)],
)
async def test_the_house_itself_only_where_the_platform_stands_there(
    base: str, allowed: bool
) -> None:
    made = media(base=base, hosts={"127.0.0.1": ["127.0.0.1"]})
    if allowed:
        assert await made.fetch("http://127.0.0.1:9000/media/a.jpg", 100) == b"anh"
    else:
        with pytest.raises(FetchRefused):
            await made.fetch("http://127.0.0.1:9000/media/a.jpg", 100)
    with pytest.raises(FetchRefused):
        await made.fetch("http://10.0.0.1/a.jpg", 100)

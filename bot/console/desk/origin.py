"""Where a request comes from: which page, over which scheme, from which machine."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection


class Origin:
    """Judges requests. ``address`` is the public address of the pages, needed behind a proxy,
    where neither the scheme nor the host of a request can be trusted."""

    def __init__(self, address: str | None) -> None:
        self._own = urlsplit(address) if address else None
        if self._own is not None and not (self._own.scheme and self._own.netloc):
            raise ValueError(f"public address {address!r} must look like https://hoi.example.vn")

    def own_page(self, request: HTTPConnection) -> bool:
        """Whether the browser says that a page of ours sent this.

        Browsers that send neither Origin nor Sec-Fetch-Site are let through; the form token is
        what protects those.
        """
        origin = request.headers.get("origin")
        if origin is None:
            return request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")
        said = urlsplit(origin)
        if self._own is not None:
            return (said.scheme, said.netloc) == (self._own.scheme, self._own.netloc)
        return bool(said.netloc) and said.netloc == request.headers.get("host")

    def secure(self, request: HTTPConnection) -> bool:
        """Whether people open the page over https."""
        return (self._own.scheme if self._own is not None else request.url.scheme) == "https"


def machine(request: HTTPConnection) -> str:
    """The network address a request comes from, as far as it tells machines apart.

    A proxy on this machine or its network names the real one last in X-Forwarded-For; from
    anywhere else that header is only a claim. An IPv6 customer owns a whole /64.
    """
    peer = request.client.host if request.client else ""
    forwarded = request.headers.getlist("x-forwarded-for")
    if forwarded and _near(peer):
        peer = forwarded[-1].rpartition(",")[2].strip()
    try:
        address = ip_address(peer)
    except ValueError:
        return peer[:64]
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if isinstance(address, IPv6Address):
        return address.exploded[:19] + "::/64"
    return str(address)


def _near(peer: str) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return address.is_loopback or address.is_private

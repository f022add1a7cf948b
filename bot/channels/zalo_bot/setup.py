"""How a bot stands with the platform, and setting its webhook: for the person who runs it."""

from __future__ import annotations

import ipaddress

import httpx

from bot.channels.finding import Finding
from bot.channels.zalo_bot.client import WebhookState, ZaloBotClient
from bot.channels.zalo_bot.errors import ZaloError
from bot.channels.zalo_bot.webhook import PATH

SECRET_LENGTH = (8, 256)
"""Characters the platform takes for a webhook's secret, from and to."""


def webhook_url(public_address: str) -> str:
    """The webhook's address for a house people reach at ``public_address``."""
    return public_address.rstrip("/") + PATH


def webhook_problem(url: str, secret: str) -> str | None:
    """Why the platform would not take a webhook; None when nothing speaks against it."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return "Địa chỉ webhook không đúng dạng."
    if parts.scheme != "https" or not parts.host:
        return "Địa chỉ webhook phải bắt đầu bằng https://."
    try:
        public = ipaddress.ip_address(parts.host).is_global
    except ValueError:
        public = "." in parts.host and not parts.host.endswith((".local", ".internal"))
    if not public:
        return "Địa chỉ webhook phải mở được từ Internet; Zalo không nhận địa chỉ trong mạng riêng."
    least, most = SECRET_LENGTH
    if not least <= len(secret) <= most or not secret.isascii() or not secret.isprintable():
        return f"Mã bí mật của webhook phải dài {least} đến {most} ký tự, không dấu."
    return None


async def describe(client: ZaloBotClient, expected: str | None) -> list[Finding]:
    """What the platform says of the bot: its token, its webhook, its limits.

    ``expected`` is the webhook's address when events are to come by webhook, None for polling.
    Changes nothing.
    """
    try:
        account = await client.get_me()
    except ZaloError as error:
        return [Finding("wrong", str(error))]
    findings = [_ok(f"Zalo nhận mã của bot “{account.name or account.id}”.")]
    try:
        findings.append(_on_webhook(await client.get_webhook_info(), expected))
    except ZaloError as error:
        findings.append(Finding("wrong", str(error)))
    findings.append(
        Finding(
            "ok",
            "Lưu ý: gói miễn phí của Zalo giới hạn số người nhắn với bot và số tin mỗi tháng; khi "
            "hết, Zalo không chuyển tin nữa. Hãy theo dõi hạn mức trong Zalo Bot Creator.",
        )
    )
    return findings


async def set_webhook(client: ZaloBotClient, url: str, secret: str) -> list[Finding]:
    """Have events posted to ``url``; the platform keeps it even when its probe finds nobody."""
    problem = webhook_problem(url, secret)
    if problem:
        return [Finding("wrong", problem)]
    try:
        state = await client.set_webhook(url, secret)
    except ZaloError as error:
        return [Finding("wrong", str(error))]
    if state.verified is False:
        return [
            Finding(
                "warning",
                "Zalo đã ghi webhook nhưng gọi thử không được"
                f"{f' ({state.hint})' if state.hint else ''}. Hãy kiểm tra tên miền, chứng chỉ và "
                "xem hệ thống có đang chạy và nhận tin qua webhook không.",
            )
        ]
    return [_ok("Zalo đã ghi webhook; từ nay tin được gửi tới đó, không hỏi tin được nữa.")]


async def delete_webhook(client: ZaloBotClient) -> list[Finding]:
    """Have no events posted any more, so that they can be polled."""
    try:
        await client.delete_webhook()
    except ZaloError as error:
        return [Finding("wrong", str(error))]
    return [_ok("Zalo đã bỏ webhook; từ nay hệ thống tự hỏi tin.")]


def _on_webhook(state: WebhookState, expected: str | None) -> Finding:
    if expected is None:
        if not state.url:
            return _ok("Zalo không đặt webhook: hệ thống tự hỏi tin.")
        return Finding(
            "wrong",
            f"Zalo đang gửi tin tới webhook ở {_host(state.url)} nên không hỏi tin được. Hãy "
            "chạy `caunoi zalo webhook delete`, hoặc chuyển sang nhận tin qua webhook.",
        )
    if not state.url:
        return Finding(
            "wrong",
            "Zalo chưa đặt webhook nên tin không tới. Hãy chạy `caunoi zalo webhook set`.",
        )
    if state.url != expected:
        return Finding(
            "wrong",
            f"Zalo gửi tin tới một địa chỉ khác ({_host(state.url)}). Hãy chạy `caunoi zalo "
            "webhook set` để sửa lại.",
        )
    return _ok("Webhook của Zalo đặt đúng địa chỉ.")


def _host(url: str) -> str:
    """The host of an address: the rest may hold a secret of whoever set it."""
    try:
        return httpx.URL(url).host or "?"
    except httpx.InvalidURL:
        return "?"


def _ok(says: str) -> Finding:
    return Finding("ok", says)

"""The methods by which the bot takes updates: polling and the webhook."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from tests.contract.telegram_stand_in.errors import Json, bad_request, conflict
from tests.contract.telegram_stand_in.telegram import Call, Handler

MAX_TIMEOUT = 50
MAX_UPDATES = 100
_PORTS = frozenset({None, 80, 88, 443, 8443})
_SECRET = re.compile(r"[A-Za-z0-9_-]*")


async def get_updates(call: Call) -> list[Json]:
    """getUpdates: a real long poll; ``offset`` acknowledges all that is below it."""
    updates, parameters = call.telegram.updates, call.parameters
    if call.telegram.webhook.url:
        raise conflict(
            "can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        )
    updates.allow(parameters.names("allowed_updates"))
    if offset := parameters.integer("offset"):
        updates.acknowledge(offset)
    limit = min(max(parameters.integer("limit", MAX_UPDATES), 1), MAX_UPDATES)
    seconds = min(max(parameters.integer("timeout"), 0), MAX_TIMEOUT)
    return await updates.poll(limit, seconds, call.gone)


def set_webhook(call: Call) -> bool:
    """setWebhook; with an empty URL it is deleteWebhook."""
    parameters, webhook = call.parameters, call.telegram.webhook
    url = parameters.text("url").strip()
    if not url:
        return delete_webhook(call)
    if not webhook.allow_http:
        _check_address(url)
    secret = parameters.text("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    if parameters.boolean("drop_pending_updates"):
        call.telegram.updates.pending.clear()
    call.telegram.updates.allow(parameters.names("allowed_updates"))
    call.telegram.updates.end_poll("terminated by setWebhook request")
    same = webhook.url == url and webhook.secret == secret
    call.description = "Webhook is already set" if same else "Webhook was set"
    connections = min(max(parameters.integer("max_connections", 40), 1), 100)
    webhook.start(url, secret, connections)
    return True


def _check_address(url: str) -> None:
    """Refuse what Telegram can't or won't reach. Raises ApiError."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise bad_request("bad webhook: invalid webhook URL specified") from None
    if parts.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if port not in _PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if not host or "." not in host:
        raise bad_request("bad webhook: Failed to resolve host: Name or service not known")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return
    if address.is_private or address.is_reserved or address.is_loopback:
        raise bad_request(f"bad webhook: IP address {host} is reserved")


def delete_webhook(call: Call) -> bool:
    """deleteWebhook: what is pending stays, unless it is dropped."""
    webhook = call.telegram.webhook
    call.description = "Webhook was deleted" if webhook.url else "Webhook is already deleted"
    webhook.stop()
    if call.parameters.boolean("drop_pending_updates"):
        call.telegram.updates.pending.clear()
    return True


def get_webhook_info(call: Call) -> Json:
    """getWebhookInfo."""
    return call.telegram.webhook.info()


METHODS: dict[str, Handler] = {
    "getupdates": get_updates,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
}

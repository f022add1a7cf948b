"""Fixtures of tests with the Zalo stand-in: the server, a plain client, a webhook.

A test module takes the fixtures by ``pytest_plugins = ("tests.contract.zalo_stand_in.fixtures",)``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tests.contract.zalo_stand_in.receiver import Receiver
from tests.contract.zalo_stand_in.serving import Serving
from tests.contract.zalo_stand_in.stand_in import ZaloStandIn


@pytest.fixture
def zalo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZaloStandIn]:
    """A stand-in with its default switches."""
    # Every httpx client reads all root certificates first; none is needed here.
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with ZaloStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def zalo_api(zalo: ZaloStandIn) -> Iterator[httpx.Client]:
    """Calls as the documents write them: ``zalo_api.post("sendMessage", json=…)``."""
    base = f"{zalo.address}/bot{zalo.token}/"
    with httpx.Client(base_url=base, trust_env=False, verify=False, timeout=10) as opened:
        yield opened


@pytest.fixture
def zalo_hook(zalo: ZaloStandIn) -> Iterator[Receiver]:
    """A webhook on localhost, which the stand-in takes and retries quickly."""
    zalo.switches.local_webhooks = True
    zalo.switches.webhook_retries = (0.02, 0.02)
    hook = Receiver()
    app = Starlette(routes=[Route("/zalo", hook.take, methods=["POST"])])
    served = Serving(app, "127.0.0.1", 0)
    served.start()
    hook.address = f"{served.address}/zalo"
    yield hook
    served.stop()

"""A strict Telegram Bot API server on localhost, for tests and benches.

    with TelegramStandIn() as telegram:
        bot = Bot(telegram.token, base_url=telegram.address, base_file_url=telegram.file_address)
        telegram.say(5_400_000_001, "cty nợ lương")
        telegram.until(lambda: telegram.sent(5_400_000_001))

In another process: ``python -m tests.contract.telegram_stand_in --port N`` and
``RemoteTelegramStandIn("http://127.0.0.1:N")``, which has the same controls.
"""

from tests.contract.telegram_stand_in.controls import Controls
from tests.contract.telegram_stand_in.records import CallSeen, Sent
from tests.contract.telegram_stand_in.stand_in import RemoteTelegramStandIn, TelegramStandIn
from tests.contract.telegram_stand_in.telegram import DEFAULT_TOKEN

__all__ = [
    "DEFAULT_TOKEN",
    "CallSeen",
    "Controls",
    "RemoteTelegramStandIn",
    "Sent",
    "TelegramStandIn",
]

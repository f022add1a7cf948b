"""The stand-in as a process of its own.

    python -m tests.contract.telegram_stand_in --port N [--token T]

Prints one line with its address when it listens; ends on SIGTERM or Ctrl+C.
"""

from __future__ import annotations

import argparse
import signal

from tests.contract.telegram_stand_in.stand_in import TelegramStandIn
from tests.contract.telegram_stand_in.telegram import DEFAULT_TOKEN


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=DEFAULT_TOKEN)
    parser.add_argument("--username", default="caunoi_thu_bot")
    options = parser.parse_args()
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with TelegramStandIn(options.token, username=options.username, port=options.port) as telegram:
        print(f"Telegram stand-in: {telegram.host}", flush=True)
        signal.sigwait(ends)


if __name__ == "__main__":
    main()

"""The stand-in as a process of its own, controlled over HTTP.

    python -m tests.contract.zalo_stand_in --port 9090 [--switch idle=200] [--switch …]

Prints its address and the token it takes, then serves until it is told to end.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
from typing import Any

from pydantic import ValidationError

from tests.contract.zalo_stand_in.stand_in import TOKEN, ZaloStandIn
from tests.contract.zalo_stand_in.switches import Switches


def _switch(words: str) -> tuple[str, Any]:
    name, _, value = words.partition("=")
    if name not in Switches.model_fields:
        raise argparse.ArgumentTypeError(f"no such switch: {name}")
    with contextlib.suppress(ValidationError):
        return name, getattr(Switches.model_validate({name: value}), name)
    try:
        return name, getattr(Switches.model_validate({name: json.loads(value)}), name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--switch", type=_switch, action="append", default=[])
    wanted = parser.parse_args()
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with ZaloStandIn(
        port=wanted.port, token=wanted.token, control=True, **dict(wanted.switch)
    ) as stand_in:
        print(stand_in.address, stand_in.token, flush=True)
        signal.sigwait(ends)


if __name__ == "__main__":
    main()

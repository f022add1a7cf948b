"""The real `caunoi run` over an index of made laws, in a process of its own, to be killed.

    python house_process.py PORT

Only the encoder and the register are made; the settings come from the environment as always.
While a file named ``hold`` lies in the data folder, questions take no end.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bot.cli import app
from knowledge.encoder import Vectors
from tests.made_index import register, serving
from tests.made_server import NearEncoder

HOLD = Path(os.environ["CAUNOI_DATA"]) / "hold"


class HeldUp(NearEncoder):
    """Thinks for as long as it is told to."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        while HOLD.exists():
            time.sleep(0.01)
        return super().encode_queries(texts)


if __name__ == "__main__":
    with serving(HeldUp(), register()):
        app(["run", "--port", sys.argv[1]])

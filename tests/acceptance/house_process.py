"""The real `caunoi run` over an index of made laws, in a process of its own, to be killed.

    python house_process.py PORT

Only the encoder and the register are made; the settings come from the environment as always.
"""

from __future__ import annotations

import sys

from bot.cli import app
from tests.made_index import WordHashEncoder, register, serving

if __name__ == "__main__":
    with serving(WordHashEncoder(), register()):
        app(["run", "--port", sys.argv[1]])

"""``python -m bot`` is ``caunoi``."""

from bot.cli import app

app()
